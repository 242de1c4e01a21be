//! Authorization codes: one use, one client, one proof, a short life (RFC 6749 §4.1.2, RFC 7636 §4.6, RFC 9700 §4.5;
//! attack cases CD-03 to CD-16), and redemption for identity alone (IndieAuth "Profile URL Response").

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use vestibule::oauth::error::ErrorCode;

use crate::harness::actors::{VERIFIER, changed};
use crate::harness::api::{access_token, identity_request, refresh_token, refreshing_scene, scene};
use crate::harness::{AuthorizationRequest, ClientSite, Options, TestApp, expect};

#[tokio::test]
async fn a_code_used_twice_is_refused_and_its_token_revoked() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let redemption = request.redemption(&alice.code(&request).await);
    let token = app.post_token(&redemption).await.json();
    expect::json_error(&app.post_token(&redemption).await, 400, ErrorCode::InvalidGrant);
    assert!(!app.holds(access_token(&token)).await);
}

#[tokio::test]
async fn a_code_used_twice_also_ends_the_refresh_token() {
    let (app, site, alice) = refreshing_scene().await;
    let request = AuthorizationRequest::valid(&site);
    let redemption = request.redemption(&alice.code(&request).await);
    let tokens = app.post_token(&redemption).await.json();
    app.post_token(&redemption).await;
    expect::json_error(
        &app.refresh(&site, refresh_token(&tokens)).await,
        400,
        ErrorCode::InvalidGrant,
    );
}

#[tokio::test]
async fn a_code_used_twice_is_written_into_the_audit_log_once() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let redemption = request.redemption(&alice.code(&request).await);
    for _ in 0..3 {
        app.post_token(&redemption).await;
    }
    assert_eq!(app.rows().await.audit().await, ["code_reused"]);
}

#[tokio::test]
async fn a_code_used_twice_is_told_on_the_apps_page() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let redemption = request.redemption(&alice.code(&request).await);
    app.post_token(&redemption).await;
    app.post_token(&redemption).await;
    let page = alice.get("/apps").await;
    assert!(
        page.text().contains("a code for this app was used a second time"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn of_fifty_callers_with_one_code_at_most_one_succeeds_and_its_token_is_dead() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let redemption = request.redemption(&alice.code(&request).await);
    let answers = join_all((0..50).map(|_| app.post_token(&redemption))).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert!(won.len() <= 1, "{won:?}");
    for answer in lost {
        expect::json_error(answer, 400, ErrorCode::InvalidGrant);
    }
    for answer in won {
        assert!(!app.holds(access_token(&answer.json())).await);
    }
}

/// A first try with this field changed is refused as `invalid_grant`; says whether the code still works afterwards.
async fn survives_a_try_with(name: &str, value: &str) -> bool {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let redemption = request.redemption(&alice.code(&request).await);
    let refused = app.post_token(&changed(&redemption, name, value)).await;
    expect::json_error(&refused, 400, ErrorCode::InvalidGrant);
    app.post_token(&redemption).await.status == 200
}

#[tokio::test]
async fn a_wrong_verifier_burns_the_code() {
    assert!(!survives_a_try_with("code_verifier", VERIFIER).await);
}

#[tokio::test]
async fn a_missing_verifier_burns_the_code() {
    assert!(!survives_a_try_with("code_verifier", "").await);
}

#[tokio::test]
async fn a_malformed_verifier_burns_the_code() {
    assert!(!survives_a_try_with("code_verifier", "too short").await);
}

#[tokio::test]
async fn another_redirect_uri_burns_the_code() {
    assert!(!survives_a_try_with("redirect_uri", "http://127.0.0.1/other").await);
}

#[tokio::test]
async fn a_missing_redirect_uri_burns_the_code() {
    assert!(!survives_a_try_with("redirect_uri", "").await);
}

#[tokio::test]
async fn a_stranger_cannot_spoil_a_code() {
    assert!(survives_a_try_with("client_id", "https://stranger.example/").await);
}

#[tokio::test]
async fn a_stranger_with_a_used_code_cannot_end_its_token() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let redemption = request.redemption(&alice.code(&request).await);
    let token = app.post_token(&redemption).await.json();
    let stranger = changed(&redemption, "client_id", "https://stranger.example/");
    expect::json_error(&app.post_token(&stranger).await, 400, ErrorCode::InvalidGrant);
    assert!(app.holds(access_token(&token)).await);
}

#[tokio::test]
async fn a_used_code_without_its_proof_cannot_end_its_token() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let redemption = request.redemption(&alice.code(&request).await);
    let token = app.post_token(&redemption).await.json();
    let thief = changed(&redemption, "code_verifier", VERIFIER);
    expect::json_error(&app.post_token(&thief).await, 400, ErrorCode::InvalidGrant);
    assert!(app.holds(access_token(&token)).await);
}

#[tokio::test]
async fn a_code_works_until_the_last_second_of_its_life() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let redemption = request.redemption(&alice.code(&request).await);
    app.clock.advance(Duration::from_secs(5 * 60 - 1));
    assert_eq!(app.post_token(&redemption).await.status, 200);
}

#[tokio::test]
async fn a_lapsed_code_is_refused() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let redemption = request.redemption(&alice.code(&request).await);
    app.clock.advance(Duration::from_secs(5 * 60));
    expect::json_error(&app.post_token(&redemption).await, 400, ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn a_lapsed_code_with_another_fault_is_refused_alike() {
    let (app, site, alice) = scene().await;
    for (name, value) in [
        ("code_verifier", VERIFIER),
        ("redirect_uri", "x"),
        ("client_id", "https://other.example/"),
    ] {
        let request = AuthorizationRequest::valid(&site);
        let redemption = request.redemption(&alice.code(&request).await);
        app.clock.advance(Duration::from_secs(5 * 60));
        let answer = app.post_token(&changed(&redemption, name, value)).await;
        expect::json_error(&answer, 400, ErrorCode::InvalidGrant);
    }
}

#[tokio::test]
async fn a_code_is_no_bearer_token() {
    let (app, site, alice) = scene().await;
    let code = alice.code(&AuthorizationRequest::valid(&site)).await;
    let resource = app.resource_server("micropub").await;
    assert_eq!(alice.get_with_token("/oauth/userinfo", &code).await.status, 401);
    assert_eq!(
        app.introspect(&resource, &code).await.json(),
        json!({ "active": false })
    );
}

#[tokio::test]
async fn a_password_change_ends_a_code_on_its_way() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let redemption = request.redemption(&alice.code(&request).await);
    app.accounts
        .set_password("alice", "another long password")
        .await
        .unwrap();
    expect::json_error(&app.post_token(&redemption).await, 400, ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn a_replica_redeems_the_code_that_another_gave_and_only_once() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let redemption = request.redemption(&alice.code(&request).await);
    let replica = app.replica(Options::default()).await;
    assert_eq!(replica.post_token(&redemption).await.status, 200);
    expect::json_error(&app.post_token(&redemption).await, 400, ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn a_request_begun_before_a_restart_is_answered_after_it() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let consent = alice.get_authorize(&request).await;
    let form = alice
        .get(consent.location())
        .await
        .form("/consent/")
        .set("decision", "approve");
    let restarted = app.replica(Options::default()).await;
    let browser = restarted.visitor();
    browser.set_cookie("vestibule_session", &alice.cookie("vestibule_session").unwrap());
    let code = browser.submit(&form).await.location_param("code").unwrap();
    assert_eq!(restarted.post_token(&request.redemption(&code)).await.status, 200);
}

#[tokio::test]
async fn answers_of_two_tabs_cannot_be_crossed() {
    let (app, alice) = {
        let app = TestApp::start().await;
        let alice = app.owner("alice").await;
        (app, alice)
    };
    let (one, two) = (ClientSite::start().await, ClientSite::start().await);
    let (first, second) = (AuthorizationRequest::valid(&one), AuthorizationRequest::valid(&two));
    let (of_first, of_second) = (alice.code(&first).await, alice.code(&second).await);
    for crossed in [first.redemption(&of_second), second.redemption(&of_first)] {
        expect::json_error(&app.post_token(&crossed).await, 400, ErrorCode::InvalidGrant);
    }
    for (request, code, site) in [(first, of_first, &one), (second, of_second, &two)] {
        let token = app.post_token(&request.redemption(&code)).await.json();
        assert_eq!(
            app.check(access_token(&token)).await.json()["client_id"],
            site.client_id()
        );
    }
}

#[tokio::test]
async fn a_code_without_scope_gives_no_token_and_still_gives_the_identity() {
    let (app, site, alice) = scene().await;
    let request = identity_request(&site);
    let redemption = request.redemption(&alice.code(&request).await);
    expect::json_error(&app.post_token(&redemption).await, 400, ErrorCode::InvalidGrant);
    let answer = app.post("/oauth/authorize", &redemption).await;
    assert_eq!(answer.json(), json!({ "me": format!("{}/@alice", app.issuer) }));
}

#[tokio::test]
async fn a_code_gives_the_identity_only_once() {
    let (app, site, alice) = scene().await;
    let request = identity_request(&site);
    let redemption = request.redemption(&alice.code(&request).await);
    assert_eq!(app.post("/oauth/authorize", &redemption).await.status, 200);
    let again = app.post("/oauth/authorize", &redemption).await;
    expect::json_error(&again, 400, ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn an_identity_answer_is_not_stored_by_caches() {
    let (app, site, alice) = scene().await;
    let request = identity_request(&site);
    let answer = app
        .post("/oauth/authorize", &request.redemption(&alice.code(&request).await))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_code_with_scopes_gives_the_profile_and_no_token_at_the_authorization_endpoint() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let answer = app
        .post("/oauth/authorize", &request.redemption(&alice.code(&request).await))
        .await;
    let me = format!("{}/@alice", app.issuer);
    assert_eq!(
        answer.json(),
        json!({ "me": me, "profile": { "name": "alice", "url": me } })
    );
    assert_eq!(app.rows().await.count("tokens").await, 0);
}

#[tokio::test]
async fn a_code_redeemed_for_the_profile_gives_no_token_afterwards() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let redemption = request.redemption(&alice.code(&request).await);
    assert_eq!(app.post("/oauth/authorize", &redemption).await.status, 200);
    expect::json_error(&app.post_token(&redemption).await, 400, ErrorCode::InvalidGrant);
}
