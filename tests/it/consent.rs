//! The consent page is answered: by whom, how often, until when, and with what.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use vestibule::flows::SignedIn;
use vestibule::flows::consent::{Choice, ConsentError};
use vestibule::oauth::error::ErrorCode;
use vestibule::oauth::grant::GrantId;
use vestibule::oauth::policy::TokenLifetime;
use vestibule::oauth::secret::Digest;

use crate::harness::actors::{Answer, Form, encode};
use crate::harness::app::PASSWORD;
use crate::harness::{AuthorizationRequest, ClientSite, TestApp, Visitor, expect};
use crate::misskey::scene;

mod history;
mod page;

/// So many that some of them read the question before the first has answered it.
const CLICKS: usize = 12;

/// The form that approves a good request, not yet sent.
async fn asked() -> (TestApp, ClientSite, Visitor, Form) {
    let (app, site, alice) = scene().await;
    let page = alice.consent_page(&AuthorizationRequest::valid(&site)).await;
    let form = page.form("/consent/").set("decision", "approve");
    (app, site, alice, form)
}

#[track_caller]
fn is_code(answer: &Answer) {
    assert!(answer.location_param("code").is_some(), "{answer:?}");
}

async fn send_with(who: &Visitor, form: &Form, headers: &[(&str, &str)]) -> Answer {
    let request = who
        .request(Method::POST, &form.action)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(encode(&form.fields));
    let request = headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value));
    who.send(request).await
}

#[tokio::test]
async fn a_decision_without_the_forms_token_is_none() {
    let (_app, _site, alice, form) = asked().await;
    for token in ["", "guess"] {
        expect::page_error(&alice.submit(&form.clone().set("csrf", token)).await, 403);
    }
    is_code(&alice.submit(&form).await);
}

#[tokio::test]
async fn a_decision_with_another_browsers_token_is_none() {
    let (app, site, alice, form) = asked().await;
    let bob = app.owner("bob").await;
    let page = bob.consent_page(&AuthorizationRequest::valid(&site)).await;
    let theirs = page.form("/consent/").get("csrf").to_owned();
    expect::page_error(&alice.submit(&form.clone().set("csrf", &theirs)).await, 403);
    is_code(&alice.submit(&form).await);
}

#[tokio::test]
async fn a_decision_from_another_site_is_none() {
    let (_app, _site, alice, form) = asked().await;
    for elsewhere in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.net"),
    ] {
        expect::page_error(&send_with(&alice, &form, &[elsewhere]).await, 403);
    }
    is_code(&send_with(&alice, &form, &[("sec-fetch-site", "same-origin"), ("origin", "null")]).await);
}

#[tokio::test]
async fn only_the_person_who_was_asked_sees_the_question() {
    let (app, _site, alice, form) = asked().await;
    expect::page_error(&app.owner("bob").await.get(&form.action).await, 403);
    assert_eq!(alice.get(&form.action).await.status, StatusCode::OK);
}

#[tokio::test]
async fn only_the_person_who_was_asked_can_answer() {
    let (app, site, alice, form) = asked().await;
    let bob = app.owner("bob").await;
    let page = bob.consent_page(&AuthorizationRequest::valid(&site)).await;
    let theirs = page.form("/consent/").get("csrf").to_owned();
    for decision in ["approve", "deny"] {
        let form = form.clone().set("csrf", &theirs).set("decision", decision);
        expect::page_error(&bob.submit(&form).await, 403);
    }
    is_code(&alice.submit(&form).await);
}

#[tokio::test]
async fn an_address_that_no_question_has_is_not_found() {
    let (_app, _site, alice, _form) = asked().await;
    for id in ["x", "%00", "%C3%A9", "'%20OR%201=1--"] {
        expect::page_error(&alice.get(&format!("/consent/{id}")).await, 404);
    }
}

#[tokio::test]
async fn a_field_with_a_nul_is_refused() {
    let (_app, _site, alice, form) = asked().await;
    let form = Form {
        action: "/sign-out".to_owned(),
        ..form.set("grant", "nul\0byte")
    };
    expect::page_error(&alice.submit(&form).await, 400);
}

#[tokio::test]
async fn who_has_to_sign_in_again_is_asked_the_same_question() {
    let (app, _site, _alice, form) = asked().await;
    let browser = app.visitor();
    let to_sign_in = browser.get(&form.action).await;
    let sign_in = browser.get(to_sign_in.location()).await.form("/sign-in");
    let sign_in = sign_in.set("username", "alice").set("password", PASSWORD);
    let back = browser.submit(&sign_in).await;
    assert_eq!(back.location(), form.action);
    let again = browser.get(back.location()).await.form("/consent/");
    is_code(&browser.submit(&again.set("decision", "approve")).await);
}

/// CS-04.
#[tokio::test]
async fn a_question_is_answered_once() {
    let (_app, _site, alice, form) = asked().await;
    is_code(&alice.submit(&form).await);
    expect::page_error(&alice.submit(&form).await, 409);
    expect::page_error(&alice.submit(&form.clone().set("decision", "deny")).await, 409);
    expect::page_error(&alice.get(&form.action).await, 409);
}

#[tokio::test]
async fn a_no_is_final() {
    let (app, site, alice, form) = asked().await;
    let request = AuthorizationRequest::valid(&site);
    let denied = alice.submit(&form.clone().set("decision", "deny")).await;
    expect::redirect_error(&denied, ErrorCode::AccessDenied, &request, &app.issuer);
    expect::page_error(&alice.submit(&form).await, 409);
}

#[tokio::test]
async fn however_often_it_is_clicked_at_once_there_is_one_code() {
    let (_app, _site, alice, form) = asked().await;
    let answers = join_all((0..CLICKS).map(|_| alice.submit(&form))).await;
    let (codes, rest): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 303);
    assert_eq!(codes.len(), 1);
    is_code(codes[0]);
    for answer in rest {
        expect::page_error(answer, 409);
    }
}

#[tokio::test]
async fn a_question_waits_ten_minutes() {
    let (app, _site, alice, form) = asked().await;
    app.clock.advance(Duration::from_mins(10) - Duration::from_secs(1));
    assert_eq!(alice.get(&form.action).await.status, StatusCode::OK);
    app.clock.advance(Duration::from_secs(1));
    expect::page_error(&alice.get(&form.action).await, 410);
    expect::page_error(&alice.submit(&form).await, 410);
}

#[tokio::test]
async fn a_yes_needs_a_click() {
    let (_app, _site, alice, form) = asked().await;
    let address = format!("{}?{}", form.action, encode(&form.fields));
    assert_eq!(alice.get(&address).await.status, StatusCode::OK);
    for decision in ["", "yes", "APPROVE"] {
        let undecided = form.clone().set("decision", decision);
        expect::page_error(&alice.submit(&undecided).await, 400);
    }
    is_code(&alice.submit(&form).await);
}

/// CS-06.
#[tokio::test]
async fn what_else_a_form_says_is_ignored() {
    let (app, site, alice) = scene().await;
    let bob = app.owner("bob").await;
    let request = AuthorizationRequest::valid(&site);
    let mut form = alice
        .consent_page(&request)
        .await
        .form("/consent/")
        .set("decision", "approve");
    let forged = [
        ("user_id", "bob"),
        ("username", "bob"),
        ("client_id", "https://evil.net/"),
        ("redirect_uri", "https://evil.net/"),
        ("client.redirect_uris", "https://evil.net/"),
        ("state", "forged"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("approved", "true"),
        ("trusted", "1"),
    ];
    form.fields
        .extend(forged.map(|(name, value)| (name.to_owned(), value.to_owned())));
    form.action = format!("{}?{}", form.action, encode(&forged));
    let answer = alice.submit(&form).await;
    assert!(answer.location().starts_with(request.get("redirect_uri")));
    assert_eq!(answer.location_param("state").as_deref(), Some(request.get("state")));
    let code = answer.location_param("code").unwrap();
    let token = bob.redeem(&request.redemption(&code)).await.json();
    assert_eq!(token["me"], format!("{}/@alice", app.issuer));
}

/// Approves with another choice of scope. Gives what the token has, or why there is none.
async fn chosen(asked: &str, choose: impl Fn(Form) -> Form) -> Result<String, String> {
    let (_app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site).with("scope", asked);
    let form = alice.consent_page(&request).await.form("/consent/");
    assert_eq!(form.all("scope").join(" "), asked);
    let answer = alice.submit(&choose(form).set("decision", "approve")).await;
    let code = answer.location_param("code").unwrap();
    let answer = alice.redeem(&request.redemption(&code)).await.json();
    match answer["scope"].as_str() {
        Some(scope) => Ok(scope.to_owned()),
        None => Err(answer["error"].as_str().unwrap().to_owned()),
    }
}

#[tokio::test]
async fn a_scope_that_is_unticked_is_not_granted() {
    let granted = chosen("profile create update", |form| form.untick("scope", "create")).await;
    assert_eq!(granted, Ok("profile update".to_owned()));
}

#[tokio::test]
async fn a_scope_that_was_not_asked_for_cannot_be_added() {
    let granted = chosen("profile create", |mut form| {
        form.fields.push(("scope".to_owned(), "delete".to_owned()));
        form
    })
    .await;
    assert_eq!(granted, Ok("profile create".to_owned()));
}

#[tokio::test]
async fn with_every_scope_unticked_the_app_is_told_no() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site).with("scope", "create update");
    let form = alice.consent_page(&request).await.form("/consent/");
    let nothing = form.untick("scope", "create").untick("scope", "update");
    let answer = alice.submit(&nothing.set("decision", "approve")).await;
    expect::redirect_error(&answer, ErrorCode::AccessDenied, &request, &app.issuer);
}

#[tokio::test]
async fn the_e_mail_address_goes_with_the_profile_or_not_at_all() {
    let granted = chosen("profile email create", |form| form.untick("scope", "profile")).await;
    assert_eq!(granted, Ok("create".to_owned()));
}

#[tokio::test]
async fn the_person_picks_how_long_the_token_lives() {
    let (_app, site, alice) = scene().await;
    for (choice, days) in [
        ("day", Some(1)),
        ("30_days", Some(30)),
        ("90_days", Some(90)),
        ("until_revoked", None),
        ("forever", Some(90)),
    ] {
        let request = AuthorizationRequest::valid(&site);
        let form = alice.consent_page(&request).await.form("/consent/");
        assert_eq!(form.get("lifetime"), "90_days", "preselected");
        let form = form.set("lifetime", choice).set("decision", "approve");
        let code = alice.submit(&form).await.location_param("code").unwrap();
        let token = alice.redeem(&request.redemption(&code)).await.json();
        assert_eq!(token["expires_in"].as_u64(), days.map(|days| days * 86_400), "{choice}");
    }
}

/// "Not you?" on the consent page.
async fn not_me(who: &Visitor, request: &AuthorizationRequest) -> Answer {
    let page = who.consent_page(request).await;
    let grant = page.form("/consent/").action.replace("/consent/", "");
    let field = format!(r#"form[action="/sign-out"] input[name="grant"][value="{grant}"]"#);
    assert!(page.has(&field), "{}", page.body);
    who.submit(&page.form("/sign-out").set("grant", &grant)).await
}

#[tokio::test]
async fn somebody_else_signs_in_and_answers_the_same_request() {
    let (app, site, alice) = scene().await;
    app.owner("bob").await;
    let request = AuthorizationRequest::valid(&site);
    let page = alice.get(not_me(&alice, &request).await.location()).await;
    let form = page.form("/sign-in").set("username", "bob").set("password", PASSWORD);
    let back = alice.submit(&form).await;
    let consent = alice.get(alice.get(back.location()).await.location()).await;
    let answer = alice
        .submit(&consent.form("/consent/").set("decision", "approve"))
        .await;
    assert!(answer.location().starts_with(request.get("redirect_uri")));
    assert_eq!(answer.location_param("state").as_deref(), Some(request.get("state")));
    let code = answer.location_param("code").unwrap();
    let token = alice.redeem(&request.redemption(&code)).await.json();
    assert_eq!(token["me"], format!("{}/@bob", app.issuer));
    assert_eq!(token["scope"], request.get("scope"));
}

#[tokio::test]
async fn signing_out_tells_nothing_about_another_persons_request() {
    let (app, site, alice) = scene().await;
    let bob = app.owner("bob").await;
    let request = AuthorizationRequest::valid(&site);
    let theirs = alice.consent_page(&request).await.form("/consent/").action;
    let form = bob
        .consent_page(&request)
        .await
        .form("/sign-out")
        .set("grant", &theirs.replace("/consent/", ""));
    assert_eq!(bob.submit(&form).await.location(), "/");
}

/// The session is looked at before the answer is read, and the answer may take its time to arrive.
#[tokio::test]
async fn an_answer_on_its_way_counts_for_nothing_once_the_session_has_ended() {
    let (app, site, alice) = scene().await;
    let form = alice
        .consent_page(&AuthorizationRequest::valid(&site))
        .await
        .form("/consent/");
    let session = Digest::of(&alice.cookie("vestibule_session").unwrap());
    let owner = app.accounts.session_of(&session).await.unwrap().unwrap().owner;
    let signed_in = SignedIn { owner, session };
    app.accounts
        .set_password("alice", "another long password")
        .await
        .unwrap();
    let id = GrantId(form.action.trim_start_matches("/consent/").to_owned());
    let choice = Choice {
        me: None,
        scope: vec!["create".to_owned()],
        lifetime: TokenLifetime::Day,
        session: None,
    };
    let answer = app.flows.approve(&id, &signed_in, &choice).await;
    assert!(matches!(answer, Err(ConsentError::SignedOut)), "{answer:?}");
}
