//! Requests of real libraries, byte for byte, and what they read of the answers.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{address, decided};
use crate::harness::TestApp;

/// Sends a request as it stands, lines joined by CRLF, and gives status and body.
async fn raw(app: &TestApp, head: &str, body: &str) -> (u16, Value) {
    let host = app.base.trim_start_matches("http://");
    let mut request = String::new();
    for line in head.trim().lines() {
        request.push_str(line.trim());
        request.push_str("\r\n");
    }
    let request = request
        .replace("{host}", host)
        .replace("{length}", &body.len().to_string());
    let mut stream = TcpStream::connect(host).await.unwrap();
    let whole = format!("{request}connection: close\r\n\r\n{body}");
    stream.write_all(whole.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(
        head.to_ascii_lowercase().contains("content-type: application/json"),
        "{head}"
    );
    let json = body.lines().find(|line| line.starts_with('{')).unwrap_or_default();
    (status, serde_json::from_str(json).unwrap())
}

const MISSKEY_JS: &str = "
    POST /api/{name} HTTP/1.1
    host: {host}
    content-type: application/json
    accept: */*
    accept-language: *
    sec-fetch-mode: cors
    cache-control: no-cache
    pragma: no-cache
    user-agent: node
    accept-encoding: identity
    content-length: {length}
";

/// misskey-js: everything but 200 and 204 is a failure, and `body.error` is spread for the caller.
#[tokio::test]
async fn misskey_js() {
    let app = TestApp::start().await;
    let alice = app.owner("alice").await;
    let call = async |name: &str, body: &str| raw(&app, &MISSKEY_JS.replace("{name}", name), body).await;
    let (status, of) = call(
        "app/create",
        r#"{"name":"js","description":"","permission":["read:account"],"callbackUrl":null,"i":null}"#,
    )
    .await;
    assert_eq!(status, 200, "{of}");
    let secret = of["secret"].as_str().unwrap();
    let (status, session) = call(
        "auth/session/generate",
        &format!(r#"{{"appSecret":"{secret}","i":null}}"#),
    )
    .await;
    assert_eq!(status, 200, "{session}");
    let token = session["token"].as_str().unwrap();
    let body = format!(r#"{{"appSecret":"{secret}","token":"{token}","i":null}}"#);
    let (status, pending) = call("auth/session/userkey", &body).await;
    assert_eq!((status, &pending["error"]["code"]), (400, &json!("PENDING_SESSION")));
    decided(&alice, address(&session), "approve").await;
    let (status, key) = call("auth/session/userkey", &body).await;
    assert_eq!(status, 200, "{key}");
    assert_eq!(key["user"]["username"], "alice");
    let (status, unknown) = call("i", r#"{"i":null}"#).await;
    assert_eq!(
        (status, &unknown["error"]["code"]),
        (404, &json!("UNKNOWN_API_ENDPOINT"))
    );
}

const AXIOS: &str = "
    POST /api/{name} HTTP/1.1
    Accept: application/json, text/plain, */*
    Content-Type: application/json
    User-Agent: axios/1.7.7
    Content-Length: {length}
    Accept-Encoding: identity
    Host: {host}
";

/// megalodon (firefish): its callback is the instance itself, and it uses the token as it is.
#[tokio::test]
async fn megalodon_firefish() {
    let app = TestApp::start().await;
    let alice = app.owner("alice").await;
    let call = async |name: &str, body: String| raw(&app, &AXIOS.replace("{name}", name), &body).await;
    let permission = r#"["read:account","write:account","read:blocks","write:blocks","read:drive","write:drive","read:favorites","write:favorites","read:following","write:following","read:mutes","write:mutes","write:notes","read:notifications","write:notifications","read:reactions","write:reactions","write:votes"]"#;
    let base = &app.base;
    let body = format!(r#"{{"name":"mega","description":"","permission":{permission},"callbackUrl":"{base}"}}"#);
    let (status, of) = call("app/create", body).await;
    assert_eq!(status, 200, "{of}");
    assert_eq!((&of["name"], &of["callbackUrl"]), (&json!("mega"), &json!(base)));
    assert!(of["id"].is_string() && of["secret"].is_string());
    let secret = of["secret"].as_str().unwrap();
    let (_, session) = call("auth/session/generate", format!(r#"{{"appSecret":"{secret}"}}"#)).await;
    decided(&alice, address(&session), "approve").await;
    let token = session["token"].as_str().unwrap();
    let (status, key) = call(
        "auth/session/userkey",
        format!(r#"{{"appSecret":"{secret}","token":"{token}"}}"#),
    )
    .await;
    assert_eq!(status, 200, "{key}");
    let told = app.check(key["accessToken"].as_str().unwrap()).await.json();
    assert_eq!(told["scope"].as_str().unwrap().split(' ').count(), 18, "{told}");
}

const MISSKEY_PY: &str = "
    POST /api/miauth/{session}/check HTTP/1.1
    Host: {host}
    User-Agent: python-requests/2.31.0
    Accept-Encoding: identity
    Accept: */*
    Content-Length: 0
";

const MIAUTH_JS: &str = "
    POST /api/miauth/{session}/check HTTP/1.1
    host: {host}
    accept: */*
    accept-language: *
    sec-fetch-mode: cors
    user-agent: node
    accept-encoding: identity
    content-length: 0
";

/// Misskey.py and miauth.js: a link with a UUID, then a POST without body and type.
#[tokio::test]
async fn misskey_py_and_miauth_js() {
    for head in [MISSKEY_PY, MIAUTH_JS] {
        let app = TestApp::start().await;
        let alice = app.owner("alice").await;
        let session = "c1f6d42b-468b-4fd2-8274-e58abdedef6f";
        let head = head.replace("{session}", session);
        assert_eq!(raw(&app, &head, "").await, (200, json!({ "ok": false })));
        let link = format!(
            "/miauth/{session}?name=MyApp&permission=read%3Aaccount%2Cwrite%3Anotes&icon=https%3A%2F%2Fapp.example%2Fi.png\
             &callback=https%3A%2F%2Fapp.example%2Fcb"
        );
        let back = decided(&alice, &link, "approve").await;
        assert_eq!(back.location(), format!("https://app.example/cb?session={session}"));
        let (status, key) = raw(&app, &head, "").await;
        assert_eq!((status, &key["ok"]), (200, &json!(true)));
        let told = app.check(key["token"].as_str().unwrap()).await.json();
        assert_eq!(told["scope"], "read:account write:notes");
    }
}
