//! A refresh token that comes twice (RFC 9700 §4.14.2, design decision 7; attack cases TK-05, TK-06): a retry of an
//! answer that was lost, or a theft.

use std::time::Duration;

use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::Value;
use vestibule::oauth::error::ErrorCode;

use crate::harness::actors::Answer;
use crate::harness::api::{access_token, refresh_token, refreshing_scene};
use crate::harness::{AuthorizationRequest, ClientSite, Options, TestApp, Visitor, expect};

/// A family whose first refresh token was spent once: the server, the app, the person, and both pairs.
struct Rotated {
    app: TestApp,
    site: ClientSite,
    alice: Visitor,
    first: Value,
    second: Value,
}

impl Rotated {
    async fn new() -> Rotated {
        let (app, site, alice) = refreshing_scene().await;
        let first = alice.tokens(&AuthorizationRequest::valid(&site)).await;
        let second = app.refresh(&site, refresh_token(&first)).await.json();
        Rotated {
            app,
            site,
            alice,
            first,
            second,
        }
    }

    /// The first refresh token once more.
    async fn retry(&self) -> Answer {
        self.app.refresh(&self.site, refresh_token(&self.first)).await
    }

    /// Fails unless every token of the family is dead, the log says why, and so does the apps page.
    async fn expect_revoked(&self, refused: &Answer) {
        expect::json_error(refused, 400, ErrorCode::InvalidGrant);
        for pair in [&self.first, &self.second] {
            assert!(!self.app.holds(access_token(pair)).await, "an access token lives");
            let answer = self.app.refresh(&self.site, refresh_token(pair)).await;
            expect::json_error(&answer, 400, ErrorCode::InvalidGrant);
        }
        assert_eq!(self.app.rows().await.audit().await, ["refresh_token_reused"]);
        let page = self.alice.get("/apps").await.text();
        assert!(page.contains("an old key of this app was used once more"), "{page}");
    }
}

#[tokio::test]
async fn a_retry_within_a_minute_gives_another_pair_that_works() {
    let rotated = Rotated::new().await;
    rotated.app.clock.advance(Duration::from_secs(59));
    let third = rotated.retry().await.json();
    assert_ne!(refresh_token(&rotated.second), refresh_token(&third));
    assert!(rotated.app.holds(access_token(&third)).await);
    assert_eq!(
        rotated.app.refresh(&rotated.site, refresh_token(&third)).await.status,
        200
    );
}

#[tokio::test]
async fn a_retry_ends_the_access_token_that_was_lost() {
    let rotated = Rotated::new().await;
    assert_eq!(rotated.retry().await.status, 200);
    assert!(!rotated.app.holds(access_token(&rotated.second)).await);
}

#[tokio::test]
async fn a_refresh_token_that_was_replaced_by_a_retry_ends_the_family() {
    let rotated = Rotated::new().await;
    let third = rotated.retry().await.json();
    let refused = rotated.app.refresh(&rotated.site, refresh_token(&rotated.second)).await;
    rotated.expect_revoked(&refused).await;
    assert!(!rotated.app.holds(access_token(&third)).await);
}

#[tokio::test]
async fn a_retry_may_be_lost_as_well() {
    let rotated = Rotated::new().await;
    let third = rotated.retry().await.json();
    let fourth = rotated.retry().await.json();
    assert!(!rotated.app.holds(access_token(&third)).await);
    assert!(rotated.app.holds(access_token(&fourth)).await);
}

#[tokio::test]
async fn a_retry_after_the_next_refresh_ends_the_family() {
    let rotated = Rotated::new().await;
    let third = rotated
        .app
        .refresh(&rotated.site, refresh_token(&rotated.second))
        .await
        .json();
    let refused = rotated.retry().await;
    rotated.expect_revoked(&refused).await;
    assert!(!rotated.app.holds(access_token(&third)).await);
}

#[tokio::test]
async fn a_retry_after_the_new_access_token_was_used_ends_the_family() {
    let rotated = Rotated::new().await;
    assert!(rotated.app.holds(access_token(&rotated.second)).await);
    rotated.app.flows.settle().await;
    let refused = rotated.retry().await;
    rotated.expect_revoked(&refused).await;
}

#[tokio::test]
async fn use_of_the_access_token_before_the_refresh_does_not_stop_a_retry() {
    let rotated = Rotated::new().await;
    assert!(rotated.app.holds(access_token(&rotated.first)).await);
    rotated.app.flows.settle().await;
    assert_eq!(rotated.retry().await.status, 200);
}

#[tokio::test]
async fn a_retry_after_a_minute_ends_the_family() {
    let rotated = Rotated::new().await;
    rotated.app.clock.advance(Duration::from_secs(60));
    let refused = rotated.retry().await;
    rotated.expect_revoked(&refused).await;
}

#[tokio::test]
async fn a_spent_token_that_comes_back_weeks_later_ends_the_family() {
    let rotated = Rotated::new().await;
    rotated.app.clock.advance(Duration::from_secs(13 * 24 * 60 * 60));
    let refused = rotated.retry().await;
    rotated.expect_revoked(&refused).await;
}

#[tokio::test]
async fn a_stranger_with_a_spent_token_cannot_end_the_family() {
    let rotated = Rotated::new().await;
    rotated.app.clock.advance(Duration::from_secs(60));
    let stranger = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token(&rotated.first)),
        ("client_id", "https://stranger.example/"),
    ];
    expect::json_error(&rotated.app.post_token(&stranger).await, 400, ErrorCode::InvalidGrant);
    assert!(rotated.app.holds(access_token(&rotated.second)).await);
}

#[tokio::test]
async fn another_approval_of_the_same_app_survives_the_end_of_a_family() {
    let rotated = Rotated::new().await;
    let other = rotated.alice.tokens(&AuthorizationRequest::valid(&rotated.site)).await;
    rotated.app.clock.advance(Duration::from_secs(60));
    expect::json_error(&rotated.retry().await, 400, ErrorCode::InvalidGrant);
    assert!(rotated.app.holds(access_token(&other)).await);
}

#[tokio::test]
async fn a_retry_while_the_next_refresh_is_under_way_leaves_no_second_family() {
    let rotated = Rotated::new().await;
    let rows = rotated.app.rows().await;
    // What another replica does: the new refresh token is spent, and not yet committed.
    let replica = rows.connection().begin().await.unwrap();
    let spend = "UPDATE tokens SET redeemed_at = issued_at WHERE kind = 'refresh' AND redeemed_at IS NULL";
    replica.execute_unprepared(spend).await.unwrap();
    let (refused, ()) = tokio::join!(rotated.retry(), async {
        rotated.app.until_somebody_waits().await;
        replica.commit().await.unwrap();
    });
    rotated.expect_revoked(&refused).await;
}

#[tokio::test]
async fn a_replica_takes_a_retry_for_a_retry() {
    let rotated = Rotated::new().await;
    let replica = rotated.app.replica(Options::default()).await;
    let third = replica.refresh(&rotated.site, refresh_token(&rotated.first)).await;
    assert_eq!(third.status, 200, "{third:?}");
    assert!(!rotated.app.holds(access_token(&rotated.second)).await);
}

#[tokio::test]
async fn of_fifty_callers_with_one_refresh_token_one_pair_lives_and_the_family_with_it() {
    let (app, site, alice) = refreshing_scene().await;
    let first = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let answers = join_all((0..50).map(|_| app.refresh(&site, refresh_token(&first)))).await;
    let mut living = Vec::new();
    for answer in &answers {
        assert_eq!(answer.status, 200, "{answer:?}");
        let pair = answer.json();
        if app.holds(access_token(&pair)).await {
            living.push(pair);
        }
    }
    assert_eq!(living.len(), 1);
    assert!(app.rows().await.audit().await.is_empty());
    // The one refresh token that lives belongs to the access token that does.
    assert_eq!(app.refresh(&site, refresh_token(&living[0])).await.status, 200);
}
