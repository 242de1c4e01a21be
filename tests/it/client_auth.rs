//! URL clients are public: how the token endpoint takes attempts to authenticate, and the two older uses of its
//! address (RFC 6749 §2.3; IndieAuth, edition of 2020-11-26).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::header;
use vestibule::oauth::error::ErrorCode;

use crate::harness::actors::{Answer, encode};
use crate::harness::api::{FORM, access_token, scene};
use crate::harness::{AuthorizationRequest, TestApp, expect};

async fn with_authorization(app: &TestApp, value: &str, fields: &[(&'static str, String)]) -> Answer {
    let request = app.http.post(format!("{}/oauth/token", app.base));
    Answer::to(
        request
            .header(header::AUTHORIZATION, value)
            .header(header::CONTENT_TYPE, FORM)
            .body(encode(fields)),
    )
    .await
}

#[tokio::test]
async fn an_empty_client_secret_counts_as_none() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let mut fields = request.redemption(&alice.code(&request).await);
    fields.push(("client_secret", String::new()));
    assert_eq!(app.post_token(&fields).await.status, 200);
}

#[tokio::test]
async fn a_client_secret_from_a_public_client_is_refused_and_costs_nothing() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let fields = request.redemption(&alice.code(&request).await);
    let mut with_secret = fields.clone();
    with_secret.push(("client_secret", "hunter2".to_owned()));
    expect::json_error(&app.post_token(&with_secret).await, 401, ErrorCode::InvalidClient);
    assert_eq!(app.post_token(&fields).await.status, 200);
}

#[tokio::test]
async fn a_basic_header_with_a_secret_is_refused_with_a_challenge() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let fields = request.redemption(&alice.code(&request).await);
    let basic = format!("Basic {}", BASE64_STANDARD.encode("app:secret"));
    let answer = with_authorization(&app, &basic, &fields).await;
    expect::json_error(&answer, 401, ErrorCode::InvalidClient);
    assert!(answer.header("www-authenticate").starts_with("Basic "), "{answer:?}");
}

#[tokio::test]
async fn a_basic_header_and_a_secret_in_the_body_are_one_too_many() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let mut fields = request.redemption(&alice.code(&request).await);
    fields.push(("client_secret", "secret".to_owned()));
    let basic = format!("Basic {}", BASE64_STANDARD.encode("app:secret"));
    let answer = with_authorization(&app, &basic, &fields).await;
    expect::json_error(&answer, 400, ErrorCode::InvalidRequest);
}

#[tokio::test]
async fn a_broken_basic_header_is_refused_in_json() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let fields = request.redemption(&alice.code(&request).await);
    let no_colon = format!("Basic {}", BASE64_STANDARD.encode("no colon"));
    let no_utf8 = format!("Basic {}", BASE64_STANDARD.encode([0xff, b':', 0xff]));
    for broken in ["Basic ///", &no_colon, &no_utf8] {
        let answer = with_authorization(&app, broken, &fields).await;
        expect::json_error(&answer, 401, ErrorCode::InvalidClient);
    }
    assert_eq!(app.post_token(&fields).await.status, 200, "the code was not spent");
}

#[tokio::test]
async fn the_older_revocation_ends_a_token() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let answer = app
        .post_token(&[("action", "revoke"), ("token", access_token(&token))])
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(!app.holds(access_token(&token)).await);
}

#[tokio::test]
async fn the_older_revocation_succeeds_for_an_unknown_token() {
    let (app, _site, _alice) = scene().await;
    let answer = app.post_token(&[("action", "revoke"), ("token", "vat_unknown")]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn the_older_check_describes_the_token_it_is_shown() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let told = app.check(access_token(&token)).await.json();
    assert_eq!(told["me"], format!("{}/@alice", app.issuer));
    assert_eq!(told["client_id"], site.client_id());
    assert_eq!(told["scope"], "profile create");
}

#[tokio::test]
async fn the_older_check_of_an_unknown_token_is_invalid_token() {
    let (app, _site, _alice) = scene().await;
    let answer = app.check("vat_unknown").await;
    expect::json_error(&answer, 401, ErrorCode::InvalidToken);
    assert!(
        answer.header("www-authenticate").contains(r#"error="invalid_token""#),
        "{answer:?}"
    );
}

#[tokio::test]
async fn the_older_check_without_a_token_says_no_more_than_that() {
    let (_app, _site, alice) = scene().await;
    let answer = alice.get("/oauth/token").await;
    assert_eq!(answer.status, 401, "{answer:?}");
    assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="Vestibule""#);
    assert_eq!(answer.body, "{}");
}
