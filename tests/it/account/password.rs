//! Another password, by oneself.

use vestibule::accounts::confirm::Shown;
use vestibule::accounts::second_step::Proof;

use super::*;
use crate::harness::api::{access_token, scene};
use crate::harness::app::PASSWORD;
use crate::harness::authenticator::STEP;
use crate::harness::passkey::ISSUER;
use crate::harness::{AuthorizationRequest, Options};

const PAGE: &str = "/account/password";
const COOKIE: &str = "vestibule_session";
const NEW: &str = "another long password";

async fn filled(visitor: &Visitor, old: &str, new: &str) -> Form {
    let form = visitor.get(PAGE).await.form(PAGE);
    form.set("password", old).set("new_password", new)
}

async fn change(visitor: &Visitor, old: &str, new: &str) -> Answer {
    visitor.submit(&filled(visitor, old, new).await).await
}

async fn opens(app: &TestApp, password: &str) -> bool {
    let visitor = app.visitor();
    let form = visitor.get("/sign-in").await.form("/sign-in");
    let form = form.set("username", "alice").set("password", password);
    visitor.submit(&form).await.status == StatusCode::SEE_OTHER
}

#[tokio::test]
async fn the_new_password_opens_and_the_old_one_does_not() {
    let (app, alice) = signed_in().await;
    let told = change(&alice, PASSWORD, NEW).await;
    let page = alice.get(told.location()).await;
    assert_eq!(page.texts(".done").len(), 1, "{}", page.text());
    assert!(opens(&app, NEW).await && !opens(&app, PASSWORD).await);
}

#[tokio::test]
async fn before_it_happens_the_page_says_what_else_ends() {
    let (_app, alice) = signed_in().await;
    let said = alice.get(PAGE).await.texts(".caution").concat();
    assert!(said.contains("signs you out in every other browser"), "{said}");
    assert!(said.contains("ends the access of every app"), "{said}");
}

#[tokio::test]
async fn other_sessions_end_and_this_one_goes_on_with_another_key() {
    let (app, alice) = signed_in().await;
    let (phone, thief) = (app.signed_in("alice", PASSWORD).await, app.visitor());
    let (bob, before) = (app.owner("bob").await, alice.cookie(COOKIE).unwrap());
    thief.set_cookie(COOKIE, &before);
    change(&alice, PASSWORD, NEW).await;
    assert_ne!(alice.cookie(COOKIE), Some(before));
    assert!(is_signed_in(&alice).await && is_signed_in(&bob).await);
    assert!(!is_signed_in(&phone).await && !is_signed_in(&thief).await);
}

#[tokio::test]
async fn apps_lose_their_access_and_are_asked_about_again() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    assert!(app.holds(access_token(&token)).await);
    change(&alice, PASSWORD, NEW).await;
    assert!(!app.holds(access_token(&token)).await);
    assert!(
        alice
            .consent_page(&AuthorizationRequest::valid(&site))
            .await
            .is_question()
    );
}

#[tokio::test]
async fn without_the_old_password_nothing_changes() {
    let (app, alice) = signed_in().await;
    for wrong in ["", "short", "not my password", NEW, &"long".repeat(1000)] {
        let answer = change(&alice, wrong, NEW).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.texts("#problem"), ["This is not your password."]);
        assert!(!answer.body.contains(wrong) || wrong.is_empty());
    }
    assert!(opens(&app, PASSWORD).await && !opens(&app, NEW).await);
}

#[tokio::test]
async fn the_rules_for_passwords_hold_for_the_new_one() {
    let (app, alice) = signed_in().await;
    for (new, words) in [("7 chars", "too short"), (&*"x".repeat(129), "too long")] {
        let answer = change(&alice, PASSWORD, new).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(
            answer.texts("#new-problem").concat().contains(words),
            "{}",
            answer.text()
        );
    }
    assert!(opens(&app, PASSWORD).await);
}

#[tokio::test]
async fn the_form_needs_a_page_of_ours() {
    let (app, alice) = signed_in().await;
    expect_needs_a_page_of_ours(&alice, &filled(&alice, PASSWORD, NEW).await, 403).await;
    assert!(!opens(&app, NEW).await);
}

#[tokio::test]
async fn guesses_of_the_old_password_count_like_those_of_the_sign_in_page() {
    let app = Options::default().set("VESTIBULE_LIMITS__SIGN_IN", "2").start().await;
    let alice = app.owner("alice").await;
    for _ in 0..2 {
        assert_eq!(
            change(&alice, "not my password", NEW).await.status,
            StatusCode::BAD_REQUEST
        );
    }
    let refused = change(&alice, PASSWORD, NEW).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_ne!(refused.header("retry-after"), "");
}

/// Who signed out, or was signed out elsewhere, while the two passwords waited for a processor changes nothing.
#[tokio::test]
async fn a_session_that_ends_meanwhile_changes_no_password() {
    let (app, alice) = signed_in().await;
    let session = vestibule::oauth::secret::Digest::of(&alice.cookie(COOKIE).unwrap());
    let owner = app.accounts.session_of(&session).await.unwrap().unwrap().owner;
    app.accounts.end_session(&session).await.unwrap();
    let shown = Shown {
        password: PASSWORD,
        proof: Proof::typed(""),
    };
    let changed = app.accounts.change_password(&owner, &session, shown, NEW).await;
    assert!(changed.is_err());
    assert!(opens(&app, PASSWORD).await && !is_signed_in(&alice).await);
}

#[tokio::test]
async fn of_two_changes_at_once_one_happens() {
    let (app, alice) = signed_in().await;
    let (first, second) = (
        filled(&alice, PASSWORD, NEW).await,
        filled(&alice, PASSWORD, "a third password").await,
    );
    let answers = tokio::join!(alice.submit(&first), alice.submit(&second));
    let changed = [answers.0, answers.1]
        .iter()
        .filter(|answer| !answer.header("set-cookie").is_empty())
        .count();
    assert_eq!(changed, 1);
    assert_ne!(opens(&app, NEW).await, opens(&app, "a third password").await);
}

#[tokio::test]
async fn a_link_cannot_say_that_the_password_is_another() {
    let (_app, alice) = signed_in().await;
    for query in ["?changed=password", "?changed=password&seal=guess"] {
        assert!(!alice.get(&format!("/account{query}")).await.has(".done"), "{query}");
    }
}

#[tokio::test]
async fn with_a_second_step_on_the_old_password_alone_changes_nothing() {
    let app = TestApp::start().await;
    let (alice, authenticator) = app.owner_with_authenticator("alice").await;
    assert!(alice.get(PAGE).await.has("form input#code[name=code]"));
    for code in ["", &authenticator.wrong_code(&app)] {
        let refused = alice
            .submit(&filled(&alice, PASSWORD, NEW).await.set("code", code))
            .await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert!(
            refused
                .texts("#problem")
                .concat()
                .starts_with("This code does not work.")
        );
    }
    assert!(opens(&app, PASSWORD).await && !opens(&app, NEW).await);
    let code = authenticator.code(&app);
    alice
        .submit(&filled(&alice, PASSWORD, NEW).await.set("code", &code))
        .await;
    assert!(opens(&app, NEW).await && is_signed_in(&alice).await);
}

#[tokio::test]
async fn wrong_codes_here_are_counted() {
    let app = TestApp::start().await;
    let (alice, authenticator) = app.owner_with_authenticator("alice").await;
    for _ in 0..10 {
        let form = filled(&alice, PASSWORD, NEW).await;
        alice.submit(&form.set("code", &authenticator.wrong_code(&app))).await;
    }
    let form = filled(&alice, PASSWORD, NEW).await;
    let refused = alice.submit(&form.set("code", &authenticator.code(&app))).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(opens(&app, PASSWORD).await && !opens(&app, NEW).await);
}

/// The code is spent with the change.
#[tokio::test]
async fn the_code_that_changed_the_password_does_not_sign_in() {
    let app = TestApp::start().await;
    let (alice, authenticator) = app.owner_with_authenticator("alice").await;
    app.clock.advance(STEP);
    let code = authenticator.code(&app);
    alice
        .submit(&filled(&alice, PASSWORD, NEW).await.set("code", &code))
        .await;
    let thief = app.visitor();
    let form = thief.get("/sign-in").await.form("/sign-in");
    let form = form.set("username", "alice").set("password", NEW);
    let asked = thief.submit(&form).await;
    let form = thief.get(asked.location()).await.form("/sign-in/code");
    assert_eq!(
        thief.submit(&form.set("code", &code)).await.status,
        StatusCode::BAD_REQUEST
    );
}

/// Somebody who knew the old password may have added one, and it opens as before.
#[tokio::test]
async fn afterwards_the_page_says_which_passkeys_stay() {
    let app = Options::default().issuer(ISSUER).start().await;
    let alice = app.owner("alice").await;
    let told = change(&alice, PASSWORD, NEW).await;
    assert!(!alice.get(told.location()).await.has("#passkeys-stay"));
    alice.add_passkey("planted").await;
    let told = change(&alice, NEW, PASSWORD).await;
    let page = alice.get(told.location()).await;
    assert_eq!(page.texts("#passkeys-stay li"), ["planted"]);
    assert!(page.has(r#"#passkeys-stay a[href="/account/passkeys"]"#));
    assert!(!alice.get("/account").await.has("#passkeys-stay"));
}
