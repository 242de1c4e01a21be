//! `POST /oauth/token`: every refusal, and in which order.

use serde_json::json;

use super::{Registered, scene};
use crate::harness::actors::{Answer, changed};
use crate::harness::{ClientSite, TestApp};

const GRANT: &str = "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used \
                     in the authorization request, or was issued to another client.";
const CLIENT: &str = "Client authentication failed due to unknown client, no client authentication included, or \
                      unsupported authentication method.";
const SCOPE: &str = "The requested scope is invalid, unknown, or malformed.";
const GRANT_TYPE: &str = "The authorization grant type is not supported by the authorization server.";

/// Fails unless a request is refused in Doorkeeper's words, with its challenge.
#[track_caller]
fn expect_refusal(answer: &Answer, status: u16, code: &str, description: &str) {
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    assert_eq!(
        answer.json(),
        json!({ "error": code, "error_description": description })
    );
    let challenge = format!(r#"Bearer realm="Doorkeeper", error="{code}", error_description="{description}""#);
    assert_eq!(answer.header("www-authenticate"), challenge);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
}

fn missing(parameter: &str) -> String {
    format!("Missing required parameter: {parameter}.")
}

/// Every fault at once; they are mended one by one, and each time the next check in line speaks.
#[tokio::test]
async fn a_redemption_is_judged_in_doorkeepers_order() {
    let (app, alice) = scene().await;
    let client = Registered::app(&app, "read").await;
    let good = client.redemption(&client.code(&alice, "read").await);
    let steps = [
        ("grant_type", "", 400, "invalid_request", missing("grant_type")),
        (
            "grant_type",
            "password",
            400,
            "unsupported_grant_type",
            GRANT_TYPE.to_owned(),
        ),
        ("code", "", 400, "invalid_request", missing("code")),
        ("redirect_uri", "", 400, "invalid_request", missing("redirect_uri")),
        ("client_secret", "wrong", 401, "invalid_client", CLIENT.to_owned()),
        ("code", "unknown", 400, "invalid_grant", GRANT.to_owned()),
    ];
    for at in 0..steps.len() {
        let faults = steps[at..].iter().rev();
        let fields = faults.fold(good.clone(), |fields, (name, value, ..)| changed(&fields, name, value));
        let (_, _, status, code, description) = &steps[at];
        expect_refusal(&app.post_token(&fields).await, *status, code, description);
    }
    assert_eq!(app.post_token(&good).await.status, 200);
}

#[tokio::test]
async fn a_code_that_does_not_hold_is_refused_in_the_same_words_whatever_the_reason() {
    let (app, alice) = scene().await;
    let client = Registered::app(&app, "read").await;
    let other = Registered::app(&app, "read").await;
    let redemption = async || client.redemption(&client.code(&alice, "read").await);
    let mut verifier = redemption().await;
    verifier.push(("code_verifier", "x".repeat(43)));
    let redirect_uri = changed(&redemption().await, "redirect_uri", "https://app.example/other");
    let code = client.code(&alice, "read").await;
    let lapsed = redemption().await;
    for fields in [verifier, redirect_uri, other.redemption(&code)] {
        expect_refusal(&app.post_token(&fields).await, 400, "invalid_grant", GRANT);
    }
    // A stranger has spoilt nothing.
    assert_eq!(app.post_token(&client.redemption(&code)).await.status, 200);
    app.clock.advance(std::time::Duration::from_secs(5 * 60));
    expect_refusal(&app.post_token(&lapsed).await, 400, "invalid_grant", GRANT);
}

#[tokio::test]
async fn a_client_that_is_not_believed_is_refused_in_the_words_that_elk_looks_for() {
    let app = TestApp::start().await;
    let client = Registered::app(&app, "read").await;
    let good = client.own_token_request();
    for fields in [
        changed(&good, "client_secret", "wrong"),
        changed(&good, "client_secret", ""),
    ] {
        expect_refusal(&app.post_token(&fields).await, 401, "invalid_client", CLIENT);
    }
    // Nobody knows which kind of client it is, so the challenge is the standard's.
    let unknown = app.post_token(&changed(&good, "client_id", "unknown")).await;
    assert_eq!(unknown.status, 401);
    assert_eq!(
        unknown.json(),
        json!({ "error": "invalid_client", "error_description": CLIENT })
    );
}

#[tokio::test]
async fn a_client_gets_no_token_of_its_own_for_what_it_is_not_registered_for() {
    let app = TestApp::start().await;
    let client = Registered::app(&app, "read push").await;
    for scope in ["write", "read write", "fly", "read:drive", "read\"", "follow"] {
        let mut fields = client.own_token_request();
        fields.push(("scope", scope.to_owned()));
        expect_refusal(&app.post_token(&fields).await, 400, "invalid_scope", SCOPE);
    }
    let without_default = Registered::app(&app, "push").await;
    let answer = app.post_token(&without_default.own_token_request()).await;
    expect_refusal(&answer, 400, "invalid_scope", SCOPE);
}

#[tokio::test]
async fn a_secret_in_the_address_is_refused() {
    let app = TestApp::start().await;
    let client = Registered::app(&app, "read").await;
    let path = format!("/oauth/token?client_secret={}", client.client_secret);
    let fields = changed(&client.own_token_request(), "client_secret", "");
    assert_eq!(app.post(&path, &fields).await.status, 400);
}

#[tokio::test]
async fn url_clients_are_refused_in_their_own_words() {
    let (app, _alice) = scene().await;
    let site = ClientSite::start().await;
    let fields = [("grant_type", "authorization_code"), ("client_id", &site.client_id())];
    let answer = app.post_token(&fields).await;
    assert_eq!(answer.json()["error_description"], "code is missing");
    assert_eq!(answer.header("www-authenticate"), "");
}

/// Its tokens last until they are revoked, so there is nothing that it could refresh.
#[tokio::test]
async fn an_app_that_cannot_refresh_is_told_that_there_is_no_such_grant() {
    let app = TestApp::start().await;
    let client = Registered::app(&app, "read").await;
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "vrt_unknown"),
        ("client_id", &client.client_id),
        ("client_secret", &client.client_secret),
    ];
    expect_refusal(
        &app.post_token(&fields).await,
        400,
        "unsupported_grant_type",
        GRANT_TYPE,
    );
}
