//! Refresh tokens (RFC 6749 §6, RFC 9700 §4.14, design decisions 6 and 7): who gets them, rotation, and the retry of an
//! answer that was lost. What happens when one comes back too late is in `refresh_reuse`.

use std::time::Duration;

use vestibule::oauth::error::ErrorCode;

use crate::harness::api::{access_token, refresh_request, refresh_token, refreshing_scene, scene};
use crate::harness::{AuthorizationRequest, Options, expect};

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn an_app_that_declares_the_grant_gets_a_refresh_token_and_an_hour() {
    let (_app, site, alice) = refreshing_scene().await;
    let tokens = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    assert_eq!(tokens["expires_in"], 3600, "{tokens}");
    assert!(refresh_token(&tokens).starts_with("vrt_"));
}

#[tokio::test]
async fn an_app_that_asks_for_offline_access_gets_a_refresh_token_and_an_hour() {
    let (_app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site).with("scope", "profile create offline_access");
    let tokens = alice.tokens(&request).await;
    assert_eq!(tokens["expires_in"], 3600, "{tokens}");
    assert!(refresh_token(&tokens).starts_with("vrt_"));
}

#[tokio::test]
async fn unticking_offline_access_gives_a_single_token() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site).with("scope", "profile create offline_access");
    let form = alice.consent_page(&request).await.form("/consent/");
    let back = alice
        .submit(&form.untick("scope", "offline_access").set("decision", "approve"))
        .await;
    let code = back.location_param("code").unwrap();
    let tokens = app.post_token(&request.redemption(&code)).await.json();
    assert_eq!(tokens.get("refresh_token"), None, "{tokens}");
}

#[tokio::test]
async fn any_other_app_gets_no_refresh_token() {
    let (_app, site, alice) = scene().await;
    let tokens = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    assert_eq!(tokens.get("refresh_token"), None, "{tokens}");
}

#[tokio::test]
async fn the_access_token_ends_after_an_hour() {
    let (app, site, alice) = refreshing_scene().await;
    let tokens = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    app.clock.advance(HOUR - SECOND);
    assert!(app.holds(access_token(&tokens)).await);
    app.clock.advance(SECOND);
    assert!(!app.holds(access_token(&tokens)).await);
}

#[tokio::test]
async fn a_refresh_gives_another_pair_that_works() {
    let (app, site, alice) = refreshing_scene().await;
    let first = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let second = app.refresh(&site, refresh_token(&first)).await.json();
    assert_ne!(access_token(&first), access_token(&second));
    assert_ne!(refresh_token(&first), refresh_token(&second));
    assert!(app.holds(access_token(&second)).await);
    assert_eq!(app.refresh(&site, refresh_token(&second)).await.status, 200);
}

#[tokio::test]
async fn a_refresh_answers_like_the_first_exchange() {
    let (app, site, alice) = refreshing_scene().await;
    let first = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    app.clock.advance(2 * HOUR);
    let answer = app.refresh(&site, refresh_token(&first)).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("pragma"), "no-cache");
    let second = answer.json();
    for same in ["token_type", "scope", "me", "expires_in"] {
        assert_eq!(first[same], second[same], "{same}");
    }
    assert_eq!(second["created_at"], app.now().unix_timestamp());
}

#[tokio::test]
async fn an_older_access_token_of_the_family_holds_until_its_hour_is_over() {
    let (app, site, alice) = refreshing_scene().await;
    let first = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    assert_eq!(app.refresh(&site, refresh_token(&first)).await.status, 200);
    assert!(app.holds(access_token(&first)).await);
}

#[tokio::test]
async fn lapsed_access_tokens_do_not_pile_up() {
    let (app, site, alice) = refreshing_scene().await;
    let mut tokens = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    for _ in 0..5 {
        app.clock.advance(Duration::from_secs(60 * 60));
        tokens = app.refresh(&site, refresh_token(&tokens)).await.json();
    }
    let rows = app.rows().await;
    assert_eq!(rows.count("tokens WHERE kind = 'access'").await, 1);
    assert_eq!(
        rows.count("tokens WHERE kind = 'refresh'").await,
        6,
        "each must be known when it comes back"
    );
}

#[tokio::test]
async fn a_narrower_scope_is_for_the_access_token_only() {
    let (app, site, alice) = refreshing_scene().await;
    let first = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let mut narrow = refresh_request(&site, refresh_token(&first));
    narrow.push(("scope", "profile".to_owned()));
    let second = app.post_token(&narrow).await.json();
    assert_eq!(second["scope"], "profile");
    assert_eq!(app.check(access_token(&second)).await.json()["scope"], "profile");
    let third = app.refresh(&site, refresh_token(&second)).await.json();
    assert_eq!(third["scope"], "profile create");
}

#[tokio::test]
async fn more_scope_than_granted_is_invalid_scope_and_costs_nothing() {
    let (app, site, alice) = refreshing_scene().await;
    let tokens = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let mut more = refresh_request(&site, refresh_token(&tokens));
    more.push(("scope", "profile create delete".to_owned()));
    expect::json_error(&app.post_token(&more).await, 400, ErrorCode::InvalidScope);
    assert_eq!(app.refresh(&site, refresh_token(&tokens)).await.status, 200);
    assert!(app.rows().await.audit().await.is_empty());
}

#[tokio::test]
async fn another_client_id_is_refused_and_harmless() {
    let (app, site, alice) = refreshing_scene().await;
    let tokens = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let stranger = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token(&tokens)),
        ("client_id", "https://stranger.example/"),
    ];
    expect::json_error(&app.post_token(&stranger).await, 400, ErrorCode::InvalidGrant);
    assert_eq!(app.refresh(&site, refresh_token(&tokens)).await.status, 200);
}

#[tokio::test]
async fn a_missing_client_id_is_refused() {
    let (app, site, alice) = refreshing_scene().await;
    let tokens = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let nobody = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token(&tokens)),
    ];
    expect::json_error(&app.post_token(&nobody).await, 400, ErrorCode::InvalidRequest);
}

#[tokio::test]
async fn an_access_token_is_no_refresh_token() {
    let (app, site, alice) = refreshing_scene().await;
    let tokens = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let answer = app.refresh(&site, access_token(&tokens)).await;
    expect::json_error(&answer, 400, ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn a_refresh_token_is_no_access_token() {
    let (app, site, alice) = refreshing_scene().await;
    let tokens = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    assert!(!app.holds(refresh_token(&tokens)).await);
}

#[tokio::test]
async fn an_unknown_refresh_token_is_refused() {
    let (app, site, _alice) = refreshing_scene().await;
    expect::json_error(&app.refresh(&site, "vrt_guess").await, 400, ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn a_refresh_token_lapses_after_90_idle_days() {
    let (app, site, alice) = refreshing_scene().await;
    let first = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    app.clock.advance(90 * DAY - SECOND);
    let second = app.refresh(&site, refresh_token(&first)).await.json();
    app.clock.advance(90 * DAY);
    let answer = app.refresh(&site, refresh_token(&second)).await;
    expect::json_error(&answer, 400, ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn a_lapsed_refresh_token_is_no_theft() {
    let (app, site, alice) = refreshing_scene().await;
    let tokens = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    app.clock.advance(90 * DAY);
    app.refresh(&site, refresh_token(&tokens)).await;
    assert!(app.rows().await.audit().await.is_empty());
}

#[tokio::test]
async fn however_often_it_refreshes_a_family_ends_after_a_year() {
    let (app, site, alice) = refreshing_scene().await;
    let mut tokens = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    for _ in 0..7 {
        app.clock.advance(52 * DAY);
        tokens = app.refresh(&site, refresh_token(&tokens)).await.json();
    }
    // 364 days are over: the last access token may not outlive the family either.
    app.clock.advance(DAY - 60 * SECOND);
    tokens = app.refresh(&site, refresh_token(&tokens)).await.json();
    assert_eq!(tokens["expires_in"], 60, "{tokens}");
    app.clock.advance(60 * SECOND);
    assert!(!app.holds(access_token(&tokens)).await);
    let answer = app.refresh(&site, refresh_token(&tokens)).await;
    expect::json_error(&answer, 400, ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn a_replica_refreshes_what_another_gave() {
    let (app, site, alice) = refreshing_scene().await;
    let first = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let replica = app.replica(Options::default()).await;
    let second = replica.refresh(&site, refresh_token(&first)).await.json();
    assert!(app.holds(access_token(&second)).await);
}

#[tokio::test]
async fn a_password_change_ends_an_app_that_refreshes() {
    let (app, site, alice) = refreshing_scene().await;
    let tokens = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    app.accounts
        .set_password("alice", "another long password")
        .await
        .unwrap();
    assert!(!app.holds(access_token(&tokens)).await);
    let answer = app.refresh(&site, refresh_token(&tokens)).await;
    expect::json_error(&answer, 400, ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn ending_access_ends_the_refresh_token() {
    let (app, site, alice) = refreshing_scene().await;
    let tokens = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    alice.submit(&alice.get("/apps").await.form("/apps/revoke")).await;
    let answer = app.refresh(&site, refresh_token(&tokens)).await;
    expect::json_error(&answer, 400, ErrorCode::InvalidGrant);
}
