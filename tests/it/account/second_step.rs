//! The second step, on and off.

use std::time::Duration;

use super::*;
use crate::harness::app::PASSWORD;
use crate::harness::authenticator::{Authenticator, CODE, SET_UP, STEP};
use crate::harness::{Options, postgres};

const PAGE: &str = "/account/second-step";
const OFF: &str = "/account/second-step/turn-off";
const COOKIE: &str = "vestibule_session";
const FRESH: Duration = Duration::from_secs(5 * 60);

async fn is_on(visitor: &Visitor) -> bool {
    visitor.get(PAGE).await.has(&format!(r#"form[action="{OFF}"]"#))
}

/// The form that turns it on, without a code, and the app that was given its secret.
async fn offered(visitor: &Visitor) -> (Form, Authenticator) {
    let form = visitor.get(SET_UP).await.form(SET_UP);
    let authenticator = Authenticator::with(form.get("secret"));
    (form, authenticator)
}

#[tokio::test]
async fn a_right_code_turns_it_on() {
    let (app, alice) = signed_in().await;
    assert!(!is_on(&alice).await);
    let (form, authenticator) = offered(&alice).await;
    assert!(!is_on(&alice).await, "nothing happens before a code proves the secret");
    alice.submit(&form.set("code", &authenticator.code(&app))).await;
    assert!(is_on(&alice).await);
    assert!(alice.get(PAGE).await.text().contains("since 22 November 2026"));
    assert_eq!(app.visitor().type_password("/sign-in", "alice").await.location(), CODE);
}

#[tokio::test]
async fn the_page_shows_the_secret_as_a_picture_and_as_text() {
    let (_app, alice) = signed_in().await;
    let page = alice.get(SET_UP).await;
    let secret = page.form(SET_UP).get("secret").to_owned();
    assert_eq!(secret.len(), 32);
    assert_eq!(page.texts(".secret").concat().replace(' ', ""), secret);
    assert!(page.has("svg.qr path[d^=M]"), "{}", page.body);
    let link = format!(r#"a[href="otpauth://totp/127.0.0.1:alice?secret={secret}&issuer=127.0.0.1"]"#);
    assert!(page.has(&link), "{}", page.body);
    assert_ne!(
        alice.get(SET_UP).await.form(SET_UP).get("secret"),
        secret,
        "each visit offers another"
    );
}

#[tokio::test]
async fn a_wrong_code_does_not_turn_it_on_and_keeps_the_secret() {
    let (app, alice) = signed_in().await;
    let (form, authenticator) = offered(&alice).await;
    let secret = form.get("secret").to_owned();
    for wrong in ["", "12345", &authenticator.wrong_code(&app)] {
        let answer = alice.submit(&form.clone().set("code", wrong)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.form(SET_UP).get("secret"), secret);
        assert!(answer.has("#problem"));
    }
    assert!(!is_on(&alice).await);
}

#[tokio::test]
async fn the_code_that_turned_it_on_does_not_sign_in() {
    let (app, alice) = signed_in().await;
    let (form, authenticator) = offered(&alice).await;
    let code = authenticator.code(&app);
    alice.submit(&form.set("code", &code)).await;
    let phone = app.visitor();
    let form = phone.form_for_code("alice").await;
    assert_eq!(
        phone.submit(&form.set("code", &code)).await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn the_secret_is_not_in_the_database_as_it_is() {
    let (app, alice) = signed_in().await;
    let (form, authenticator) = offered(&alice).await;
    let secret = totp_rs::Secret::try_from_base32(form.get("secret")).unwrap();
    alice.submit(&form.set("code", &authenticator.code(&app))).await;
    let rows = app.rows().await;
    let stored = rows.blobs("second_factors", "sealed_secret").await;
    assert_eq!(stored.len(), 1);
    let bytes = secret.as_bytes();
    assert!(
        !stored[0]
            .windows(4)
            .any(|window| bytes.windows(4).any(|part| part == window))
    );
}

#[tokio::test]
async fn a_second_app_does_not_take_the_place_of_the_first() {
    let (app, alice) = signed_in().await;
    let (late, other) = offered(&alice).await;
    let (form, authenticator) = offered(&alice).await;
    alice.submit(&form.set("code", &authenticator.code(&app))).await;
    let late = late.set("csrf", alice.get(PAGE).await.form(OFF).get("csrf"));
    assert_eq!(
        alice.submit(&late.set("code", &other.code(&app))).await.location(),
        PAGE
    );
    assert_eq!(alice.get(SET_UP).await.location(), PAGE);
    app.clock.advance(STEP);
    let phone = app.visitor();
    let form = phone.form_for_code("alice").await;
    assert_eq!(
        phone.submit(&form.clone().set("code", &other.code(&app))).await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        phone
            .submit(&form.set("code", &authenticator.code(&app)))
            .await
            .location(),
        "/"
    );
}

#[tokio::test]
async fn a_secret_that_is_none_of_ours_is_refused() {
    let (_app, alice) = signed_in().await;
    let (form, _) = offered(&alice).await;
    for secret in ["", "MFRGG", "not base32", &"A".repeat(33), &"A".repeat(64)] {
        expect::page_error(&alice.submit(&form.clone().set("secret", secret)).await, 400);
    }
    assert!(!is_on(&alice).await);
}

#[tokio::test]
async fn turned_off_the_password_is_enough_again() {
    let app = TestApp::start().await;
    let (alice, authenticator) = app.owner_with_authenticator("alice").await;
    let waiting = app.visitor();
    let form = waiting.form_for_code("alice").await;
    alice.submit(&alice.get(PAGE).await.form(OFF)).await;
    assert!(!is_on(&alice).await);
    assert_eq!(app.visitor().type_password("/sign-in", "alice").await.location(), "/");
    // What waited for a code does not turn into a session.
    let answer = waiting.submit(&form.set("code", &authenticator.code(&app))).await;
    assert_eq!(answer.location(), "/sign-in");
    assert!(!is_signed_in(&waiting).await);
}

#[tokio::test]
async fn each_change_gives_the_session_another_key() {
    let (app, alice) = signed_in().await;
    let mut keys = vec![alice.cookie(COOKIE)];
    let (form, authenticator) = offered(&alice).await;
    alice.submit(&form.set("code", &authenticator.code(&app))).await;
    keys.push(alice.cookie(COOKIE));
    alice.submit(&alice.get(PAGE).await.form(OFF)).await;
    keys.push(alice.cookie(COOKIE));
    for old in keys[..2].iter().flatten() {
        let thief = app.visitor();
        thief.set_cookie(COOKIE, old);
        assert!(!is_signed_in(&thief).await);
    }
    assert!(is_signed_in(&alice).await);
}

#[tokio::test]
async fn a_browser_that_was_left_open_is_not_enough() {
    let app = TestApp::start().await;
    let (alice, _) = app.owner_with_authenticator("alice").await;
    let form = alice.get(PAGE).await.form(OFF);
    app.clock.advance(FRESH);
    assert_eq!(alice.submit(&form).await.location(), "/account/confirm?second-step");
    assert!(is_on(&alice).await);
    let bob = app.owner("bob").await;
    let (form, authenticator) = offered(&bob).await;
    app.clock.advance(FRESH);
    for answer in [
        bob.get(SET_UP).await,
        bob.submit(&form.set("code", &authenticator.code(&app))).await,
    ] {
        assert_eq!(answer.location(), "/account/confirm?second-step-set-up");
    }
    assert!(!is_on(&bob).await);
}

#[tokio::test]
async fn a_sign_in_is_fresh_for_five_minutes() {
    let (app, alice) = signed_in().await;
    app.clock.advance(FRESH - Duration::from_secs(1));
    assert_eq!(alice.get(SET_UP).await.status, StatusCode::OK);
    app.clock.advance(Duration::from_secs(1));
    assert!(alice.get(SET_UP).await.status.is_redirection());
}

#[tokio::test]
async fn every_form_needs_a_page_of_ours() {
    let (app, alice) = signed_in().await;
    let (form, authenticator) = offered(&alice).await;
    expect_needs_a_page_of_ours(&alice, &form.clone().set("code", &authenticator.code(&app)), 403).await;
    assert!(!is_on(&alice).await);
    alice.submit(&form.set("code", &authenticator.code(&app))).await;
    expect_needs_a_page_of_ours(&alice, &alice.get(PAGE).await.form(OFF), 403).await;
    assert!(is_on(&alice).await);
    app.clock.advance(FRESH);
    let again = alice.get("/account/confirm?second-step").await.form("/account/confirm");
    let again = again.set("password", PASSWORD).set("code", &authenticator.code(&app));
    expect_needs_a_page_of_ours(&alice, &again, 400).await;
    assert!(
        alice
            .submit(&alice.get(PAGE).await.form(OFF))
            .await
            .location()
            .starts_with("/account/confirm")
    );
}

#[tokio::test]
async fn without_a_key_it_cannot_be_turned_on_and_the_pages_say_why() {
    if !postgres::is_chosen() {
        return; // Beside SQLite's file a key is made.
    }
    let (keyed, alice) = signed_in().await;
    let (form, authenticator) = offered(&alice).await;
    let app = keyed.replica(Options::default().set("VESTIBULE_SECRET_KEY", "")).await;
    let alice = app.signed_in("alice", PASSWORD).await;
    for page in ["/account", PAGE] {
        let answer = alice.get(page).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.text().contains("VESTIBULE_SECRET_KEY"), "{page}");
        assert!(!answer.has(&format!(r#"[href="{SET_UP}"]"#)), "{page}");
    }
    assert_eq!(alice.get(SET_UP).await.location(), PAGE);
    let form = form.set("csrf", form_of(&alice).await.get("csrf"));
    let answer = alice.submit(&form.set("code", &authenticator.code(&app))).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("VESTIBULE_SECRET_KEY"), "{}", answer.body);
    for path in [OFF, "/account/second-step/recovery-codes"] {
        let form = Form {
            action: path.to_owned(),
            ..form_of(&alice).await
        };
        assert_eq!(alice.submit(&form).await.location(), PAGE, "{path}");
    }
    let rows = app.rows().await;
    for table in ["second_factors", "recovery_codes"] {
        assert_eq!(rows.count(table).await, 0, "{table}");
    }
    assert_eq!(app.visitor().type_password("/sign-in", "alice").await.location(), "/");
    assert!(
        !keyed
            .signed_in("alice", PASSWORD)
            .await
            .get("/account")
            .await
            .text()
            .contains("VESTIBULE_SECRET_KEY")
    );
}

/// A form with the token of this browser.
async fn form_of(visitor: &Visitor) -> Form {
    visitor.get("/account").await.form("/sign-out")
}
