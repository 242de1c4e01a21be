//! The userinfo endpoint and the shapes of its refusals (IndieAuth "Profile Information", RFC 6750 §3).

use serde_json::json;
use vestibule::oauth::error::ErrorCode;

use crate::harness::actors::Answer;
use crate::harness::api::{access_token, refresh_token, refreshing_scene, scene};
use crate::harness::encoding::ENCODINGS;
use crate::harness::{AuthorizationRequest, expect};

#[tokio::test]
async fn a_token_with_the_profile_scope_gets_the_profile() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let answer = alice.get_with_token("/oauth/userinfo", access_token(&token)).await;
    let sub = app.user_id("alice").await;
    let expected = json!({ "sub": sub, "name": "alice", "url": format!("{}/@alice", app.issuer) });
    assert_eq!(answer.json(), expected);
    let mut told = token["profile"].clone();
    told["sub"] = sub.into();
    assert_eq!(answer.json(), told, "the same as the token endpoint told, and the id");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_post_gets_the_profile_too() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let request = app.http.post(format!("{}/oauth/userinfo", app.base));
    let answer = Answer::to(request.bearer_auth(access_token(&token))).await;
    assert_eq!(answer.json()["name"], "alice", "{answer:?}");
}

#[tokio::test]
async fn the_scheme_of_the_header_has_no_case() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let request = app.http.get(format!("{}/oauth/userinfo", app.base));
    let answer = Answer::to(request.header("authorization", format!("bearer {}", access_token(&token)))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn a_token_without_the_profile_scope_is_told_which_one_it_needs() {
    let (_app, site, alice) = scene().await;
    let token = alice
        .tokens(&AuthorizationRequest::valid(&site).with("scope", "create"))
        .await;
    let answer = alice.get_with_token("/oauth/userinfo", access_token(&token)).await;
    expect::json_error(&answer, 403, ErrorCode::InsufficientScope);
    let challenge = answer.header("www-authenticate");
    assert!(challenge.starts_with("Bearer "), "{challenge}");
    assert!(challenge.contains(r#"error="insufficient_scope""#), "{challenge}");
    assert!(challenge.contains(r#"scope="profile""#), "{challenge}");
}

#[tokio::test]
async fn no_token_is_answered_without_code_or_detail() {
    let (_app, _site, alice) = scene().await;
    let answer = alice.get("/oauth/userinfo").await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="Vestibule""#);
    assert_eq!(answer.body, "{}");
}

#[tokio::test]
async fn a_session_cookie_is_no_token() {
    let (_app, _site, alice) = scene().await;
    assert_eq!(alice.get("/apps").await.status, 200, "she is signed in");
    assert_eq!(alice.get("/oauth/userinfo").await.status, 401);
}

#[tokio::test]
async fn an_unknown_token_is_invalid_token() {
    let (_app, _site, alice) = scene().await;
    let answer = alice.get_with_token("/oauth/userinfo", "vat_unknown").await;
    expect::json_error(&answer, 401, ErrorCode::InvalidToken);
    let challenge = answer.header("www-authenticate");
    assert!(challenge.starts_with("Bearer "), "{challenge}");
    assert!(challenge.contains(r#"error="invalid_token""#), "{challenge}");
}

#[tokio::test]
async fn a_refresh_token_is_invalid_token() {
    let (_app, site, alice) = refreshing_scene().await;
    let tokens = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let answer = alice.get_with_token("/oauth/userinfo", refresh_token(&tokens)).await;
    expect::json_error(&answer, 401, ErrorCode::InvalidToken);
}

#[tokio::test]
async fn a_token_in_the_address_is_refused() {
    let (_app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    for member in ["access_token", "bearer_token"] {
        let path = format!("/oauth/userinfo?{member}={}", access_token(&token));
        let answer = alice.get(&path).await;
        expect::json_error(&answer, 400, ErrorCode::InvalidRequest);
        assert!(
            answer.header("www-authenticate").contains(r#"error="invalid_request""#),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn scripts_of_other_sites_may_read_the_challenge_but_send_no_cookies() {
    let (app, _site, _alice) = scene().await;
    for origin in ["https://app.example", "null"] {
        let request = app.http.get(format!("{}/oauth/userinfo", app.base));
        let answer = Answer::to(request.header("origin", origin)).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{origin}");
        assert_eq!(answer.header("access-control-allow-credentials"), "", "{origin}");
    }
}

#[tokio::test]
async fn a_post_may_have_its_token_in_the_body_in_every_encoding() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let token = access_token(&token).to_owned();
    for encoding in ENCODINGS {
        for member in ["access_token", "bearer_token"] {
            let answer = encoding
                .post(&app, "/oauth/userinfo", "", &[(member, token.clone())])
                .await;
            assert_eq!(answer.json()["name"], "alice", "{encoding:?} {member}: {answer:?}");
            let header = format!("Bearer {token}");
            let wrong = [(member, "vat_unknown".to_owned())];
            let answer = encoding.post(&app, "/oauth/userinfo", &header, &wrong).await;
            assert_eq!(answer.status, 200, "the header wins: {answer:?}");
            let answer = encoding.post(&app, "/oauth/userinfo", "", &wrong).await;
            expect::json_error(&answer, 401, ErrorCode::InvalidToken);
        }
        let nothing = [("unheard_of", token.clone())];
        let answer = encoding.post(&app, "/oauth/userinfo", "", &nothing).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (401, "{}"));
    }
}
