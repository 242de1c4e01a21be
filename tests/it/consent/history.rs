//! What the consent page says of the past: since when the person says yes to the app, and what it says otherwise than
//! before.

use std::time::Duration;

use crate::harness::actors::Answer;
use crate::harness::client_site::GUIDE_PAGE;
use crate::harness::secure_web::ISSUER;
use crate::harness::{AuthorizationRequest, ClientSite, Options, TestApp, Visitor};
use crate::misskey::scene;

const HOUR: Duration = Duration::from_hours(1);
const CHANGED: &str = "It has changed since you last said yes";

async fn page(visitor: &Visitor, site: &ClientSite) -> Answer {
    visitor.consent_page(&AuthorizationRequest::valid(site)).await
}

#[track_caller]
fn says(page: &Answer, words: &str) {
    assert!(page.text().contains(words), "{words}: {}", page.text());
}

async fn approve(visitor: &Visitor, site: &ClientSite) {
    visitor.code(&AuthorizationRequest::valid(site)).await;
}

const NEW: &str = "neither you nor anybody else on this server has said yes to it before.";
const NEW_TO_YOU: &str = "You have not said yes to it before.";

#[tokio::test]
async fn the_page_says_since_when_the_person_says_yes_to_the_app() {
    let (app, site, alice) = scene().await;
    says(&page(&alice, &site).await, NEW);
    approve(&alice, &site).await;
    says(
        &page(&alice, &site).await,
        "You first said yes to it less than a day ago.",
    );
    app.clock.advance(24 * HOUR);
    says(&page(&alice, &site).await, "You first said yes to it one day ago.");
    approve(&alice, &site).await;
    app.clock.advance(11 * 24 * HOUR);
    says(&page(&alice, &site).await, "You first said yes to it 12 days ago.");
    let other = ClientSite::start().await;
    says(&page(&alice, &other).await, NEW);
}

/// Else whoever wants to be trusted would ask somebody a year before.
#[tokio::test]
async fn an_app_that_was_never_allowed_stays_new_however_often_it_asks() {
    let (app, site, alice) = scene().await;
    let bob = app.owner("bob").await;
    for visitor in [&alice, &bob, &alice] {
        let page = page(visitor, &site).await;
        says(&page, NEW);
        visitor.submit(&page.form("/consent/").set("decision", "deny")).await;
        app.clock.advance(HOUR);
    }
    assert_eq!(app.rows().await.count("sightings").await, 0);
}

#[tokio::test]
async fn what_somebody_else_allowed_is_still_new_to_the_person() {
    let (app, site, alice) = scene().await;
    let bob = app.owner("bob").await;
    approve(&alice, &site).await;
    app.clock.advance(12 * HOUR);
    let page = page(&bob, &site).await;
    says(&page, NEW_TO_YOU);
    assert!(!page.text().contains("ago"), "{}", page.text());
    approve(&bob, &site).await;
    app.clock.advance(12 * HOUR);
    assert_eq!(app.rows().await.count("sightings").await, 1);
}

/// Every device has a localhost of its own.
#[tokio::test]
async fn an_app_on_the_persons_own_device_is_not_kept_in_mind() {
    let app = Options::default().issuer(ISSUER).start().await;
    let alice = app.owner("alice").await;
    let request = AuthorizationRequest::of("https://localhost/", "https://localhost/cb");
    let page = alice.consent_page(&request).await;
    assert!(!page.text().contains("said yes"), "{}", page.text());
    alice.submit(&page.form("/consent/").set("decision", "approve")).await;
    assert_eq!(app.rows().await.count("sightings").await, 0);
}

const OTHERWISE: &str = r#"
<link rel="redirect_uri" href="/redirect"><link rel="redirect_uri" href="com.example.app:/cb">
<div class="h-app"><a href="/" class="u-url p-name">Your Bank</a></div>"#;

/// The page lapses, so that what it says now is read.
async fn after_a_change(app: &TestApp, site: &ClientSite) {
    site.page(OTHERWISE);
    app.clock.advance(2 * HOUR);
}

#[tokio::test]
async fn a_change_since_the_last_yes_is_told_with_what_was_before() {
    let (app, site, alice) = scene().await;
    alice.code(&AuthorizationRequest::valid(&site)).await;
    let unchanged = page(&alice, &site).await;
    assert!(!unchanged.text().contains(CHANGED), "{}", unchanged.text());
    after_a_change(&app, &site).await;
    let changed = page(&alice, &site).await;
    assert!(
        changed.warnings().contains(&CHANGED.to_owned()),
        "{:?}",
        changed.warnings()
    );
    says(&changed, "You said yes to it on 22 November 2026.");
    says(&changed, "Its name Before: My Misskey App Now: Your Bank");
    says(&changed, "Where its answers may go New: com.example.app:/cb");
    assert!(!changed.text().contains("No longer:"), "{}", changed.text());
    alice
        .submit(&changed.form("/consent/").set("decision", "approve"))
        .await;
    let accepted = page(&alice, &site).await;
    assert!(!accepted.text().contains(CHANGED), "{}", accepted.text());
}

#[tokio::test]
async fn what_went_is_told_as_well() {
    let (app, site, alice) = scene().await;
    site.page(OTHERWISE);
    alice.code(&AuthorizationRequest::valid(&site)).await;
    site.page(GUIDE_PAGE);
    app.clock.advance(2 * HOUR);
    says(
        &page(&alice, &site).await,
        "Where its answers may go No longer: com.example.app:/cb",
    );
}

#[tokio::test]
async fn a_change_is_told_where_no_answer_is_remembered() {
    let (app, site, alice) = scene().await;
    site.page(OTHERWISE);
    let request = AuthorizationRequest::of(&site.client_id(), "com.example.app:/cb");
    let form = alice.consent_page(&request).await.form("/consent/");
    alice.submit(&form.set("decision", "approve")).await;
    assert_eq!(app.rows().await.count("consents").await, 0);
    site.page(&OTHERWISE.replace("Your Bank", "My Bank"));
    app.clock.advance(2 * HOUR);
    let changed = alice.consent_page(&request.fresh_pkce()).await;
    says(&changed, "Its name Before: Your Bank Now: My Bank");
}

#[tokio::test]
async fn only_the_persons_own_yes_counts() {
    let (app, site, alice) = scene().await;
    alice.code(&AuthorizationRequest::valid(&site)).await;
    let bob = app.owner("bob").await;
    let form = page(&bob, &site).await.form("/consent/");
    bob.submit(&form.set("decision", "deny")).await;
    after_a_change(&app, &site).await;
    let seen_by_bob = page(&bob, &site).await;
    assert!(!seen_by_bob.text().contains(CHANGED), "{}", seen_by_bob.text());
    says(&page(&alice, &site).await, CHANGED);
}
