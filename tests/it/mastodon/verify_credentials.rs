//! `GET /api/v1/apps/verify_credentials`: which app a token belongs to.

use std::time::Duration;

use serde_json::json;

use super::{CALLBACK, OUT_OF_BAND, Registered, scene, with};
use crate::harness::actors::Answer;
use crate::harness::api::access_token;
use crate::harness::{AuthorizationRequest, ClientSite, Options, TestApp};

const PATH: &str = "/api/v1/apps/verify_credentials";

async fn ask(app: &TestApp, token: &str) -> Answer {
    app.visitor().get_with_token(PATH, token).await
}

/// Fails unless a token is refused so.
#[track_caller]
fn expect_refusal(answer: &Answer, sentence: &str) {
    assert_eq!(answer.status, 401, "{answer:?}");
    assert_eq!(answer.json(), json!({ "error": sentence }));
    let challenge = format!(r#"Bearer realm="Doorkeeper", error="invalid_token", error_description="{sentence}""#);
    assert_eq!(answer.header("www-authenticate"), challenge);
    assert_eq!(answer.header("content-type"), "application/json");
}

#[tokio::test]
async fn any_token_of_an_app_tells_what_it_is_registered_as() {
    let (app, alice) = scene().await;
    let fields = [
        ("client_name", "x"),
        ("redirect_uris", CALLBACK),
        ("scopes", "read push"),
    ];
    let told = app.post("/api/v1/apps", &fields).await.json();
    let client = Registered::of(&told);
    let expected = json!({
        "id": told["id"],
        "name": "x",
        "website": null,
        "scopes": ["read", "push"],
        "redirect_uris": [CALLBACK],
        "redirect_uri": CALLBACK,
    });
    for token in [client.own_token(&app).await, client.token(&app, &alice, "push").await] {
        let answer = ask(&app, &token).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json(), expected);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn a_token_that_does_not_hold_is_told_why() {
    let options = Options::default().set("VESTIBULE_TOKENS__MAX_DAYS__MASTODON", "1");
    let (app, alice) = with(options).await;
    let client = Registered::app(&app, "read").await;
    expect_refusal(&ask(&app, "vat_unknown").await, "The access token is invalid");
    let nobody = app.visitor().get(PATH).await;
    expect_refusal(&nobody, "The access token is invalid");
    let revoked = client.token(&app, &alice, "read").await;
    let fields = [
        ("token", revoked.as_str()),
        ("client_id", &client.client_id),
        ("client_secret", &client.client_secret),
    ];
    assert_eq!(app.post("/oauth/revoke", &fields).await.status, 200);
    expect_refusal(&ask(&app, &revoked).await, "The access token was revoked");
    let who = alice.get_with_token("/oauth/userinfo", &revoked).await;
    expect_refusal(&who, "The access token was revoked");
    let expired = client.token(&app, &alice, "read").await;
    app.clock.advance(Duration::from_secs(24 * 60 * 60));
    expect_refusal(&ask(&app, &expired).await, "The access token expired");
    let who = alice.get_with_token("/oauth/userinfo", &expired).await;
    expect_refusal(&who, "The access token expired");
}

#[tokio::test]
async fn a_token_in_the_address_is_refused() {
    let (app, _alice) = scene().await;
    let client = Registered::app(&app, "read").await;
    let token = client.own_token(&app).await;
    let answer = app.visitor().get(&format!("{PATH}?access_token={token}")).await;
    assert_eq!(answer.status, 400, "{answer:?}");
    assert!(answer.json()["error"].is_string());
}

#[tokio::test]
async fn the_token_of_another_kind_of_client_is_no_token_here() {
    let (app, alice) = scene().await;
    let site = ClientSite::start().await;
    let tokens = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let token = access_token(&tokens);
    expect_refusal(&ask(&app, token).await, "The access token is invalid");
    app.post("/oauth/revoke", &[("token", token)]).await;
    expect_refusal(&ask(&app, token).await, "The access token is invalid");
}

#[tokio::test]
async fn an_app_is_named_by_the_same_number_each_time() {
    let (app, _alice) = scene().await;
    let fields = [("client_name", "x"), ("redirect_uris", OUT_OF_BAND)];
    let told = app.post("/api/v1/apps", &fields).await.json();
    let token = Registered::of(&told).own_token(&app).await;
    assert_eq!(ask(&app, &token).await.json()["id"], told["id"]);
}

#[tokio::test]
async fn a_closed_door_shuts_nobody_out_who_is_registered() {
    let (app, alice) = scene().await;
    let client = Registered::app(&app, "read").await;
    let closed = Options::default().set("VESTIBULE_REGISTRATION__MASTODON", "false");
    let closed = app.replica(closed).await;
    for token in [
        client.own_token(&closed).await,
        client.token(&app, &alice, "read").await,
    ] {
        let answer = ask(&closed, &token).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}
