//! The revocation endpoint (RFC 7009, IndieAuth "Token Revocation"; attack case TK-02).

use vestibule::oauth::error::ErrorCode;

use crate::harness::actors::Answer;
use crate::harness::api::{access_token, refresh_token, refreshing_scene, scene};
use crate::harness::{AuthorizationRequest, TestApp, expect};

async fn revoke(app: &TestApp, token: &str) -> Answer {
    app.post("/oauth/revoke", &[("token", token)]).await
}

#[tokio::test]
async fn an_access_token_is_revoked() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    assert_eq!(revoke(&app, access_token(&token)).await.status, 200);
    assert!(!app.holds(access_token(&token)).await);
}

#[tokio::test]
async fn an_unknown_token_counts_as_revoked() {
    let app = TestApp::start().await;
    assert_eq!(revoke(&app, "vat_unknown").await.status, 200);
}

#[tokio::test]
async fn a_token_is_revoked_twice_without_complaint() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    for _ in 0..2 {
        assert_eq!(revoke(&app, access_token(&token)).await.status, 200);
    }
}

#[tokio::test]
async fn a_refresh_token_takes_its_access_token_along() {
    let (app, site, alice) = refreshing_scene().await;
    let tokens = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    assert_eq!(revoke(&app, refresh_token(&tokens)).await.status, 200);
    assert!(!app.holds(access_token(&tokens)).await);
    let answer = app.refresh(&site, refresh_token(&tokens)).await;
    expect::json_error(&answer, 400, ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn a_spent_refresh_token_ends_its_family_too() {
    let (app, site, alice) = refreshing_scene().await;
    let first = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let second = app.refresh(&site, refresh_token(&first)).await.json();
    assert_eq!(revoke(&app, refresh_token(&first)).await.status, 200);
    assert!(!app.holds(access_token(&second)).await);
}

#[tokio::test]
async fn the_access_token_of_an_app_that_refreshes_goes_alone() {
    let (app, site, alice) = refreshing_scene().await;
    let tokens = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    assert_eq!(revoke(&app, access_token(&tokens)).await.status, 200);
    assert!(!app.holds(access_token(&tokens)).await);
    assert_eq!(app.refresh(&site, refresh_token(&tokens)).await.status, 200);
}

#[tokio::test]
async fn a_wrong_hint_does_not_matter() {
    for hint in ["refresh_token", "something_else"] {
        let (app, site, alice) = scene().await;
        let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
        let fields = [("token", access_token(&token)), ("token_type_hint", hint)];
        assert_eq!(app.post("/oauth/revoke", &fields).await.status, 200);
        assert!(!app.holds(access_token(&token)).await, "{hint}");
    }
}

#[tokio::test]
async fn revocation_leaves_other_tokens_alone() {
    let (app, site, alice) = scene().await;
    let one = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let other = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    revoke(&app, access_token(&one)).await;
    assert!(app.holds(access_token(&other)).await);
}

#[tokio::test]
async fn what_the_app_gave_back_itself_is_not_told_as_a_danger() {
    let (app, site, alice) = refreshing_scene().await;
    let tokens = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    revoke(&app, refresh_token(&tokens)).await;
    let page = alice.get("/apps").await.text();
    assert!(page.contains("No app has access"), "{page}");
}

#[tokio::test]
async fn a_missing_token_is_invalid_request() {
    let app = TestApp::start().await;
    let answer = app.post("/oauth/revoke", &[("token", "")]).await;
    expect::json_error(&answer, 400, ErrorCode::InvalidRequest);
}

#[tokio::test]
async fn a_token_in_the_address_is_refused() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let path = format!("/oauth/revoke?token={}", access_token(&token));
    let answer = app.post(&path, &[("a", "b")]).await;
    expect::json_error(&answer, 400, ErrorCode::InvalidRequest);
    assert!(app.holds(access_token(&token)).await);
}

#[tokio::test]
async fn scripts_of_other_sites_may_revoke_without_cookies() {
    let (app, _site, _alice) = scene().await;
    let request = app.http.post(format!("{}/oauth/revoke", app.base)).body("token=x");
    let request = request
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "https://app.example");
    let answer = Answer::to(request).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-credentials"), "");
}
