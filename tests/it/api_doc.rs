//! What apps can ask for: the page, and its twin for programs.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Options, TestApp, expect};

async fn documented(app: &TestApp) -> Vec<Value> {
    let answer = app.visitor().get("/api-doc.json").await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.json().as_array().unwrap().clone()
}

fn named<'a>(scopes: &'a [Value], name: &str) -> &'a Value {
    scopes.iter().find(|scope| scope["name"] == name).unwrap()
}

#[tokio::test]
async fn the_metadata_document_leads_to_the_page() {
    let app = TestApp::start().await;
    let metadata = app
        .visitor()
        .get("/.well-known/oauth-authorization-server")
        .await
        .json();
    assert_eq!(metadata["service_documentation"], format!("{}/api-doc", app.issuer));
    let page = app.visitor().get("/api-doc").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.has(r#"a[href="/.well-known/oauth-authorization-server"]"#));
    assert!(page.has(r#"a[href="/api-doc.json"]"#));
}

#[tokio::test]
async fn page_and_twin_describe_every_published_scope() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    let metadata = visitor.get("/.well-known/oauth-authorization-server").await.json();
    let published = metadata["scopes_supported"].as_array().unwrap();
    assert!(published.len() > 120, "{}", published.len());
    let twin: Vec<Value> = documented(&app)
        .await
        .iter()
        .map(|scope| scope["name"].clone())
        .collect();
    assert_eq!(&twin, published);
    let page = visitor.get("/api-doc").await;
    for name in published {
        let name = name.as_str().unwrap();
        assert!(page.body.contains(&format!("<div id=\"scope-{name}\">")), "{name}");
    }
    assert_eq!(page.body.matches("<div id=\"scope-").count(), published.len());
}

#[tokio::test]
async fn a_scope_tells_its_family_and_its_words() {
    let app = TestApp::start().await;
    let scopes = documented(&app).await;
    assert_eq!(
        *named(&scopes, "read:blocks"),
        json!({
            "name": "read:blocks",
            "group": "read",
            "parents": ["read", "follow"],
            "children": [],
            "sentences": { "en": "See whom you block", "ja": "ブロックしている相手を見る" },
        })
    );
    let follow = &named(&scopes, "follow")["children"];
    assert_eq!(
        *follow,
        json!([
            "read:blocks",
            "read:follows",
            "read:mutes",
            "write:blocks",
            "write:follows",
            "write:mutes"
        ])
    );
}

#[tokio::test]
async fn the_page_links_parents_and_children() {
    let app = TestApp::start().await;
    let page = app.visitor().get("/api-doc").await;
    assert!(page.has(r##"[id="scope-read:blocks"] a[href="#scope-follow"]"##));
    assert!(page.has(r##"[id="scope-follow"] a[href="#scope-write:mutes"]"##));
    assert!(!page.has(r##"[id="scope-write:notes"] a[href="#scope-write"]"##));
}

#[tokio::test]
async fn the_page_is_in_the_language_that_is_asked_for() {
    let app = TestApp::start().await;
    for (address, language, sentence) in [
        ("/api-doc", "en", "See whom you block"),
        ("/api-doc?lang=ja", "ja", "ブロックしている相手を見る"),
        ("/api-doc?ui_locales=ja", "ja", "ブロックしている相手を見る"),
    ] {
        let page = app.visitor().get(address).await;
        assert!(page.has(&format!("html[lang={language}]")), "{address}");
        assert!(page.text().contains(sentence), "{address}");
    }
}

#[tokio::test]
async fn the_twin_is_for_every_site_and_may_be_kept_for_minutes() {
    let app = TestApp::start().await;
    let answer = app.visitor().get("/api-doc.json").await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    assert_eq!(answer.header("content-type"), "application/json");
    let post = app.visitor().api::<&str, &str>("/api-doc.json", &[]).await;
    assert_eq!(
        (post.status.as_u16(), post.header("allow")),
        (405, "GET, HEAD, OPTIONS")
    );
}

#[tokio::test]
async fn head_says_what_get_says() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    for path in ["/api-doc", "/api-doc.json"] {
        let get = visitor.get(path).await;
        let head = visitor.send(visitor.request(Method::HEAD, path)).await;
        assert_eq!((head.status, head.text().as_str()), (get.status, ""), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
    }
    expect::page_error(&visitor.post::<&str, &str>("/api-doc", &[]).await, 405);
}

/// An operator's own names may hold whatever RFC 6749 §3.3 allows.
#[tokio::test]
async fn an_operators_scope_is_shown_as_text() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = r#"
        [[scope]]
        name = "<b>&'%41"
        group = "sensitive"
        parents = ["read"]
        en = "Do <i>anything</i>"
    "#;
    std::fs::write(file.path(), text).unwrap();
    let options = Options::default().set("VESTIBULE_SCOPES__FILE", file.path().to_str().unwrap());
    let app = options.start().await;
    let page = app.visitor().get("/api-doc?lang=ja").await;
    assert!(!page.has("main b") && !page.has("main i"));
    assert!(page.has(r##"[id="scope-<b>&'%41"] dd[lang=en]"##));
    let scopes = documented(&app).await;
    assert_eq!(
        named(&scopes, "<b>&'%41")["sentences"],
        json!({ "en": "Do <i>anything</i>" })
    );
}
