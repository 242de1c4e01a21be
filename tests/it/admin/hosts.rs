//! What an operator decides about the apps of a host.

use vestibule::flows::register::register;
use vestibule::oauth::client::DisplayMetadata;
use vestibule::oauth::dialect::Dialect;
use vestibule::oauth::error::ErrorCode;
use vestibule::oauth::host_rule::HostRule;
use vestibule::oauth::redirect_uri::RedirectUri;
use vestibule::oauth::registration::Registration;
use vestibule::oauth::scope::Scope;
use vestibule::operators::By;

use super::*;
use crate::harness::api::{access_token, refresh_token, refreshing_scene, scene};
use crate::harness::{AuthorizationRequest, ClientSite};

/// Where the sites of these tests are.
const HERE: &str = "127.0.0.1";

async fn rule(app: &TestApp, host: &str, rule: Option<HostRule>) -> u64 {
    app.operators
        .rule_host(host, rule, By::CommandLine)
        .await
        .unwrap()
        .ended
}

/// A public client that the operator added, whose answers go there.
async fn registered(app: &TestApp, redirect_uri: &str) -> String {
    let registration = Registration {
        dialect: Dialect::Operator,
        display: DisplayMetadata {
            name: Some("Town wiki".to_owned()),
            ..DisplayMetadata::default()
        },
        description: None,
        redirect_uris: vec![RedirectUri::parse(redirect_uri).unwrap()],
        scope: Scope::parse("profile").unwrap(),
        confidential: false,
        refreshes: false,
    };
    let new = register(&app.store().await, registration, app.now()).await.unwrap();
    new.registered.client.id.as_str().to_owned()
}

#[tokio::test]
async fn blocking_a_host_ends_what_its_apps_have_and_lets_none_ask() {
    let (app, site, alice) = refreshing_scene().await;
    let olga = operator(&app, "olga").await;
    let request = AuthorizationRequest::valid(&site);
    let tokens = alice.tokens(&request.clone().fresh_pkce()).await;
    let unspent = request.clone().fresh_pkce();
    let code = alice.code(&unspent).await;
    let waiting = alice
        .consent_page(&request.clone().fresh_pkce().with("scope", "profile create media"))
        .await;
    let hits = site.hits();

    let form = filled(&olga, "/admin/hosts", &[("host", HERE), ("rule", "block")]).await;
    let told = olga.submit(&form).await;
    assert!(olga.get(told.location()).await.texts(".done")[0].contains("is blocked"));

    assert!(!app.holds(access_token(&tokens)).await);
    expect::json_error(
        &app.refresh(&site, refresh_token(&tokens)).await,
        400,
        ErrorCode::InvalidGrant,
    );
    expect::json_error(
        &app.post_token(&unspent.redemption(&code)).await,
        400,
        ErrorCode::InvalidGrant,
    );
    let refused = alice.get_authorize(&request.clone().fresh_pkce()).await;
    expect::page_error(&refused, 403);
    assert_eq!(refused.texts("h1"), ["This app is not let in here"]);
    assert_eq!(site.hits(), hits, "nothing was fetched");
    let approve = waiting.form("/consent/").set("decision", "approve");
    expect::page_error(&alice.submit(&approve).await, 403);
    assert!(alice.get("/apps").await.text().contains("blocked the site of this app"));
    assert_eq!(app.rows().await.count("consents").await, 0);
    assert!(app.rows().await.audit().await.contains(&"host_ruled".to_owned()));

    // Taken back, people are asked again; what ended stays ended.
    rule(&app, HERE, None).await;
    assert!(!app.holds(access_token(&tokens)).await);
    assert!(alice.consent_page(&request.fresh_pkce()).await.is_question());
}

#[tokio::test]
async fn a_name_below_which_anybody_gets_one_is_not_decided_about() {
    let app = TestApp::start().await;
    let olga = operator(&app, "olga").await;
    for host in ["com", "GitHub.io.", "https://co.jp/"] {
        for rule in HostRule::ALL {
            let form = filled(&olga, "/admin/hosts", &[("host", host), ("rule", rule.as_str())]).await;
            let page = olga.submit(&form).await;
            assert_eq!(page.status, 400, "{host}");
            assert!(page.texts(".problem")[0].contains("Anybody can get a name"), "{host}");
            let refused = app.operators.rule_host(host, Some(rule), By::CommandLine).await;
            assert!(refused.is_err(), "{host}");
        }
        app.operators.rule_host(host, None, By::CommandLine).await.unwrap();
    }
    assert_eq!(app.rows().await.count("host_rules").await, 0);
}

#[tokio::test]
async fn nobody_is_told_before_they_sign_in() {
    let (app, site, _alice) = scene().await;
    rule(&app, HERE, Some(HostRule::Block)).await;
    let answer = app.visitor().get_authorize(&AuthorizationRequest::valid(&site)).await;
    assert!(answer.location().starts_with("/sign-in?"));
}

/// The yes was on its way while the host was blocked: the decision did not see it, so the exchange must.
#[tokio::test]
async fn a_code_that_blocking_did_not_see_is_not_exchanged() {
    use sea_orm::ConnectionTrait as _;
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let code = alice.code(&request).await;
    let rows = app.rows().await;
    let behind = format!("INSERT INTO host_rules (host, rule, created_at) VALUES ('{HERE}', 'block', 0)");
    rows.connection().execute_unprepared(&behind).await.unwrap();
    expect::json_error(
        &app.post_token(&request.redemption(&code)).await,
        400,
        ErrorCode::InvalidGrant,
    );
    assert_eq!(rows.count("tokens").await, 0);
}

#[tokio::test]
async fn registered_clients_are_known_by_where_their_answers_go_and_the_most_specific_rule_counts() {
    let app = TestApp::start().await;
    let alice = app.owner("alice").await;
    rule(&app, "evil.example", Some(HostRule::Block)).await;
    rule(&app, "good.evil.example", Some(HostRule::Allow)).await;
    for (host, blocked) in [
        ("evil.example", true),
        ("www.evil.example", true),
        ("good.evil.example", false),
        ("eu.good.evil.example", false),
        ("notevil.example", false),
    ] {
        let uri = format!("https://{host}/signed-in");
        let id = registered(&app, &uri).await;
        let request = AuthorizationRequest::of(&id, &uri).with("scope", "profile");
        let answer = alice.get_authorize(&request).await;
        assert_eq!(answer.status == StatusCode::FORBIDDEN, blocked, "{host} {answer:?}");
    }
}

#[tokio::test]
async fn blocking_a_parent_spares_what_is_decided_otherwise_below_it() {
    let app = TestApp::start().await;
    let alice = app.owner("alice").await;
    rule(&app, "fine.mixed.example", Some(HostRule::Ask)).await;
    let mut redemptions = Vec::new();
    for host in ["fine.mixed.example", "www.mixed.example"] {
        let uri = format!("https://{host}/signed-in");
        let id = registered(&app, &uri).await;
        let request = AuthorizationRequest::of(&id, &uri)
            .with("scope", "profile")
            .fresh_pkce();
        redemptions.push(request.redemption(&alice.code(&request).await));
    }
    assert_eq!(rule(&app, "mixed.example", Some(HostRule::Block)).await, 1);
    assert_eq!(app.post_token(&redemptions[0]).await.status, StatusCode::OK);
    expect::json_error(&app.post_token(&redemptions[1]).await, 400, ErrorCode::InvalidGrant);
    // Without the decision below, the one above counts, and ends what that one let through.
    assert_eq!(rule(&app, "fine.mixed.example", None).await, 1);
}

#[tokio::test]
async fn a_host_to_be_asked_about_never_answers_from_memory() {
    let app = TestApp::start().await;
    let alice = app.owner("alice").await;
    let uri = "https://wiki.example/signed-in";
    let id = registered(&app, uri).await;
    let request = || AuthorizationRequest::of(&id, uri).with("scope", "profile").fresh_pkce();
    alice.approve(&request()).await;
    assert!(
        alice.get_authorize(&request()).await.location().starts_with(uri),
        "remembered"
    );
    rule(&app, "wiki.example", Some(HostRule::Ask)).await;
    assert!(
        alice
            .get_authorize(&request())
            .await
            .location()
            .starts_with("/consent/")
    );
    rule(&app, "wiki.example", None).await;
    assert!(alice.get_authorize(&request()).await.location().starts_with(uri));
}

#[tokio::test]
async fn a_host_that_is_vouched_for_is_no_news() {
    const NEWS: &str = "seen here for the first time";
    const KNOWN: &str = "knows this app’s site";
    let (app, site) = (TestApp::start().await, ClientSite::start().await);
    let alice = app.owner("alice").await;
    let request = AuthorizationRequest::valid(&site);
    let before = alice.consent_page(&request.clone().fresh_pkce()).await.text();
    rule(&app, HERE, Some(HostRule::Allow)).await;
    let after = alice.consent_page(&request.fresh_pkce()).await.text();
    assert!(!before.contains(KNOWN) && after.contains(KNOWN), "{after}");
    assert!(!after.contains(NEWS), "{after}");
}

#[tokio::test]
async fn what_is_no_host_comes_back_with_what_was_typed() {
    let (app, olga) = desk().await;
    for host in ["", "a b", "*.example.com", "https://"] {
        let form = filled(&olga, "/admin/hosts", &[("host", host), ("rule", "block")]).await;
        let answer = olga.submit(&form).await;
        expect::page_error(&answer, 400);
        assert_eq!(answer.form("/admin/hosts").get("host"), host);
    }
    let form = filled(&olga, "/admin/hosts", &[("host", "a.example"), ("rule", "maybe")]).await;
    expect::page_error(&olga.submit(&form).await, 400);
    assert_eq!(app.rows().await.count("host_rules").await, 0);
}

#[tokio::test]
async fn a_link_cannot_say_that_a_host_is_blocked() {
    let (_app, olga) = desk().await;
    for query in ["?done=block+a.example", "?done=block+a.example&seal=guess"] {
        assert!(!olga.get(&format!("/admin/hosts{query}")).await.has(".done"), "{query}");
    }
}

#[tokio::test]
async fn a_registered_app_is_removed_after_a_page_that_says_what_ends() {
    let (app, olga) = desk().await;
    let bob = app.signed_in("bob", PASSWORD).await;
    let uri = "https://wiki.example/signed-in";
    let id = registered(&app, uri).await;
    let request = AuthorizationRequest::of(&id, uri).with("scope", "profile");
    let tokens = bob.tokens(&request).await;
    let list = olga.get("/admin/clients").await;
    assert!(list.text().contains("Town wiki") && list.text().contains(&id));
    let page = olga.get(&format!("/admin/clients/remove?client_id={id}")).await;
    assert!(page.text().contains("this many people: 1"), "{}", page.text());
    let form = page.form("/admin/clients/remove");
    let told = olga.submit(&form).await;
    assert!(olga.get(told.location()).await.texts(".done")[0].contains("Town wiki is removed"));
    assert!(!app.holds(access_token(&tokens)).await);
    assert_eq!(olga.submit(&form).await.location(), "/admin/clients", "a second click");
    expect::page_error(&olga.get(&format!("/admin/clients/remove?client_id={id}")).await, 404);
}
