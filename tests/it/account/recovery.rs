//! Recovery codes: shown once, good once, and in place of an app that is out of reach.

use std::time::Duration;

use super::*;
use crate::harness::authenticator::{Authenticator, CODE, SET_UP};

const PAGE: &str = "/account/second-step";
const NEW: &str = "/account/second-step/recovery-codes";

/// A person with the second step on, and the codes that they were shown.
async fn with_codes() -> (TestApp, Visitor, Vec<String>, Authenticator) {
    let (app, alice) = signed_in().await;
    let form = alice.get(SET_UP).await.form(SET_UP);
    let authenticator = Authenticator::with(form.get("secret"));
    let shown = alice.submit(&form.set("code", &authenticator.code(&app))).await;
    let codes = shown.texts(".codes li");
    (app, alice, codes, authenticator)
}

/// Signs in with the password and a recovery code.
async fn sign_in_with(app: &TestApp, code: &str) -> (Visitor, Answer) {
    let visitor = app.visitor();
    let form = visitor.form_for_code("alice").await;
    let answer = visitor.submit(&form.set("recovery_code", code)).await;
    (visitor, answer)
}

#[tokio::test]
async fn ten_codes_are_shown_when_the_second_step_is_turned_on_and_never_again() {
    let (app, alice, codes, _) = with_codes().await;
    assert_eq!(codes.len(), 10);
    let page = alice.get(PAGE).await;
    assert!(page.text().contains("You have 10 left."), "{}", page.text());
    assert!(!codes.iter().any(|code| page.body.contains(code)));
    let rows = app.rows().await;
    for stored in rows.blobs("recovery_codes", "digest").await {
        assert_eq!(stored.len(), 32, "digests only");
        let plain: Vec<Vec<u8>> = codes.iter().map(|code| code.replace('-', "").into_bytes()).collect();
        assert!(!plain.iter().any(|code| stored.windows(16).any(|window| window == code)));
    }
}

/// The page is the answer to the form that gave the session another key: its own forms belong to that key.
#[tokio::test]
async fn the_page_with_the_codes_can_be_left_by_signing_out() {
    let (app, alice) = signed_in().await;
    let form = alice.get(SET_UP).await.form(SET_UP);
    let authenticator = Authenticator::with(form.get("secret"));
    let shown = alice.submit(&form.set("code", &authenticator.code(&app))).await;
    assert_eq!(alice.submit(&shown.form("/sign-out")).await.location(), "/");
    assert!(!is_signed_in(&alice).await);
}

#[tokio::test]
async fn each_code_signs_in_once() {
    let (app, alice, codes, _) = with_codes().await;
    for code in &codes[..2] {
        let (phone, answer) = sign_in_with(&app, &code.to_uppercase()).await;
        assert_eq!(answer.location(), "/");
        assert!(is_signed_in(&phone).await);
        let (_, again) = sign_in_with(&app, code).await;
        assert_eq!(again.status, StatusCode::BAD_REQUEST);
        assert!(again.texts("#problem").concat().contains("recovery code does not work"));
    }
    assert!(alice.get(PAGE).await.text().contains("You have 8 left."));
}

#[tokio::test]
async fn of_many_who_use_one_code_at_once_one_gets_in() {
    let (app, _, codes, _) = with_codes().await;
    let mut forms = Vec::new();
    for _ in 0..8 {
        let visitor = app.visitor();
        let form = visitor.form_for_code("alice").await.set("recovery_code", &codes[0]);
        forms.push((visitor, form));
    }
    let answers = futures_util::future::join_all(forms.iter().map(|(visitor, form)| visitor.submit(form))).await;
    assert_eq!(
        answers.iter().filter(|answer| answer.status.is_redirection()).count(),
        1
    );
}

#[tokio::test]
async fn another_persons_code_is_worth_nothing() {
    let (app, _, _, _) = with_codes().await;
    let bob = app.owner("bob").await;
    let form = bob.get(SET_UP).await.form(SET_UP);
    let authenticator = Authenticator::with(form.get("secret"));
    let shown = bob.submit(&form.set("code", &authenticator.code(&app))).await;
    let (_, answer) = sign_in_with(&app, &shown.texts(".codes li")[0]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_code_works_while_those_of_the_app_are_locked() {
    let (app, _, codes, authenticator) = with_codes().await;
    let visitor = app.visitor();
    let form = visitor.form_for_code("alice").await;
    for _ in 0..11 {
        visitor
            .submit(&form.clone().set("code", &authenticator.wrong_code(&app)))
            .await;
    }
    assert_eq!(
        visitor.submit(&form.clone().set("code", "000000")).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    assert_eq!(
        visitor.submit(&form.set("recovery_code", &codes[3])).await.location(),
        "/"
    );
}

#[tokio::test]
async fn new_codes_take_the_place_of_the_old_ones() {
    let (app, alice, old, _) = with_codes().await;
    let form = alice.get(PAGE).await.form(NEW);
    expect_needs_a_page_of_ours(&alice, &form, 403).await;
    let new = alice.submit(&form).await.texts(".codes li");
    assert_eq!(new.len(), 10);
    assert_eq!(sign_in_with(&app, &old[0]).await.1.status, StatusCode::BAD_REQUEST);
    assert_eq!(sign_in_with(&app, &new[0]).await.1.location(), "/");
    app.clock.advance(Duration::from_secs(5 * 60));
    let form = alice.get(PAGE).await.form(NEW);
    assert_eq!(alice.submit(&form).await.location(), "/account/confirm?second-step");
}

#[tokio::test]
async fn without_a_second_step_there_are_no_codes() {
    let (app, alice, _, _) = with_codes().await;
    let page = alice.get(PAGE).await;
    alice.submit(&page.form("/account/second-step/turn-off")).await;
    assert_eq!(app.rows().await.count("recovery_codes").await, 0);
    let token = alice.get(PAGE).await.form("/sign-out").get("csrf").to_owned();
    assert_eq!(alice.post(NEW, &[("csrf", token)]).await.location(), PAGE);
    assert_eq!(app.rows().await.count("recovery_codes").await, 0);
}

#[tokio::test]
async fn the_operator_turns_a_second_step_off() {
    let (app, alice, _, authenticator) = with_codes().await;
    let waiting = app.visitor();
    let form = waiting.form_for_code("alice").await;
    assert!(app.accounts.reset_second_factor("alice").await.unwrap());
    assert!(!app.accounts.reset_second_factor("alice").await.unwrap());
    assert!(app.accounts.reset_second_factor("nobody").await.is_err());
    assert!(!is_signed_in(&alice).await);
    let alice = app.signed_in("alice", crate::harness::app::PASSWORD).await;
    assert!(!alice.get(PAGE).await.has(&format!(r#"form[action="{NEW}"]"#)));
    assert_ne!(
        waiting
            .submit(&form.set("code", &authenticator.code(&app)))
            .await
            .location(),
        CODE
    );
    assert!(!is_signed_in(&waiting).await);
}

/// Whoever copied the cookie before does not get further codes with it.
#[tokio::test]
async fn with_new_codes_the_session_gets_another_key() {
    let (app, alice, _, _) = with_codes().await;
    let (thief, before) = (app.visitor(), alice.cookie("vestibule_session").unwrap());
    thief.set_cookie("vestibule_session", &before);
    assert!(is_signed_in(&thief).await);
    let page = alice.submit(&alice.get(PAGE).await.form(NEW)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_ne!(alice.cookie("vestibule_session"), Some(before));
    assert!(!is_signed_in(&thief).await && is_signed_in(&alice).await);
    // The forms of the page with the codes belong to the new key.
    alice.submit(&page.form("/sign-out")).await;
    assert!(!is_signed_in(&alice).await);
}
