use proptest::prelude::*;

use super::*;

fn uri(raw: &str) -> RedirectUri {
    RedirectUri::parse(raw).unwrap_or_else(|error| panic!("{raw}: {error}"))
}

#[test]
fn forms_that_answers_may_travel_to() {
    for (raw, target) in [
        ("https://app.example/cb?x=1", RedirectTarget::Https),
        ("https://app.example", RedirectTarget::Https),
        ("http://localhost/callback", RedirectTarget::Loopback),
        ("http://127.0.0.1:5000/cb", RedirectTarget::Loopback),
        ("http://[::1]:5000/cb", RedirectTarget::Loopback),
        ("https://localhost/cb", RedirectTarget::Loopback),
        ("myapp://cb", RedirectTarget::PrivateUse),
        ("com.example.app:/cb", RedirectTarget::PrivateUse),
    ] {
        assert_eq!(uri(raw).target(), target, "{raw}");
        assert_eq!(uri(raw).as_str(), raw, "the text is kept as received");
    }
}

#[test]
fn forms_that_are_never_redirected_to() {
    for raw in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://app.example/1",
        "about:blank",
        "view-source:https://a.example/",
        "intent://x",
        "ms-msdt:/id",
        "search-ms:x",
        "mailto:a@b.example",
        "jar:http://a.example/",
        "chrome://settings",
        "https:good.example/../../sign-in?x://good.example/",
        "https://127.1/cb",
        "https://localhost./cb",
        "/cb",
        "cb",
        "localhost:8080/cb?x=^",
        "localhost:8080/cb",
        "localhost:8080",
        "app.example:443/cb",
        "myapp:0",
        "https:app.example/cb",
        "https:/app.example",
        "HTTPS://app.example/cb",
        "Myapp://cb",
        "http://app.example/cb",
        "http://127.0.0.2/cb",
        "http://0x7f.1/cb",
        "http://localhost.evil.example/cb",
        "http://attacker@127.0.0.1:5000/cb",
        "https://app.example@evil.example/cb",
        "https://app.example/cb#",
        "https://app.example/#x",
        "https://app.example/cb/../evil",
        "https://app.example/cb/%2e%2E/evil",
        "https://app.example/cb\\evil",
        "https://app.example/c\r\nb",
        "https://app.example/\u{2028}",
        "https://app.example/a b",
        "https:///app.example/cb",
        "https://ex%61mple.com/cb",
        "",
    ] {
        assert!(RedirectUri::parse(raw).is_err(), "{raw:?} was accepted");
    }
    assert!(RedirectUri::parse(&format!("https://app.example/{}", "x".repeat(2048))).is_err());
}

#[test]
fn a_scheme_is_refused_by_its_whole_name() {
    for (scheme, refused) in [
        ("search", true),
        ("search-ms", true),
        ("searchlight", false),
        ("sms", true),
        ("smsto", true),
        ("mms", true),
        ("mmsto", true),
        ("smsapp", false),
        ("itms", true),
        ("itmss", true),
        ("itms-apps", true),
        ("itms-appss", true),
        ("itms-services", true),
        ("itmsomething", false),
        ("facetime", true),
        ("facetime-audio", true),
        ("facetimeline", false),
        ("feed", true),
        ("feedly", false),
        ("ms-msdt", true),
        ("ms-settings", true),
        ("ms-app", false),
        ("ms-appx", true),
        ("ldap", true),
        ("ldaps", true),
        ("chrome-extension", true),
    ] {
        assert_eq!(
            RedirectUri::parse(&format!("{scheme}://callback")).is_err(),
            refused,
            "{scheme}"
        );
        assert_eq!(RedirectUri::is_forbidden_scheme(scheme), refused, "{scheme}");
    }
}

#[test]
fn a_host_with_a_port_is_no_scheme() {
    let refused = RedirectUri::parse("localhost:8080/cb").unwrap_err();
    assert_eq!(refused.description, "redirect_uri has no scheme");
}

#[test]
fn comparison_is_of_strings_but_for_the_port_of_a_loopback_uri() {
    for (listed, requested, permitted) in [
        ("https://app.example/cb", "https://app.example/cb", true),
        ("https://app.example/cb", "https://app.example/CB", false),
        ("https://app.example/cb", "https://appXexample/cb", false),
        ("https://app.example/cb", "https://app.example/cb/", false),
        ("https://app.example/cb", "https://app.example/cb?x=1", false),
        ("https://app.example/cb", "https://app.example:443/cb", false),
        ("https://app.example/%7Ecb", "https://app.example/~cb", false),
        ("https://app.example", "https://app.example/", false),
        ("http://localhost/callback", "http://localhost:58135/callback", true),
        ("http://127.0.0.1:1/cb", "http://127.0.0.1:2/cb", true),
        ("http://[::1]/cb", "http://[::1]:7/cb", true),
        ("http://localhost/cb", "http://127.0.0.1:7/cb", false),
        ("http://localhost/cb", "http://localhost:7/other", false),
        ("http://localhost/cb", "http://localhost:7/cb?x", false),
        ("https://localhost/cb", "https://localhost:7/cb", false),
        ("https://localhost/cb", "https://localhost/cb", true),
        ("myapp://cb:1/x", "myapp://cb:2/x", false),
    ] {
        assert_eq!(
            uri(listed).permits(&uri(requested)),
            permitted,
            "{listed} / {requested}"
        );
    }
}

#[test]
fn a_near_miss_is_named() {
    for (listed, requested, near_miss) in [
        (
            "https://app.example/cb",
            "https://app.example/cb/",
            Some(NearMiss::TrailingSlash),
        ),
        (
            "https://app.example",
            "https://app.example/",
            Some(NearMiss::TrailingSlash),
        ),
        ("https://app.example/cb", "https://app.example/CB", Some(NearMiss::Case)),
        ("https://localhost/cb", "http://localhost/cb", Some(NearMiss::Scheme)),
        (
            "https://app.example/cb",
            "https://app.example:443/cb",
            Some(NearMiss::DefaultPort),
        ),
        (
            "https://app.example:443/cb",
            "https://app.example/cb",
            Some(NearMiss::DefaultPort),
        ),
        (
            "https://app.example:443/cb",
            "https://app.example:8443/cb",
            Some(NearMiss::Port),
        ),
        (
            "https://app.example/cb",
            "https://app.example:80/cb",
            Some(NearMiss::Port),
        ),
        ("https://app.example/cb", "https://app.example:443/other", None),
        (
            "https://app.example/cb",
            "https://app.example:8443/cb",
            Some(NearMiss::Port),
        ),
        ("myapp://cb:1/x", "myapp://cb:2/x", Some(NearMiss::Port)),
        (
            "https://app.example/cb",
            "https://app.example/cb?x=1",
            Some(NearMiss::Query),
        ),
        ("myapp:/cb?x=1", "myapp:/cb?x=2", Some(NearMiss::Query)),
        ("https://app.example/%7Ecb", "https://app.example/~cb", None),
        ("https://app.example/cb", "https://app.example/other", None),
    ] {
        assert_eq!(
            uri(listed).near_miss(&uri(requested)),
            near_miss,
            "{listed} / {requested}"
        );
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(raw in "\\PC{0,80}|[a-z]{1,8}:[!-~]{0,60}") {
        if let Ok(uri) = RedirectUri::parse(&raw) {
            prop_assert_eq!(uri.as_str(), raw.as_str());
            prop_assert!(uri.permits(&uri));
        }
    }
}
