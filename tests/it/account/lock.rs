//! Wrong codes, one after the other (attack case LG-06).

use std::time::Duration;

use super::*;
use crate::harness::authenticator::{Authenticator, STEP};

const LOCK: Duration = Duration::from_secs(15 * 60);

#[tokio::test]
async fn after_ten_wrong_codes_none_is_looked_at_for_a_while() {
    let app = TestApp::start().await;
    let (alice, authenticator) = app.owner_with_authenticator("alice").await;
    let thief = app.visitor();
    let wrong = authenticator.wrong_code(&app);
    for _ in 0..10 {
        // Each with the password anew: the count is the account's.
        let form = thief.form_for_code("alice").await;
        assert_eq!(
            thief.submit(&form.set("code", &wrong)).await.status,
            StatusCode::BAD_REQUEST
        );
    }
    let form = thief.form_for_code("alice").await;
    let refused = thief.submit(&form.set("code", &authenticator.code(&app))).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_ne!(refused.header("retry-after"), "");
    // Nothing else is locked, and nobody else.
    assert!(is_signed_in(&alice).await);
    let (_, bobs) = app.owner_with_authenticator("bob").await;
    let bob = app.visitor();
    let form = bob.form_for_code("bob").await;
    assert_eq!(bob.submit(&form.set("code", &bobs.code(&app))).await.location(), "/");
    app.clock.advance(LOCK);
    let form = thief.form_for_code("alice").await;
    assert_eq!(
        thief
            .submit(&form.set("code", &authenticator.code(&app)))
            .await
            .location(),
        "/"
    );
}

/// Ten wrong codes, in this browser.
async fn lock(app: &TestApp, visitor: &Visitor, authenticator: &Authenticator) {
    for _ in 0..10 {
        let form = visitor.form_for_code("alice").await;
        visitor.submit(&form.set("code", &authenticator.wrong_code(app))).await;
    }
}

/// For how many seconds a right code is not looked at.
async fn locked_for(app: &TestApp, visitor: &Visitor, authenticator: &Authenticator) -> u64 {
    let form = visitor.form_for_code("alice").await;
    let refused = visitor.submit(&form.set("code", &authenticator.code(app))).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    wait - 1
}

#[tokio::test]
async fn each_lock_is_longer_until_a_code_is_right() {
    let app = TestApp::start().await;
    let (_, authenticator) = app.owner_with_authenticator("alice").await;
    let thief = app.visitor();
    for minutes in [15, 30, 60] {
        lock(&app, &thief, &authenticator).await;
        assert_eq!(locked_for(&app, &thief, &authenticator).await, minutes * 60);
        app.clock.advance(Duration::from_secs(minutes * 60 - 1));
        assert_eq!(locked_for(&app, &thief, &authenticator).await, 1);
        app.clock.advance(Duration::from_secs(1));
    }
    let form = thief.form_for_code("alice").await;
    let answer = thief.submit(&form.set("code", &authenticator.code(&app))).await;
    assert_eq!(answer.location(), "/");
    let thief = app.visitor();
    lock(&app, &thief, &authenticator).await;
    assert_eq!(locked_for(&app, &thief, &authenticator).await, 15 * 60);
}

/// Patience gives nobody more tries: time alone does not forget the wrong ones.
#[tokio::test]
async fn wrong_codes_are_not_forgotten_by_waiting() {
    let app = TestApp::start().await;
    let (_, authenticator) = app.owner_with_authenticator("alice").await;
    let thief = app.visitor();
    for _ in 0..10 {
        let form = thief.form_for_code("alice").await;
        thief.submit(&form.set("code", &authenticator.wrong_code(&app))).await;
        app.clock.advance(Duration::from_hours(1));
    }
    // An hour after the tenth, the lock that it began is over, and the next one is longer.
    lock(&app, &thief, &authenticator).await;
    assert_eq!(locked_for(&app, &thief, &authenticator).await, 30 * 60);
}

#[tokio::test]
async fn each_lock_is_told_of_once() {
    let app = TestApp::start().await;
    let (alice, authenticator) = app.owner_with_authenticator("alice").await;
    let thief = app.visitor();
    let told = async || {
        let lines = alice.get("/account/activity").await.texts("dd");
        let locks = lines.iter().filter(|line| line.starts_with("Too many wrong codes"));
        locks.count()
    };
    let form = thief
        .form_for_code("alice")
        .await
        .set("code", &authenticator.wrong_code(&app));
    for _ in 0..9 {
        thief.submit(&form).await;
    }
    assert_eq!(told().await, 0);
    for _ in 0..5 {
        thief.submit(&form).await;
    }
    assert_eq!(told().await, 1);
    app.clock.advance(LOCK);
    lock(&app, &thief, &authenticator).await;
    assert_eq!(told().await, 2);
}

#[tokio::test]
async fn who_is_locked_is_told_for_how_long_and_what_works() {
    let app = TestApp::start().await;
    let (_, authenticator) = app.owner_with_authenticator("alice").await;
    let phone = app.visitor();
    lock(&app, &phone, &authenticator).await;
    let form = phone.form_for_code("alice").await;
    let refused = phone.submit(&form.set("code", &authenticator.code(&app))).await;
    let said = refused.texts("#problem").concat();
    assert!(
        said.contains("about 15 minutes") && said.contains("recovery code"),
        "{said}"
    );
    assert!(
        refused.has("details[open] #recovery-code[autofocus]"),
        "{}",
        refused.body
    );
}

#[tokio::test]
async fn many_wrong_codes_at_once_are_no_more_than_ten() {
    let app = TestApp::start().await;
    let (_, authenticator) = app.owner_with_authenticator("alice").await;
    let thief = app.visitor();
    let form = thief
        .form_for_code("alice")
        .await
        .set("code", &authenticator.wrong_code(&app));
    let answers = futures_util::future::join_all((0..20).map(|_| thief.submit(&form))).await;
    let looked_at = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::BAD_REQUEST)
        .count();
    assert_eq!(looked_at, 10);
}

#[tokio::test]
async fn a_right_code_forgets_the_wrong_ones() {
    let app = TestApp::start().await;
    let (_, authenticator) = app.owner_with_authenticator("alice").await;
    for _ in 0..3 {
        let phone = app.visitor();
        let form = phone.form_for_code("alice").await;
        for _ in 0..6 {
            phone
                .submit(&form.clone().set("code", &authenticator.wrong_code(&app)))
                .await;
        }
        assert_eq!(
            phone
                .submit(&form.set("code", &authenticator.code(&app)))
                .await
                .location(),
            "/"
        );
        app.clock.advance(STEP);
    }
}
