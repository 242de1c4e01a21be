//! Real apps, byte for byte as they ask, and what each needs of the answers.

use serde_json::{Value, json};

use super::raw::send;
use super::{OUT_OF_BAND, Registered, scene};
use crate::harness::actors::Answer;
use crate::harness::{TestApp, Visitor};

mod browsers;
mod multipart;
mod natives;

/// Opens an address that an app made, says yes, and gives the parameters that come back.
async fn approve(person: &Visitor, path: &str) -> Answer {
    let answer = person.get(path).await;
    let form = person.get(answer.location()).await.form("/consent/");
    person.submit(&form.set("decision", "approve")).await
}

/// Fails unless this is JSON that says so of itself, and gives it.
#[track_caller]
fn json_of(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    assert!(
        answer.header("content-type").starts_with("application/json"),
        "{answer:?}"
    );
    answer.json()
}

/// POST of a form, with nothing but its type for a header.
async fn post_form(app: &TestApp, path: &str, body: &str) -> Answer {
    let head = format!("POST {path} HTTP/1.1\nContent-Type: application/x-www-form-urlencoded");
    send(app, &head, body).await
}

/// POST of JSON, with nothing but its type for a header.
async fn post_json(app: &TestApp, path: &str, body: &Value) -> Answer {
    let head = format!("POST {path} HTTP/1.1\nContent-Type: application/json");
    send(app, &head, &body.to_string()).await
}

/// It registers, has the code copied, and checks that the scope it got covers what it asked for. It sends the words `None`
/// and `False` where it has nothing to say, a bearer token wherever it has one, and a scope with the code.
#[tokio::test]
async fn mastodon_py() {
    let (app, alice) = scene().await;
    let metadata = send(
        &app,
        "GET /.well-known/oauth-authorization-server HTTP/1.1\nAccept: */*",
        "",
    )
    .await;
    let metadata = json_of(&metadata, 200);
    let grant_types = metadata["grant_types_supported"].as_array().unwrap();
    assert!(grant_types.contains(&json!("authorization_code")));
    let body = "client_name=pytooterapp&scopes=read+write&redirect_uris=urn%3Aietf%3Awg%3Aoauth%3A2.0%3Aoob";
    let told = json_of(&post_form(&app, "/api/v1/apps", body).await, 200);
    let client = Registered::of(&told);
    let asks = format!(
        "/oauth/authorize?client_id={}&response_type=code&redirect_uri=urn%3Aietf%3Awg%3Aoauth%3A2.0%3Aoob\
         &scope=read+write&force_login=False&state=None&lang=None",
        client.client_id
    );
    let page = approve(&alice, &asks).await;
    let code = page.location_param("code").unwrap();
    let shown = alice.get(page.location()).await;
    assert_eq!(shown.texts("textarea"), [code.as_str()]);
    let body = format!(
        "grant_type=authorization_code&code={code}&redirect_uri=urn%3Aietf%3Awg%3Aoauth%3A2.0%3Aoob&client_id={}\
         &client_secret={}&scope=read+write",
        client.client_id, client.client_secret
    );
    let head = "POST /oauth/token HTTP/1.1\nUser-Agent: python-requests/2.32.3\nAccept: */*\n\
                Authorization: Bearer vat_an_older_token\nContent-Type: application/x-www-form-urlencoded";
    let token = json_of(&send(&app, head, &body).await, 200);
    let scopes: Vec<&str> = token["scope"].as_str().unwrap().split(' ').collect();
    assert_eq!(scopes, ["read", "write"]);
    let access_token = token["access_token"].as_str().unwrap();
    assert!(token.get("expires_in").is_none_or(Value::is_u64));
    let body = format!(
        "client_id={}&client_secret={}&token={access_token}",
        client.client_id, client.client_secret
    );
    let head = format!(
        "POST /oauth/revoke HTTP/1.1\nAuthorization: Bearer {access_token}\n\
         Content-Type: application/x-www-form-urlencoded"
    );
    json_of(&send(&app, &head, &body).await, 200);
    assert!(!app.holds(access_token).await);
}

/// It sends and reads JSON, adds the token that it holds, and takes `redirect_uri` of the answer for the next request.
#[tokio::test]
async fn megalodon() {
    let (app, alice) = scene().await;
    let registration = json!({
        "client_name": "Fedistar",
        "redirect_uris": OUT_OF_BAND,
        "scopes": "read write follow",
        "website": "https://fedistar.example",
    });
    let told = json_of(&post_json(&app, "/api/v1/apps", &registration).await, 200);
    for name in ["id", "name", "website", "redirect_uri", "client_id", "client_secret"] {
        assert!(told[name].is_string(), "{name}: {told}");
    }
    let client = Registered::of(&told);
    let redirect_uri = told["redirect_uri"].as_str().unwrap();
    let asks = format!(
        "/oauth/authorize?response_type=code&client_id={}&redirect_uri={redirect_uri}&scope=read%20write%20follow",
        client.client_id
    );
    let code = approve(&alice, &asks).await.location_param("code").unwrap();
    let redemption = json!({
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "code": code,
        "redirect_uri": redirect_uri,
        "grant_type": "authorization_code",
    });
    let head = "POST /oauth/token HTTP/1.1\nAccept: application/json, text/plain, */*\n\
                Content-Type: application/json\nAuthorization: Bearer vat_an_older_token\nUser-Agent: megalodon";
    let token = json_of(&send(&app, head, &redemption.to_string()).await, 200);
    assert!(token["access_token"].is_string() && token["created_at"].is_u64());
    assert_eq!(
        (&token["token_type"], &token["scope"]),
        (&json!("Bearer"), &json!("read write follow"))
    );
}

/// In its default mode both halves of the `Basic` header are form-encoded first.
#[tokio::test]
async fn simple_oauth2() {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    let (app, alice) = scene().await;
    let client = Registered::app(&app, "read").await;
    let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(&client.client_id), encoded(&client.client_secret));
    let asks = format!(
        "/oauth/authorize?response_type=code&client_id={}&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&scope=read\
         &state=abc",
        client.client_id
    );
    let back = approve(&alice, &asks).await;
    assert_eq!(back.location_param("state").as_deref(), Some("abc"));
    let body = format!(
        "grant_type=authorization_code&code={}&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback",
        back.location_param("code").unwrap()
    );
    let headers = format!(
        "Authorization: Basic {}\nAccept: application/json\nContent-Type: application/x-www-form-urlencoded",
        BASE64_STANDARD.encode(pair)
    );
    let answer = send(&app, &format!("POST /oauth/token HTTP/1.1\n{headers}"), &body).await;
    let token = json_of(&answer, 200);
    let body = format!(
        "token={}&token_type_hint=access_token",
        token["access_token"].as_str().unwrap()
    );
    let answer = send(&app, &format!("POST /oauth/revoke HTTP/1.1\n{headers}"), &body).await;
    json_of(&answer, 200);
    assert!(!app.holds(token["access_token"].as_str().unwrap()).await);
}
