//! How long clients are kept that registered themselves.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use vestibule::flows::register::register;
use vestibule::oauth::client::DisplayMetadata;
use vestibule::oauth::dialect::Dialect;
use vestibule::oauth::redirect_uri::RedirectUri;
use vestibule::oauth::registration::Registration;
use vestibule::oauth::scope::Scope;
use vestibule::oauth::secret::{AccessToken, Digest};
use vestibule::storage::client_tokens::{self, ClientToken};
use vestibule::storage::purge::delete_expired;

use super::{REDIRECT_URI, open, public, request_of, text};
use crate::harness::TestApp;

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn clients_after_sweep(app: &TestApp) -> i64 {
    let store = app.store().await;
    delete_expired(store.writer(), app.now())
        .await
        .expect("the database is there");
    app.rows().await.count("clients").await
}

fn own_token(app: &TestApp, client: &Value) -> ClientToken {
    ClientToken {
        client_id: text(client, "client_id").to_owned(),
        dialect: Dialect::Rfc7591,
        scope: Scope::default(),
        issued_at: app.now(),
        expires_at: None,
    }
}

#[tokio::test]
async fn a_client_that_nobody_said_yes_to_goes_after_30_days_with_its_tokens() {
    let app = open().await;
    app.registered(&public()).await;
    app.post("/api/client", &[("redirect_uris", REDIRECT_URI)]).await;
    let client = app.registered(&json!({ "redirect_uris": [REDIRECT_URI] })).await;
    let store = app.store().await;
    client_tokens::insert(
        store.writer(),
        &Digest::of("a token of its own"),
        &own_token(&app, &client),
    )
    .await
    .expect("the database is there");
    app.clock.advance(30 * DAY - SECOND);
    assert_eq!(clients_after_sweep(&app).await, 3);
    app.clock.advance(SECOND);
    assert_eq!(clients_after_sweep(&app).await, 0);
    assert_eq!(app.rows().await.count("client_tokens").await, 0);
}

#[tokio::test]
async fn a_client_that_somebody_said_yes_to_stays() {
    let app = open().await;
    let client = app.registered(&public()).await;
    app.owner("alice").await.code(&request_of(&client)).await;
    app.clock.advance(400 * DAY);
    assert_eq!(clients_after_sweep(&app).await, 1);
}

#[tokio::test]
async fn a_client_stays_while_it_asks_somebody() {
    let app = open().await;
    let client = app.registered(&public()).await;
    app.clock.advance(30 * DAY - SECOND);
    let alice = app.owner("alice").await;
    let page = alice.consent_page(&request_of(&client)).await;
    app.clock.advance(SECOND);
    assert_eq!(clients_after_sweep(&app).await, 1);
    let form = page.form("/consent/").set("decision", "approve");
    assert!(alice.submit(&form).await.location_param("code").is_some());
    app.clock.advance(30 * DAY);
    assert_eq!(clients_after_sweep(&app).await, 1);
}

#[tokio::test]
async fn who_registers_the_same_again_has_30_days_as_well() {
    let app = open().await;
    app.registered(&public()).await;
    app.clock.advance(30 * DAY - SECOND);
    app.registered(&public()).await;
    app.clock.advance(30 * DAY - SECOND);
    assert_eq!(clients_after_sweep(&app).await, 1);
    app.clock.advance(SECOND);
    assert_eq!(clients_after_sweep(&app).await, 0);
}

#[tokio::test]
async fn a_change_does_not_keep_a_client() {
    let app = open().await;
    let client = app.registered(&public()).await;
    app.clock.advance(20 * DAY);
    let mut body = public();
    body["client_id"] = client["client_id"].clone();
    assert_eq!(app.manage(Method::PUT, &client, Some(&body)).await.status, 200);
    app.clock.advance(10 * DAY);
    assert_eq!(clients_after_sweep(&app).await, 0);
}

#[tokio::test]
async fn a_client_that_the_operator_added_stays_although_nobody_uses_it() {
    let app = open().await;
    let added = Registration {
        dialect: Dialect::Operator,
        display: DisplayMetadata::default(),
        description: None,
        redirect_uris: vec![RedirectUri::parse(REDIRECT_URI).expect("an address")],
        scope: Scope::default(),
        confidential: true,
        refreshes: false,
    };
    let store = app.store().await;
    register(&store, added, app.now()).await.expect("the database is there");
    app.clock.advance(400 * DAY);
    assert_eq!(clients_after_sweep(&app).await, 1);
}

/// Many of the same second, as copies of an app ask for them; and the newest may sort as the oldest.
#[tokio::test]
async fn of_a_hundred_tokens_of_its_own_only_the_oldest_goes_when_another_comes() {
    let app = open().await;
    let client = app.registered(&json!({ "redirect_uris": [REDIRECT_URI] })).await;
    let store = app.store().await;
    let insert = async |digest: &Digest<AccessToken>| {
        client_tokens::insert(store.writer(), digest, &own_token(&app, &client))
            .await
            .expect("the database is there");
    };
    let oldest = Digest::of("the oldest");
    insert(&oldest).await;
    app.clock.advance(SECOND);
    for number in 0..99 {
        insert(&Digest::of(&format!("token {number}"))).await;
    }
    let rows = app.rows().await;
    assert_eq!(rows.count("client_tokens").await, 100);
    let newest = Digest::from_bytes([0; 32]);
    insert(&newest).await;
    assert_eq!(rows.count("client_tokens").await, 100);
    insert(&Digest::from_bytes([1; 32])).await;
    assert_eq!(rows.count("client_tokens").await, 100);
    let find = async |digest| {
        client_tokens::find(store.reader(), digest, app.now())
            .await
            .expect("no failure")
    };
    assert!(find(&oldest).await.is_none());
    assert!(find(&Digest::from_bytes([1; 32])).await.is_some());
}
