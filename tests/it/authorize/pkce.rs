//! Decision 8: a challenge is good once, and who may come without one.

use std::time::Duration;

use vestibule::oauth::error::ErrorCode;

use crate::harness::{AuthorizationRequest, ClientSite, Options, TestApp, Visitor, expect};
use crate::misskey::scene;

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn a_challenge_whose_code_was_redeemed_is_refused_for_a_day() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    alice.tokens(&request).await;
    for wait in [Duration::ZERO, DAY - Duration::from_secs(1)] {
        app.clock.advance(wait);
        let answer = alice.get_authorize(&request).await;
        expect::redirect_error(&answer, ErrorCode::InvalidRequest, &request, &app.issuer);
    }
    app.clock.advance(Duration::from_secs(1));
    alice.consent_page(&request).await;
}

#[tokio::test]
async fn reloading_the_request_is_no_reuse() {
    let (_app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    alice.consent_page(&request).await;
    alice.code(&request).await;
    alice.tokens(&request).await;
}

#[tokio::test]
async fn another_app_may_come_with_the_same_challenge() {
    let (_app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    alice.tokens(&request).await;
    let other = ClientSite::start().await;
    alice
        .consent_page(
            &request
                .with("client_id", &other.client_id())
                .with("redirect_uri", &other.url("/redirect")),
        )
        .await;
}

#[tokio::test]
async fn a_challenge_has_43_characters_of_base64url() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let right = request.get("code_challenge").to_owned();
    for wrong in [
        right[..42].to_owned(),
        format!("{right}A"),
        format!("{right}="),
        format!("{}+", &right[..42]),
        "code".to_owned(),
    ] {
        let request = request.clone().with("code_challenge", &wrong);
        let answer = alice.get_authorize(&request).await;
        expect::redirect_error(&answer, ErrorCode::InvalidRequest, &request, &app.issuer);
    }
}

/// A server that lets the app at this site come without PKCE, through this day.
async fn lenient(site: &ClientSite, last_day: &str) -> (TestApp, Visitor) {
    let app = Options::default()
        .set(
            "VESTIBULE_CLIENTS__WITHOUT_PKCE",
            format!("{}={last_day}", site.client_id()),
        )
        .start()
        .await;
    let alice = app.owner("alice").await;
    (app, alice)
}

fn without_pkce(site: &ClientSite) -> AuthorizationRequest {
    AuthorizationRequest::valid(site)
        .without("code_challenge")
        .without("code_challenge_method")
}

#[tokio::test]
async fn an_app_that_the_operator_named_may_come_without_pkce() {
    let site = ClientSite::start().await;
    let (_app, alice) = lenient(&site, "2026-11-22").await;
    let request = without_pkce(&site);
    let code = alice.code(&request).await;
    let mut fields = request.redemption(&code);
    fields.retain(|(name, _)| *name != "code_verifier");
    assert_eq!(alice.redeem(&fields).await.status, 200);
}

#[tokio::test]
async fn the_consent_page_warns_of_an_app_without_pkce() {
    const WARNING: &str = "The app asks in an outdated way";
    let site = ClientSite::start().await;
    let (_app, alice) = lenient(&site, "2026-11-22").await;
    let page = alice.consent_page(&without_pkce(&site)).await;
    assert!(page.text().contains(WARNING));
    let page = alice.consent_page(&AuthorizationRequest::valid(&site)).await;
    assert!(!page.text().contains(WARNING));
}

#[tokio::test]
async fn leave_to_come_without_pkce_ends_with_its_last_day() {
    let site = ClientSite::start().await;
    let (app, alice) = lenient(&site, "2026-11-22").await;
    let request = without_pkce(&site);
    app.clock.advance(Duration::from_hours(12) - Duration::from_secs(1));
    alice.consent_page(&request).await;
    app.clock.advance(Duration::from_secs(1));
    let answer = alice.get_authorize(&request).await;
    expect::redirect_error(&answer, ErrorCode::InvalidRequest, &request, &app.issuer);
}

#[tokio::test]
async fn leave_to_come_without_pkce_is_for_one_app() {
    let (site, other) = (ClientSite::start().await, ClientSite::start().await);
    let (app, alice) = lenient(&site, "2026-11-22").await;
    let request = without_pkce(&other);
    let answer = alice.get_authorize(&request).await;
    expect::redirect_error(&answer, ErrorCode::InvalidRequest, &request, &app.issuer);
}

/// CD-04: a verifier where there was no challenge means that somebody cut the challenge out on the way.
#[tokio::test]
async fn a_verifier_without_a_challenge_is_refused() {
    let site = ClientSite::start().await;
    let (_app, alice) = lenient(&site, "2026-11-22").await;
    let request = without_pkce(&site);
    let code = alice.code(&request).await;
    let answer = alice.redeem(&request.redemption(&code)).await;
    expect::json_error(&answer, 400, ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn an_app_with_leave_that_sends_a_challenge_must_prove_it() {
    let site = ClientSite::start().await;
    let (_app, alice) = lenient(&site, "2026-11-22").await;
    let request = AuthorizationRequest::valid(&site);
    let code = alice.code(&request).await;
    let mut fields = request.redemption(&code);
    fields.retain(|(name, _)| *name != "code_verifier");
    expect::json_error(&alice.redeem(&fields).await, 400, ErrorCode::InvalidGrant);
}
