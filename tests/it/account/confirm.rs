//! Proving again who one is, before how one signs in is changed.

use std::time::Duration;

use super::*;
use crate::harness::Options;
use crate::harness::app::PASSWORD;
use crate::harness::authenticator::{Authenticator, SET_UP, STEP};

const PAGE: &str = "/account/confirm";
const FACTOR: &str = "/account/second-step";
const OFF: &str = "/account/second-step/turn-off";
const COOKIE: &str = "vestibule_session";
const FRESH: Duration = Duration::from_secs(5 * 60);

/// Types the password again, on the page that asks for it on the way to `goal`.
async fn confirm(visitor: &Visitor, goal: &str, password: &str) -> Answer {
    let form = visitor.get(&format!("{PAGE}?{goal}")).await.form(PAGE);
    visitor.submit(&form.set("password", password)).await
}

#[tokio::test]
async fn the_password_again_leads_back_with_another_key() {
    let (app, alice) = signed_in().await;
    app.clock.advance(FRESH);
    let (before, thief) = (alice.cookie(COOKIE).unwrap(), app.visitor());
    thief.set_cookie(COOKIE, &before);
    let refused = confirm(&alice, "second-step-set-up", "not my password").await;
    assert_eq!(refused.texts("#problem"), ["This is not your password."]);
    assert_eq!(refused.form(PAGE).get("continue"), "second-step-set-up");
    assert!(alice.get(SET_UP).await.status.is_redirection());
    assert_eq!(confirm(&alice, "second-step-set-up", PASSWORD).await.location(), SET_UP);
    assert_eq!(alice.get(SET_UP).await.status, StatusCode::OK);
    assert!(!is_signed_in(&thief).await);
}

#[tokio::test]
async fn the_password_again_leads_to_no_address_from_outside() {
    let (_app, alice) = signed_in().await;
    for goal in [
        "",
        "//evil.net",
        "https://evil.net",
        "client_id=x",
        "grant=abc",
        "/apps",
    ] {
        assert_eq!(confirm(&alice, goal, PASSWORD).await.location(), "/account", "{goal}");
    }
}

#[tokio::test]
async fn another_persons_password_confirms_nothing() {
    let app = TestApp::start().await;
    app.accounts.add_user("bob", "the password of bob").await.unwrap();
    let alice = app.owner("alice").await;
    app.clock.advance(FRESH);
    let form = alice.get(PAGE).await.form(PAGE);
    let form = form.set("username", "bob").set("password", "the password of bob");
    assert_eq!(alice.submit(&form).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn guesses_on_the_way_count_like_those_of_the_sign_in_page() {
    let app = Options::default().set("VESTIBULE_LIMITS__SIGN_IN", "2").start().await;
    let alice = app.owner("alice").await;
    for _ in 0..2 {
        assert_eq!(
            confirm(&alice, "", "not my password").await.status,
            StatusCode::BAD_REQUEST
        );
    }
    let refused = confirm(&alice, "", PASSWORD).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_ne!(refused.header("retry-after"), "");
}

/// A person with the second step on, in a browser that was left open.
async fn left_open() -> (TestApp, Visitor, Authenticator) {
    let app = TestApp::start().await;
    let (alice, authenticator) = app.owner_with_authenticator("alice").await;
    app.clock.advance(FRESH);
    (app, alice, authenticator)
}

/// Whether how this person signs in may be changed here.
async fn is_fresh(visitor: &Visitor) -> bool {
    let page = visitor.get(FACTOR).await;
    let form = page.form("/account/second-step/recovery-codes");
    visitor.submit(&form).await.status == StatusCode::OK
}

/// The form, with the right password and this code.
async fn with_code(visitor: &Visitor, code: &str) -> Form {
    let form = visitor.get(&format!("{PAGE}?second-step")).await.form(PAGE);
    form.set("password", PASSWORD).set("code", code)
}

#[tokio::test]
async fn with_a_second_step_on_the_password_alone_confirms_nothing() {
    let (_app, alice, _) = left_open().await;
    let page = alice.get(&format!("{PAGE}?second-step")).await;
    assert!(page.has("form input#code[name=code]"), "{}", page.body);
    for code in ["", "12345", "not a code"] {
        let refused = alice.submit(&with_code(&alice, code).await).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert!(
            refused
                .texts("#problem")
                .concat()
                .starts_with("This code does not work.")
        );
        assert_eq!(refused.form(PAGE).get("continue"), "second-step");
        assert!(!refused.body.contains(PASSWORD));
    }
    let form = page.form(PAGE).set("password", PASSWORD);
    let fields: Vec<_> = form.fields.into_iter().filter(|(name, _)| name != "code").collect();
    assert_eq!(alice.post(PAGE, &fields).await.status, StatusCode::BAD_REQUEST);
    assert!(!is_fresh(&alice).await);
}

#[tokio::test]
async fn password_and_code_confirm() {
    let (app, alice, authenticator) = left_open().await;
    let before = alice.cookie(COOKIE);
    let answer = alice.submit(&with_code(&alice, &authenticator.code(&app)).await).await;
    assert_eq!(answer.location(), FACTOR);
    assert_ne!(alice.cookie(COOKIE), before);
    assert!(is_fresh(&alice).await);
}

#[tokio::test]
async fn the_code_alone_confirms_nothing_and_is_not_spent() {
    let (app, alice, authenticator) = left_open().await;
    let form = with_code(&alice, &authenticator.code(&app)).await;
    let refused = alice.submit(&form.clone().set("password", "not my password")).await;
    assert_eq!(refused.texts("#problem"), ["This is not your password."]);
    assert!(!is_fresh(&alice).await);
    assert_eq!(alice.submit(&form).await.location(), FACTOR);
}

#[tokio::test]
async fn a_code_that_signed_in_does_not_confirm_and_the_other_way_round() {
    let (app, alice, authenticator) = left_open().await;
    let (phone, code) = (app.visitor(), authenticator.code(&app));
    let form = phone.form_for_code("alice").await;
    assert_eq!(phone.submit(&form.set("code", &code)).await.location(), "/");
    let refused = alice.submit(&with_code(&alice, &code).await).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    app.clock.advance(STEP);
    let code = authenticator.code(&app);
    assert_eq!(alice.submit(&with_code(&alice, &code).await).await.location(), FACTOR);
    let thief = app.visitor();
    let form = thief.form_for_code("alice").await;
    assert_eq!(
        thief.submit(&form.set("code", &code)).await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn of_many_who_confirm_with_one_code_one_does() {
    let (app, alice, authenticator) = left_open().await;
    let form = with_code(&alice, &authenticator.code(&app)).await;
    let answers = futures_util::future::join_all((0..6).map(|_| alice.submit(&form))).await;
    let confirmed = answers
        .iter()
        .filter(|answer| !answer.header("set-cookie").is_empty())
        .count();
    assert_eq!(confirmed, 1);
}

#[tokio::test]
async fn a_recovery_code_confirms_once_in_the_same_field() {
    let app = TestApp::start().await;
    let alice = app.owner("alice").await;
    let form = alice.get(SET_UP).await.form(SET_UP);
    let authenticator = Authenticator::with(form.get("secret"));
    let shown = alice.submit(&form.set("code", &authenticator.code(&app))).await;
    let code = shown.texts(".codes li")[0].to_uppercase();
    app.clock.advance(FRESH);
    let form = with_code(&alice, &code).await;
    assert_eq!(alice.submit(&form).await.location(), FACTOR);
    let again = alice.submit(&with_code(&alice, &code).await).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert!(again.texts("#problem").concat().contains("recovery code does not work"));
    assert!(alice.get(FACTOR).await.text().contains("You have 9 left."));
}

/// The count is the account's, whichever page the code is typed into.
#[tokio::test]
async fn wrong_codes_here_count_with_those_of_the_sign_in_page() {
    let (app, alice, authenticator) = left_open().await;
    let phone = app.visitor();
    let form = phone.form_for_code("alice").await;
    for _ in 0..5 {
        let wrong = authenticator.wrong_code(&app);
        alice.submit(&with_code(&alice, &wrong).await).await;
        phone.submit(&form.clone().set("code", &wrong)).await;
    }
    let code = authenticator.code(&app);
    for refused in [
        alice.submit(&with_code(&alice, &code).await).await,
        phone.submit(&form.set("code", &code)).await,
    ] {
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused.header("retry-after"), "901");
    }
    assert!(!is_fresh(&alice).await);
}

/// Who sits at a browser that was left open must not be able to lock its person's codes.
#[tokio::test]
async fn without_the_password_no_code_is_counted() {
    let (app, alice, authenticator) = left_open().await;
    for _ in 0..11 {
        let form = with_code(&alice, &authenticator.wrong_code(&app)).await;
        alice.submit(&form.set("password", "not my password")).await;
    }
    let form = with_code(&alice, &authenticator.code(&app)).await;
    assert_eq!(alice.submit(&form).await.location(), FACTOR);
}

#[tokio::test]
async fn turning_the_second_step_on_or_off_proves_nothing() {
    let (app, alice) = signed_in().await;
    app.clock.advance(FRESH - STEP);
    let form = alice.get(SET_UP).await.form(SET_UP);
    let authenticator = Authenticator::with(form.get("secret"));
    alice.submit(&form.set("code", &authenticator.code(&app))).await;
    app.clock.advance(STEP);
    assert!(!is_fresh(&alice).await);
    alice.submit(&with_code(&alice, &authenticator.code(&app)).await).await;
    app.clock.advance(FRESH - STEP);
    alice.submit(&alice.get(FACTOR).await.form(OFF)).await;
    assert_eq!(alice.get(SET_UP).await.status, StatusCode::OK);
    app.clock.advance(STEP);
    assert!(alice.get(SET_UP).await.status.is_redirection());
}

/// Somebody who came in with the password alone must not be able to turn it off again.
#[tokio::test]
async fn turned_on_a_password_typed_elsewhere_is_no_proof_any_more() {
    let (app, alice) = signed_in().await;
    let thief = app.signed_in("alice", PASSWORD).await;
    let form = alice.get(SET_UP).await.form(SET_UP);
    let authenticator = Authenticator::with(form.get("secret"));
    alice.submit(&form.set("code", &authenticator.code(&app))).await;
    let answer = thief.submit(&thief.get(FACTOR).await.form(OFF)).await;
    assert_eq!(answer.location(), "/account/confirm?second-step");
    assert!(is_signed_in(&thief).await, "it stays signed in");
    assert!(is_fresh(&alice).await);
}

/// Who was signed out elsewhere at this very moment is not shown the codes that replace theirs.
#[tokio::test]
async fn a_session_that_ended_gets_no_new_recovery_codes() {
    let app = TestApp::start().await;
    let (alice, _) = app.owner_with_authenticator("alice").await;
    let session = vestibule::oauth::secret::Digest::of(&alice.cookie(COOKIE).unwrap());
    let owner = app.accounts.session_of(&session).await.unwrap().unwrap().owner;
    app.accounts.end_session(&session).await.unwrap();
    let rows = app.rows().await;
    let before = rows.blobs("recovery_codes", "digest").await;
    let codes = app.accounts.new_recovery_codes(&owner, &session).await.unwrap();
    assert!(codes.is_none());
    assert_eq!(rows.blobs("recovery_codes", "digest").await, before);
}
