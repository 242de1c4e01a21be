//! The database refuses in the middle of an exchange (attack case TK-09): 503, never a false success, and nothing half
//! done.

use std::time::Duration;

use vestibule::oauth::error::ErrorCode;

use crate::harness::api::{access_token, refresh_token, refreshing_scene, scene};
use crate::harness::{AuthorizationRequest, expect};

#[tokio::test]
async fn a_code_is_not_spent_by_an_exchange_that_failed() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let redemption = request.redemption(&alice.code(&request).await);
    let rows = app.rows().await;
    rows.refuse("INSERT", "tokens").await;
    let failed = app.post_token(&redemption).await;
    expect::json_error(&failed, 503, ErrorCode::TemporarilyUnavailable);
    rows.relent("tokens").await;
    assert_eq!(app.post_token(&redemption).await.status, 200);
}

#[tokio::test]
async fn a_refresh_token_is_not_spent_by_a_refresh_that_failed() {
    let (app, site, alice) = refreshing_scene().await;
    let first = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let rows = app.rows().await;
    rows.refuse("INSERT", "tokens").await;
    let failed = app.refresh(&site, refresh_token(&first)).await;
    expect::json_error(&failed, 503, ErrorCode::TemporarilyUnavailable);
    rows.relent("tokens").await;
    // Too late for a retry: it must count as the first use.
    app.clock.advance(Duration::from_secs(61));
    assert_eq!(app.refresh(&site, refresh_token(&first)).await.status, 200);
}

#[tokio::test]
async fn a_retry_that_failed_leaves_the_lost_answer_alone() {
    let (app, site, alice) = refreshing_scene().await;
    let first = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let second = app.refresh(&site, refresh_token(&first)).await.json();
    let rows = app.rows().await;
    rows.refuse("INSERT", "tokens").await;
    let failed = app.refresh(&site, refresh_token(&first)).await;
    expect::json_error(&failed, 503, ErrorCode::TemporarilyUnavailable);
    rows.relent("tokens").await;
    assert!(app.holds(access_token(&second)).await);
}

#[tokio::test]
async fn a_revocation_that_failed_is_not_called_done() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let rows = app.rows().await;
    rows.refuse("UPDATE", "grants").await;
    let failed = app.post("/oauth/revoke", &[("token", access_token(&token))]).await;
    expect::json_error(&failed, 503, ErrorCode::TemporarilyUnavailable);
}

#[tokio::test]
async fn ending_access_that_failed_is_not_called_done_and_ends_nothing() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let form = alice.get("/apps").await.form("/apps/revoke");
    let rows = app.rows().await;
    rows.refuse("INSERT", "audit_events").await;
    expect::page_error(&alice.submit(&form).await, 503);
    rows.relent("audit_events").await;
    assert!(app.holds(access_token(&token)).await);
}

#[tokio::test]
async fn a_use_that_could_not_be_written_down_does_not_stop_the_user() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let rows = app.rows().await;
    rows.refuse("UPDATE", "tokens").await;
    assert!(app.holds(access_token(&token)).await);
    app.flows.settle().await;
    rows.relent("tokens").await;
    assert!(app.holds(access_token(&token)).await);
    app.flows.settle().await;
    let written = rows.times("tokens", "last_used_at").await;
    assert_eq!(written, [app.now().unix_timestamp()], "the next use is");
}

#[tokio::test]
async fn a_token_is_not_called_inactive_because_the_database_is_away() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let resource = app.resource_server("micropub").await;
    let rows = app.rows().await;
    rows.rename("tokens", "elsewhere").await;
    let failed = app.introspect(&resource, access_token(&token)).await;
    expect::json_error(&failed, 503, ErrorCode::TemporarilyUnavailable);
    let failed = app.check(access_token(&token)).await;
    expect::json_error(&failed, 503, ErrorCode::TemporarilyUnavailable);
}
