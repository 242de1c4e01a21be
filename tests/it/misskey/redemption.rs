//! T4 to T11, T24 to T26 and T32 to T35: what the token endpoint makes of a code.

use futures_util::future::join_all;
use reqwest::StatusCode;
use vestibule::oauth::error::ErrorCode;

use super::scene;
use crate::harness::actors::{Answer, changed, encode};
use crate::harness::{AuthorizationRequest, ClientSite, TestApp, expect};

/// Redeems one code with one field changed, and another one unchanged: the change alone is refused.
async fn refused_only_with(name: &str, change: impl Fn(&str) -> String) -> (Answer, TestApp) {
    let (app, site, alice) = scene().await;
    for changes in [true, false] {
        let request = AuthorizationRequest::valid(&site);
        let code = alice.code(&request).await;
        let fields = request.redemption(&code);
        let right = fields.iter().find(|(known, _)| *known == name).unwrap().1.clone();
        if changes {
            let answer = alice.redeem(&changed(&fields, name, &change(&right))).await;
            expect::json_error(&answer, 400, ErrorCode::InvalidGrant);
        } else {
            let answer = alice.redeem(&fields).await;
            assert_eq!(answer.status, StatusCode::OK, "the control: {answer:?}");
            return (answer, app);
        }
    }
    unreachable!("the control returns")
}

#[tokio::test]
async fn t04_junk_after_the_verifier() {
    refused_only_with("code_verifier", |verifier| format!("{verifier}x")).await;
}

/// Corrected: what is left could be a verifier.
#[tokio::test]
async fn t05_clipped_verifier() {
    refused_only_with("code_verifier", |verifier| verifier[..verifier.len() - 1].to_owned()).await;
}

#[tokio::test]
async fn t06_verifier_with_its_end_replaced() {
    refused_only_with("code_verifier", |verifier| {
        format!("{}xxxxxxxxxx", &verifier[..verifier.len() - 10])
    })
    .await;
}

#[tokio::test]
async fn t07_no_verifier() {
    refused_only_with("code_verifier", |_| String::new()).await;
}

#[tokio::test]
async fn t08_a_code_is_good_once() {
    let (_app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let code = alice.code(&request).await;
    let fields = request.redemption(&code);
    assert_eq!(alice.redeem(&fields).await.status, StatusCode::OK);
    expect::json_error(&alice.redeem(&fields).await, 400, ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn t09_a_failed_try_burns_the_code() {
    let (_app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let code = alice.code(&request).await;
    let fields = request.redemption(&code);
    let failed = alice.redeem(&changed(&fields, "code_verifier", "")).await;
    expect::json_error(&failed, 400, ErrorCode::InvalidGrant);
    expect::json_error(&alice.redeem(&fields).await, 400, ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn t10_a_code_redeemed_twice_takes_its_token_along() {
    let (_app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let code = alice.code(&request).await;
    let fields = request.redemption(&code);
    let token = alice.redeem(&fields).await.json();
    let token = token["access_token"].as_str().unwrap();
    let use_token = async || alice.get_with_token("/oauth/userinfo", token).await.status;
    assert_eq!(use_token().await, StatusCode::OK);
    expect::json_error(&alice.redeem(&fields).await, 400, ErrorCode::InvalidGrant);
    assert_eq!(use_token().await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn t11_of_many_redemptions_at_once_one_wins_and_its_token_dies() {
    let (_app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let code = alice.code(&request).await;
    let fields = request.redemption(&code);
    let answers = join_all((0..12).map(|_| alice.redeem(&fields))).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == StatusCode::OK);
    assert_eq!(won.len(), 1);
    for answer in lost {
        expect::json_error(answer, 400, ErrorCode::InvalidGrant);
    }
    let token = won[0].json()["access_token"].as_str().unwrap().to_owned();
    let used = alice.get_with_token("/oauth/userinfo", &token).await;
    assert_eq!(used.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn t24_a_strange_redirect_uri_at_the_token_endpoint() {
    refused_only_with("redirect_uri", |_| "http://127.0.0.2/".to_owned()).await;
}

#[tokio::test]
async fn t25_a_longer_redirect_uri_at_the_token_endpoint() {
    refused_only_with("redirect_uri", |right| format!("{right}ion")).await;
}

#[tokio::test]
async fn t26_no_redirect_uri_at_the_token_endpoint() {
    refused_only_with("redirect_uri", |_| String::new()).await;
}

#[tokio::test]
async fn t32_the_password_grant_does_not_exist() {
    let answer = TestApp::start()
        .await
        .visitor()
        .redeem(&[("grant_type", "password")])
        .await;
    expect::json_error(&answer, 400, ErrorCode::UnsupportedGrantType);
}

#[tokio::test]
async fn t33_the_client_credentials_grant_does_not_exist() {
    let app = TestApp::start().await;
    let site = ClientSite::start().await;
    let asked = [("grant_type", "client_credentials"), ("client_id", &site.client_id())];
    let answer = app.visitor().redeem(&asked).await;
    expect::json_error(&answer, 400, ErrorCode::UnsupportedGrantType);
}

async fn redeemed_as(media_type: &str, encoded: impl Fn(&[(&'static str, String)]) -> String) {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let code = alice.code(&request).await;
    let body = encoded(&request.redemption(&code));
    let post = app.http.post(format!("{}/oauth/token", app.base));
    let answer = Answer::to(post.header("content-type", media_type).body(body)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let token = answer.json();
    assert!(token["access_token"].is_string());
    assert_eq!(token["token_type"], "Bearer");
    assert_eq!(token["scope"], "profile create");
}

#[tokio::test]
async fn t34_redemption_in_json() {
    redeemed_as("application/json", |fields| {
        let object: serde_json::Map<_, _> = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.as_str().into()))
            .collect();
        serde_json::to_string(&object).unwrap()
    })
    .await;
}

/// With the empty secret that Misskey's client library sends.
#[tokio::test]
async fn t35_redemption_in_a_form() {
    redeemed_as("application/x-www-form-urlencoded", |fields| {
        format!("{}&client_secret=", encode(fields))
    })
    .await;
}
