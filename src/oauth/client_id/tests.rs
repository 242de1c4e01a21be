use proptest::prelude::*;

use super::*;

fn accepted(raw: &str) -> ClientUrl {
    ClientUrl::parse(raw, HttpLoopback::Allowed).unwrap_or_else(|error| panic!("{raw}: {error}"))
}

fn refused(raw: &str) -> &'static str {
    match ClientUrl::parse(raw, HttpLoopback::Allowed) {
        Ok(_) => panic!("{raw} was accepted"),
        Err(error) => error.description,
    }
}

#[test]
fn client_urls_that_follow_the_rules_are_accepted() {
    for raw in [
        "https://example.com/",
        "https://example.com",
        "https://example.com/app.html",
        "https://example.com/a/...",
        "https://example.com:8443/?id=1",
        "https://xn--p1ai.xn--p1ai/",
        "https://127.0.0.1/",
        "https://[::1]:4000/",
        "http://localhost:4000/",
        "http://127.0.0.1:4000/app",
    ] {
        accepted(raw);
    }
}

#[test]
fn each_rule_of_form_refuses_on_the_raw_text() {
    for (raw, why) in [
        ("ftp://example.com/", "absolute https URL"),
        ("HTTPS://example.com/", "absolute https URL"),
        ("https:example.com", "absolute https URL"),
        ("https:\\\\example.com\\a", "character"),
        (" https://example.com/", "character"),
        ("https://exa\tmple.com/", "character"),
        ("https://例え.jp/", "xn-- form"),
        ("https://example.com/#", "fragment"),
        ("https://example.com/#me", "fragment"),
        ("https://@example.com/", "username"),
        ("https://user:pass@example.com/", "username"),
        ("https://example.com/a/../b", "dot segment"),
        ("https://example.com/%2e%2E/b", "dot segment"),
        ("https://example.com/a/.%2e", "dot segment"),
        ("https://example.com/.", "dot segment"),
        ("https://example.com:/", "port"),
        ("https://example.com:0/", "port"),
        ("https://example.com:99999/", "valid URL"),
        ("https://example.com./", "ends in a dot"),
        ("https://172.28.92.51/", "IP address"),
        ("https://0x7f.1/", "IP address"),
        ("https://2130706433/", "IP address"),
        ("https://0177.0.0.1/", "IP address"),
        ("https://127.1/", "IP address"),
        ("https://127.0.0.2/", "IP address"),
        ("https://[::ffff:127.0.0.1]/", "IP address"),
        ("https://[::2]/", "IP address"),
        ("https://", "valid URL"),
        ("https:///path", "written plainly"),
        ("https://ex%61mple.com/", "written plainly"),
        ("http://example.com/", "https://"),
    ] {
        let said = refused(raw);
        assert!(said.contains(why), "{raw}: said {said:?}, expected {why:?}");
    }
    assert!(refused(&format!("https://example.com/{}", "x".repeat(2048))).contains("longer"));
}

#[test]
fn plain_http_needs_a_loopback_host_and_leave() {
    assert!(ClientUrl::parse("http://localhost:4000/", HttpLoopback::Refused).is_err());
    assert!(ClientUrl::parse("https://localhost:4000/", HttpLoopback::Refused).is_ok());
}

#[test]
fn a_missing_path_is_a_slash_and_the_host_has_no_case() {
    assert_eq!(accepted("https://Example.com").as_str(), "https://example.com/");
    assert_eq!(accepted("https://example.com?x=1").as_str(), "https://example.com/?x=1");
    assert_eq!(accepted("https://example.com"), accepted("https://EXAMPLE.com/"));
    assert_ne!(accepted("https://example.com/App"), accepted("https://example.com/app"));
    assert_ne!(
        accepted("https://example.com/app"),
        accepted("https://example.com/app/")
    );
    assert_ne!(
        accepted("https://example.com/%61pp"),
        accepted("https://example.com/app")
    );
}

#[test]
fn the_shape_of_an_id_decides_its_dialect() {
    let parse = |raw| ClientId::parse(raw, HttpLoopback::Refused);
    assert!(matches!(parse("https://example.com/"), Ok(ClientId::Url(_))));
    assert_eq!(parse("vci_abc"), Ok(ClientId::Registered("vci_abc".to_owned())));
    assert!(parse("http://example.com/").is_err());
    assert!(parse("example.com/app").is_err());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(raw in "\\PC{0,80}") {
        let _ = ClientId::parse(&raw, HttpLoopback::Allowed);
    }

    #[test]
    fn near_urls_never_panic_and_keep_their_text(rest in "[a-z0-9.:/?@%\\[\\]-]{0,40}") {
        let raw = format!("https://{rest}");
        if let Ok(url) = ClientUrl::parse(&raw, HttpLoopback::Refused) {
            prop_assert!(url.as_str().starts_with("https://"));
            prop_assert_eq!(ClientUrl::parse(url.as_str(), HttpLoopback::Refused).unwrap(), url);
        }
    }
}
