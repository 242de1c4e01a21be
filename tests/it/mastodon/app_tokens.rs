//! What a token says to whoever holds it: introspection for clients, and Doorkeeper's own call.

use std::time::Duration;

use serde_json::{Value, json};
use vestibule::oauth::error::ErrorCode;

use super::{Registered, scene, with};
use crate::harness::actors::{Answer, encode};
use crate::harness::api::{FORM, access_token};
use crate::harness::{Options, TestApp, expect};

async fn introspect(app: &TestApp, authorization: &str, token: &str) -> Answer {
    let request = app.http.post(format!("{}/oauth/introspect", app.base));
    let request = request
        .header("authorization", authorization)
        .header("content-type", FORM);
    Answer::to(request.body(encode(&[("token", token)]))).await
}

#[tokio::test]
async fn a_client_asks_about_its_own_tokens_with_its_secret_or_another_token() {
    let (app, alice) = scene().await;
    let client = Registered::app(&app, "read push").await;
    let (persons, own) = (
        client.token(&app, &alice, "push read").await,
        client.own_token(&app).await,
    );
    for authorization in [client.basic(), format!("Bearer {own}"), format!("Bearer {persons}")] {
        for (token, scope, me) in [(&persons, "push read", true), (&own, "read", false)] {
            let answer = introspect(&app, &authorization, token).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            let told = answer.json();
            assert_eq!(told["active"], true, "{authorization} {told}");
            assert_eq!(told["scope"], scope);
            assert_eq!(told["client_id"], client.client_id);
            assert_eq!(told["token_type"], "Bearer");
            assert_eq!(told["iat"], app.now().unix_timestamp());
            assert_eq!(told["dialect"], "mastodon");
            assert_eq!(told.get("me").is_some(), me, "{told}");
            assert_eq!(told.get("exp"), None, "{told}");
        }
    }
}

#[tokio::test]
async fn a_client_learns_nothing_of_the_tokens_of_another() {
    let (app, alice) = scene().await;
    let (client, other) = (Registered::app(&app, "read").await, Registered::app(&app, "read").await);
    for token in [client.token(&app, &alice, "read").await, client.own_token(&app).await] {
        for authorization in [other.basic(), format!("Bearer {}", other.own_token(&app).await)] {
            let answer = introspect(&app, &authorization, &token).await;
            assert_eq!(
                (answer.status.as_u16(), answer.body.as_str()),
                (200, r#"{"active":false}"#)
            );
        }
    }
}

async fn info(app: &TestApp, token: &str) -> Answer {
    app.visitor().get_with_token("/oauth/token/info", token).await
}

#[tokio::test]
async fn a_token_says_what_it_is_in_doorkeepers_words() {
    let (app, alice) = scene().await;
    let client = Registered::app(&app, "read push").await;
    let made = app.now().unix_timestamp();
    let rows = [
        (
            client.token(&app, &alice, "push read").await,
            json!(["push", "read"]),
            json!(format!("{}/@alice", app.issuer)),
        ),
        (client.own_token(&app).await, json!(["read"]), Value::Null),
    ];
    app.clock.advance(Duration::from_secs(10));
    for (token, scope, owner) in rows {
        let answer = info(&app, &token).await;
        let expected = json!({
            "resource_owner_id": owner,
            "scope": scope,
            "expires_in": null,
            "application": { "uid": client.client_id },
            "created_at": made,
        });
        assert_eq!((answer.status.as_u16(), answer.json()), (200, expected));
    }
}

#[tokio::test]
async fn a_token_that_lapses_says_how_long_it_holds() {
    let (app, alice) = with(Options::default().set("VESTIBULE_TOKENS__MAX_DAYS__MASTODON", "1")).await;
    let client = Registered::app(&app, "read").await;
    let token = client.token(&app, &alice, "read").await;
    app.clock.advance(Duration::from_secs(400));
    assert_eq!(info(&app, &token).await.json()["expires_in"], 86_000);
}

#[tokio::test]
async fn a_token_that_does_not_hold_says_nothing() {
    let (app, _alice) = scene().await;
    let nobody = app.visitor().get("/oauth/token/info").await;
    for answer in [info(&app, "vat_unknown").await, nobody] {
        assert_eq!(answer.status, 401);
        let expected = json!({ "error": "invalid_token", "error_description": "The access token is invalid" });
        assert_eq!(answer.json(), expected);
        assert!(
            answer
                .header("www-authenticate")
                .starts_with(r#"Bearer realm="Doorkeeper", error="invalid_token""#)
        );
    }
}

/// Whoever has registered has such a token, and registration is open: a resource server that looks at `active` and
/// `scope` alone must not take it for somebody's.
#[tokio::test]
async fn an_apps_own_token_lets_nobody_in_at_a_resource_server_that_did_not_ask_for_such() {
    let (app, _alice) = scene().await;
    let own = Registered::app(&app, "read").await.own_token(&app).await;
    let checked = app.check(&own).await;
    expect::json_error(&checked, 401, ErrorCode::InvalidToken);
    let resource = app.resource_server("timeline").await;
    assert_eq!(app.introspect(&resource, &own).await.body, r#"{"active":false}"#);
    for (given, active) in [("true", true), ("false", false), ("", false)] {
        let request = app.http.post(format!("{}/oauth/introspect", app.base));
        let request = request
            .basic_auth(&resource.id, Some(&resource.secret))
            .header("content-type", FORM);
        let fields = [("token", own.as_str()), ("client_credentials", given)];
        let told = Answer::to(request.body(encode(&fields))).await.json();
        assert_eq!(told["active"], active, "{given:?} {told}");
        assert_eq!(told.get("me"), None);
    }
}

#[tokio::test]
async fn the_operators_cap_ends_an_apps_own_token() {
    const DAY: u64 = 24 * 60 * 60;
    let (app, _alice) = with(Options::default().set("VESTIBULE_TOKENS__MAX_DAYS__MASTODON", "1")).await;
    let client = Registered::app(&app, "read").await;
    let answer = app.post_token(&client.own_token_request()).await.json();
    assert_eq!(answer["expires_in"], DAY);
    let own = access_token(&answer);
    app.clock.advance(Duration::from_secs(DAY - 1));
    let told = introspect(&app, &client.basic(), own).await.json();
    assert_eq!(told["active"], true);
    assert_eq!(told["exp"], app.now().unix_timestamp() + 1);
    assert_eq!(info(&app, own).await.json()["expires_in"], 1);
    app.clock.advance(Duration::from_secs(1));
    let lapsed = introspect(&app, &client.basic(), own).await;
    assert_eq!(lapsed.body, r#"{"active":false}"#);
    assert_eq!(info(&app, own).await.status, 401);
}

/// A client is not a resource server: to register is free, so its questions count.
#[tokio::test]
async fn a_client_may_ask_about_its_tokens_so_often_and_no_more() {
    let (app, _alice) = with(Options::default().set("VESTIBULE_LIMITS__TOKEN", "2")).await;
    let client = Registered::app(&app, "read").await;
    for status in [200, 200, 429] {
        assert_eq!(introspect(&app, &client.basic(), "x").await.status, status);
    }
    let resource = app.resource_server("timeline").await;
    assert_eq!(
        app.introspect(&resource, "x").await.status,
        200,
        "a resource server's do not"
    );
}
