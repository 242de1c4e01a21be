//! The introspection endpoint (RFC 7662, IndieAuth "Access Token Verification"; attack case TK-03).

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::{RequestBuilder, header};
use serde_json::json;
use vestibule::oauth::error::ErrorCode;

use crate::harness::actors::{Answer, encode};
use crate::harness::api::{FORM, ResourceServer, access_token, refresh_token, refreshing_scene, scene};
use crate::harness::encoding::ENCODINGS;
use crate::harness::{AuthorizationRequest, TestApp, expect};

/// Asks about a token, with credentials of some kind.
async fn ask(
    app: &TestApp,
    fields: &[(&str, &str)],
    credentials: impl FnOnce(RequestBuilder) -> RequestBuilder,
) -> Answer {
    let request = app.http.post(format!("{}/oauth/introspect", app.base));
    Answer::to(
        credentials(request)
            .header(header::CONTENT_TYPE, FORM)
            .body(encode(fields)),
    )
    .await
}

/// A living token, and wrong credentials: nothing may be told of it.
async fn refused(credentials: impl FnOnce(RequestBuilder, &str, &str) -> RequestBuilder) {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let resource = app.resource_server("micropub").await;
    let answer = ask(&app, &[("token", access_token(&token))], |request| {
        credentials(request, &resource.id, &resource.secret)
    })
    .await;
    expect::json_error(&answer, 401, ErrorCode::InvalidClient);
    assert!(answer.header("www-authenticate").starts_with("Basic "), "{answer:?}");
    assert_eq!(answer.json().get("active"), None);
}

#[tokio::test]
async fn without_credentials_nothing_is_told() {
    refused(|request, _, _| request).await;
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    refused(|request, id, _| request.basic_auth(id, Some("vrs_wrong"))).await;
}

#[tokio::test]
async fn a_secret_with_a_wrong_last_byte_is_refused() {
    refused(|request, id, secret| {
        let other = if secret.ends_with('a') { "b" } else { "a" };
        request.basic_auth(id, Some(format!("{}{other}", &secret[..secret.len() - 1])))
    })
    .await;
}

#[tokio::test]
async fn an_unknown_id_is_refused() {
    refused(|request, _, secret| request.basic_auth("rs_unknown", Some(secret))).await;
}

#[tokio::test]
async fn an_id_without_a_secret_is_refused() {
    refused(|request, id, _| request.basic_auth(id, Some(""))).await;
}

#[tokio::test]
async fn an_unknown_bearer_secret_is_refused() {
    refused(|request, _, _| request.bearer_auth("vrs_wrong")).await;
}

#[tokio::test]
async fn a_broken_basic_header_is_refused() {
    refused(|request, _, _| request.header(header::AUTHORIZATION, "Basic ///")).await;
}

#[tokio::test]
async fn the_token_itself_is_no_credential() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let token = access_token(&token);
    let answer = ask(&app, &[("token", token)], |request| request.bearer_auth(token)).await;
    expect::json_error(&answer, 401, ErrorCode::InvalidClient);
}

/// Good credentials: the value of the header, and what the body has besides the token.
fn good(resource: &ResourceServer) -> Vec<(String, Vec<(&'static str, String)>)> {
    let basic = |id: &str, secret: &str| format!("Basic {}", BASE64_STANDARD.encode(format!("{id}:{secret}")));
    let in_header = basic(&resource.id, &resource.secret);
    // As a library may that encodes every byte: what RFC 6749 §2.3.1 asks for, and Doorkeeper does not.
    let every_byte = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    let encoded = basic(&every_byte(&resource.id), &every_byte(&resource.secret));
    let id = ("client_id", resource.id.clone());
    let in_body = vec![id.clone(), ("client_secret", resource.secret.clone())];
    vec![
        (in_header.clone(), vec![]),
        (in_header.clone(), vec![id]),
        (in_header, in_body.clone()),
        (encoded.clone(), vec![]),
        (encoded, in_body.clone()),
        (String::new(), in_body.clone()),
        ("Bearer vat_some_other_token".to_owned(), in_body),
        (format!("Bearer {}", resource.secret), vec![]),
    ]
}

#[tokio::test]
async fn basic_body_and_bearer_credentials_are_good_in_every_encoding() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let resource = app.resource_server("micropub").await;
    for encoding in ENCODINGS {
        for (authorization, mut fields) in good(&resource) {
            fields.push(("token", access_token(&token).to_owned()));
            let answer = encoding.post(&app, "/oauth/introspect", &authorization, &fields).await;
            assert_eq!(answer.json()["active"], true, "{encoding:?} {authorization} {answer:?}");
        }
    }
}

#[tokio::test]
async fn credentials_in_header_and_body_that_differ_are_one_too_many() {
    let (app, _site, _alice) = scene().await;
    let resource = app.resource_server("micropub").await;
    for (id, secret) in [(&*resource.id, "vrs_other"), ("rs_other", &*resource.secret)] {
        let fields = [("token", "x"), ("client_id", id), ("client_secret", secret)];
        let answer = ask(&app, &fields, |request| {
            request.basic_auth(&resource.id, Some(&resource.secret))
        })
        .await;
        expect::json_error(&answer, 400, ErrorCode::InvalidRequest);
    }
}

#[tokio::test]
async fn a_missing_token_is_invalid_request() {
    let (app, _site, _alice) = scene().await;
    let resource = app.resource_server("micropub").await;
    let answer = ask(&app, &[("other", "x")], |request| request.bearer_auth(&resource.secret)).await;
    expect::json_error(&answer, 400, ErrorCode::InvalidRequest);
}

#[tokio::test]
async fn an_active_token_says_whose_it_is_for_what_and_until_when() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let resource = app.resource_server("micropub").await;
    let issued_at = app.now().unix_timestamp();
    app.clock.advance(Duration::from_secs(100));
    let answer = app.introspect(&resource, access_token(&token)).await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let expected = json!({
        "active": true,
        "me": format!("{}/@alice", app.issuer),
        "sub": app.user_id("alice").await,
        "client_id": site.client_id(),
        "scope": "profile create",
        "token_type": "Bearer",
        "username": "alice",
        "dialect": "indieauth",
        "iss": app.issuer,
        "iat": issued_at,
        "exp": issued_at + 90 * 24 * 60 * 60,
    });
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn a_token_until_revoked_has_no_exp() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let form = alice.consent_page(&request).await.form("/consent/");
    let form = form.set("lifetime", "until_revoked").set("decision", "approve");
    let code = alice.submit(&form).await.location_param("code").unwrap();
    let token = app.post_token(&request.redemption(&code)).await.json();
    let resource = app.resource_server("micropub").await;
    let told = app.introspect(&resource, access_token(&token)).await.json();
    assert_eq!(told["active"], true);
    assert_eq!(told.get("exp"), None, "{told}");
}

/// Fails unless the answer about this token is exactly that it is not active.
async fn expect_inactive(app: &TestApp, token: &str) {
    let resource = app.resource_server("micropub").await;
    let answer = app.introspect(&resource, token).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body, r#"{"active":false}"#);
}

#[tokio::test]
async fn an_unknown_token_is_inactive_and_no_more() {
    let app = TestApp::start().await;
    expect_inactive(&app, "vat_unknown").await;
}

#[tokio::test]
async fn a_lapsed_token_is_inactive_and_no_more() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    app.clock.advance(Duration::from_secs(90 * 24 * 60 * 60));
    expect_inactive(&app, access_token(&token)).await;
}

#[tokio::test]
async fn a_revoked_token_is_inactive_and_no_more() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    app.post("/oauth/revoke", &[("token", access_token(&token))]).await;
    expect_inactive(&app, access_token(&token)).await;
}

#[tokio::test]
async fn a_refresh_token_is_inactive_and_no_more() {
    let (app, site, alice) = refreshing_scene().await;
    let tokens = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    expect_inactive(&app, refresh_token(&tokens)).await;
}

#[tokio::test]
async fn a_code_is_inactive_and_no_more() {
    let (app, site, alice) = scene().await;
    let code = alice.code(&AuthorizationRequest::valid(&site)).await;
    expect_inactive(&app, &code).await;
}

#[tokio::test]
async fn scripts_of_other_sites_cannot_ask() {
    let (app, _site, alice) = scene().await;
    let request = alice.request(reqwest::Method::OPTIONS, "/oauth/introspect");
    let preflight = request
        .header("origin", "https://app.example")
        .header("access-control-request-method", "POST");
    assert_eq!(Answer::to(preflight).await.header("access-control-allow-origin"), "");
    let resource = app.resource_server("micropub").await;
    let answer = ask(&app, &[("token", "x")], |request| {
        request
            .bearer_auth(&resource.secret)
            .header("origin", "https://app.example")
    })
    .await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn a_resource_server_may_ask_what_the_granted_names_include() {
    let (app, site, alice) = scene().await;
    let asked = AuthorizationRequest::valid(&site).with("scope", "follow read:lists");
    let token = alice.tokens(&asked).await;
    let resource = app.resource_server("timeline").await;
    let answer = app.introspect(&resource, access_token(&token)).await.json();
    assert_eq!(answer["scope"], "follow read:lists");
    assert_eq!(answer.get("scope_expanded"), None, "only when asked");
    let fields = [("token", access_token(&token)), ("expand", "true")];
    let expanded = ask(&app, &fields, |request| {
        request.basic_auth(&resource.id, Some(&resource.secret))
    });
    let expanded = expanded.await.json();
    assert_eq!(expanded["scope"], "follow read:lists", "as it was granted");
    assert_eq!(
        expanded["scope_expanded"],
        "follow read:lists read:blocks read:follows read:mutes write:blocks write:follows write:mutes"
    );
}
