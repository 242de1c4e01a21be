//! What a request may cost: SQL statements, counted, and how the database finds the rows. BEGIN and COMMIT are not
//! seen, and count as two.

use std::collections::BTreeSet;

use crate::harness::actors::Answer;
use crate::harness::api::{access_token, refresh_token, refreshing_scene, scene};
use crate::harness::{AuthorizationRequest, TestApp};

/// Fails unless there are at most so many statements, and none that writes.
#[track_caller]
fn expect_reads(app: &TestApp, at_most: usize) {
    let statements = app.statements_of_requests();
    assert!(statements.len() <= at_most, "{statements:#?}");
    assert!(
        statements.iter().all(|sql| sql.starts_with("SELECT")),
        "{statements:#?}"
    );
}

#[tokio::test]
async fn introspection_costs_two_queries_and_no_write() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let resource = app.resource_server("micropub").await;
    // The first use of a minute is written down, beside the request.
    app.introspect(&resource, access_token(&token)).await;
    app.flows.settle().await;
    app.forget_statements();
    let answer = app.introspect(&resource, access_token(&token)).await;
    assert_eq!(answer.json()["active"], true);
    app.flows.settle().await;
    assert!(!app.statements_of_requests().is_empty(), "the watch sees statements");
    expect_reads(&app, 2);
}

#[tokio::test]
async fn introspection_with_wrong_credentials_costs_one_query() {
    let (app, _site, _alice) = scene().await;
    let resource = crate::harness::api::ResourceServer {
        id: "rs_unknown".to_owned(),
        secret: "vrs_wrong".to_owned(),
    };
    app.forget_statements();
    assert_eq!(app.introspect(&resource, "vat_unknown").await.status, 401);
    expect_reads(&app, 1);
}

#[tokio::test]
async fn a_code_is_exchanged_in_seven_statements() {
    let (app, site, alice) = refreshing_scene().await;
    let request = AuthorizationRequest::valid(&site);
    let redemption = request.redemption(&alice.code(&request).await);
    app.forget_statements();
    assert_eq!(app.post_token(&redemption).await.status, 200);
    let statements = app.statements_of_requests();
    assert!(2 + statements.len() <= 7, "{statements:#?}");
}

#[tokio::test]
async fn a_refresh_costs_eight_statements() {
    let (app, site, alice) = refreshing_scene().await;
    let tokens = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    app.forget_statements();
    assert_eq!(app.refresh(&site, refresh_token(&tokens)).await.status, 200);
    let statements = app.statements_of_requests();
    assert!(2 + statements.len() <= 8, "{statements:#?}");
}

#[tokio::test]
async fn a_guessed_token_request_costs_at_most_four_statements() {
    let (app, site, _alice) = scene().await;
    app.forget_statements();
    let answer = app
        .post_token(&AuthorizationRequest::valid(&site).redemption("vc_guess"))
        .await;
    assert_eq!(answer.status, 400);
    assert!(
        2 + app.statements_of_requests().len() <= 4,
        "{:#?}",
        app.statements_of_requests()
    );
}

#[tokio::test]
async fn a_malformed_token_request_touches_no_database() {
    let app = TestApp::start().await;
    app.forget_statements();
    assert_eq!(
        app.post_token(&[("grant_type", "authorization_code")]).await.status,
        400
    );
    expect_reads(&app, 0);
}

#[tokio::test]
async fn metadata_touches_no_database() {
    let (app, _site, alice) = scene().await;
    app.forget_statements();
    for path in [
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
    ] {
        assert_eq!(alice.get(path).await.status, 200);
    }
    expect_reads(&app, 0);
}

#[tokio::test]
async fn an_anonymous_authorization_request_touches_no_database() {
    let (app, site, _alice) = scene().await;
    let visitor = app.visitor();
    app.forget_statements();
    let answer = visitor.get_authorize(&AuthorizationRequest::valid(&site)).await;
    assert!(answer.location().starts_with("/sign-in?"), "{answer:?}");
    expect_reads(&app, 0);
}

#[tokio::test]
async fn each_page_of_a_person_costs_at_most_four_queries() {
    let (app, site, alice) = scene().await;
    alice.tokens(&AuthorizationRequest::valid(&site)).await;
    for path in [
        "/",
        "/apps",
        "/@alice",
        "/account",
        "/account/profile",
        "/account/profile/email",
        "/account/sessions",
        "/account/password",
        "/account/second-step",
        "/account/activity",
        "/account/addresses",
        "/account/addresses/add",
        "/account/second-step/set-up",
    ] {
        app.forget_statements();
        assert_eq!(alice.get(path).await.status, 200, "{path}");
        assert!(
            !app.statements_of_requests().is_empty(),
            "{path}: the watch sees statements"
        );
        expect_reads(&app, 4);
    }
}

#[tokio::test]
async fn an_authorization_request_of_a_person_costs_at_most_six_statements() {
    let (app, site, alice) = scene().await;
    app.forget_statements();
    let answer = alice.get_authorize(&AuthorizationRequest::valid(&site)).await;
    assert!(answer.location().starts_with("/consent/"), "{answer:?}");
    assert!(
        app.statements_of_requests().len() <= 6,
        "{:#?}",
        app.statements_of_requests()
    );
}

#[tokio::test]
async fn a_consent_page_costs_six_queries() {
    let (app, site, alice) = scene().await;
    let consent = alice.get_authorize(&AuthorizationRequest::valid(&site)).await;
    app.forget_statements();
    // Who is signed in, the request, what is decided about its host, the last yes, the addresses to choose from, and what
    // the person tells.
    assert_eq!(alice.get(consent.location()).await.status, 200);
    expect_reads(&app, 6);
}

#[tokio::test]
async fn the_number_of_apps_does_not_change_the_number_of_queries() {
    let (app, _site, alice) = scene().await;
    for _ in 0..3 {
        let site = crate::harness::ClientSite::start().await;
        alice.tokens(&AuthorizationRequest::valid(&site)).await;
    }
    app.forget_statements();
    assert_eq!(alice.get("/apps").await.status, 200);
    expect_reads(&app, 4);
}

/// Fails when SQLite would read a whole table for one of the statements since they were forgotten.
async fn expect_indexes(app: &TestApp) {
    let statements: BTreeSet<String> = app.statements_of_requests().into_iter().collect();
    let rows = app.rows().await;
    assert!(!statements.is_empty(), "the watch sees statements");
    for sql in statements {
        let steps = rows.plan(&sql).await.unwrap_or_default();
        let reads_all = |step: &String| step.starts_with("SCAN") && !step.ends_with("VALUES CLAUSE");
        assert!(!steps.iter().any(reads_all), "{sql}\n{steps:#?}");
    }
}

#[tokio::test]
async fn the_queries_of_the_token_endpoint_use_indexes() {
    let (app, site, alice) = refreshing_scene().await;
    let request = AuthorizationRequest::valid(&site);
    let redemption = request.redemption(&alice.code(&request).await);
    app.forget_statements();
    let first = app.post_token(&redemption).await.json();
    let second = app.refresh(&site, refresh_token(&first)).await;
    let retried = app.refresh(&site, refresh_token(&first)).await;
    let revoked = app.refresh(&site, refresh_token(&second.json())).await;
    let reused = app.post_token(&redemption).await;
    let statuses = [&second, &retried, &revoked, &reused].map(|answer: &Answer| answer.status.as_u16());
    assert_eq!(statuses, [200, 200, 400, 400]);
    expect_indexes(&app).await;
}

#[tokio::test]
async fn the_queries_about_a_token_use_indexes() {
    let (app, site, alice) = refreshing_scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let resource = app.resource_server("micropub").await;
    app.forget_statements();
    assert_eq!(
        app.introspect(&resource, access_token(&token)).await.json()["active"],
        true
    );
    assert!(app.holds(access_token(&token)).await);
    app.post("/oauth/revoke", &[("token", access_token(&token))]).await;
    app.post("/oauth/revoke", &[("token", refresh_token(&token))]).await;
    app.flows.settle().await;
    expect_indexes(&app).await;
}

#[tokio::test]
async fn the_queries_of_the_pages_use_indexes() {
    let (app, site, alice) = scene().await;
    alice.tokens(&AuthorizationRequest::valid(&site)).await;
    app.forget_statements();
    for path in [
        "/",
        "/apps",
        "/@alice",
        "/account",
        "/account/profile",
        "/account/sessions",
        "/account/addresses",
        "/account/activity",
    ] {
        assert_eq!(alice.get(path).await.status, 200);
    }
    alice.code(&AuthorizationRequest::valid(&site)).await;
    alice.submit(&alice.get("/apps").await.form("/apps/revoke")).await;
    expect_indexes(&app).await;
}
