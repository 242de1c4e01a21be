//! What a client may say about itself, and what of it a person gets to see.

use crate::harness::asking::answer_of;
use crate::harness::client_site::html_answer;
use crate::harness::odd_site::{Names, SecureSite, ok};
use crate::harness::{AuthorizationRequest, ClientSite, Options, TestApp, expect};

const MISMATCH: &str = "The document names a client_id that is not the address it was fetched from. They must be the same, character by character.";
const SECRET: &str = "The document holds a client secret, or asks to sign in with one. A public document must not.";
const INVALID: &str = "The JSON document at the client_id is not a valid client metadata document.";
const LIST: &str = "The app’s list of redirect URIs is missing, empty or has an entry that cannot be used.";

/// Each document breaks one rule: D10 (its `client_id`), D12 and D13 (MD-02), MD-03, and what JSON itself allows.
#[tokio::test]
async fn a_document_that_breaks_a_rule_is_refused_with_the_reason() {
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    let with = |member: &str| format!(r#"{{"client_id":"{{base}}/","redirect_uris":["/cb"],{member}}}"#);
    let of_id = |id: &str| format!(r#"{{"client_id":"{id}","redirect_uris":["/cb"]}}"#);
    let listing = |list: &str| format!(r#"{{"client_id":"{{base}}/","redirect_uris":{list}}}"#);
    let method = |method: &str| with(&format!(r#""token_endpoint_auth_method":{method}"#));
    for (case, document, sentence) in [
        ("D10: none", r#"{"redirect_uris":["/cb"]}"#.to_owned(), MISMATCH),
        ("D10: a number", of_id("x").replace(r#""x""#, "1"), MISMATCH),
        ("D10: another", of_id("https://other.net/"), MISMATCH),
        ("D10: a slash more", of_id("{base}//"), MISMATCH),
        ("D10: a query more", of_id("{base}/?"), MISMATCH),
        (
            "D10: a name for the address",
            of_id("{base}/").replace("{base}", "http://localhost"),
            MISMATCH,
        ),
        ("D10: a space", of_id("{base}/ "), MISMATCH),
        ("D10: percent-encoded", of_id("{base}/%2F"), MISMATCH),
        (
            "D10: another scheme",
            of_id("{base}/").replace("{base}", "https://127.0.0.1"),
            MISMATCH,
        ),
        ("MD-02: client_secret", with(r#""client_secret":"x""#), SECRET),
        ("MD-02: client_secret null", with(r#""client_secret":null"#), SECRET),
        (
            "MD-02: client_secret_expires_at",
            with(r#""client_secret_expires_at":0"#),
            SECRET,
        ),
        ("D12: client_secret_basic", method(r#""client_secret_basic""#), SECRET),
        ("D12: client_secret_post", method(r#""client_secret_post""#), SECRET),
        ("D12: client_secret_jwt", method(r#""client_secret_jwt""#), SECRET),
        ("private_key_jwt", method(r#""private_key_jwt""#), INVALID),
        ("tls_client_auth", method(r#""tls_client_auth""#), INVALID),
        ("a method that is no text", method("1"), INVALID),
        ("MD-03: empty", listing("[]"), LIST),
        ("MD-03: a string", listing(r#""/cb""#), LIST),
        ("MD-03: an object", listing("{}"), LIST),
        ("MD-03: null", listing("null"), LIST),
        ("MD-03: null inside", listing(r#"["/cb",null]"#), LIST),
        ("MD-03: a number inside", listing(r#"["/cb",1]"#), LIST),
        ("MD-03: a list inside", listing(r#"[["/cb"]]"#), LIST),
        ("MD-03: a hole", listing(r#"["/cb",,"/x"]"#), INVALID),
        ("MD-03: a comma more", listing(r#"["/cb",]"#), INVALID),
        (
            "MD-03: 51",
            listing(&format!("[{}]", vec![r#""/cb""#; 51].join(","))),
            INVALID,
        ),
        (
            "MD-03: 500 in 2 KB",
            listing(&format!("[{}]", vec![r#""""#; 500].join(","))),
            INVALID,
        ),
        (
            "MD-03: only unusable ones",
            listing(r#"["javascript:alert(1)","/cb#x"]"#),
            LIST,
        ),
        (
            "RD-01: upper case and a tab",
            listing(r#"["  JAVA\tscript:alert(1)"]"#),
            LIST,
        ),
        (
            "RD-02: data",
            listing(r#"["data:text/html,x","file:///x","intent:#Intent;end"]"#),
            LIST,
        ),
        ("a member twice", with(r#""client_id":"{base}/""#), INVALID),
        ("a list", "[]".to_owned(), INVALID),
        ("a text", r#""{base}/""#.to_owned(), INVALID),
        ("nothing", String::new(), INVALID),
        ("HTML", "<html>".to_owned(), INVALID),
        ("two documents", "{} {}".to_owned(), INVALID),
        ("deeply nested", "[".repeat(5000), INVALID),
        ("not UTF-8", "\u{FFFD}".to_owned(), INVALID),
    ] {
        let site = ClientSite::answering(answer_of("application/json", document)).await;
        let refusal = owner.ask(&site.client_id(), &site.url("/cb")).await;
        expect::page_error(&refusal, 400);
        assert_eq!(
            refusal.author_sentences().first().map(String::as_str),
            Some(sentence),
            "{case}"
        );
    }
    let site = ClientSite::answering(answer_of("application/json", &b"{\"client_id\":\"\xFF\"}"[..])).await;
    let refusal = owner.ask(&site.client_id(), &site.url("/cb")).await;
    assert_eq!(refusal.author_sentences()[0], INVALID, "not UTF-8");
}

/// The other side of each of those rules; MD-03 `missing`: a document without a list permits nothing.
#[tokio::test]
async fn a_document_that_keeps_to_the_rules_is_accepted() {
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    for (case, members) in [
        ("only what is needed", ""),
        ("method none", r#","token_endpoint_auth_method":"none""#),
        (
            "unknown members",
            r#","x":{"y":[1,null,{"z":true}]},"contacts":[],"software_version":1.5"#,
        ),
        (
            "members of another type",
            r#","client_name":1,"logo_uri":[],"client_uri":null,"grant_types":"x""#,
        ),
    ] {
        let document = format!(r#"{{"client_id":"{{base}}/","redirect_uris":["/cb"]{members}}}"#);
        let site = ClientSite::answering(answer_of("application/json", document)).await;
        let question = owner.ask(&site.client_id(), &site.url("/cb")).await;
        assert!(question.is_question(), "{case}: {}", question.text());
        assert_eq!(question.name_shown(), None, "{case}");
    }
    for (case, said) in [("without the path", "{base}"), ("with it", "{base}/")] {
        let document = format!(r#"{{"client_id":"{said}","redirect_uris":["/cb"]}}"#);
        let site = ClientSite::answering(answer_of("application/json", document)).await;
        let question = owner.ask(&site.url(""), &site.url("/cb")).await;
        assert!(question.is_question(), "{case}: {}", question.text());
    }
    let site = ClientSite::with_document(r#"{"client_id":"{base}/"}"#).await;
    expect::page_error(&owner.ask(&site.client_id(), &site.url("/cb")).await, 400);
    assert_eq!(owner.found_at(&site.client_id()).await, [""; 0], "MD-03: missing");
}

/// MD-05 and MD-06, through a document and through a page: text stays text, and a name cannot pass for more.
#[tokio::test]
async fn names_are_shown_as_harmless_text() {
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    let long = "x".repeat(1900);
    let cut = "x".repeat(64);
    for (case, claimed, shown) in [
        (
            "MD-05: an image",
            "<img src=x onerror=alert(1)>",
            Some("<img src=x onerror=alert(1)>"),
        ),
        (
            "MD-05: a script",
            r#""><script>alert(1)</script>"#,
            Some("><script>alert(1)</script>"),
        ),
        (
            "MD-05: a template",
            "{{7*7}}{% raw %}{{ client }}",
            Some("{{7*7}}{% raw %}{{ client }}"),
        ),
        (
            "MD-05: another template",
            "${7*7}#{7*7}{name}",
            Some("${7*7}#{7*7}{name}"),
        ),
        ("MD-05: an entity", "&lt;b&gt; &amp;", Some("&lt;b&gt; &amp;")),
        ("MD-06: right to left", "\u{202E}live\u{202C}", Some("live")),
        ("MD-06: zero width", "My\u{200B}\u{FEFF} App\u{2060}", Some("My App")),
        ("MD-06: very long", &long, Some(&cut)),
        (
            "MD-06: white space",
            "  My \n\t Great\u{00A0}App ",
            Some("My Great App"),
        ),
        ("MD-06: only spaces", " \u{00A0}\u{2003}\u{200B}", None),
        ("MD-06: empty", "", None),
        ("MD-06: a badge", "\u{2714} Verified", Some("Verified")),
        ("MD-06: another badge", "\u{2705}\u{1F512} Safe", Some("Safe")),
        (
            "MD-06: control characters",
            "My\u{0007}\u{001B}[31m App",
            Some("My[31m App"),
        ),
        ("MD-14: a brand", "Google", Some("Google")),
    ] {
        let json = serde_json::to_string(claimed).unwrap();
        let document = format!(r#"{{"client_id":"{{base}}/","client_name":{json},"redirect_uris":["/cb"]}}"#);
        let text = claimed
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace(['\u{0007}', '\u{001B}'], "");
        let page =
            format!("<link rel=redirect_uri href=/cb><div class=h-app><a href=/ class='u-url p-name'>{text}</a></div>");
        for (kind, answer) in [
            ("document", answer_of("application/json", document)),
            ("page", html_answer(&page)),
        ] {
            let site = ClientSite::answering(answer).await;
            let request = AuthorizationRequest::of(&site.client_id(), &site.url("/cb"));
            let question = owner.consent_page(&request).await;
            assert_eq!(question.name_shown().as_deref(), shown, "{case}, {kind}");
            assert_eq!(
                question.host_shown(),
                format!("127.0.0.1:{}", site.port()),
                "{case}, {kind}"
            );
            assert!(
                !question.has("main script, [onerror], p.claim *"),
                "{case}, {kind}: {}",
                question.body
            );
            // Apps with access are listed by name as well.
            let back = owner
                .submit(&question.form("/consent/").set("decision", "approve"))
                .await;
            let code = back
                .location_param("code")
                .unwrap_or_else(|| panic!("{case}, {kind}: {back:?}"));
            assert_eq!(
                owner.redeem(&request.redemption(&code)).await.status,
                200,
                "{case}, {kind}"
            );
        }
    }
    let apps = owner.get("/apps").await;
    assert!(apps.text().contains("{{7*7}}{% raw %}"), "{}", apps.text());
    assert!(!apps.has("main script, [onerror]"), "{}", apps.body);
}

/// MD-08 and MD-09: whatever a logo is, no browser of ours asks for it; and we ask for nothing else that is named inside.
#[tokio::test]
async fn of_all_that_a_client_names_only_the_logo_is_fetched_and_by_nobody_else() {
    let app = Options::default().resolver(Names::of(&[])).start().await;
    let owner = app.owner("alice").await;
    let elsewhere = ClientSite::start().await;
    let logos = [
        "/logo.png".to_owned(),
        elsewhere.url("/logo.png"),
        "https://cdn.other.net/logo.svg".to_owned(),
        "data:image/svg+xml,<svg onload=alert(1)>".to_owned(),
        "javascript:alert(1)".to_owned(),
        "http://169.254.169.254/logo".to_owned(),
    ];
    for logo in logos {
        let json = serde_json::to_string(&logo).unwrap();
        let members = format!(r#""logo_uri":{json},"jwks_uri":{json},"policy_uri":{json},"tos_uri":{json}"#);
        let document = format!(r#"{{"client_id":"{{base}}/","redirect_uris":["/cb"],{members}}}"#);
        let page = format!(
            "<link rel=redirect_uri href=/cb><div class=h-app><img class=u-logo src='{logo}'><b class=p-name>App</b></div>"
        );
        for (kind, answer) in [
            ("document", answer_of("application/json", document)),
            ("page", html_answer(&page)),
        ] {
            let site = ClientSite::answering(answer).await;
            let question = owner.ask(&site.client_id(), &site.url("/cb")).await;
            assert!(question.is_question(), "{logo}, {kind}: {}", question.text());
            assert!(!question.body.contains(&logo), "{logo}, {kind}");
            assert!(!question.body.contains("logo."), "{logo}, {kind}");
            for outside in ["img[src*='//']", "[srcset]", "[style]", "iframe", "object", "embed"] {
                assert!(!question.has(outside), "{logo}, {kind}: {outside}");
            }
            let own_logo = usize::from(logo.starts_with('/'));
            assert_eq!(site.hits(), 1 + own_logo, "{logo}, {kind}");
        }
    }
    // Once for the document and once for the page, though the document names it four times.
    assert_eq!(elsewhere.hits(), 2);
}

/// The home page an app names is a link only where its own address proves it (IndieAuth "Client Information
/// Discovery", R24 to R26); otherwise a warning stands in its place. Only `https` becomes a link, so this site has a
/// certificate.
#[tokio::test]
async fn client_uri_is_shown_under_the_client_id_and_nowhere_else() {
    const WARNING: &str = "The app names a website elsewhere";
    const CASES: [(&str, &str, Option<&str>, bool); 12] = [
        ("none", "", None, false),
        ("its origin", "{base}/", Some("{base}/"), false),
        ("a parent", "{base}/3", Some("{base}/3"), false),
        ("itself", "{base}/4/one", Some("{base}/4/one"), false),
        ("relative", "/5", Some("{base}/5"), false),
        ("another host", "https://other.net/", None, true),
        ("a host that begins so", "{base}.evil.net/", None, true),
        ("a path that begins so", "{base}/8/on", None, true),
        ("a sibling", "{base}/9/two", None, true),
        ("plain http", "http://app.net/", None, true),
        ("javascript", "javascript:alert(1)", None, true),
        ("with a user", "https://app.net@other.net/", None, true),
    ];
    let secure = SecureSite::start("app.net", None, |port, path| {
        let number: usize = path
            .split('/')
            .nth(1)
            .and_then(|number| number.parse().ok())
            .unwrap_or_default();
        let client_uri = match CASES[number - 1].1 {
            "" => String::new(),
            said => format!(r#""client_uri":"{said}","#),
        };
        let document = r#"{"client_id":"{base}PATH",CLIENT_URI"redirect_uris":["{base}/cb"]}"#;
        let document = document.replace("PATH", path).replace("CLIENT_URI", &client_uri);
        ok(
            "application/json",
            "",
            &document.replace("{base}", &format!("https://app.net:{port}")),
        )
    })
    .await;
    let base = format!("https://app.net:{}", secure.site.port());
    let options = Options {
        roots: secure.roots.clone(),
        ..Options::default().resolver(Names::of(&[("app.net", &["127.0.0.1"])]))
    };
    let app = options.start().await;
    let owner = app.owner("alice").await;
    for (number, (case, said, shown, warns)) in (1..).zip(CASES) {
        let question = owner.ask(&format!("{base}/{number}/one"), &format!("{base}/cb")).await;
        assert!(question.is_question(), "{case}: {}", question.text());
        let expected: Vec<String> = shown.iter().map(|shown| shown.replace("{base}", &base)).collect();
        assert_eq!(question.texts("dl.facts a"), expected, "{case}");
        assert_eq!(question.warnings().contains(&WARNING.to_owned()), warns, "{case}");
        let said = said.replace("{base}", &base);
        assert!(!warns || !question.has(&format!("a[href='{said}']")), "{case}");
    }
}
