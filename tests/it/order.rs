//! In which order a request is judged. Each request has every fault at once; they are mended one by one, and each time
//! the next check in line speaks.

use std::time::Duration;

use vestibule::oauth::error::ErrorCode;

use crate::harness::actors::{Answer, Visitor, changed, encode};
use crate::harness::client_site::{GUIDE_PAGE, SiteAnswer};
use crate::harness::{AuthorizationRequest, ClientSite, Options, TestApp, expect};
use crate::misskey::scene;

#[track_caller]
fn says(answer: &Answer, words: &str) {
    expect::page_error(answer, 400);
    assert!(answer.text().contains(words), "{words}: {}", answer.text());
}

#[track_caller]
fn tells(answer: &Answer, code: ErrorCode, words: &str, request: &AuthorizationRequest, app: &TestApp) {
    expect::redirect_error(answer, code, request, &app.issuer);
    let description = answer.location_param("error_description").unwrap();
    assert!(description.contains(words), "{words}: {description}");
}

fn down(site: &ClientSite) {
    site.answer(SiteAnswer {
        status: 500,
        headers: Vec::new(),
        body: Vec::new(),
    });
}

/// Every fault at once, but for the parameters that name the app, which are missing.
fn every_fault(used: &AuthorizationRequest) -> AuthorizationRequest {
    AuthorizationRequest::of("", "")
        .without("client_id")
        .without("redirect_uri")
        .with("state", &"s".repeat(2049))
        .with("response_type", "token")
        .with("response_mode", "fragment")
        .with("scope", "unknown")
        .with("code_challenge", used.get("code_challenge"))
        .with("code_challenge_method", "plain")
}

#[tokio::test]
async fn before_sign_in_the_request_is_judged_by_its_form_alone() {
    let (app, site, alice) = scene().await;
    let used = AuthorizationRequest::valid(&site);
    alice.tokens(&used).await;
    let fetched = site.hits();
    down(&site);
    let nobody = app.visitor();
    let request = every_fault(&used);
    says(
        &nobody.get(&format!("{}&state=twice", request.path())).await,
        "given more than once",
    );
    says(&nobody.get_authorize(&request).await, "client_id is missing");
    let request = request.with("client_id", "ftp://app.net/");
    says(&nobody.get_authorize(&request).await, "redirect_uri is missing");
    let request = request.with("redirect_uri", "javascript:alert(1)");
    says(&nobody.get_authorize(&request).await, "client_id is not an absolute");
    let unknown = request.clone().with("client_id", "registered");
    says(&nobody.get_authorize(&unknown).await, "answers are never sent to");
    let unknown = unknown.with("redirect_uri", &site.url("/elsewhere"));
    says(&nobody.get_authorize(&unknown).await, "no client is registered");
    let request = request.with("client_id", &site.client_id());
    says(&nobody.get_authorize(&request).await, "answers are never sent to");
    let request = request.with("redirect_uri", &site.url("/elsewhere"));
    let answer = nobody.get_authorize(&request).await;
    assert_eq!(answer.location(), format!("/sign-in?{}", encode(&request.params)));
    assert_eq!(site.hits(), fetched);
}

#[tokio::test]
async fn the_limit_comes_before_everything_else() {
    let app = Options::default().set("VESTIBULE_LIMITS__AUTHORIZE", "1").start().await;
    let nobody = app.visitor();
    let twice = "/oauth/authorize?state=1&state=2";
    expect::page_error(&nobody.get(twice).await, 400);
    expect::page_error(&nobody.get(twice).await, 429);
}

/// A decision with every fault at once: by nobody, from elsewhere, about somebody else's question, too late.
#[tokio::test]
async fn a_decision_is_judged_by_who_sends_it_then_from_where_then_about_what() {
    let (app, site, alice) = scene().await;
    let bob = app.owner("bob").await;
    let request = AuthorizationRequest::valid(&site);
    let form = alice.consent_page(&request).await.form("/consent/");
    let form = form.set("decision", "approve").set("csrf", "guess");
    let token_of = async |who: &Visitor| who.get("/apps").await.form("/sign-out").get("csrf").to_owned();
    app.clock.advance(Duration::from_mins(10));
    assert!(app.visitor().submit(&form).await.location().starts_with("/sign-in"));
    let answer = bob.submit(&form).await;
    expect::page_error(&answer, 403);
    assert!(answer.text().contains("Please try that once more"));
    let answer = bob.submit(&form.clone().set("csrf", &token_of(&bob).await)).await;
    expect::page_error(&answer, 403);
    assert!(answer.text().contains("This question is for another account"));
    let answer = alice.submit(&form.set("csrf", &token_of(&alice).await)).await;
    expect::page_error(&answer, 410);
}

#[tokio::test]
async fn after_sign_in_the_client_then_its_redirect_uri_then_the_request() {
    let (app, site, alice) = scene().await;
    let used = AuthorizationRequest::valid(&site);
    alice.tokens(&used).await;
    // The page is read again when the copy has lapsed.
    app.clock.advance(Duration::from_hours(2));
    down(&site);
    let request = every_fault(&used)
        .with("client_id", &site.client_id())
        .with("redirect_uri", &site.url("/elsewhere"));
    let ask = async |request: &AuthorizationRequest| alice.get_authorize(request).await;
    says(&ask(&request).await, "500");
    site.page(GUIDE_PAGE);
    app.clock.advance(Duration::from_mins(1));
    says(&ask(&request).await, "not one of those the client publishes");
    let request = request.with("redirect_uri", &site.url("/redirect"));
    let invalid = ErrorCode::InvalidRequest;
    tells(&ask(&request).await, invalid, "state is longer", &request, &app);
    let request = request.with("state", "short");
    let unsupported = ErrorCode::UnsupportedResponseType;
    tells(&ask(&request).await, unsupported, "response_type", &request, &app);
    let request = request.with("response_type", "code");
    tells(&ask(&request).await, invalid, "response_mode", &request, &app);
    let request = request.with("response_mode", "query");
    tells(&ask(&request).await, ErrorCode::InvalidScope, "scopes", &request, &app);
    let request = request.with("scope", "create");
    let missing = request.clone().without("code_challenge");
    tells(
        &ask(&missing).await,
        invalid,
        "code_challenge is missing",
        &missing,
        &app,
    );
    let malformed = request.clone().with("code_challenge", "short");
    tells(
        &ask(&malformed).await,
        invalid,
        "must be the unpadded",
        &malformed,
        &app,
    );
    tells(&ask(&request).await, invalid, "must be S256", &request, &app);
    let request = request.with("code_challenge_method", "S256");
    tells(&ask(&request).await, invalid, "was used before", &request, &app);
    let request = request.fresh_pkce();
    assert!(ask(&request).await.location().starts_with("/consent/"));
}

async fn redeem(alice: &Visitor, fields: &[(&'static str, String)], words: &str) {
    let answer = alice.redeem(fields).await;
    expect::json_error(&answer, 400, ErrorCode::InvalidGrant);
    let description = answer.json()["error_description"].as_str().unwrap().to_owned();
    assert!(description.contains(words), "{words}: {description}");
}

/// A request, its code, and a redemption of it in which nothing fits.
async fn nothing_fits(alice: &Visitor, site: &ClientSite) -> (String, Vec<(&'static str, String)>) {
    let request = AuthorizationRequest::valid(site);
    let code = alice.code(&request).await;
    let mut wrong = request.redemption("unknown");
    for name in ["client_id", "redirect_uri", "code_verifier"] {
        wrong = changed(
            &wrong,
            name,
            "https://wrong.net/a-verifier-of-another-request-altogether",
        );
    }
    (code, wrong)
}

#[tokio::test]
async fn a_code_is_judged_by_its_owner_then_its_address_then_its_proof() {
    let (_app, site, alice) = scene().await;
    let (code, wrong) = nothing_fits(&alice, &site).await;
    redeem(&alice, &wrong, "unknown, lapsed or used").await;
    redeem(&alice, &changed(&wrong, "code", &code), "another client_id").await;
    let (code, wrong) = nothing_fits(&alice, &site).await;
    let wrong = changed(&changed(&wrong, "code", &code), "client_id", &site.client_id());
    redeem(&alice, &wrong, "redirect_uri is not that").await;
    let (code, wrong) = nothing_fits(&alice, &site).await;
    let wrong = changed(&changed(&wrong, "code", &code), "client_id", &site.client_id());
    let wrong = changed(&wrong, "redirect_uri", &site.url("/redirect"));
    redeem(&alice, &wrong, "code_verifier").await;
}

#[tokio::test]
async fn the_form_of_a_redemption_is_judged_before_its_code() {
    let (_app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let code = alice.code(&request).await;
    let right = request.redemption(&code);
    for (name, error) in [
        ("grant_type", ErrorCode::InvalidRequest),
        ("code", ErrorCode::InvalidRequest),
        ("client_id", ErrorCode::InvalidRequest),
    ] {
        expect::json_error(&alice.redeem(&changed(&right, name, "")).await, 400, error);
    }
    let mut with_secret = right.clone();
    with_secret.push(("client_secret", "guess".to_owned()));
    expect::json_error(&alice.redeem(&with_secret).await, 401, ErrorCode::InvalidClient);
    assert_eq!(alice.redeem(&right).await.status, 200, "none of them spent the code");
}

/// A code and the token it gave.
async fn redeemed(alice: &Visitor, site: &ClientSite) -> (Vec<(&'static str, String)>, String) {
    let request = AuthorizationRequest::valid(site);
    let code = alice.code(&request).await;
    let fields = request.redemption(&code);
    let token = alice.redeem(&fields).await.json();
    (fields, token["access_token"].as_str().unwrap().to_owned())
}

async fn is_live(alice: &Visitor, token: &str) -> bool {
    alice.get_with_token("/oauth/userinfo", token).await.status == 200
}

#[tokio::test]
async fn who_cannot_prove_a_used_code_is_theirs_ends_nothing() {
    let (_app, site, alice) = scene().await;
    let (fields, token) = redeemed(&alice, &site).await;
    for (name, value) in [
        ("client_id", "https://app.net/"),
        ("redirect_uri", "https://app.net/"),
        ("code_verifier", ""),
    ] {
        let answer = alice.redeem(&changed(&fields, name, value)).await;
        expect::json_error(&answer, 400, ErrorCode::InvalidGrant);
        assert!(is_live(&alice, &token).await, "{name}");
    }
}

#[tokio::test]
async fn reuse_is_noticed_also_when_the_code_would_have_lapsed() {
    let (app, site, alice) = scene().await;
    let (fields, token) = redeemed(&alice, &site).await;
    app.clock.advance(Duration::from_mins(6));
    assert!(is_live(&alice, &token).await);
    redeem(&alice, &fields, "unknown, lapsed or used").await;
    assert!(!is_live(&alice, &token).await);
}

#[tokio::test]
async fn a_strangers_try_spoils_nothing() {
    let (_app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let code = alice.code(&request).await;
    let fields = request.redemption(&code);
    redeem(
        &alice,
        &changed(&fields, "client_id", "https://app.net/"),
        "another client_id",
    )
    .await;
    assert_eq!(alice.redeem(&fields).await.status, 200);
}

#[tokio::test]
async fn a_code_lapses_after_five_minutes() {
    let (app, site, alice) = scene().await;
    for (age, status) in [
        (Duration::from_mins(5) - Duration::from_secs(1), 200),
        (Duration::from_mins(5), 400),
    ] {
        let request = AuthorizationRequest::valid(&site);
        let code = alice.code(&request).await;
        app.clock.advance(age);
        assert_eq!(alice.redeem(&request.redemption(&code)).await.status, status, "{age:?}");
    }
}
