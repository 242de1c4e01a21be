//! A yes that is remembered: when it answers by itself, and when the person is asked again.

use std::time::Duration;

use reqwest::StatusCode;

use crate::harness::actors::Answer;
use crate::harness::client_site::GUIDE_PAGE;
use crate::harness::secure_web::ISSUER;
use crate::harness::{AuthorizationRequest, ClientSite, SecureWeb, TestApp, Visitor};
use crate::misskey::scene;

/// A server in production, an app on the web, and alice, who said yes to it once.
async fn approved_once() -> (TestApp, ClientSite, Visitor, AuthorizationRequest) {
    let web = SecureWeb::new();
    let (app, site) = (web.options().start().await, web.site("app.net").await);
    let alice = app.owner("alice").await;
    let request = AuthorizationRequest::valid(&site);
    alice.code(&request).await;
    (app, site, alice, request.fresh_pkce())
}

#[track_caller]
fn is_asked(answer: &Answer) {
    assert!(answer.location().starts_with("/consent/"), "{}", answer.location());
}

#[track_caller]
fn is_silent(answer: &Answer) {
    assert!(answer.location_param("code").is_some(), "{}", answer.location());
}

#[tokio::test]
async fn the_same_request_is_answered_without_asking() {
    let (_app, _site, alice, request) = approved_once().await;
    let answer = alice.get_authorize(&request).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location_param("state").as_deref(), Some(request.get("state")));
    assert_eq!(answer.location_param("iss").as_deref(), Some(ISSUER));
    let code = answer.location_param("code").unwrap();
    let token = alice.redeem(&request.redemption(&code)).await.json();
    assert_eq!(token["scope"], "profile create");
}

#[tokio::test]
async fn less_scope_is_answered_without_asking_and_gives_no_more_than_asked() {
    let (_app, _site, alice, request) = approved_once().await;
    let request = request.with("scope", "create");
    let answer = alice.get_authorize(&request).await;
    let code = answer.location_param("code").unwrap();
    let token = alice.redeem(&request.redemption(&code)).await.json();
    assert_eq!(token["scope"], "create");
}

/// CS-09.
#[tokio::test]
async fn more_scope_is_asked_for_again() {
    let (_app, _site, alice, request) = approved_once().await;
    is_asked(
        &alice
            .get_authorize(&request.with("scope", "profile create update"))
            .await,
    );
}

#[tokio::test]
async fn scope_that_was_unticked_is_asked_for_again() {
    let web = SecureWeb::new();
    let (app, site) = (web.options().start().await, web.site("app.net").await);
    let alice = app.owner("alice").await;
    let request = AuthorizationRequest::valid(&site);
    let form = alice.consent_page(&request).await.form("/consent/");
    let form = form.untick("scope", "create").set("decision", "approve");
    is_silent(&alice.submit(&form).await);
    is_silent(&alice.get_authorize(&request.clone().with("scope", "profile")).await);
    is_asked(&alice.get_authorize(&request).await);
}

#[tokio::test]
async fn another_redirect_uri_is_asked_about_again() {
    let web = SecureWeb::new();
    let (app, site) = (web.options().start().await, web.site("app.net").await);
    site.page(r#"<link rel="redirect_uri" href="/redirect"><link rel="redirect_uri" href="/other">"#);
    let alice = app.owner("alice").await;
    let request = AuthorizationRequest::valid(&site);
    alice.code(&request).await;
    is_silent(&alice.get_authorize(&request).await);
    is_asked(
        &alice
            .get_authorize(&request.with("redirect_uri", &site.url("/other")))
            .await,
    );
}

/// MD-12. The copy of the page lapses first, so that the new name is read.
async fn after(change: impl Fn(&ClientSite)) -> Answer {
    let (app, site, alice, request) = approved_once().await;
    change(&site);
    app.clock.advance(Duration::from_hours(2));
    alice.get_authorize(&request).await
}

#[tokio::test]
async fn an_app_that_changed_its_name_is_asked_about_again() {
    is_silent(&after(|_| ()).await);
    is_asked(&after(|site| site.page(&GUIDE_PAGE.replace("My Misskey App", "Another App"))).await);
}

#[tokio::test]
async fn an_app_that_changed_its_redirect_uris_is_asked_about_again() {
    let more = format!(r#"{GUIDE_PAGE}<link rel="redirect_uri" href="/more">"#);
    is_asked(&after(|site| site.page(&more)).await);
}

#[tokio::test]
async fn an_app_whose_access_was_ended_is_asked_about_again() {
    let (_app, site, alice, request) = approved_once().await;
    let form = alice.get("/apps").await.form("/apps/revoke");
    assert_eq!(form.get("client_id"), site.client_id());
    alice.submit(&form).await;
    is_asked(&alice.get_authorize(&request).await);
}

#[tokio::test]
async fn prompt_consent_asks_again() {
    let (_app, _site, alice, request) = approved_once().await;
    is_asked(&alice.get_authorize(&request.with("prompt", "consent")).await);
}

#[tokio::test]
async fn a_yes_is_one_persons_own() {
    let (app, _site, _alice, request) = approved_once().await;
    is_asked(&app.owner("bob").await.get_authorize(&request).await);
}

#[tokio::test]
async fn a_no_takes_nothing_back_and_is_not_remembered() {
    let web = SecureWeb::new();
    let (app, site) = (web.options().start().await, web.site("app.net").await);
    let alice = app.owner("alice").await;
    let request = AuthorizationRequest::valid(&site);
    let page = alice.consent_page(&request).await;
    alice.code(&request.clone().fresh_pkce()).await;
    alice.submit(&page.form("/consent/").set("decision", "deny")).await;
    is_silent(&alice.get_authorize(&request).await);
}

/// CS-03: another program on the device could take the app's place.
#[tokio::test]
async fn an_app_on_this_device_is_always_asked_about() {
    let (_app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    alice.tokens(&request).await;
    is_asked(&alice.get_authorize(&request.fresh_pkce()).await);
}

/// As CS-03, for an app on the web whose answer goes to the device.
#[tokio::test]
async fn an_answer_that_stays_on_the_device_is_always_asked_about() {
    let web = SecureWeb::new();
    let (app, site) = (web.options().start().await, web.site("app.net").await);
    let alice = app.owner("alice").await;
    for redirect_uri in ["com.example.app:/cb", "http://127.0.0.1/cb"] {
        site.page(&format!(r#"<link rel="redirect_uri" href="{redirect_uri}">"#));
        app.clock.advance(Duration::from_hours(2));
        let request = AuthorizationRequest::of(&site.client_id(), redirect_uri);
        alice.tokens(&request).await;
        is_asked(&alice.get_authorize(&request.fresh_pkce()).await);
    }
}

/// Also when the page of an https app is one on this machine, which nobody else can see.
#[tokio::test]
async fn an_id_on_this_device_is_always_asked_about() {
    let web = SecureWeb::new();
    let app = web.options_for("10.0.0.0/8").start().await;
    let alice = app.owner("alice").await;
    let request = AuthorizationRequest::of("https://localhost:7443/", "https://localhost:7443/cb");
    alice.tokens(&request).await;
    is_asked(&alice.get_authorize(&request.fresh_pkce()).await);
}

#[tokio::test]
async fn a_yes_is_remembered_for_the_time_that_was_chosen() {
    let (app, _site, alice, request) = approved_once().await;
    let page = alice.consent_page(&request.clone().with("prompt", "consent")).await;
    let for_a_day = page.form("/consent/").set("lifetime", "day").set("decision", "approve");
    is_silent(&alice.submit(&for_a_day).await);
    app.clock.advance(Duration::from_hours(24) - Duration::from_secs(1));
    is_silent(&alice.get_authorize(&request.clone().fresh_pkce()).await);
    app.clock.advance(Duration::from_secs(1));
    is_asked(&alice.get_authorize(&request.fresh_pkce()).await);
}

#[tokio::test]
async fn another_password_forgets_every_yes() {
    let (app, _site, alice, request) = approved_once().await;
    is_silent(&alice.get_authorize(&request).await);
    app.accounts
        .set_password("alice", "another long password")
        .await
        .unwrap();
    let again = app.signed_in("alice", "another long password").await;
    is_asked(&again.get_authorize(&request.fresh_pkce()).await);
}

/// The activity page tells what the person did, not what a remembered yes did for them.
#[tokio::test]
async fn a_yes_that_is_remembered_is_not_told_of_again() {
    let (app, _site, alice, request) = approved_once().await;
    let told = "audit_events WHERE kind = 'approved'";
    let rows = app.rows().await;
    assert_eq!(rows.count(told).await, 1);
    is_silent(&alice.get_authorize(&request).await);
    assert_eq!(rows.count(told).await, 1);
    let more = request.fresh_pkce().with("scope", "profile create update");
    alice.code(&more).await;
    assert_eq!(rows.count(told).await, 2);
}

#[tokio::test]
async fn whoever_ends_the_access_of_all_apps_is_asked_again() {
    let (_app, _site, alice, request) = approved_once().await;
    let mut form = alice.get("/apps").await.form("/apps/revoke");
    form.action = "/apps/revoke-all".to_owned();
    assert!(alice.submit(&form).await.location().starts_with("/apps?all="));
    is_asked(&alice.get_authorize(&request).await);
}
