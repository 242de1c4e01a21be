//! `POST /api/v1/apps`: what cannot be registered, and how often.

use serde_json::{Value, json};

use crate::harness::actors::Answer;
use crate::harness::{Options, TestApp};

const GOOD: &str = "https://app.example/callback";

/// A good registration with one member changed; `null` stands for one that is left out.
async fn register(app: &TestApp, name: &str, value: Value) -> Answer {
    let mut body = json!({ "client_name": "x", "redirect_uris": GOOD });
    body[name] = value;
    if let (Value::Null, Some(members)) = (&body[name], body.as_object()) {
        let kept = members.clone().into_iter().filter(|(_, value)| !value.is_null());
        body = Value::Object(kept.collect());
    }
    app.post_body("/api/v1/apps", "application/json", body.to_string())
        .await
}

async fn refused(rows: &[(&str, Value, &str)]) {
    let app = TestApp::start().await;
    for (name, value, message) in rows {
        let answer = register(&app, name, value.clone()).await;
        assert_eq!(answer.status, 422, "{name} {value}: {answer:?}");
        assert_eq!(answer.header("content-type"), "application/json");
        let expected = json!({ "error": format!("Validation failed: {message}") });
        assert_eq!(answer.json(), expected, "{name} {value}");
    }
    assert_eq!(app.rows().await.count("clients").await, 0);
}

#[tokio::test]
async fn redirect_uris_that_cannot_be_are_refused_in_mastodons_words() {
    let blank = "Redirect URI can't be blank";
    let relative = "Redirect URI must be an absolute URI.";
    let scheme = "Redirect URI must specify a scheme.";
    let forbidden = "Redirect URI is forbidden by the server.";
    let upper = "Redirect URI scheme must be lower case.";
    let long = format!("https://app.example/{}", "x".repeat(1981));
    let rows = [
        (Value::Null, blank),
        (json!(""), blank),
        (json!("\n"), blank),
        (json!([]), blank),
        (json!([""]), blank),
        (json!({}), blank),
        (json!("/callback"), relative),
        (json!("app.example/callback"), relative),
        (json!("myapp:callback"), scheme),
        (json!("localhost:3000/callback"), scheme),
        (json!("javascript:alert(1)"), forbidden),
        (json!("data:text/html,x"), forbidden),
        (json!("vbscript:x"), forbidden),
        (
            json!("https://app.example/#x"),
            "Redirect URI cannot contain a fragment.",
        ),
        (
            json!("http://app.example/callback"),
            "Redirect URI must be an HTTPS/SSL URI.",
        ),
        (json!("https://"), "Redirect URI must be a valid URI."),
        (json!("MyApp://callback"), upper),
        (json!("HTTPS://app.example/callback"), upper),
        (json!("JavaScript://x"), forbidden),
        (json!("https://user@app.example/"), "Redirect URI must be a valid URI."),
        (json!([GOOD, "/one", "/two"]), relative),
        (json!(long), "Redirect URI is too long (maximum is 2000 characters)"),
    ];
    refused(&rows.map(|(value, message)| ("redirect_uris", value, message))).await;
}

#[tokio::test]
async fn other_members_that_cannot_be_are_refused_in_mastodons_words() {
    let blank = "Application name can't be blank";
    let unknown = "Scopes doesn't match those configured on the server.";
    let website = "Application website is invalid";
    refused(&[
        ("client_name", Value::Null, blank),
        ("client_name", json!(""), blank),
        ("client_name", json!(" \u{200b}"), blank),
        (
            "client_name",
            json!("x".repeat(61)),
            "Application name is too long (maximum is 60 characters)",
        ),
        ("scopes", json!("read fly"), unknown),
        ("scopes", json!(["read", "fly"]), unknown),
        // Misskey's, Gancio's, and those that Mastodon has no more.
        ("scopes", json!("read:drive"), unknown),
        ("scopes", json!("event:write"), unknown),
        ("scopes", json!("crypto"), unknown),
        ("scopes", json!("read:reports"), unknown),
        ("scopes", json!("read:me"), unknown),
        ("website", json!("app.example"), website),
        ("website", json!("ftp://app.example/"), website),
        ("website", json!("https://bank.example@app.example/"), website),
        ("website", json!("https://app.example/\u{1b}[2J"), website),
        ("website", json!("https://app.example/\u{202e}x"), website),
        (
            "website",
            json!(format!("https://app.example/{}", "x".repeat(1981))),
            "Application website is too long (maximum is 2000 characters)",
        ),
    ])
    .await;
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let app = TestApp::start().await;
    let answer = app.post("/api/v1/apps", &[("scopes", "fly"), ("website", "x")]).await;
    assert_eq!(
        answer.json()["error"],
        "Validation failed: Application name can't be blank, Scopes doesn't match those configured on the server., \
         Redirect URI can't be blank, Application website is invalid"
    );
}

#[tokio::test]
async fn what_is_just_good_enough_is_registered() {
    let app = TestApp::start().await;
    for (name, value) in [
        ("client_name", json!("x".repeat(60))),
        (
            "redirect_uris",
            json!(format!("https://app.example/{}", "x".repeat(1980))),
        ),
        ("redirect_uris", json!("com.example.app:/callback")),
        ("redirect_uris", json!("http://localhost:3000/callback")),
        ("redirect_uris", json!("http://127.0.0.1/callback")),
        ("redirect_uris", json!("urn:ietf:wg:oauth:2.0:oob:auto")),
        ("website", json!(format!("https://app.example/{}", "x".repeat(1980)))),
    ] {
        let answer = register(&app, name, value.clone()).await;
        assert_eq!(answer.status, 200, "{name} {value}: {answer:?}");
    }
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_an_error_in_json() {
    let app = TestApp::start().await;
    let answer = app.post_body("/api/v1/apps", "application/json", "{").await;
    assert_eq!(answer.status, 400);
    assert!(answer.json()["error"].is_string(), "{answer:?}");
}

#[tokio::test]
async fn an_address_may_register_so_many_apps_and_no_more() {
    let app = Options::default()
        .set("VESTIBULE_LIMITS__REGISTRATION", "2")
        .start()
        .await;
    for _ in 0..2 {
        assert_eq!(register(&app, "client_name", json!("x")).await.status, 200);
    }
    let answer = register(&app, "client_name", json!("x")).await;
    assert_eq!(answer.status, 429);
    assert_eq!(answer.json(), json!({ "error": "Too many requests" }));
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let wait: u64 = answer.header("retry-after").parse().expect("seconds");
    assert!((60..=300).contains(&wait), "{wait}");
    assert_eq!(app.rows().await.count("clients").await, 2);
}

#[tokio::test]
async fn closed_registration_answers_like_an_address_that_was_never_there() {
    let app = Options::default()
        .set("VESTIBULE_REGISTRATION__MASTODON", "false")
        .start()
        .await;
    let unknown = app.post("/api/v1/unknown", &[("a", "b")]).await;
    let answer = app
        .post("/api/v1/apps", &[("client_name", "x"), ("redirect_uris", GOOD)])
        .await;
    assert_eq!((answer.status.as_u16(), &answer.body), (404, &unknown.body));
    for name in ["content-type", "access-control-allow-origin"] {
        assert_eq!(answer.header(name), unknown.header(name), "{name}");
    }
}
