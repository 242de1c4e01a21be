//! When a token was last used: written down off the request path, at most once a minute.

use std::time::Duration;

use sea_orm::{ConnectionTrait, TransactionTrait};

use crate::harness::AuthorizationRequest;
use crate::harness::api::{access_token, scene};

#[tokio::test]
async fn a_use_is_written_down_on_token_and_grant() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let resource = app.resource_server("micropub").await;
    app.clock.advance(Duration::from_secs(100));
    app.introspect(&resource, access_token(&token)).await;
    app.flows.settle().await;
    let rows = app.rows().await;
    assert_eq!(rows.times("tokens", "last_used_at").await, [app.now().unix_timestamp()]);
    assert_eq!(rows.times("grants", "last_used_at").await, [app.now().unix_timestamp()]);
}

#[tokio::test]
async fn userinfo_and_the_older_check_are_uses() {
    for path in ["/oauth/userinfo", "/oauth/token"] {
        let (app, site, alice) = scene().await;
        let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
        alice.get_with_token(path, access_token(&token)).await;
        app.flows.settle().await;
        let written = app.rows().await.times("tokens", "last_used_at").await;
        assert_eq!(written, [app.now().unix_timestamp()], "{path}");
    }
}

#[tokio::test]
async fn a_second_use_within_a_minute_is_not_written_down() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let first = app.now().unix_timestamp();
    for _ in 0..2 {
        app.check(access_token(&token)).await;
        app.flows.settle().await;
        app.clock.advance(Duration::from_secs(59));
    }
    assert_eq!(app.rows().await.times("tokens", "last_used_at").await, [first]);
}

#[tokio::test]
async fn a_use_after_a_minute_is_written_down() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    app.check(access_token(&token)).await;
    app.flows.settle().await;
    app.clock.advance(Duration::from_secs(60));
    app.check(access_token(&token)).await;
    app.flows.settle().await;
    let written = app.rows().await.times("tokens", "last_used_at").await;
    assert_eq!(written, [app.now().unix_timestamp()]);
}

#[tokio::test]
async fn uses_that_waited_for_the_database_do_not_hide_the_next_one() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let rows = app.rows().await;
    let busy = rows.connection().begin().await.unwrap();
    busy.execute_unprepared("UPDATE tokens SET kind = kind").await.unwrap();
    // Neither is written down yet, so both are noted.
    app.check(access_token(&token)).await;
    app.clock.advance(Duration::from_secs(1));
    app.check(access_token(&token)).await;
    busy.commit().await.unwrap();
    app.flows.settle().await;
    app.clock.advance(Duration::from_secs(59));
    app.check(access_token(&token)).await;
    app.flows.settle().await;
    assert_eq!(rows.times("tokens", "last_used_at").await, [app.now().unix_timestamp()]);
}

#[tokio::test]
async fn a_question_does_not_wait_for_a_busy_database() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let resource = app.resource_server("micropub").await;
    let rows = app.rows().await;
    let busy = rows.connection().begin().await.unwrap();
    busy.execute_unprepared("UPDATE tokens SET kind = kind").await.unwrap();
    let answer = app.introspect(&resource, access_token(&token)).await;
    assert_eq!(answer.json()["active"], true, "{answer:?}");
    busy.rollback().await.unwrap();
}
