//! The retention table of `storage::purge`, row by row: kept until the last second, gone with it.

use std::time::Duration;

use sea_orm::ConnectionTrait;
use vestibule::oauth::error::ErrorCode;
use vestibule::storage::purge::delete_expired;

use crate::harness::actors::Visitor;
use crate::harness::api::{access_token, identity_request, refresh_token, refreshing_scene, scene};
use crate::harness::app::PASSWORD;
use crate::harness::passkey::ISSUER;
use crate::harness::{AuthorizationRequest, ClientSite, Options, TestApp, expect};
use crate::misskey_app;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a grant without tokens is kept: a day for its challenge, and an hour to spare.
const FINISHED: Duration = Duration::from_secs(25 * 60 * 60);

/// Sweeps now, as the housekeeping of a server does every minute.
async fn sweep(app: &TestApp) -> u64 {
    let store = app.store().await;
    delete_expired(store.writer(), app.now())
        .await
        .expect("the database is there")
}

/// Fails unless a table keeps its rows for this long, and loses them then.
async fn expect_kept(app: &TestApp, table: &str, life: Duration) {
    let rows = app.rows().await;
    let before = rows.count(table).await;
    assert!(before > 0, "{table} has nothing to keep");
    app.clock.advance(life - SECOND);
    sweep(app).await;
    assert_eq!(rows.count(table).await, before, "{table}, a second before");
    app.clock.advance(SECOND);
    sweep(app).await;
    assert_eq!(rows.count(table).await, 0, "{table}, then");
}

#[tokio::test]
async fn sessions_are_kept_until_they_end() {
    let (app, _site, _alice) = scene().await;
    expect_kept(&app, "sessions", 90 * DAY).await;
}

#[tokio::test]
async fn sessions_that_apps_open_are_kept_until_they_lapse() {
    let app = TestApp::start().await;
    let of = misskey_app::registered(&app, &misskey_app::registration()).await;
    misskey_app::generated(&app, &of).await;
    expect_kept(&app, "app_sessions", 30 * MINUTE).await;
}

#[tokio::test]
async fn questions_to_passkeys_are_kept_until_they_lapse() {
    let app = Options::default().issuer(ISSUER).start().await;
    app.visitor()
        .script("/sign-in", "/sign-in/passkey")
        .await
        .options()
        .await;
    expect_kept(&app, "ceremonies", 5 * MINUTE).await;
}

#[tokio::test]
async fn tokens_of_a_clients_own_are_kept_until_they_lapse() {
    let app = Options::default()
        .set("VESTIBULE_TOKENS__MAX_DAYS__MASTODON", "1")
        .start()
        .await;
    let asked = [("client_name", "x"), ("redirect_uris", "https://app.example/callback")];
    let client = app.post("/api/v1/apps", &asked).await.json();
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", client["client_id"].as_str().unwrap()),
        ("client_secret", client["client_secret"].as_str().unwrap()),
    ];
    assert_eq!(app.post_token(&fields).await.status, 200);
    expect_kept(&app, "client_tokens", DAY).await;
}

#[tokio::test]
async fn sign_ins_that_wait_for_a_code_are_kept_until_they_lapse() {
    let app = TestApp::start().await;
    app.owner_with_authenticator("alice").await;
    app.visitor().form_for_code("alice").await;
    expect_kept(&app, "pending_sign_ins", 10 * MINUTE).await;
}

#[tokio::test]
async fn setup_links_are_kept_until_they_lapse() {
    let app = TestApp::start().await;
    assert!(app.setup_link.is_some());
    expect_kept(&app, "setup_links", DAY).await;
}

#[tokio::test]
async fn invitations_are_kept_30_days_after_they_lapse() {
    let app = TestApp::start().await;
    app.accounts.invite(None, None, 7 * DAY).await.unwrap();
    expect_kept(&app, "invitations", 37 * DAY).await;
}

#[tokio::test]
async fn requests_without_an_answer_are_kept_a_day_after_they_lapse() {
    let (app, site, alice) = scene().await;
    alice.get_authorize(&AuthorizationRequest::valid(&site)).await;
    expect_kept(&app, "grants", 10 * MINUTE + FINISHED).await;
}

#[tokio::test]
async fn denied_requests_are_kept_a_day_after_they_would_have_lapsed() {
    let (app, site, alice) = scene().await;
    let form = alice
        .consent_page(&AuthorizationRequest::valid(&site))
        .await
        .form("/consent/");
    alice.submit(&form.set("decision", "deny")).await;
    expect_kept(&app, "grants", 10 * MINUTE + FINISHED).await;
}

#[tokio::test]
async fn codes_that_nobody_redeems_are_kept_a_day() {
    let (app, site, alice) = scene().await;
    alice.code(&AuthorizationRequest::valid(&site)).await;
    expect_kept(&app, "grants", 10 * MINUTE + FINISHED).await;
}

#[tokio::test]
async fn redeemed_identities_are_kept_a_day_for_their_challenge() {
    let (app, site, alice) = scene().await;
    let request = identity_request(&site);
    let code = alice.code(&request).await;
    app.post("/oauth/authorize", &request.redemption(&code)).await;
    app.clock.advance(DAY - SECOND);
    sweep(&app).await;
    let again = alice.get_authorize(&request).await;
    expect::redirect_error(&again, ErrorCode::InvalidRequest, &request, &app.issuer);
    expect_kept(&app, "grants", SECOND + 10 * MINUTE + FINISHED - DAY).await;
}

/// Approves for a day and redeems.
async fn token_for_a_day(app: &TestApp, site: &ClientSite, alice: &Visitor) {
    let request = AuthorizationRequest::valid(site);
    let form = alice.consent_page(&request).await.form("/consent/");
    let form = form.set("lifetime", "day").set("decision", "approve");
    let code = alice.submit(&form).await.location_param("code").unwrap();
    assert_eq!(app.post_token(&request.redemption(&code)).await.status, 200);
}

#[tokio::test]
async fn tokens_are_kept_30_days_after_they_end() {
    let (app, site, alice) = scene().await;
    token_for_a_day(&app, &site, &alice).await;
    expect_kept(&app, "tokens", DAY + 30 * DAY).await;
}

#[tokio::test]
async fn grants_are_kept_as_long_as_they_have_tokens() {
    let (app, site, alice) = scene().await;
    token_for_a_day(&app, &site, &alice).await;
    expect_kept(&app, "grants", DAY + 30 * DAY).await;
}

#[tokio::test]
async fn a_token_until_revoked_is_kept_for_ever_and_a_code_used_twice_finds_it() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let form = alice.consent_page(&request).await.form("/consent/");
    let form = form.set("lifetime", "until_revoked").set("decision", "approve");
    let redemption = request.redemption(&alice.submit(&form).await.location_param("code").unwrap());
    let token = app.post_token(&redemption).await.json();
    app.clock.advance(1000 * DAY);
    sweep(&app).await;
    assert!(app.holds(access_token(&token)).await);
    app.post_token(&redemption).await;
    assert!(!app.holds(access_token(&token)).await);
}

#[tokio::test]
async fn a_spent_refresh_token_is_recognised_for_30_days_after_its_end() {
    for (day, known) in [(119, true), (120, false)] {
        let (app, site, alice) = refreshing_scene().await;
        let first = alice.tokens(&AuthorizationRequest::valid(&site)).await;
        app.clock.advance(80 * DAY);
        let second = app.refresh(&site, refresh_token(&first)).await.json();
        app.clock.advance((day - 80) * DAY);
        sweep(&app).await;
        let answer = app.refresh(&site, refresh_token(&first)).await;
        expect::json_error(&answer, 400, ErrorCode::InvalidGrant);
        let survives = app.refresh(&site, refresh_token(&second)).await.status == 200;
        assert_eq!(survives, !known, "on day {day}");
    }
}

#[tokio::test]
async fn revoked_grants_are_kept_30_days_with_their_tokens() {
    for table in ["grants", "tokens"] {
        let (app, site, alice) = scene().await;
        alice.tokens(&AuthorizationRequest::valid(&site)).await;
        alice.submit(&alice.get("/apps").await.form("/apps/revoke")).await;
        expect_kept(&app, table, 30 * DAY).await;
    }
}

#[tokio::test]
async fn audit_events_are_kept_a_year() {
    let (app, site, alice) = scene().await;
    alice.tokens(&AuthorizationRequest::valid(&site)).await;
    alice.submit(&alice.get("/apps").await.form("/apps/revoke")).await;
    expect_kept(&app, "audit_events", 365 * DAY).await;
}

#[tokio::test]
async fn clients_are_kept_in_mind_400_days_after_the_last_yes() {
    let (app, site, alice) = scene().await;
    alice.code(&AuthorizationRequest::valid(&site)).await;
    app.clock.advance(DAY);
    let alice = app.signed_in("alice", PASSWORD).await;
    alice.code(&AuthorizationRequest::valid(&site)).await;
    expect_kept(&app, "sightings", 400 * DAY).await;
}

#[tokio::test]
async fn what_a_client_said_is_kept_400_days_after_the_yes() {
    let (app, site, alice) = scene().await;
    alice.code(&AuthorizationRequest::valid(&site)).await;
    expect_kept(&app, "snapshots", 400 * DAY).await;
}

#[tokio::test]
async fn what_is_in_use_stays() {
    let (app, site, alice) = refreshing_scene().await;
    let tokens = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    app.clock.advance(Duration::from_secs(60 * 60) - SECOND);
    assert_eq!(sweep(&app).await, 0);
    assert!(app.holds(access_token(&tokens)).await);
    assert_eq!(alice.get("/apps").await.status, 200, "still signed in");
    assert_eq!(app.refresh(&site, refresh_token(&tokens)).await.status, 200);
}

#[tokio::test]
async fn more_than_one_batch_goes_in_one_sweep() {
    let (app, site, alice) = scene().await;
    alice.get_authorize(&AuthorizationRequest::valid(&site)).await;
    let rows = app.rows().await;
    let columns = "user_id, client_id, client_uri_is_foreign, client_refreshes, client_fetched, client_fingerprint, \
                   redirect_uri, requested_scope, me, created_at, expires_at";
    let copies = format!(
        "INSERT INTO grants (id, {columns}) \
         WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1200) \
         SELECT 'copy' || n, {columns} FROM grants, numbers"
    );
    rows.connection().execute_unprepared(&copies).await.unwrap();
    app.clock.advance(10 * MINUTE + FINISHED);
    assert_eq!(rows.count("grants").await, 1201);
    sweep(&app).await;
    assert_eq!(rows.count("grants").await, 0);
}

#[tokio::test]
async fn links_for_another_password_are_kept_until_they_lapse() {
    let app = TestApp::start().await;
    app.accounts.add_user("alice", PASSWORD).await.unwrap();
    let link = app
        .operators
        .password_link(
            "alice",
            vestibule::operators::ways_in::Reset::Nothing,
            vestibule::operators::By::CommandLine,
        )
        .await;
    assert!(link.is_ok());
    expect_kept(&app, "password_links", DAY).await;
}
