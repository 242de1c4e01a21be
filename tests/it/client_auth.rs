//! URL clients are public: how the token endpoint takes attempts to authenticate, and the two older uses of its
//! address (RFC 6749 §2.3; IndieAuth, edition of 2020-11-26).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::header;
use vestibule::oauth::error::ErrorCode;

use crate::harness::actors::{Answer, changed, encode};
use crate::harness::api::{FORM, access_token, identity_request, scene};
use crate::harness::encoding::ENCODINGS;
use crate::harness::{AuthorizationRequest, TestApp, expect};

async fn with_authorization(app: &TestApp, value: &str, fields: &[(&'static str, String)]) -> Answer {
    let request = app.http.post(format!("{}/oauth/token", app.base));
    Answer::to(
        request
            .header(header::AUTHORIZATION, value)
            .header(header::CONTENT_TYPE, FORM)
            .body(encode(fields)),
    )
    .await
}

#[tokio::test]
async fn an_empty_client_secret_counts_as_none() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let mut fields = request.redemption(&alice.code(&request).await);
    fields.push(("client_secret", String::new()));
    assert_eq!(app.post_token(&fields).await.status, 200);
}

#[tokio::test]
async fn a_client_secret_from_a_public_client_is_refused_and_costs_nothing() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let fields = request.redemption(&alice.code(&request).await);
    let mut with_secret = fields.clone();
    with_secret.push(("client_secret", "hunter2".to_owned()));
    expect::json_error(&app.post_token(&with_secret).await, 401, ErrorCode::InvalidClient);
    assert_eq!(app.post_token(&fields).await.status, 200);
}

#[tokio::test]
async fn a_basic_header_with_a_secret_is_refused_with_a_challenge() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let fields = changed(&request.redemption(&alice.code(&request).await), "client_id", "");
    let basic = format!("Basic {}", BASE64_STANDARD.encode("app:secret"));
    let answer = with_authorization(&app, &basic, &fields).await;
    expect::json_error(&answer, 401, ErrorCode::InvalidClient);
    assert!(answer.header("www-authenticate").starts_with("Basic "), "{answer:?}");
}

#[tokio::test]
async fn a_header_and_a_body_that_contradict_each_other_are_refused_and_cost_nothing() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let fields = request.redemption(&alice.code(&request).await);
    let mut with_secret = fields.clone();
    with_secret.push(("client_secret", "secret".to_owned()));
    for (named, fields) in [
        ("app:secret", &with_secret),
        ("app:secret", &fields),
        ("https://other.example/:", &fields),
    ] {
        let basic = format!("Basic {}", BASE64_STANDARD.encode(named));
        let answer = with_authorization(&app, &basic, fields).await;
        expect::json_error(&answer, 400, ErrorCode::InvalidRequest);
    }
    assert_eq!(app.post_token(&fields).await.status, 200);
}

/// How a public client may name itself: the value of the header, and whether the body names it, too.
fn ways_to_be_named(client_id: &str) -> Vec<(String, bool)> {
    let basic = |id: &str| format!("Basic {}", BASE64_STANDARD.encode(format!("{id}:")));
    let encoded: String = url::form_urlencoded::byte_serialize(client_id.as_bytes()).collect();
    vec![
        (String::new(), true),
        ("Bearer vat_some_other_token".to_owned(), true),
        (basic(client_id), false),
        (basic(client_id), true),
        (basic(&encoded), false),
        (basic(&encoded), true),
        (basic(""), true),
    ]
}

#[tokio::test]
async fn a_client_is_known_in_every_encoding_however_it_names_itself() {
    let (app, site, alice) = scene().await;
    for encoding in ENCODINGS {
        for (authorization, in_body) in ways_to_be_named(&site.client_id()) {
            let request = AuthorizationRequest::valid(&site);
            let fields = request.redemption(&alice.code(&request).await);
            let fields = if in_body {
                fields
            } else {
                changed(&fields, "client_id", "")
            };
            let answer = encoding.post(&app, "/oauth/token", &authorization, &fields).await;
            assert_eq!(answer.status, 200, "{encoding:?} {authorization} {in_body} {answer:?}");
            assert!(app.holds(access_token(&answer.json())).await);
        }
    }
}

#[tokio::test]
async fn nobody_is_known_without_a_name_in_any_encoding() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let fields = request.redemption(&alice.code(&request).await);
    let nameless = changed(&fields, "client_id", "");
    for encoding in ENCODINGS {
        for authorization in ["", "Bearer vat_some_other_token"] {
            let answer = encoding.post(&app, "/oauth/token", authorization, &nameless).await;
            expect::json_error(&answer, 400, ErrorCode::InvalidRequest);
        }
    }
    assert_eq!(app.post_token(&fields).await.status, 200, "the code was not spent");
}

#[tokio::test]
async fn a_token_is_revoked_in_every_encoding_beside_a_stray_bearer() {
    let (app, site, alice) = scene().await;
    for encoding in ENCODINGS {
        for authorization in ["", "Bearer vat_some_other_token"] {
            let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
            let fields = [
                ("client_id", site.client_id()),
                ("token", access_token(&token).to_owned()),
            ];
            let answer = encoding.post(&app, "/oauth/revoke", authorization, &fields).await;
            assert_eq!(answer.status, 200, "{encoding:?} {answer:?}");
            assert!(!app.holds(access_token(&token)).await, "{encoding:?}");
        }
    }
}

#[tokio::test]
async fn a_code_is_redeemed_for_the_profile_in_every_encoding() {
    let (app, site, alice) = scene().await;
    for encoding in ENCODINGS {
        let request = identity_request(&site);
        let fields = request.redemption(&alice.code(&request).await);
        let answer = encoding.post(&app, "/oauth/authorize", "", &fields).await;
        assert_eq!(answer.status, 200, "{encoding:?} {answer:?}");
        assert_eq!(answer.json()["me"], format!("{}/@alice", app.issuer), "{encoding:?}");
    }
}

#[tokio::test]
async fn a_broken_basic_header_is_refused_in_json() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let fields = request.redemption(&alice.code(&request).await);
    let no_colon = format!("Basic {}", BASE64_STANDARD.encode("no colon"));
    let no_utf8 = format!("Basic {}", BASE64_STANDARD.encode([0xff, b':', 0xff]));
    for broken in ["Basic ///", &no_colon, &no_utf8] {
        let answer = with_authorization(&app, broken, &fields).await;
        expect::json_error(&answer, 401, ErrorCode::InvalidClient);
    }
    assert_eq!(app.post_token(&fields).await.status, 200, "the code was not spent");
}

#[tokio::test]
async fn the_older_revocation_ends_a_token() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let answer = app
        .post_token(&[("action", "revoke"), ("token", access_token(&token))])
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(!app.holds(access_token(&token)).await);
}

#[tokio::test]
async fn the_older_revocation_succeeds_for_an_unknown_token() {
    let (app, _site, _alice) = scene().await;
    let answer = app.post_token(&[("action", "revoke"), ("token", "vat_unknown")]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn the_older_check_describes_the_token_it_is_shown() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let told = app.check(access_token(&token)).await.json();
    assert_eq!(told["me"], format!("{}/@alice", app.issuer));
    assert_eq!(told["client_id"], site.client_id());
    assert_eq!(told["scope"], "profile create");
}

#[tokio::test]
async fn the_older_check_of_an_unknown_token_is_invalid_token() {
    let (app, _site, _alice) = scene().await;
    let answer = app.check("vat_unknown").await;
    expect::json_error(&answer, 401, ErrorCode::InvalidToken);
    assert!(
        answer.header("www-authenticate").contains(r#"error="invalid_token""#),
        "{answer:?}"
    );
}

#[tokio::test]
async fn the_older_check_without_a_token_says_no_more_than_that() {
    let (_app, _site, alice) = scene().await;
    let answer = alice.get("/oauth/token").await;
    assert_eq!(answer.status, 401, "{answer:?}");
    assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="Vestibule""#);
    assert_eq!(answer.body, "{}");
}
