//! The apps page: what was let in, when, for what, and the end of it.

use std::time::Duration;

use vestibule::oauth::error::ErrorCode;
use vestibule::oauth::host_rule::HostRule;
use vestibule::operators::By;

use crate::harness::api::{access_token, identity_request, refresh_token, refreshing_scene, scene};
use crate::harness::{AuthorizationRequest, ClientSite, expect};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn an_app_is_listed_with_what_it_may_do_and_since_when() {
    let (app, site, alice) = scene().await;
    alice.tokens(&AuthorizationRequest::valid(&site)).await;
    app.clock.advance(2 * DAY);
    let page = alice.get("/apps").await.text();
    let host = format!("127.0.0.1:{}", site.port());
    for told in [
        &*host,
        "My Misskey App",
        &site.client_id(),
        "Allowed on 22 November 2026",
        "Last used Not yet",
        "Ends by itself 20 February 2027",
        &format!("Answer went to {host}"),
    ] {
        assert!(page.contains(told), "{told:?} is not in: {page}");
    }
    assert!(
        page.contains("Publish new posts on your site"),
        "what it may do: {page}"
    );
}

#[tokio::test]
async fn the_day_of_the_last_use_is_shown() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    app.clock.advance(3 * DAY);
    assert!(app.holds(access_token(&token)).await);
    app.flows.settle().await;
    app.clock.advance(DAY);
    let page = alice.get("/apps").await.text();
    assert!(page.contains("Last used 25 November 2026"), "{page}");
}

#[tokio::test]
async fn an_app_approved_twice_is_listed_once() {
    let (_app, site, alice) = scene().await;
    for scope in ["profile", "create"] {
        alice
            .tokens(&AuthorizationRequest::valid(&site).with("scope", scope))
            .await;
    }
    let page = alice.get("/apps").await;
    assert_eq!(
        page.body.matches(r#"action="/apps/revoke""#).count(),
        1,
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn an_app_whose_token_lapsed_is_listed_no_longer() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let form = alice.consent_page(&request).await.form("/consent/");
    let form = form.set("lifetime", "day").set("decision", "approve");
    let code = alice.submit(&form).await.location_param("code").unwrap();
    app.post_token(&request.redemption(&code)).await;
    app.clock.advance(DAY);
    let page = alice.get("/apps").await.text();
    assert!(page.contains("No app has access"), "{page}");
}

#[tokio::test]
async fn an_app_that_only_learned_the_identity_is_not_listed_as_having_access() {
    let (app, site, alice) = scene().await;
    let request = identity_request(&site);
    let code = alice.code(&request).await;
    app.post("/oauth/authorize", &request.redemption(&code)).await;
    let page = alice.get("/apps").await.text();
    assert!(page.contains("No app has access"), "{page}");
}

#[tokio::test]
async fn one_click_ends_every_token_of_an_app_at_once() {
    let (app, site, alice) = scene().await;
    let one = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let two = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let answer = alice.submit(&alice.get("/apps").await.form("/apps/revoke")).await;
    assert!(answer.location().starts_with("/apps?"), "{answer:?}");
    for token in [one, two] {
        assert!(!app.holds(access_token(&token)).await);
    }
    let page = alice.get(answer.location()).await.text();
    assert!(page.contains("no longer has access"), "{page}");
    assert!(page.contains("No app has access"), "{page}");
}

#[tokio::test]
async fn one_click_ends_a_code_on_its_way() {
    let (app, site, alice) = scene().await;
    alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let request = AuthorizationRequest::valid(&site);
    let code = alice.code(&request).await;
    alice.submit(&alice.get("/apps").await.form("/apps/revoke")).await;
    let answer = app.post_token(&request.redemption(&code)).await;
    expect::json_error(&answer, 400, ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn ending_access_is_written_into_the_audit_log() {
    let (app, site, alice) = scene().await;
    alice.tokens(&AuthorizationRequest::valid(&site)).await;
    alice.submit(&alice.get("/apps").await.form("/apps/revoke")).await;
    assert_eq!(app.rows().await.audit().await, ["access_revoked"]);
}

#[tokio::test]
async fn an_ended_app_may_be_let_in_again() {
    let (app, site, alice) = scene().await;
    alice.tokens(&AuthorizationRequest::valid(&site)).await;
    alice.submit(&alice.get("/apps").await.form("/apps/revoke")).await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    assert!(app.holds(access_token(&token)).await);
}

#[tokio::test]
async fn other_apps_keep_their_access() {
    let (app, site, alice) = scene().await;
    let other = ClientSite::start().await;
    let kept = alice.tokens(&AuthorizationRequest::valid(&other)).await;
    alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let form = alice.get("/apps").await.form("/apps/revoke");
    alice.submit(&form.set("client_id", &site.client_id())).await;
    assert!(app.holds(access_token(&kept)).await);
}

#[tokio::test]
async fn other_people_keep_the_same_app() {
    let (app, site, alice) = scene().await;
    let bob = app.owner("bob").await;
    alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let kept = bob.tokens(&AuthorizationRequest::valid(&site)).await;
    alice.submit(&alice.get("/apps").await.form("/apps/revoke")).await;
    assert!(app.holds(access_token(&kept)).await);
}

#[tokio::test]
async fn other_peoples_apps_are_not_shown() {
    let (app, site, alice) = scene().await;
    let bob = app.owner("bob").await;
    bob.tokens(&AuthorizationRequest::valid(&site)).await;
    let page = alice.get("/apps").await.text();
    assert!(page.contains("No app has access"), "{page}");
}

#[tokio::test]
async fn ending_access_without_our_form_is_refused() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let form = alice.get("/apps").await.form("/apps/revoke");
    let of_bob = app.owner("bob").await.get("/apps").await;
    assert!(!of_bob.has(r#"form[action="/apps/revoke"]"#));
    for csrf in ["", "guess"] {
        expect::page_error(&alice.submit(&form.clone().set("csrf", csrf)).await, 403);
    }
    assert!(app.holds(access_token(&token)).await);
}

#[tokio::test]
async fn ending_access_from_another_site_is_refused() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let form = alice.get("/apps").await.form("/apps/revoke");
    let request = alice
        .request(reqwest::Method::POST, "/apps/revoke")
        .header("sec-fetch-site", "cross-site");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = alice
        .send(request.body(crate::harness::actors::encode(&form.fields)))
        .await;
    expect::page_error(&answer, 403);
    assert!(app.holds(access_token(&token)).await);
}

#[tokio::test]
async fn the_page_is_for_those_who_are_signed_in() {
    let (app, _site, _alice) = scene().await;
    let visitor = app.visitor();
    assert_eq!(visitor.get("/apps").await.location(), "/sign-in?apps");
    let answer = visitor.post("/apps/revoke", &[("client_id", "x")]).await;
    assert_eq!(answer.location(), "/sign-in?apps");
}

#[tokio::test]
async fn after_a_password_change_the_page_says_why_an_app_was_ended() {
    let (app, site, alice) = refreshing_scene().await;
    alice.tokens(&AuthorizationRequest::valid(&site)).await;
    app.accounts
        .set_password("alice", "another long password")
        .await
        .unwrap();
    assert_eq!(
        alice.get("/apps").await.location(),
        "/sign-in?apps",
        "she is signed out everywhere"
    );
    let again = app.signed_in("alice", "another long password").await;
    let page = again.get("/apps").await;
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.text().contains("your password was changed"), "{}", page.text());
    assert!(
        page.has(".empty") && !page.text().contains("You said yes to these"),
        "nothing has access"
    );
    // It is over once she lets it in again.
    again.tokens(&AuthorizationRequest::valid(&site)).await;
    let page = again.get("/apps").await;
    assert!(!page.text().contains("your password was changed"), "{}", page.text());
    assert!(page.text().contains("You said yes to these"), "{}", page.text());
}

/// Only a key that came back may have been copied: that is not forgotten when the app is let in again.
#[tokio::test]
async fn what_an_operator_ended_is_nothing_to_tell_the_makers_of_the_app() {
    const TELL: &str = "tell the people who make it";
    let (app, site, alice) = refreshing_scene().await;
    let tokens = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    app.operators
        .rule_host("127.0.0.1", Some(HostRule::Block), By::CommandLine)
        .await
        .unwrap();
    let page = alice.get("/apps").await.text();
    assert!(
        page.contains("Ask the person who runs this server if you need it."),
        "{page}"
    );
    assert!(!page.contains(TELL) && !page.contains("sign in there again"), "{page}");
    app.operators
        .rule_host("127.0.0.1", None, By::CommandLine)
        .await
        .unwrap();
    let tokens_of_now = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    assert!(!alice.get("/apps").await.text().contains("This server ended"));
    for _ in 0..2 {
        app.refresh(&site, refresh_token(&tokens_of_now)).await;
        app.clock.advance(Duration::from_secs(60));
    }
    alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let page = alice.get("/apps").await.text();
    assert!(page.contains(TELL), "{page}");
    assert!(!app.holds(access_token(&tokens)).await);
}

#[tokio::test]
async fn a_password_change_ends_apps_with_a_single_token_too() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    app.accounts
        .set_password("alice", "another long password")
        .await
        .unwrap();
    assert!(!app.holds(access_token(&token)).await);
}

#[tokio::test]
async fn the_access_of_all_apps_is_ended_at_once_after_a_question() {
    let (app, site, alice) = scene().await;
    let (other, bob) = (ClientSite::start().await, app.owner("bob").await);
    let mut tokens = Vec::new();
    tokens.push(alice.tokens(&AuthorizationRequest::valid(&site)).await);
    assert!(
        !alice.get("/apps").await.has("a[href='/apps/revoke-all']"),
        "one needs no such button"
    );
    assert_eq!(alice.get("/apps/revoke-all").await.location(), "/apps");
    tokens.push(alice.tokens(&AuthorizationRequest::valid(&other)).await);
    let his = bob.tokens(&AuthorizationRequest::valid(&site)).await;
    let on_its_way = AuthorizationRequest::valid(&site);
    let code = alice.code(&on_its_way).await;
    assert!(alice.get("/apps").await.has("a[href='/apps/revoke-all']"));

    let question = alice.get("/apps/revoke-all").await;
    assert!(
        question.text().contains("All 2 lose it at once."),
        "{}",
        question.text()
    );
    assert!(app.holds(access_token(&tokens[0])).await, "looking ends nothing");
    let form = question.form("/apps/revoke-all");
    for token in ["", "guess"] {
        expect::page_error(&alice.submit(&form.clone().set("csrf", token)).await, 403);
    }
    let told = alice.submit(&form).await;
    let page = alice.get(told.location()).await;
    assert_eq!(page.texts(".done"), ["No app has access any longer."]);
    assert!(page.has(".empty"), "{}", page.text());
    for token in &tokens {
        assert!(!app.holds(access_token(token)).await);
    }
    assert_eq!(app.post_token(&on_its_way.redemption(&code)).await.status, 400);
    assert!(app.holds(access_token(&his)).await, "only one's own");
    let rows = app.rows().await;
    assert_eq!(rows.count("audit_events WHERE kind = 'access_revoked'").await, 2);
    // Back and a second click find nothing to end.
    assert!(alice.submit(&form).await.location().starts_with("/apps?"));
    assert_eq!(alice.get("/apps/revoke-all").await.location(), "/apps");
    assert_eq!(rows.count("audit_events WHERE kind = 'access_revoked'").await, 2);
}

#[tokio::test]
async fn no_link_can_say_that_all_access_was_ended() {
    let (_app, _site, alice) = scene().await;
    for seal in ["", "yes", "all:"] {
        assert!(!alice.get(&format!("/apps?all={seal}")).await.has(".done"), "{seal}");
    }
}
