//! Misskey's app flow: an app registers, opens a session, sends a person there and fetches its key.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::actors::{Answer, Form};
use crate::harness::{Options, TestApp, Visitor};

mod attacks;
mod clients;
mod envelope;
mod registration;
mod sessions;
mod user_key;
mod way_back;

pub(crate) const JSON: &str = "application/json";
pub(crate) const CALLBACK: &str = "https://app.example/cb";

/// A call of the API.
pub(crate) async fn call(app: &TestApp, name: &str, body: &Value) -> Answer {
    app.post_body(&format!("/api/{name}"), JSON, body.to_string()).await
}

/// What an app registers with.
pub(crate) fn registration() -> Value {
    json!({
        "name": "Pocket Notes",
        "description": "Notes in your pocket",
        "permission": ["read:account", "write:notes"],
        "callbackUrl": CALLBACK,
    })
}

/// An app that registered so.
pub(crate) async fn registered(app: &TestApp, registration: &Value) -> Value {
    let answer = call(app, "app/create", registration).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// The session that an app opens with its secret.
pub(crate) async fn generated(app: &TestApp, of: &Value) -> Value {
    let answer = call(app, "auth/session/generate", &json!({ "appSecret": of["secret"] })).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// What answers when an app asks for the key of a session.
pub(crate) async fn user_key(app: &TestApp, of: &Value, session: &Value) -> Answer {
    let body = json!({ "appSecret": of["secret"], "token": session["token"] });
    call(app, "auth/session/userkey", &body).await
}

/// Opens an address and follows to the question.
pub(crate) async fn question(visitor: &Visitor, address: &str) -> Answer {
    let answer = visitor.get(address).await;
    assert!(answer.location().starts_with("/consent/"), "{answer:?}");
    visitor.get(answer.location()).await
}

/// Opens an address and decides. Gives where the browser is sent.
pub(crate) async fn decided(visitor: &Visitor, address: &str, decision: &str) -> Answer {
    let form = question(visitor, address).await.form("/consent/");
    visitor.submit(&form.set("decision", decision)).await
}

/// The form of a question for whoever is somebody else.
pub(crate) fn not_you(question: Answer) -> Form {
    let (_, person) = question
        .body
        .split_once("<section class=\"person\">")
        .expect("who is asked");
    let body = person.to_owned();
    Answer { body, ..question }.form("/sign-out")
}

/// The address of a session.
pub(crate) fn address(session: &Value) -> &str {
    session["url"].as_str().expect("an address")
}

/// A server, a registered app, and alice, who is signed in.
pub(crate) async fn scene() -> (TestApp, Value, Visitor) {
    let app = TestApp::start().await;
    let of = registered(&app, &registration()).await;
    let alice = app.owner("alice").await;
    (app, of, alice)
}

/// A server that stands in for this software.
pub(crate) async fn standing_in_for(profile: &str) -> TestApp {
    Options::default().set("VESTIBULE_PROFILE", profile).start().await
}

/// The error object of a refusal.
#[track_caller]
pub(crate) fn refused(answer: &Answer, status: u16, code: &str) -> Value {
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/json", "{answer:?}");
    assert_eq!(answer.header("access-control-allow-origin"), "*", "{answer:?}");
    assert!(answer.header("cache-control").contains("no-store"), "{answer:?}");
    let error = answer.json()["error"].clone();
    assert_eq!(error["code"], code, "{answer:?}");
    assert!(error["message"].is_string() && error["endpoint"].is_string(), "{error}");
    assert!(error["id"].is_string() && error["kind"].is_string(), "{error}");
    error
}

#[tokio::test]
async fn an_app_is_let_in_and_fetches_its_key_once() {
    let (app, of, alice) = scene().await;
    let session = generated(&app, &of).await;
    let page = question(&alice, address(&session)).await;
    assert!(page.text().contains("Pocket Notes"), "{}", page.text());
    refused(&user_key(&app, &of, &session).await, 400, "PENDING_SESSION");
    let back = alice.submit(&page.form("/consent/").set("decision", "approve")).await;
    let token = session["token"].as_str().unwrap();
    assert_eq!(back.location(), format!("{CALLBACK}?token={token}"));
    let key = user_key(&app, &of, &session).await.json();
    assert_eq!(
        key["user"],
        json!({
            "id": key["user"]["id"].as_str().unwrap(),
            "username": "alice",
            "name": "alice",
            "host": null,
            "avatarUrl": format!("{}/static/person.svg", app.issuer),
            "url": format!("{}/@alice", app.issuer),
        })
    );
    assert!(app.holds(key["accessToken"].as_str().unwrap()).await);
    refused(&user_key(&app, &of, &session).await, 400, "NO_SUCH_SESSION");
}

#[tokio::test]
async fn other_methods_are_refused_in_the_shape_of_the_api() {
    let app = TestApp::start().await;
    for name in [
        "app/create",
        "app/show",
        "auth/session/generate",
        "auth/session/show",
        "auth/session/userkey",
        "auth/accept",
        "auth/deny",
        "miauth/x/check",
    ] {
        let answer = app.visitor().get(&format!("/api/{name}")).await;
        refused(&answer, 405, "METHOD_NOT_ALLOWED");
        assert_eq!(answer.header("allow"), "POST, OPTIONS");
        let preflight = app.visitor().request(Method::OPTIONS, &format!("/api/{name}"));
        let preflight = app.visitor().send(preflight).await;
        assert_eq!(preflight.status, 204, "{name}");
        assert_eq!(preflight.header("access-control-allow-methods"), "POST, OPTIONS");
    }
}
