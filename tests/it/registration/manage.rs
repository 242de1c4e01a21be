//! A registration as its client manages it (RFC 7592).

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use vestibule::oauth::error::ErrorCode;
use vestibule::oauth::secret::Digest;
use vestibule::storage::clients;

use super::{REDIRECT_URI, open, public, redemption_of, request_of, text};
use crate::harness::actors::Answer;
use crate::harness::api::access_token;
use crate::harness::{Options, TestApp, expect};

fn confidential() -> Value {
    json!({ "client_name": "Postcard", "redirect_uris": [REDIRECT_URI], "scope": "profile create" })
}

/// What a PUT sends: everything, with its id.
fn anew(client: &Value, metadata: &Value) -> Value {
    let mut body = metadata.clone();
    body["client_id"] = client["client_id"].clone();
    body
}

fn without<'a>(object: &Value, members: impl IntoIterator<Item = &'a str>) -> Value {
    let mut object = object.clone();
    for member in members {
        object.as_object_mut().unwrap().remove(member);
    }
    object
}

async fn refused(app: &TestApp, client: &Value) {
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let answer = app.manage(method, client, Some(&anew(client, &public()))).await;
        expect::json_error(&answer, 401, ErrorCode::InvalidToken);
        assert!(answer.header("www-authenticate").starts_with("Bearer "), "{answer:?}");
    }
}

#[tokio::test]
async fn a_registration_is_read_again_without_its_secret() {
    let app = open().await;
    let client = app.registered(&confidential()).await;
    let answer = app.manage(Method::GET, &client, None).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let told = without(&client, ["client_secret", "client_secret_expires_at"]);
    assert_eq!(answer.json(), told);
}

#[tokio::test]
async fn put_replaces_everything_and_keeps_id_and_secret() {
    let app = open().await;
    let alice = app.owner("alice").await;
    let client = app.registered(&confidential()).await;
    let other = "https://app.example/other";
    let mut body = anew(
        &client,
        &json!({ "redirect_uris": [other], "client_secret": client["client_secret"] }),
    );
    // What only the server says, and what it has no use for, changes nothing.
    body["client_id_issued_at"] = json!(1);
    body["registration_client_uri"] = json!("https://evil.example/");
    body["registration_access_token"] = json!("chosen");
    body["client_secret_expires_at"] = json!(1);
    let answer = app.manage(Method::PUT, &client, Some(&body)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let mut expected = without(
        &client,
        ["client_secret", "client_secret_expires_at", "client_name", "scope"],
    );
    expected["redirect_uris"] = json!([other]);
    assert_eq!(answer.json(), expected);
    assert_eq!(app.manage(Method::GET, &client, None).await.json(), expected);
    let request = request_of(&client).with("redirect_uri", other);
    let code = alice.code(&request).await;
    let token = app.post_token(&redemption_of(&client, &request, &code)).await;
    assert_eq!(token.status, StatusCode::OK, "{token:?}");
    expect::page_error(&alice.get_authorize(&request_of(&client)).await, 400);
}

#[tokio::test]
async fn put_needs_its_own_id_and_secret() {
    let app = open().await;
    let (client, stranger) = (
        app.registered(&confidential()).await,
        app.registered(&confidential()).await,
    );
    let good = anew(&client, &confidential());
    for (member, value) in [
        ("client_id", Value::Null),
        ("client_id", stranger["client_id"].clone()),
        ("client_secret", stranger["client_secret"].clone()),
        ("client_secret", json!("chosen")),
        ("client_secret", json!("")),
    ] {
        let mut body = good.clone();
        body[member] = value.clone();
        let answer = app.manage(Method::PUT, &client, Some(&body)).await;
        expect::json_error(&answer, 400, ErrorCode::InvalidClientMetadata);
    }
    let mut body = good.clone();
    body["redirect_uris"] = json!(["javascript:alert(1)"]);
    let answer = app.manage(Method::PUT, &client, Some(&body)).await;
    expect::json_error(&answer, 400, ErrorCode::InvalidRedirectUri);
    let told = app.manage(Method::GET, &client, None).await.json();
    assert_eq!(told["redirect_uris"], json!([REDIRECT_URI]), "nothing changed");
    assert_eq!(app.manage(Method::PUT, &client, Some(&good)).await.status, 200);
}

/// What people said yes to was a client with a secret, or one without: whoever holds the registration token cannot change
/// that, and take what was given to the other.
#[tokio::test]
async fn a_client_stays_confidential_or_public() {
    let app = open().await;
    for (first, then) in [(confidential(), public()), (public(), confidential())] {
        let client = app.registered(&first).await;
        let answer = app.manage(Method::PUT, &client, Some(&anew(&client, &then))).await;
        expect::json_error(&answer, 400, ErrorCode::InvalidClientMetadata);
        let told = app.manage(Method::GET, &client, None).await.json();
        let method = "token_endpoint_auth_method";
        assert_eq!(told[method], client[method], "nothing changed");
    }
}

#[tokio::test]
async fn a_changed_registration_asks_people_again() {
    let app = open().await;
    let alice = app.owner("alice").await;
    let client = app.registered(&confidential()).await;
    let request = request_of(&client);
    alice.code(&request).await;
    let silent = alice.get_authorize(&request.clone().fresh_pkce()).await;
    assert!(silent.location_param("code").is_some(), "{silent:?}");
    let mut other = anew(&client, &confidential());
    other["client_name"] = json!("Your bank");
    assert_eq!(app.manage(Method::PUT, &client, Some(&other)).await.status, 200);
    alice.consent_page(&request.fresh_pkce()).await;
}

#[tokio::test]
async fn delete_ends_the_client_and_everything_that_was_given_to_it() {
    let app = open().await;
    let alice = app.owner("alice").await;
    let client = app.registered(&confidential()).await;
    let bystander = app.registered(&confidential()).await;
    let redeem = async |client: &Value| {
        let request = request_of(client);
        let code = alice.code(&request).await;
        app.post_token(&redemption_of(client, &request, &code)).await.json()
    };
    let (token, other) = (redeem(&client).await, redeem(&bystander).await);
    let request = request_of(&client).fresh_pkce();
    let code = alice.get_authorize(&request).await.location_param("code").unwrap();
    let answer = app.manage(Method::DELETE, &client, None).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::NO_CONTENT, ""));
    assert!(!app.holds(access_token(&token)).await);
    assert!(app.holds(access_token(&other)).await, "another client's token ended");
    let late = app.post_token(&redemption_of(&client, &request, &code)).await;
    expect::json_error(&late, 401, ErrorCode::InvalidClient);
    let rows = app.rows().await;
    assert_eq!(rows.count("consents").await, 1, "only the other client's");
    assert_eq!(rows.count("clients").await, 1);
    expect::page_error(&alice.get_authorize(&request.fresh_pkce()).await, 400);
    refused(&app, &client).await;
    assert_eq!(app.manage(Method::GET, &bystander, None).await.status, 200);
}

#[tokio::test]
async fn a_yes_to_a_client_that_was_removed_meanwhile_is_worth_nothing() {
    let app = open().await;
    let alice = app.owner("alice").await;
    let client = app.registered(&confidential()).await;
    let form = alice.consent_page(&request_of(&client)).await.form("/consent/");
    assert_eq!(app.manage(Method::DELETE, &client, None).await.status, 204);
    let answer = alice.submit(&form.set("decision", "approve")).await;
    expect::page_error(&answer, 404);
    assert_eq!(app.rows().await.count("consents").await, 0);
}

#[tokio::test]
async fn an_unknown_client_a_wrong_token_and_none_are_answered_alike() {
    let app = open().await;
    let client = app.registered(&confidential()).await;
    let stranger = app.registered(&confidential()).await;
    let mut with_other_token = client.clone();
    with_other_token["registration_access_token"] = stranger["registration_access_token"].clone();
    let mut unknown = client.clone();
    unknown["registration_client_uri"] = json!(format!("{}/oauth/register/unheard-of", app.issuer));
    let mut with_secret = client.clone();
    with_secret["registration_access_token"] = client["client_secret"].clone();
    for tried in [&with_other_token, &unknown, &with_secret] {
        refused(&app, tried).await;
    }
    let (first, second) = (
        app.manage(Method::GET, &with_other_token, None).await,
        app.manage(Method::GET, &unknown, None).await,
    );
    assert_eq!(first.body, second.body);
    let address = text(&client, "registration_client_uri").replace(&app.issuer, &app.base);
    assert_eq!(Answer::to(app.http.get(address)).await.status, 401);
    assert_eq!(
        app.manage(Method::GET, &client, None).await.status,
        200,
        "it is still there"
    );
}

/// Whoever says yes meanwhile waits for the row of the client: with it gone, nothing is given to the client any more.
#[tokio::test]
async fn delete_takes_the_client_before_what_was_given_to_it() {
    let app = open().await;
    let client = app.registered(&confidential()).await;
    app.forget_statements();
    assert_eq!(app.manage(Method::DELETE, &client, None).await.status, 204);
    let statements = app.statements_of_requests();
    let changes = statements.iter().filter(|sql| !sql.starts_with("SELECT"));
    let tables: Vec<&str> = changes.map(|sql| sql.split('"').nth(1).unwrap_or(sql)).collect();
    assert_eq!(tables, ["clients", "consents", "grants"], "{statements:?}");
}

/// Somebody else registered the same meanwhile: from then on nobody ends the client alone.
#[tokio::test]
async fn a_client_is_removed_only_with_the_token_that_it_has_at_that_moment() {
    let app = open().await;
    let client = app.registered(&confidential()).await;
    let store = app.store().await;
    let removed = async |token: &str| {
        clients::delete_managed(store.writer(), text(&client, "client_id"), &Digest::of(token))
            .await
            .expect("the database is there")
    };
    assert!(!removed("vrt_another").await);
    assert!(removed(text(&client, "registration_access_token")).await);
}

#[tokio::test]
async fn a_client_manages_its_registration_behind_a_closed_door() {
    let app = open().await;
    let client = app.registered(&confidential()).await;
    let closed = app.replica(Options::default()).await;
    let mut there = client.clone();
    there["registration_client_uri"] = json!(text(&client, "registration_client_uri").replace(&app.base, &closed.base));
    let answer = closed.manage(Method::GET, &there, None).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(closed.manage(Method::DELETE, &there, None).await.status, 204);
    assert_eq!(closed.register(&public()).await.status, 404, "and nobody else comes in");
}
