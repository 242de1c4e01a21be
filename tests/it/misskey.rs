//! The end-to-end cases of Misskey's own OAuth tests (T1 to T54), as far as they concern a server that stands alone.
//! Corrected where they could not fail: right PKCE pairs, one code per case, a positive control beside each refusal.
//! Where this server decides otherwise on purpose, the test says so.

use reqwest::{Method, StatusCode};
use vestibule::oauth::error::ErrorCode;

use crate::harness::actors::Answer;
use crate::harness::{AuthorizationRequest, ClientSite, TestApp, Visitor, expect};

mod clients;
mod redemption;

/// A server, an app, and alice, who is signed in.
pub(crate) async fn scene() -> (TestApp, ClientSite, Visitor) {
    let (app, site) = (TestApp::start().await, ClientSite::start().await);
    let alice = app.owner("alice").await;
    (app, site, alice)
}

async fn granted_scope(asked: &str) -> String {
    let (_app, site, alice) = scene().await;
    let token = alice
        .tokens(&AuthorizationRequest::valid(&site).with("scope", asked))
        .await;
    token["scope"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn t01_full_flow() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let page = alice.consent_page(&request).await;
    assert!(page.text().contains("My Misskey App"), "{}", page.text());
    let back = alice.submit(&page.form("/consent/").set("decision", "approve")).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER);
    assert_eq!(back.location().split('?').next(), Some(request.get("redirect_uri")));
    assert_eq!(back.location_param("state").as_deref(), Some(request.get("state")));
    assert_eq!(back.location_param("iss").as_deref(), Some(app.issuer.as_str()));
    let code = back.location_param("code").unwrap();
    let token = alice.redeem(&request.redemption(&code)).await.json();
    assert_eq!(token["token_type"], "Bearer");
    assert_eq!(token["scope"], "profile create");
    assert_eq!(token["me"], format!("{}/@alice", app.issuer));
    let answer = alice
        .get_with_token("/oauth/userinfo", token["access_token"].as_str().unwrap())
        .await;
    assert_eq!(answer.json()["name"], "alice");
}

#[tokio::test]
async fn t02_two_flows_at_once_do_not_mix() {
    let (app, site, alice) = scene().await;
    let bob = app.owner("bob").await;
    let (first, second) = (
        AuthorizationRequest::valid(&site).with("state", "first"),
        AuthorizationRequest::valid(&site).with("state", "second"),
    );
    let pages = (alice.consent_page(&first).await, bob.consent_page(&second).await);
    for (who, name, request, page) in [(&alice, "alice", &first, &pages.0), (&bob, "bob", &second, &pages.1)] {
        let back = who.submit(&page.form("/consent/").set("decision", "approve")).await;
        assert_eq!(back.location_param("state").as_deref(), Some(request.get("state")));
        let code = back.location_param("code").unwrap();
        let token = who.redeem(&request.redemption(&code)).await.json();
        assert_eq!(token["me"], format!("{}/@{name}", app.issuer));
    }
}

#[tokio::test]
async fn t03_pkce_with_s256_is_required() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    for broken in [
        request
            .clone()
            .without("code_challenge")
            .without("code_challenge_method"),
        request.clone().without("code_challenge_method"),
        request.clone().without("code_challenge"),
        request.clone().with("code_challenge_method", "SSSS"),
        request.clone().with("code_challenge_method", "plain"),
    ] {
        let answer = alice.get_authorize(&broken).await;
        expect::redirect_error(&answer, ErrorCode::InvalidRequest, &broken, &app.issuer);
    }
    alice.consent_page(&request).await;
}

/// Corrected: the value of the error is checked.
#[tokio::test]
async fn t12_cancelling_is_access_denied() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let form = alice.consent_page(&request).await.form("/consent/");
    let answer = alice.submit(&form.set("decision", "deny")).await;
    expect::redirect_error(&answer, ErrorCode::AccessDenied, &request, &app.issuer);
}

/// Otherwise here: without a scope an app asks who the person is, and gets no token (IndieAuth, R54).
#[tokio::test]
async fn t13_missing_scope_tells_who_the_person_is_and_gives_no_token() {
    let (_app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site).without("scope");
    let code = alice.code(&request).await;
    let answer = alice.redeem(&request.redemption(&code)).await;
    expect::json_error(&answer, 400, ErrorCode::InvalidGrant);
}

/// Otherwise here: as t13. The same code still says who the person is.
#[tokio::test]
async fn t14_empty_scope_is_redeemed_at_the_authorization_endpoint() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site).with("scope", "");
    let code = alice.code(&request).await;
    let answer = alice.api("/oauth/authorize", &request.redemption(&code)).await;
    assert_eq!(
        answer.json(),
        serde_json::json!({ "me": format!("{}/@alice", app.issuer) })
    );
}

#[tokio::test]
async fn t15_only_unknown_scopes() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site).with("scope", "test:unknown test:unknown2");
    let answer = alice.get_authorize(&request).await;
    expect::redirect_error(&answer, ErrorCode::InvalidScope, &request, &app.issuer);
}

#[tokio::test]
async fn t16_unknown_scopes_beside_known_ones_are_left_out() {
    assert_eq!(
        granted_scope("write:notes test:unknown test:unknown2").await,
        "write:notes"
    );
}

#[tokio::test]
async fn t17_known_scopes_are_granted() {
    assert_eq!(
        granted_scope("write:notes read:account").await,
        "write:notes read:account"
    );
}

#[tokio::test]
async fn t18_repeated_scopes_count_once() {
    let granted = granted_scope("write:notes write:notes read:account read:account").await;
    assert_eq!(granted, "write:notes read:account");
}

/// Adapted: the protected route here is userinfo, and it needs `profile`.
#[tokio::test]
async fn t19_a_token_without_the_scope_is_insufficient() {
    let (_app, site, alice) = scene().await;
    let token = alice
        .tokens(&AuthorizationRequest::valid(&site).with("scope", "read:account"))
        .await;
    let token = token["access_token"].as_str().unwrap();
    let answer = alice.get_with_token("/oauth/userinfo", token).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let challenge = answer.header("www-authenticate");
    let expected = r#"Bearer realm="Vestibule", error="insufficient_scope", error_description"#;
    assert!(challenge.starts_with(expected), "{challenge}");
}

#[tokio::test]
async fn t20_a_token_without_its_scheme_or_its_end_is_refused() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let token = token["access_token"].as_str().unwrap();
    let send = async |authorization: String| {
        let request = app.http.get(format!("{}/oauth/userinfo", app.base));
        Answer::to(request.header("authorization", authorization)).await
    };
    assert_eq!(send(format!("Bearer {token}")).await.status, StatusCode::OK);
    assert_eq!(send(token.to_owned()).await.status, StatusCode::UNAUTHORIZED);
    let clipped = send(format!("Bearer {}", &token[..token.len() - 1])).await;
    assert_eq!(clipped.status, StatusCode::UNAUTHORIZED);
    assert!(clipped.header("www-authenticate").contains(r#"error="invalid_token""#));
}

async fn page_for_redirect_uri(change: impl Fn(AuthorizationRequest, &ClientSite) -> AuthorizationRequest) {
    let (_app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    alice.consent_page(&request).await;
    expect::page_error(&alice.get_authorize(&change(request, &site)).await, 400);
}

#[tokio::test]
async fn t21_a_strange_redirect_uri_at_the_authorization_endpoint() {
    page_for_redirect_uri(|request, _| request.with("redirect_uri", "http://127.0.0.2/")).await;
}

/// Corrected: on the app's own port, so that the path alone is the difference.
#[tokio::test]
async fn t22_a_longer_redirect_uri_at_the_authorization_endpoint() {
    page_for_redirect_uri(|request, site| request.with("redirect_uri", &site.url("/redirection"))).await;
}

#[tokio::test]
async fn t23_no_redirect_uri_at_the_authorization_endpoint() {
    page_for_redirect_uri(|request, _| request.without("redirect_uri")).await;
}

#[tokio::test]
async fn t27_server_metadata() {
    let app = TestApp::start().await;
    let answer = app.visitor().get("/.well-known/oauth-authorization-server").await;
    assert_eq!(answer.status, StatusCode::OK);
    let metadata = answer.json();
    assert_eq!(metadata["issuer"], app.issuer);
    let scopes = metadata["scopes_supported"].as_array().unwrap();
    assert!(scopes.contains(&"write:notes".into()), "{metadata}");
}

/// Adapted: sessions are cookies here. A decision without one leads to sign-in, and the question stays open.
#[tokio::test]
async fn t28_a_decision_by_nobody_is_none() {
    let (app, site, alice) = scene().await;
    let form = alice
        .consent_page(&AuthorizationRequest::valid(&site))
        .await
        .form("/consent/")
        .set("decision", "approve");
    let answer = app.visitor().submit(&form).await;
    assert!(answer.location().starts_with("/sign-in"), "{}", answer.location());
    let answer = alice.submit(&form).await;
    assert!(answer.location_param("code").is_some());
}

/// Adapted: the transaction is part of the path, so a decision without one has no address.
#[tokio::test]
async fn t29_a_decision_about_nothing() {
    let (_app, site, alice) = scene().await;
    let form = alice
        .consent_page(&AuthorizationRequest::valid(&site))
        .await
        .form("/consent/");
    let answer = alice.post("/consent/", &form.set("decision", "approve").fields).await;
    expect::page_error(&answer, 404);
}

/// Otherwise here: 404 and a page, since a person reads it.
#[tokio::test]
async fn t30_a_decision_about_an_unknown_request() {
    let (_app, site, alice) = scene().await;
    let form = alice
        .consent_page(&AuthorizationRequest::valid(&site))
        .await
        .form("/consent/");
    let answer = alice
        .post("/consent/invalid_id", &form.set("decision", "approve").fields)
        .await;
    expect::page_error(&answer, 404);
}

/// Otherwise here: once the redirect URI is verified the error travels (RFC 6749 §4.1.2.1). Misskey's own request,
/// which has nothing but the response type, gets a page.
#[tokio::test]
async fn t31_the_implicit_grant_does_not_exist() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site).with("response_type", "token");
    let answer = alice.get_authorize(&request).await;
    expect::redirect_error(&answer, ErrorCode::UnsupportedResponseType, &request, &app.issuer);
    expect::page_error(&alice.get("/oauth/authorize?response_type=token").await, 400);
}

#[tokio::test]
async fn t51_an_unknown_endpoint() {
    let app = TestApp::start().await;
    assert_eq!(app.visitor().get("/oauth/foo").await.status, StatusCode::NOT_FOUND);
}

async fn allowed_origin_of(method: Method, path: &str) -> String {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    let answer = visitor
        .send(visitor.request(method, path).header("origin", "https://app.net"))
        .await;
    assert!(!answer.status.is_success());
    answer.header("access-control-allow-origin").to_owned()
}

#[tokio::test]
async fn t52_cors_at_the_token_endpoint() {
    assert_eq!(allowed_origin_of(Method::POST, "/oauth/token").await, "*");
}

#[tokio::test]
async fn t53_no_cors_at_the_authorization_endpoint() {
    assert_eq!(allowed_origin_of(Method::GET, "/oauth/authorize").await, "");
}

#[tokio::test]
async fn t54_no_cors_at_the_decision() {
    assert_eq!(allowed_origin_of(Method::POST, "/consent/x").await, "");
}
