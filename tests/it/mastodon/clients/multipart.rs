//! masto.js: JSON, or multipart with lists as `name[0]`, and a content type on every answer that it knows.

use serde_json::{Value, json};

use super::{approve, json_of, post_json};
use crate::harness::TestApp;
use crate::harness::actors::Answer;
use crate::mastodon::raw::send;
use crate::mastodon::{Registered, scene};

const BOUNDARY: &str = "----formdata-undici-012345678901";

async fn post_multipart(app: &TestApp, path: &str, fields: &[(&str, &str)]) -> Answer {
    let part = |(name, value): &(&str, &str)| {
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = fields.iter().map(part).collect::<String>() + &format!("--{BOUNDARY}--\r\n\r\n");
    let head = format!(
        "POST {path} HTTP/1.1\nuser-agent: masto.js\naccept: */*\ncontent-type: multipart/form-data; boundary={BOUNDARY}"
    );
    send(app, &head, &body).await
}

const FIRST: &str = "https://app.example/one";
const SECOND: &str = "https://app.example/two";

#[tokio::test]
async fn masto_js_in_json() {
    let (app, alice) = scene().await;
    let registration = json!({
        "client_name": "masto.js app",
        "redirect_uris": [FIRST, SECOND],
        "scopes": "read write",
        "website": "https://app.example",
    });
    let told = json_of(&post_json(&app, "/api/v1/apps", &registration).await, 200);
    assert_eq!(told["redirect_uris"], json!([FIRST, SECOND]));
    let client = Registered::of(&told);
    let asks = format!(
        "/oauth/authorize?response_type=code&client_id={}&redirect_uri={SECOND}&scope=read+write",
        client.client_id
    );
    let code = approve(&alice, &asks).await.location_param("code").unwrap();
    let redemption = json!({
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "redirect_uri": SECOND,
        "grant_type": "authorization_code",
        "code": code,
        "scope": "read write",
    });
    let token = json_of(&post_json(&app, "/oauth/token", &redemption).await, 200);
    assert_eq!(token["scope"], "read write");
    // It throws on an answer whose type it does not know, errors included.
    let again = json_of(&post_json(&app, "/oauth/token", &redemption).await, 400);
    assert_eq!(again["error"], "invalid_grant");
    let revocation = json!({
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "token": token["access_token"],
    });
    assert_eq!(
        json_of(&post_json(&app, "/oauth/revoke", &revocation).await, 200),
        json!({})
    );
    json_of(&post_json(&app, "/api/v1/apps", &json!({})).await, 422);
    json_of(
        &post_json(&app, "/oauth/revoke", &json!({ "client_id": client.client_id })).await,
        403,
    );
}

#[tokio::test]
async fn masto_js_in_multipart() {
    let (app, alice) = scene().await;
    let fields = [
        ("client_name", "masto.js app"),
        ("redirect_uris[0]", FIRST),
        ("redirect_uris[1]", SECOND),
        ("scopes", "read write"),
    ];
    let told: Value = json_of(&post_multipart(&app, "/api/v1/apps", &fields).await, 200);
    assert_eq!(told["redirect_uris"], json!([FIRST, SECOND]));
    let client = Registered::of(&told);
    let asks = format!(
        "/oauth/authorize?response_type=code&client_id={}&redirect_uri={FIRST}&scope=read",
        client.client_id
    );
    let code = approve(&alice, &asks).await.location_param("code").unwrap();
    let fields = [
        ("client_id", client.client_id.as_str()),
        ("client_secret", client.client_secret.as_str()),
        ("redirect_uri", FIRST),
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
    ];
    let token = json_of(&post_multipart(&app, "/oauth/token", &fields).await, 200);
    assert_eq!(token["token_type"], "Bearer");
}
