//! The attack cases of registration: DR-01 to DR-06, and RD-01 where addresses come in.

use reqwest::{Method, header};
use serde_json::{Value, json};
use vestibule::oauth::error::ErrorCode;

use super::{REDIRECT_URI, open, public, redemption_of, registering, request_of, text};
use crate::harness::actors::Answer;
use crate::harness::api::access_token;
use crate::harness::expect;

/// Every scheme that answers never go to, in spellings that have passed for others somewhere.
#[tokio::test]
async fn rd01_no_forbidden_address_is_taken_in() {
    let app = open().await;
    for bad in [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        " javascript:alert(1)",
        "\tjavascript:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:alert(1)",
        "javascript://app.example/%0aalert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://app.example/x",
        "about:blank",
        "view-source:https://app.example/",
        "intent://x#Intent;end",
        "ms-settings:x",
        "itms-apps://x",
        "https:app.example",
        "https:///app.example",
        "//app.example/cb",
        "https://app.example/cb ",
        "https://user@app.example/cb",
        "https://app.example/../cb",
        "https://app.example\\@evil.example/",
        "http://app.example/cb",
        "http://127.1/cb",
        "http://0x7f.1/cb",
        "COM.example.app:/cb",
        "urn:ietf:wg:oauth:2.0:oob",
        "*",
        "",
    ] {
        for listed in [json!([bad]), json!([REDIRECT_URI, bad])] {
            let answer = app.register(&json!({ "redirect_uris": listed })).await;
            expect::json_error(&answer, 400, ErrorCode::InvalidRedirectUri);
        }
        let answer = app.post("/api/client", &[("redirect_uris", bad)]).await;
        assert_eq!(answer.status, 422, "{bad}: {answer:?}");
    }
    assert_eq!(app.rows().await.count("clients").await, 0);
}

#[tokio::test]
async fn dr01_registrations_are_counted_by_address() {
    let app = registering("open")
        .set("VESTIBULE_LIMITS__REGISTRATION", "2")
        .start()
        .await;
    for _ in 0..2 {
        app.registered(&public()).await;
    }
    let answer = app.register(&public()).await;
    assert_eq!(answer.status, 429, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/json");
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
}

#[tokio::test]
async fn dr01_identical_public_registrations_are_one_and_nobody_manages_it() {
    let app = open().await;
    let alice = app.owner("alice").await;
    let first = app.registered(&public()).await;
    assert_eq!(app.manage(Method::GET, &first, None).await.status, 200);
    let token = alice.tokens(&request_of(&first)).await;
    let second = app.registered(&public()).await;
    assert_eq!(first["client_id"], second["client_id"]);
    for member in ["registration_access_token", "registration_client_uri"] {
        assert_eq!(second.get(member), None, "{member}");
    }
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let mut body = public();
        body["client_id"] = first["client_id"].clone();
        let answer = app.manage(method, &first, Some(&body)).await;
        expect::json_error(&answer, 401, ErrorCode::InvalidToken);
    }
    assert_eq!(app.rows().await.count("clients").await, 1);
    assert!(app.holds(access_token(&token)).await, "who uses it keeps their access");
}

#[tokio::test]
async fn dr01_confidential_registrations_stay_apart() {
    let app = open().await;
    let metadata = json!({ "redirect_uris": [REDIRECT_URI] });
    let (first, second) = (app.registered(&metadata).await, app.registered(&metadata).await);
    assert_ne!(first["client_id"], second["client_id"]);
    assert_ne!(first["client_secret"], second["client_secret"]);
    assert_eq!(app.manage(Method::GET, &first, None).await.status, 200);
}

/// The other way: a managed client changes into what somebody else is, or away from it.
#[tokio::test]
async fn dr01_a_changed_registration_is_found_by_what_it_says_now() {
    let app = open().await;
    let first = app.registered(&public()).await;
    let mut other = public();
    other["client_name"] = json!("Something else");
    let mut body = other.clone();
    body["client_id"] = first["client_id"].clone();
    assert_eq!(app.manage(Method::PUT, &first, Some(&body)).await.status, 200);
    let second = app.registered(&public()).await;
    assert_ne!(first["client_id"], second["client_id"], "it says something else by now");
    let third = app.registered(&other).await;
    assert_eq!(first["client_id"], third["client_id"]);
}

#[tokio::test]
async fn dr03_a_public_client_gains_nothing_from_a_secret_or_from_client_credentials() {
    let app = open().await;
    let alice = app.owner("alice").await;
    let client = app.registered(&public()).await;
    let request = request_of(&client);
    let mut fields = request.redemption(&alice.code(&request).await);
    fields.push(("client_secret", "chosen".to_owned()));
    expect::json_error(&app.post_token(&fields).await, 401, ErrorCode::InvalidClient);
    fields.pop();
    assert_eq!(app.post_token(&fields).await.status, 200, "the try cost nothing");
    let id = text(&client, "client_id");
    let own = [("grant_type", "client_credentials"), ("client_id", id)];
    let answer = app.post_token(&own).await;
    expect::json_error(&answer, 400, ErrorCode::UnauthorizedClient);
    let confidential = app.registered(&json!({ "redirect_uris": [REDIRECT_URI] })).await;
    let (id, secret) = (text(&confidential, "client_id"), text(&confidential, "client_secret"));
    let own = [
        ("grant_type", "client_credentials"),
        ("client_id", id),
        ("client_secret", secret),
    ];
    let answer = app.post_token(&own).await;
    expect::json_error(&answer, 400, ErrorCode::UnauthorizedClient);
}

#[tokio::test]
async fn dr04_no_member_makes_a_client_trusted() {
    let app = open().await;
    let alice = app.owner("alice").await;
    let mut metadata = public();
    for member in ["trusted", "skip_consent", "first_party", "require_pkce", "dialect"] {
        metadata[member] = json!(true);
    }
    metadata["scope"] = json!("profile admin:everything");
    let client = app.registered(&metadata).await;
    assert_eq!(client["scope"], "profile");
    alice.consent_page(&request_of(&client)).await;
    let beyond = request_of(&client).with("scope", "create");
    let answer = alice.get_authorize(&beyond).await;
    expect::redirect_error(&answer, ErrorCode::InvalidScope, &beyond, &app.issuer);
}

/// A raised scope is asked for anew; what was given before stays what it was.
#[tokio::test]
async fn dr04_a_put_that_raises_the_scope_raises_nothing_that_was_given() {
    let app = open().await;
    let alice = app.owner("alice").await;
    let metadata = json!({ "redirect_uris": [REDIRECT_URI], "scope": "profile" });
    let client = app.registered(&metadata).await;
    let request = request_of(&client).with("scope", "profile");
    let code = alice.code(&request).await;
    let token = app.post_token(&redemption_of(&client, &request, &code)).await.json();
    let body = json!({
        "client_id": client["client_id"], "redirect_uris": [REDIRECT_URI], "scope": "profile create delete"
    });
    assert_eq!(app.manage(Method::PUT, &client, Some(&body)).await.status, 200);
    let seen = app.check(access_token(&token)).await.json();
    assert_eq!(seen["scope"], "profile");
    let more = request.fresh_pkce().with("scope", "profile create");
    alice.consent_page(&more).await;
}

#[tokio::test]
async fn dr06_a_borrowed_name_is_shown_as_a_claim_beneath_the_host() {
    let app = open().await;
    let alice = app.owner("alice").await;
    let mut metadata = public();
    metadata["client_name"] = json!("Your bank ✔");
    let client = app.registered(&metadata).await;
    let page = alice.consent_page(&request_of(&client)).await;
    assert_eq!(page.host_shown(), "app.example");
    assert_eq!(page.name_shown().as_deref(), Some("Your bank"));
}

#[tokio::test]
async fn names_and_lists_without_end_are_refused() {
    let app = open().await;
    let long = |member: &str, value: Value| {
        let mut metadata = public();
        metadata[member] = value;
        metadata
    };
    let many: Vec<String> = (0..1000).map(|n| format!("https://app.example/{n}")).collect();
    for metadata in [
        long("client_name", json!("x".repeat(1 << 20))),
        long("client_name", json!("x".repeat(20_000))),
        long("client_uri", json!(format!("https://app.example/{}", "x".repeat(3000)))),
        long("scope", json!("profile ".repeat(2000) + &"x ".repeat(300))),
    ] {
        let answer = app.register(&metadata).await;
        expect::json_error(&answer, 400, ErrorCode::InvalidClientMetadata);
    }
    for uris in [json!(many), json!(many[..40])] {
        assert_eq!(app.register(&long("redirect_uris", uris)).await.status, 400);
    }
    assert_eq!(app.rows().await.count("clients").await, 0);
    let client = app.registered(&long("client_name", json!("x".repeat(1000)))).await;
    assert_eq!(text(&client, "client_name").len(), 64);
}

#[tokio::test]
async fn a_token_in_the_address_is_no_token() {
    let app = open().await;
    let client = app.registered(&public()).await;
    let address = text(&client, "registration_client_uri").replace(&app.issuer, &app.base);
    let token = text(&client, "registration_access_token");
    let answer = Answer::to(app.http.get(format!("{address}?access_token={token}"))).await;
    assert_eq!(answer.status, 401);
    let preflight = app.http.request(Method::OPTIONS, &address);
    let preflight = Answer::to(preflight.header(header::ORIGIN, "https://app.example")).await;
    assert_eq!(preflight.status, 204);
    assert!(preflight.header("access-control-allow-methods").contains("PUT"));
}

/// An id of another kind has no registration to manage, and a NUL in it is no failure of ours.
#[tokio::test]
async fn clients_of_other_kinds_cannot_be_managed() {
    let app = open().await;
    let answer = app.post("/api/client", &[("redirect_uris", REDIRECT_URI)]).await.json();
    for id in [text(&answer, "client_id"), "%00", "..%2f", "https:%2f%2fapp.example%2f"] {
        let request = app.http.get(format!("{}/oauth/register/{id}", app.base));
        let answer = Answer::to(request.bearer_auth(text(&answer, "client_secret"))).await;
        assert!(matches!(answer.status.as_u16(), 401 | 404), "{id}: {answer:?}");
    }
}
