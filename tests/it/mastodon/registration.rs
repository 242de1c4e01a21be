//! `POST /api/v1/apps`: what is registered, and what comes back.

use serde_json::{Value, json};

use super::{OUT_OF_BAND, Registered, scene, with};
use crate::harness::actors::{Answer, encode};
use crate::harness::api::FORM;
use crate::harness::{Options, TestApp};

const BOUNDARY: &str = "multipart/form-data; boundary=x";

/// A part of a multipart body.
fn part(name: &str, value: &str) -> String {
    format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

async fn register(app: &TestApp, media_type: &str, body: String) -> Answer {
    app.post_body("/api/v1/apps", media_type, body).await
}

const FIRST: &str = "https://app.example/callback";
const SECOND: &str = "myapp://callback";

/// Every encoding with every way to name two redirect URIs, and one.
#[tokio::test]
async fn redirect_uris_are_read_however_they_are_written() {
    let app = TestApp::start().await;
    let both = format!("{FIRST}\n{SECOND}");
    let json = |uris: Value| json!({ "client_name": "x", "redirect_uris": uris }).to_string();
    let form = |fields: &[(&str, &str)]| format!("client_name=x&{}", encode(fields));
    let multipart = |parts: &[(&str, &str)]| {
        let parts: String = parts.iter().map(|(name, value)| part(name, value)).collect();
        format!("{}{parts}--x--\r\n", part("client_name", "x"))
    };
    let (key, list) = ("redirect_uris", "redirect_uris[]");
    let indexed = [("redirect_uris[0]", FIRST), ("redirect_uris[1]", SECOND)];
    for (media_type, body, count) in [
        (FORM, form(&[(key, FIRST)]), 1),
        (FORM, form(&[(key, &both)]), 2),
        (FORM, form(&[(list, FIRST), (list, SECOND)]), 2),
        (BOUNDARY, multipart(&[(key, FIRST)]), 1),
        (BOUNDARY, multipart(&[(key, &both)]), 2),
        (BOUNDARY, multipart(&[(list, FIRST), (list, SECOND)]), 2),
        (BOUNDARY, multipart(&indexed), 2),
        ("application/json", json(json!(FIRST)), 1),
        ("application/json", json(json!(both)), 2),
        ("application/json", json(json!([FIRST, SECOND])), 2),
    ] {
        let answer = register(&app, media_type, body.clone()).await;
        assert_eq!(answer.status, 200, "{body} {answer:?}");
        let expected = &[FIRST, SECOND][..count];
        assert_eq!(answer.json()["redirect_uris"], json!(expected), "{body}");
        assert_eq!(answer.json()["redirect_uri"], expected.join("\n"), "{body}");
    }
}

#[tokio::test]
async fn the_answer_has_every_member_that_mastodon_sends() {
    let app = TestApp::start().await;
    let fields = [
        ("client_name", "Pocket Timeline"),
        ("redirect_uris", OUT_OF_BAND),
        ("scopes", "read  write read push"),
        ("website", "https://app.example/"),
    ];
    let answer = app.post("/api/v1/apps", &fields).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let told = answer.json();
    let Registered {
        client_id,
        client_secret,
    } = Registered::of(&told);
    let expected = json!({
        "id": told["id"],
        "name": "Pocket Timeline",
        "website": "https://app.example/",
        "scopes": ["read", "write", "push"],
        "redirect_uris": [OUT_OF_BAND],
        "redirect_uri": OUT_OF_BAND,
        "client_id": client_id,
        "client_secret": client_secret,
        "client_secret_expires_at": 0,
    });
    assert_eq!(told, expected);
    let id: u64 = told["id"]
        .as_str()
        .unwrap()
        .parse()
        .expect("a decimal number in a string");
    assert!(id < 1 << 53, "{id}");
    assert!(client_secret.starts_with("vcs_"));
}

#[tokio::test]
async fn each_app_has_its_own_id_and_secret() {
    let (app, _alice) = scene().await;
    let fields = [("client_name", "x"), ("redirect_uris", FIRST)];
    let one = app.post("/api/v1/apps", &fields).await.json();
    let other = app.post("/api/v1/apps", &fields).await.json();
    for name in ["id", "client_id", "client_secret"] {
        assert_ne!(one[name], other[name], "{name}");
    }
}

#[tokio::test]
async fn the_key_for_web_push_is_told_when_there_is_one() {
    // A point of 65 bytes, the first of which is 4.
    let key = format!("B{}", "A".repeat(86));
    let options = Options::default().set("VESTIBULE_MASTODON__VAPID_KEY", key.clone());
    let (app, _alice) = with(options).await;
    let told = app
        .post("/api/v1/apps", &[("client_name", "x"), ("redirect_uris", FIRST)])
        .await
        .json();
    assert_eq!(told["vapid_key"], key);
}

/// What is left out, empty or `null` has its default; a list of scopes is as good as a text.
#[tokio::test]
async fn scopes_and_website_may_be_left_out() {
    let app = TestApp::start().await;
    for (given, scopes, website) in [
        (json!({}), json!(["read"]), Value::Null),
        (json!({ "scopes": null, "website": null }), json!(["read"]), Value::Null),
        (json!({ "scopes": "", "website": "" }), json!(["read"]), Value::Null),
        (json!({ "scopes": [] }), json!(["read"]), Value::Null),
        (
            json!({ "scopes": ["push", "read write"], "website": "http://app.example" }),
            json!(["push", "read", "write"]),
            json!("http://app.example"),
        ),
    ] {
        let mut body = given.clone();
        body["client_name"] = json!("x");
        body["redirect_uris"] = json!(FIRST);
        let told = register(&app, "application/json", body.to_string()).await.json();
        assert_eq!((&told["scopes"], &told["website"]), (&scopes, &website), "{given}");
    }
}

/// Rails reads them there; some clients rely on it. A secret would be refused.
#[tokio::test]
async fn parameters_may_come_in_the_address() {
    let app = TestApp::start().await;
    let path = format!(
        "/api/v1/apps?{}",
        encode(&[("client_name", "x"), ("redirect_uris", FIRST)])
    );
    assert_eq!(app.post_body(&path, "", "").await.json()["redirect_uri"], FIRST);
}

#[tokio::test]
async fn a_name_is_made_harmless() {
    let app = TestApp::start().await;
    let fields = [("client_name", "My\u{202e}  App \u{2713}"), ("redirect_uris", FIRST)];
    assert_eq!(app.post("/api/v1/apps", &fields).await.json()["name"], "My App");
}
