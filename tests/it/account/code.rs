//! Signing in with a code: what waits in between, and who cannot get past it (attack case LG-06).

use std::time::Duration;

use super::*;
use crate::harness::app::PASSWORD;
use crate::harness::authenticator::{CODE, STEP};
use crate::harness::{AuthorizationRequest, ClientSite, Options};

const SESSION: &str = "vestibule_session";
const PENDING: &str = "vestibule_sign_in";

#[tokio::test]
async fn the_password_alone_opens_nothing() {
    let app = TestApp::start().await;
    app.owner_with_authenticator("alice").await;
    let thief = app.visitor();
    thief.form_for_code("alice").await;
    assert_eq!(thief.cookie(SESSION), None);
    // What waits is no session, in whichever cookie it comes.
    thief.set_cookie(SESSION, &thief.cookie(PENDING).unwrap());
    assert!(!is_signed_in(&thief).await);
}

#[tokio::test]
async fn with_the_code_the_request_that_waits_goes_on_byte_for_byte() {
    let app = TestApp::start().await;
    let (_, authenticator) = app.owner_with_authenticator("alice").await;
    let (site, phone) = (ClientSite::start().await, app.visitor());
    let asked = format!(
        "{}&state2=%41%20+%C3%A9&bare",
        AuthorizationRequest::valid(&site).path()
    );
    let query = asked.split_once('?').unwrap().1;
    let to_sign_in = phone.get(&asked).await;
    let to_code = phone.type_password(to_sign_in.location(), "alice").await;
    assert_eq!(to_code.location(), format!("{CODE}?{query}"));
    let page = phone.get(to_code.location()).await;
    assert!(page.text().contains("to continue to 127.0.0.1"), "{}", page.text());
    let wrong = phone
        .submit(&page.form(CODE).set("code", &authenticator.wrong_code(&app)))
        .await;
    assert_eq!(wrong.form(CODE).get("continue"), query);
    let answer = phone
        .submit(&wrong.form(CODE).set("code", &authenticator.code(&app)))
        .await;
    assert_eq!(answer.location(), asked);
    assert!(
        phone
            .consent_page(&AuthorizationRequest::valid(&site))
            .await
            .is_question()
    );
    assert_eq!(phone.cookie(PENDING), None);
}

#[tokio::test]
async fn after_the_code_no_address_from_outside_is_followed() {
    let app = TestApp::start().await;
    let (_, authenticator) = app.owner_with_authenticator("alice").await;
    let phone = app.visitor();
    let form = phone.form_for_code("alice").await.set("continue", "//evil.net");
    let answer = phone.submit(&form.set("code", &authenticator.code(&app))).await;
    assert_eq!(answer.location(), "/oauth/authorize?//evil.net");
}

#[tokio::test]
async fn a_code_works_once() {
    let app = TestApp::start().await;
    let (_, authenticator) = app.owner_with_authenticator("alice").await;
    let (phone, thief) = (app.visitor(), app.visitor());
    let (form, copied) = (phone.form_for_code("alice").await, thief.form_for_code("alice").await);
    let code = authenticator.code(&app);
    assert_eq!(phone.submit(&form.set("code", &code)).await.location(), "/");
    let refused = thief.submit(&copied.set("code", &code)).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(!is_signed_in(&thief).await);
}

#[tokio::test]
async fn of_many_who_use_one_code_at_once_one_gets_in() {
    let app = TestApp::start().await;
    let (_, authenticator) = app.owner_with_authenticator("alice").await;
    let code = authenticator.code(&app);
    let mut forms = Vec::new();
    for _ in 0..8 {
        let visitor = app.visitor();
        let form = visitor.form_for_code("alice").await.set("code", &code);
        forms.push((visitor, form));
    }
    let answers = futures_util::future::join_all(forms.iter().map(|(visitor, form)| visitor.submit(form))).await;
    let entered = answers.iter().filter(|answer| answer.status.is_redirection()).count();
    assert_eq!(entered, 1);
}

#[tokio::test]
async fn an_older_code_than_the_last_one_is_spent_with_it() {
    let app = TestApp::start().await;
    let (_, authenticator) = app.owner_with_authenticator("alice").await;
    let older = authenticator.code(&app);
    app.clock.advance(STEP);
    let (phone, thief) = (app.visitor(), app.visitor());
    let (form, copied) = (phone.form_for_code("alice").await, thief.form_for_code("alice").await);
    phone.submit(&form.set("code", &authenticator.code(&app))).await;
    assert_eq!(
        thief.submit(&copied.set("code", &older)).await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn what_waits_becomes_one_session_at_most() {
    let app = TestApp::start().await;
    let (_, authenticator) = app.owner_with_authenticator("alice").await;
    let (phone, copy) = (app.visitor(), app.visitor());
    let form = phone.form_for_code("alice").await;
    for cookie in [PENDING, "vestibule_visitor"] {
        copy.set_cookie(cookie, &phone.cookie(cookie).unwrap());
    }
    phone.submit(&form.clone().set("code", &authenticator.code(&app))).await;
    app.clock.advance(STEP);
    let answer = copy.submit(&form.set("code", &authenticator.code(&app))).await;
    assert_eq!(answer.location(), "/sign-in");
    assert!(!is_signed_in(&copy).await);
}

/// LG-02, across both steps.
#[tokio::test]
async fn a_key_that_was_planted_before_is_not_the_sessions() {
    let app = TestApp::start().await;
    let (_, authenticator) = app.owner_with_authenticator("alice").await;
    let (phone, attacker) = (app.visitor(), app.visitor());
    phone.set_cookie(SESSION, "vse_planted");
    attacker.set_cookie(SESSION, "vse_planted");
    let form = phone.form_for_code("alice").await;
    let waiting = phone.cookie(PENDING).unwrap();
    phone.submit(&form.set("code", &authenticator.code(&app))).await;
    assert!(is_signed_in(&phone).await && !is_signed_in(&attacker).await);
    assert_ne!(phone.cookie(SESSION).unwrap(), waiting);
}

/// An attacker who makes somebody's browser go on with the attacker's own sign-in learns nothing with their code.
#[tokio::test]
async fn a_sign_in_that_was_planted_takes_no_code_of_another_person() {
    let app = TestApp::start().await;
    let (_, authenticator) = app.owner_with_authenticator("alice").await;
    app.owner_with_authenticator("mallory").await;
    let (phone, attacker) = (app.visitor(), app.visitor());
    attacker.form_for_code("mallory").await;
    phone.get("/sign-in").await;
    phone.set_cookie(PENDING, &attacker.cookie(PENDING).unwrap());
    let form = phone.get(CODE).await.form(CODE);
    let answer = phone.submit(&form.set("code", &authenticator.code(&app))).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_session_of_before_ends_with_the_code() {
    let app = TestApp::start().await;
    let (alice, authenticator) = app.owner_with_authenticator("alice").await;
    let (before, old) = (alice.cookie(SESSION).unwrap(), app.visitor());
    old.set_cookie(SESSION, &before);
    let token = alice.get("/apps").await.form("/sign-out").get("csrf").to_owned();
    let fields = [
        ("username", "alice"),
        ("password", PASSWORD),
        ("csrf", &token),
        ("continue", ""),
    ];
    assert_eq!(alice.post("/sign-in", &fields).await.location(), CODE);
    assert!(is_signed_in(&old).await);
    let form = alice.get(CODE).await.form(CODE);
    alice.submit(&form.set("code", &authenticator.code(&app))).await;
    assert!(is_signed_in(&alice).await && !is_signed_in(&old).await);
}

#[tokio::test]
async fn codes_are_limited_by_address_apart_from_passwords() {
    let app = Options::default().set("VESTIBULE_LIMITS__SIGN_IN", "4").start().await;
    let (_, authenticator) = app.owner_with_authenticator("alice").await;
    let phone = app.visitor();
    let form = phone
        .form_for_code("alice")
        .await
        .set("code", &authenticator.wrong_code(&app));
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(phone.submit(&form).await.status.as_u16());
    }
    assert_eq!(statuses, [400, 400, 400, 429]);
}

#[tokio::test]
async fn a_wrong_password_is_answered_alike_with_and_without_a_second_step() {
    let app = TestApp::start().await;
    app.owner_with_authenticator("alice").await;
    app.accounts.add_user("bob", PASSWORD).await.unwrap();
    let visitor = app.visitor();
    visitor.get("/sign-in").await;
    let mut answers = Vec::new();
    for name in ["alice", "bob", "nobody"] {
        let form = visitor.get("/sign-in").await.form("/sign-in").set("username", name);
        let answer = visitor.submit(&form.set("password", "wrong password")).await;
        assert_eq!(answer.header("set-cookie"), "");
        answers.push((answer.status, answer.body.replace(&format!(r#"value="{name}""#), "")));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[tokio::test]
async fn a_sign_in_waits_ten_minutes() {
    let app = TestApp::start().await;
    let (_, authenticator) = app.owner_with_authenticator("alice").await;
    let phone = app.visitor();
    let form = phone.form_for_code("alice").await;
    app.clock.advance(Duration::from_secs(10 * 60 - 1));
    assert_eq!(phone.get(CODE).await.status, StatusCode::OK);
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(phone.get(CODE).await.location(), "/sign-in");
    let answer = phone.submit(&form.set("code", &authenticator.code(&app))).await;
    assert_eq!(answer.location(), "/sign-in");
    assert!(!is_signed_in(&phone).await);
}

#[tokio::test]
async fn another_password_ends_what_waits() {
    let app = TestApp::start().await;
    let (_, authenticator) = app.owner_with_authenticator("alice").await;
    let thief = app.visitor();
    let form = thief.form_for_code("alice").await;
    app.accounts
        .set_password("alice", "another long password")
        .await
        .unwrap();
    let answer = thief.submit(&form.set("code", &authenticator.code(&app))).await;
    assert_eq!(answer.location(), "/sign-in");
    assert!(!is_signed_in(&thief).await);
}

#[tokio::test]
async fn the_code_page_is_nothing_without_a_sign_in_that_waits() {
    let app = TestApp::start().await;
    let (alice, _) = app.owner_with_authenticator("alice").await;
    let visitor = app.visitor();
    assert_eq!(
        visitor.get("/sign-in/code?client_id=x").await.location(),
        "/sign-in?client_id=x"
    );
    visitor.set_cookie(PENDING, "vsi_guess");
    assert_eq!(visitor.get(CODE).await.location(), "/sign-in");
    assert_eq!(visitor.post(CODE, &[("code", "123456")]).await.location(), "/sign-in");
    assert_eq!(alice.get(CODE).await.location(), "/");
}

#[tokio::test]
async fn the_code_needs_the_token_of_this_browser() {
    let app = TestApp::start().await;
    let (_, authenticator) = app.owner_with_authenticator("alice").await;
    let phone = app.visitor();
    let form = phone
        .form_for_code("alice")
        .await
        .set("code", &authenticator.code(&app));
    expect_needs_a_page_of_ours(&phone, &form, 400).await;
    assert!(!is_signed_in(&phone).await);
    assert_eq!(phone.submit(&form).await.location(), "/");
}

#[tokio::test]
async fn over_tls_what_waits_belongs_to_this_host_alone() {
    let app = Options::default().issuer("https://id.example").start().await;
    app.owner_with_authenticator("alice").await;
    let answer = app.visitor().type_password("/sign-in", "alice").await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-vestibule_sign_in=vsi_"), "{cookie}");
    for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=600"] {
        assert!(cookie.contains(part), "{cookie}");
    }
}
