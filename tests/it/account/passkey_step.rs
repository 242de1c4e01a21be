//! A second step that rests on passkeys alone: turned on and off, at sign-in, before changes, and with an app beside it.

use std::time::Duration;

use futures_util::future::join;

use super::*;
use crate::harness::app::PASSWORD;
use crate::harness::authenticator::{Authenticator, CODE, SET_UP, STEP};
use crate::harness::passkey::{ISSUER, PRESENT, Passkey};
use crate::harness::{Options, postgres};

const PAGE: &str = "/account/second-step";
const ON: &str = "/account/second-step/passkeys";
const OFF: &str = "/account/second-step/turn-off";
const PASSKEYS: &str = "/account/passkeys";
const REMOVE: &str = "/account/passkeys/remove";
const CONFIRM: &str = "/account/confirm";
const CHANGE: &str = "/account/password";
const COOKIE: &str = "__Host-vestibule_session";
const FRESH: Duration = Duration::from_secs(5 * 60);

/// A person with one passkey, and the second step off.
async fn with_passkey() -> (TestApp, Visitor, Passkey) {
    let app = Options::default().issuer(ISSUER).start().await;
    let alice = app.owner("alice").await;
    let passkey = alice.add_passkey("laptop").await;
    (app, alice, passkey)
}

/// Likewise, with the second step on, and the recovery codes.
async fn scene() -> (TestApp, Visitor, Passkey, Vec<String>) {
    let (app, alice, passkey) = with_passkey().await;
    let shown = alice.submit(&alice.get(PAGE).await.form(ON)).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.body);
    let codes = shown.texts(".codes li");
    (app, alice, passkey, codes)
}

/// A browser whose password was right, and the form it gets.
async fn waiting(app: &TestApp) -> (Visitor, Form) {
    let phone = app.visitor();
    let form = phone.form_for_code("alice").await;
    (phone, form)
}

async fn set_up_app(app: &TestApp, alice: &Visitor) -> (Authenticator, Answer) {
    let form = alice.get(SET_UP).await.form(SET_UP);
    let authenticator = Authenticator::with(form.get("secret"));
    let answer = alice.submit(&form.set("code", &authenticator.code(app))).await;
    app.clock.advance(STEP);
    (authenticator, answer)
}

#[tokio::test]
async fn passkeys_alone_are_a_second_step() {
    let (app, alice, passkey) = with_passkey().await;
    let (before, thief) = (alice.cookie(COOKIE).unwrap(), app.visitor());
    let shown = alice.submit(&alice.get(PAGE).await.form(ON)).await;
    assert_eq!(shown.texts(".codes li").len(), 10);
    let page = alice.get(PAGE).await;
    assert!(page.text().contains("this server asks for one of your passkeys"));
    assert!(page.text().contains("You have 10 left."));
    thief.set_cookie(COOKIE, &before);
    assert!(!is_signed_in(&thief).await, "the session has another key");
    let rows = app.rows().await;
    assert_eq!(rows.audit().await, ["passkey_added", "second_factor_on"]);

    let (phone, _) = waiting(&app).await;
    assert!(!is_signed_in(&phone).await, "the password is not enough");
    let page = phone.get(CODE).await;
    assert!(!page.has("[name=code]"), "{}", page.body);
    assert!(page.has("details[open] [name=recovery_code]"), "{}", page.body);
    assert!(page.texts("[data-without]")[0].contains("need scripts"));
    let script = phone.script(CODE, "/sign-in/code/passkey").await;
    let answer = passkey.answer_to(&script.options().await);
    assert_eq!(script.finish(&answer).await.json()["location"], "/");
    assert!(is_signed_in(&phone).await);
}

#[tokio::test]
async fn who_has_no_passkey_is_led_to_one_and_cannot_turn_it_on() {
    let app = Options::default().issuer(ISSUER).start().await;
    let alice = app.owner("alice").await;
    let page = alice.get(PAGE).await;
    assert!(!page.has(&format!("form[action='{ON}']")));
    assert!(page.has(&format!("main a[href='{PASSKEYS}']")));
    let form = Form {
        action: ON.to_owned(),
        ..page.form("/sign-out")
    };
    assert_eq!(alice.submit(&form).await.location(), PAGE);
    assert_eq!(app.rows().await.count("second_factors").await, 0);
    assert_eq!(app.visitor().type_password("/sign-in", "alice").await.location(), "/");
}

#[tokio::test]
async fn turning_it_on_needs_a_page_of_ours_and_a_fresh_sign_in() {
    let (app, alice, _) = with_passkey().await;
    let form = alice.get(PAGE).await.form(ON);
    expect_needs_a_page_of_ours(&alice, &form, 403).await;
    app.clock.advance(FRESH);
    assert_eq!(alice.submit(&form).await.location(), "/account/confirm?second-step");
    assert_eq!(app.rows().await.count("second_factors").await, 0);
}

#[tokio::test]
async fn other_sessions_prove_it_first() {
    let (app, alice, _) = with_passkey().await;
    let other = app.signed_in("alice", PASSWORD).await;
    alice.submit(&alice.get(PAGE).await.form(ON)).await;
    let form = other.get(PAGE).await.form(OFF);
    assert_eq!(other.submit(&form).await.location(), "/account/confirm?second-step");
}

#[tokio::test]
async fn a_code_is_wrong_however_often_and_locks_nothing() {
    let (app, _alice, passkey, codes) = scene().await;
    let (phone, form) = waiting(&app).await;
    let form = form.set("recovery_code", "");
    for _ in 0..12 {
        let refused = phone.submit(&form.clone().set("code", "123456")).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.body);
    }
    let rows = app.rows().await;
    assert!(!rows.audit().await.contains(&"second_factor_locked".to_owned()));
    assert_eq!(rows.count("second_factors WHERE tries > 0 OR locks > 0").await, 0);
    let wrong = phone.submit(&form.clone().set("recovery_code", "abcd-efgh")).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let right = phone.submit(&form.set("recovery_code", &codes[0])).await;
    assert_eq!(right.location(), "/", "{}", right.body);
    assert!(is_signed_in(&phone).await);
    let (other, form) = waiting(&app).await;
    let again = other.submit(&form.set("recovery_code", &codes[0])).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST, "it is spent");
    assert_eq!(other.sign_in_with(&passkey).await.status, 200);
}

#[tokio::test]
async fn a_change_is_confirmed_by_a_passkey_or_by_the_password_and_a_recovery_code() {
    let (app, alice, passkey, codes) = scene().await;
    app.clock.advance(FRESH);
    let page = alice.get("/account/confirm?second-step").await;
    assert!(page.text().contains("For when your passkeys are out of reach"));
    let form = page.form(CONFIRM).set("password", PASSWORD);
    for wrong in ["", "123456", "abcd-efgh-ijkl-mnop"] {
        let refused = alice.submit(&form.clone().set("code", wrong)).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    assert_eq!(alice.submit(&form.set("code", &codes[0])).await.location(), PAGE);
    app.clock.advance(FRESH);
    let script = alice
        .script("/account/confirm?second-step", "/account/confirm/passkey")
        .await;
    let answer = passkey.answer_to(&script.options().await);
    assert_eq!(script.finish(&answer).await.json()["location"], PAGE);
    assert!(alice.get(PAGE).await.text().contains("You have 9 left."));
    assert_eq!(alice.submit(&alice.get(PAGE).await.form(OFF)).await.location(), PAGE);
    assert_eq!(app.visitor().type_password("/sign-in", "alice").await.location(), "/");
}

#[tokio::test]
async fn the_password_is_changed_in_a_fresh_session_only() {
    let (app, alice, passkey, _) = scene().await;
    let typed = |form: Form| form.set("password", PASSWORD).set("new_password", "another long one");
    let form = typed(alice.get(CHANGE).await.form(CHANGE));
    app.clock.advance(FRESH);
    for answer in [alice.get(CHANGE).await, alice.submit(&form).await] {
        assert_eq!(answer.location(), "/account/confirm?password");
    }
    let script = alice
        .script("/account/confirm?password", "/account/confirm/passkey")
        .await;
    let answer = passkey.answer_to(&script.options().await);
    assert_eq!(script.finish(&answer).await.json()["location"], CHANGE);
    let page = alice.get(CHANGE).await;
    assert!(!page.has("[name=code]"));
    let wrong = typed(page.form(CHANGE)).set("password", "not my password");
    assert_eq!(alice.submit(&wrong).await.status, StatusCode::BAD_REQUEST);
    let changed = alice.submit(&typed(page.form(CHANGE))).await;
    assert!(changed.location().starts_with("/account?changed=password"));
}

#[tokio::test]
async fn an_app_beside_passkeys_keeps_the_recovery_codes() {
    let (app, alice, _, codes) = scene().await;
    let (authenticator, answer) = set_up_app(&app, &alice).await;
    assert_eq!(answer.location(), PAGE);
    assert_eq!(alice.get(SET_UP).await.location(), PAGE, "there is one now");
    assert_eq!(app.rows().await.audit().await.last().unwrap(), "authenticator_added");
    let (phone, form) = waiting(&app).await;
    assert!(phone.get(CODE).await.has("[name=code]"));
    let answer = phone.submit(&form.set("code", &authenticator.code(&app))).await;
    assert_eq!(answer.location(), "/", "{}", answer.body);
    let (phone, form) = waiting(&app).await;
    assert_eq!(
        phone.submit(&form.set("recovery_code", &codes[0])).await.location(),
        "/"
    );
    // The step does not rest on the passkey any more.
    alice.submit(&alice.get(PASSKEYS).await.form(REMOVE)).await;
    assert_eq!(app.rows().await.count("passkeys").await, 0);
}

#[tokio::test]
async fn the_code_that_added_the_app_does_not_sign_in() {
    let (app, alice, ..) = scene().await;
    let form = alice.get(SET_UP).await.form(SET_UP);
    let code = Authenticator::with(form.get("secret")).code(&app);
    alice.submit(&form.set("code", &code)).await;
    let (phone, form) = waiting(&app).await;
    assert_eq!(
        phone.submit(&form.set("code", &code)).await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn the_last_passkey_stays_while_the_second_step_rests_on_it() {
    let (app, alice, ..) = scene().await;
    let refused = alice.submit(&alice.get(PASSKEYS).await.form(REMOVE)).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.texts(".problem[role=alert]")[0].contains("Turn the second step off first"));
    let rows = app.rows().await;
    assert_eq!(rows.count("passkeys").await, 1);
    alice.submit(&alice.get(PAGE).await.form(OFF)).await;
    alice.submit(&alice.get(PASSKEYS).await.form(REMOVE)).await;
    assert_eq!(rows.count("passkeys").await, 0);
    assert_eq!(app.visitor().type_password("/sign-in", "alice").await.location(), "/");
}

#[tokio::test]
async fn two_removals_at_once_leave_one() {
    let (app, alice, passkey, _) = scene().await;
    alice.add_passkey("phone").await;
    let phone = app.visitor();
    phone.sign_in_with(&passkey).await;
    let page = alice.get(PASSKEYS).await;
    let second = page.attribute(".entry:nth-of-type(2) form [name=passkey]", "value");
    let forms = (
        page.form(REMOVE),
        phone.get(PASSKEYS).await.form(REMOVE).set("passkey", &second),
    );
    assert_ne!(forms.0.get("passkey"), forms.1.get("passkey"));
    let (one, other) = join(alice.submit(&forms.0), phone.submit(&forms.1)).await;
    let mut told = [one.status.as_u16(), other.status.as_u16()];
    told.sort_unstable();
    assert_eq!(told, [303, 409]);
    assert_eq!(app.rows().await.count("passkeys").await, 1);
}

#[tokio::test]
async fn a_passkey_that_does_not_verify_its_person_is_no_second_step() {
    let (app, _alice, passkey, _) = scene().await;
    let (phone, _) = waiting(&app).await;
    let script = phone.script(CODE, "/sign-in/code/passkey").await;
    let lax = Passkey {
        flags: PRESENT,
        ..passkey
    };
    let answer = lax.answer_to(&script.options().await);
    assert_eq!(script.finish(&answer).await.json()["error"], "refused");
    assert!(!is_signed_in(&phone).await);
}

#[tokio::test]
async fn it_needs_no_key_and_the_operator_turns_it_off() {
    let (keyed, _alice, passkey) = with_passkey().await;
    let options = Options::default().issuer(ISSUER).set("VESTIBULE_SECRET_KEY", "");
    let app = keyed.replica(options).await;
    let alice = app.signed_in("alice", PASSWORD).await;
    if postgres::is_chosen() {
        // Beside SQLite's file a key is made.
        assert!(!alice.get(PAGE).await.has(&format!("[href='{SET_UP}']")));
    }
    for page in ["/account", PAGE] {
        assert!(!alice.get(page).await.text().contains("VESTIBULE_SECRET_KEY"), "{page}");
    }
    alice.submit(&alice.get(PAGE).await.form(ON)).await;
    assert!(app.accounts.whose_secrets_are_lost().await.unwrap().is_empty());
    assert_eq!(app.visitor().type_password("/sign-in", "alice").await.location(), CODE);
    assert!(app.accounts.reset_second_factor("alice").await.unwrap());
    assert_eq!(app.visitor().type_password("/sign-in", "alice").await.location(), "/");
    assert_eq!(app.visitor().sign_in_with(&passkey).await.status, 200);
    let rows = app.rows().await;
    for table in ["second_factors", "recovery_codes"] {
        assert_eq!(rows.count(table).await, 0, "{table}");
    }
    // That signed them out.
    let alice = app.signed_in("alice", PASSWORD).await;
    alice.submit(&alice.get(PAGE).await.form(ON)).await;
    let by = vestibule::operators::By::CommandLine;
    assert!(app.operators.reset_sign_in("alice", by).await.unwrap());
    assert_eq!(app.visitor().type_password("/sign-in", "alice").await.location(), "/");
}
