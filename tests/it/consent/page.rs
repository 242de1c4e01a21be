//! What the consent page shows, and in which frame: claims as text, addresses in full, warnings, headers, language.

use serde_json::json;

use crate::harness::actors::Answer;
use crate::harness::{AuthorizationRequest, ClientSite, Options, SecureWeb, TestApp, Visitor};
use crate::misskey::scene;

async fn page_of(alice: &Visitor, site: &ClientSite, redirect_uri: &str) -> Answer {
    alice
        .consent_page(&AuthorizationRequest::of(&site.client_id(), redirect_uri))
        .await
}

/// The consent page of an app that publishes this document, without `client_id` and `redirect_uris`.
async fn of_document(mut document: serde_json::Value) -> (TestApp, Visitor, Answer) {
    let (app, site, alice) = scene().await;
    document["client_id"] = site.client_id().into();
    document["redirect_uris"] = json!(["/redirect"]);
    site.document(&document.to_string());
    let page = page_of(&alice, &site, &site.url("/redirect")).await;
    (app, alice, page)
}

/// MD-05, here and on the apps page.
#[tokio::test]
async fn a_hostile_name_is_text() {
    for name in [
        "<img src=x onerror=alert(1)>",
        "\"><script>alert(1)</script>",
        "' onmouseover='alert(1)",
        "{{ 7 * 7 }}{% raw %}",
        "${7*7}",
        "&lt;b&gt;",
    ] {
        let (_app, alice, page) = of_document(json!({ "client_name": name })).await;
        let words = format!("It calls itself “{}”.", name.replace('"', ""));
        assert!(page.text().contains(&words), "{name}: {}", page.text());
        assert!(!page.has("img[src=x], script, [onmouseover]"), "{}", page.body);
        alice.submit(&page.form("/consent/").set("decision", "approve")).await;
        let apps = alice.get("/apps").await;
        assert!(!apps.has("img[src=x], script, [onmouseover]"), "{}", apps.body);
    }
}

/// MD-06.
#[tokio::test]
async fn a_name_is_cleaned_and_cut() {
    for (name, shown) in [
        ("Good\u{202e}live", "Goodlive"),
        ("zero\u{200b}width\u{feff}", "zerowidth"),
        ("two\n\t  words", "two words"),
        ("✔ Verified", "Verified"),
        (&"x".repeat(2000), &"x".repeat(64)),
    ] {
        let (_app, _alice, page) = of_document(json!({ "client_name": name })).await;
        let words = format!("It calls itself “{shown}”.");
        assert!(page.text().contains(&words), "{}", page.text());
    }
}

#[tokio::test]
async fn a_name_of_which_nothing_is_left_is_not_shown() {
    for name in ["", "   ", "\u{202e}\u{200b}", "✔"] {
        let (_app, _alice, page) = of_document(json!({ "client_name": name })).await;
        assert!(!page.text().contains("It calls itself"), "{}", page.text());
    }
}

#[tokio::test]
async fn the_addresses_are_shown_in_full() {
    let (app, site, alice) = scene().await;
    let client_id = site.url("/apps/mine?id=1");
    let request = AuthorizationRequest::of(&client_id, &site.url("/redirect"));
    let text = alice.consent_page(&request).await.text();
    for address in [
        client_id.as_str(),
        request.get("redirect_uri"),
        &format!("{}/@alice", app.issuer),
    ] {
        assert!(text.split(' ').any(|word| word == address), "{address}: {text}");
    }
}

#[tokio::test]
async fn the_headline_is_the_host_and_not_the_name() {
    let (_app, site, alice) = scene().await;
    let page = page_of(&alice, &site, &site.url("/redirect")).await;
    let heading = format!("<h1 class=\"app\"><bdi>127.0.0.1:{}</bdi></h1>", site.port());
    assert!(page.body.contains(&heading), "{}", page.body);
}

const LOOPBACK: &str = "The answer goes to a program on this device";
const SCHEME: &str = "The answer goes to an app on this device";
const ELSEWHERE: &str = "The answer goes to another address";
const WEBSITE: &str = "The app names a website elsewhere";

#[track_caller]
fn warns_only_of(page: &Answer, expected: &[&str]) {
    let text = page.text();
    for warning in [LOOPBACK, SCHEME, ELSEWHERE, WEBSITE] {
        assert_eq!(text.contains(warning), expected.contains(&warning), "{warning}: {text}");
    }
}

#[tokio::test]
async fn the_page_warns_of_where_the_answer_goes() {
    let web = SecureWeb::new();
    let (app, site) = (web.options().start().await, web.site("app.net").await);
    let alice = app.owner("alice").await;
    let own = site.url("/redirect");
    let listed = [
        own.as_str(),
        "http://127.0.0.1/cb",
        "com.example.app:/cb",
        "https://elsewhere.net/cb",
    ];
    let links: String = listed
        .iter()
        .map(|uri| format!(r#"<link rel="redirect_uri" href="{uri}">"#))
        .collect();
    site.page(&links);
    let warnings: [&[&str]; 4] = [&[], &[LOOPBACK], &[SCHEME], &[ELSEWHERE]];
    for (redirect_uri, expected) in listed.into_iter().zip(warnings) {
        warns_only_of(&page_of(&alice, &site, redirect_uri).await, expected);
    }
}

#[tokio::test]
async fn a_warning_names_the_scheme_or_the_host() {
    let (_app, site, alice) = scene().await;
    site.page(
        r#"<link rel="redirect_uri" href="com.example.app:/cb"><link rel="redirect_uri" href="https://e.net:8443/cb">"#,
    );
    let page = page_of(&alice, &site, "com.example.app:/cb").await;
    assert!(page.text().contains("“com.example.app:”"));
    let page = page_of(&alice, &site, "https://e.net:8443/cb").await;
    assert!(page.text().contains("It goes to e.net:8443,"));
}

/// R26: the same host, but not above the client id, counts as elsewhere, too.
#[tokio::test]
async fn a_website_elsewhere_is_not_shown() {
    for foreign in ["https://google.com/", "/deeper/than/the/id", "javascript:alert(1)"] {
        let (_app, _alice, page) = of_document(json!({ "client_uri": foreign })).await;
        warns_only_of(&page, &[LOOPBACK, WEBSITE]);
        assert!(!page.body.contains(foreign), "{}", page.body);
    }
}

#[tokio::test]
async fn the_apps_own_website_is_a_link_that_gives_nothing_away() {
    let web = SecureWeb::new();
    let (app, site) = (web.options().start().await, web.site("app.net").await);
    let alice = app.owner("alice").await;
    site.document(
        r#"{ "client_id": "{base}/", "client_uri": "{base}/", "client_name": "A", "redirect_uris": ["/redirect"] }"#,
    );
    let page = page_of(&alice, &site, &site.url("/redirect")).await;
    let link = format!(r#"a[href="{}"][rel="noopener noreferrer nofollow"]"#, site.client_id());
    assert!(page.has(&link), "{}", page.body);
    warns_only_of(&page, &[]);
}

#[tokio::test]
async fn refusing_is_the_default_button() {
    let (_app, site, alice) = scene().await;
    let page = page_of(&alice, &site, &site.url("/redirect")).await;
    assert!(page.has(r#"form[action^="/consent/"] button[value="deny"]:first-of-type"#));
    let first = page.body.find(r#"name="decision""#).unwrap();
    assert!(page.body[first..].starts_with(r#"name="decision" value="deny""#));
}

/// `form-action` is missing on the pages whose form can lead to an app, since browsers apply it to the redirects after.
#[tokio::test]
async fn pages_are_framed_by_nobody_and_kept_by_nobody() {
    let (app, site, alice) = scene().await;
    let consent = page_of(&alice, &site, &site.url("/redirect")).await;
    let nobody = app.visitor();
    let pages = [
        (consent, false),
        (nobody.get("/sign-in").await, false),
        (nobody.get("/oauth/authorize").await, true),
        (nobody.get("/nothing").await, true),
        (nobody.get("/set-up").await, true),
        (nobody.get("/").await, true),
        (alice.get("/apps").await, true),
        (alice.get("/@alice").await, true),
    ];
    for (page, has_form_action) in pages {
        let policy = page.header("content-security-policy");
        for directive in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(directive), "{policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(
            policy.contains("form-action 'self'"),
            has_form_action,
            "{}",
            page.text()
        );
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("cross-origin-opener-policy", "same-origin"),
            ("strict-transport-security", ""),
        ] {
            assert_eq!(page.header(name), value, "{name}");
        }
    }
}

#[tokio::test]
async fn over_tls_browsers_are_told_to_stay_there() {
    let app = Options::default().issuer("https://id.example").start().await;
    let page = app.visitor().get("/").await;
    assert_eq!(page.header("strict-transport-security"), "max-age=31536000");
}

#[tokio::test]
async fn the_page_speaks_the_language_of_the_request_or_the_browser() {
    let (_app, site, alice) = scene().await;
    for (asked, accepted, language) in [
        ("", "", "en"),
        ("", "ja,en;q=0.5", "ja"),
        ("ja", "en", "ja"),
        ("en", "ja", "en"),
        ("fr", "ja", "ja"),
    ] {
        let request = AuthorizationRequest::valid(&site).with("ui_locales", asked);
        let question = alice.get_authorize(&request).await;
        let get = alice.request(reqwest::Method::GET, question.location());
        let page = alice.send(get.header("accept-language", accepted)).await;
        assert!(page.has(&format!("html[lang={language}]")), "{asked:?} {accepted:?}");
        let button = if language == "ja" {
            "許可しない"
        } else {
            "Don’t allow"
        };
        assert!(page.text().contains(button), "{}", page.text());
    }
}
