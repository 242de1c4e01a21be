//! Passwords at sign-in: how many are checked at once, how long each takes, and what becomes of their hashes.

use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use reqwest::StatusCode;
use vestibule::accounts::sessions::{Browser, SignIn};
use vestibule::oauth::profile::Username;
use vestibule::storage::{Store, users};

use super::{doorstep, filled, sign_in};
use crate::harness::app::PASSWORD;
use crate::harness::{Options, TestApp, expect};

/// LG-03.
#[tokio::test]
async fn a_password_of_a_megabyte_is_refused() {
    let (app, visitor) = doorstep(Options::default()).await;
    let form = filled(&visitor, "/sign-in", "alice", &"x".repeat(1_000_000)).await;
    app.forget_statements();
    expect::page_error(&visitor.submit(&form).await, 413);
    assert!(!app.statements().iter().any(|sql| sql.contains("users")));
}

/// Passwords wait for a processor. One that was changed meanwhile opens nothing, however early its check began.
#[tokio::test]
async fn a_password_that_is_changed_while_it_is_checked_opens_no_session() {
    let app = TestApp::start().await;
    app.owner("alice").await;
    let browser = Browser::default();
    let tries = (0..24).map(|_| app.accounts.sign_in("alice", PASSWORD, &browser));
    let change = app.accounts.set_password("alice", "another long password");
    let (changed, keys) = futures_util::future::join(change, futures_util::future::join_all(tries)).await;
    changed.unwrap();
    for key in keys {
        if let Some(SignIn::Done(key)) = key.unwrap() {
            assert!(app.accounts.session_of(&key.digest()).await.unwrap().is_none());
        }
    }
}

/// LG-03: passwords are checked a few at a time, a few wait, and the rest of the server goes on.
#[tokio::test]
async fn of_hundreds_of_sign_ins_at_once_some_are_told_to_come_back_and_other_pages_answer() {
    let (app, visitor) = doorstep(Options::default()).await;
    let form = filled(&visitor, "/sign-in", "alice", "wrong password").await;
    let tries: Vec<_> = (0..300)
        .map(|_| {
            let (copy, form) = (app.visitor(), form.clone());
            copy.set_cookie("vestibule_visitor", &visitor.cookie("vestibule_visitor").unwrap());
            tokio::spawn(async move { copy.submit(&form).await.status })
        })
        .collect();
    assert_eq!(app.visitor().get("/health").await.status, StatusCode::OK);
    assert_eq!(app.visitor().get("/sign-in").await.status, StatusCode::OK);
    assert!(
        tries.iter().any(|tried| !tried.is_finished()),
        "passwords wait meanwhile"
    );
    let mut busy = 0;
    for tried in tries {
        match tried.await.unwrap() {
            StatusCode::BAD_REQUEST => {}
            StatusCode::SERVICE_UNAVAILABLE => busy += 1,
            other => panic!("{other}"),
        }
    }
    assert!(busy > 0);
    assert_eq!(sign_in(&visitor, "/sign-in").await.location(), "/");
}

/// The hash that a password has in the database.
async fn stored_hash(app: &TestApp) -> String {
    let store = Store::connect(app.database_url(), None).await.unwrap();
    let alice = Username::parse("alice").unwrap();
    let user = users::find_by_username(store.reader(), &alice).await.unwrap();
    user.unwrap().password_hash
}

/// Gives alice's password a hash as an older server made it.
async fn make_hash_older(app: &TestApp) -> String {
    let cheap = Params::new(8 * 1024, 1, 1, None).unwrap();
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, cheap);
    let old = argon.hash_password(PASSWORD.as_bytes()).unwrap().to_string();
    let store = Store::connect(app.database_url(), None).await.unwrap();
    let alice = Username::parse("alice").unwrap();
    let user = users::find_by_username(store.reader(), &alice).await.unwrap();
    users::set_password(store.writer(), &user.unwrap().id, &old)
        .await
        .unwrap();
    old
}

#[tokio::test]
async fn signing_in_brings_an_older_hash_up_to_date() {
    let (app, visitor) = doorstep(Options::default()).await;
    let today = stored_hash(&app).await;
    sign_in(&visitor, "/sign-in").await;
    assert_eq!(stored_hash(&app).await, today, "a hash of today stays");
    let old = make_hash_older(&app).await;
    let wrong = filled(&app.visitor(), "/sign-in", "alice", "wrong password").await;
    app.visitor().submit(&wrong).await;
    assert_eq!(stored_hash(&app).await, old, "only the right password renews it");
    assert_eq!(sign_in(&app.visitor(), "/sign-in").await.location(), "/");
    let renewed = stored_hash(&app).await;
    assert!(renewed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{renewed}");
    assert_eq!(sign_in(&app.visitor(), "/sign-in").await.location(), "/");
    assert_eq!(stored_hash(&app).await, renewed);
}

#[tokio::test]
async fn of_many_who_bring_a_hash_up_to_date_at_once_nobody_is_refused() {
    let (app, _) = doorstep(Options::default()).await;
    make_hash_older(&app).await;
    let browser = Browser::default();
    let tries = (0..6).map(|_| app.accounts.sign_in("alice", PASSWORD, &browser));
    for tried in futures_util::future::join_all(tries).await {
        assert!(matches!(tried.unwrap(), Some(SignIn::Done(_))));
    }
}

#[tokio::test]
async fn wide_letters_are_the_same_name() {
    let (app, visitor) = doorstep(Options::default()).await;
    let form = filled(&visitor, "/sign-in", "＠Ａｌｉｃｅ", PASSWORD).await;
    assert_eq!(visitor.submit(&form).await.location(), "/");
    let page = app.visitor().get("/@%EF%BC%A1lice").await;
    assert_eq!(page.location(), "/@alice");
}

/// The fastest of a few tries to sign in with a wrong password: whatever else the machine does makes a try slower only.
async fn fastest(app: &TestApp, name: &str) -> Duration {
    let mut fastest = Duration::MAX;
    for _ in 0..5 {
        let begun = Instant::now();
        let refused = app.accounts.sign_in(name, "wrong password", &Browser::default()).await;
        assert!(refused.unwrap().is_none());
        fastest = fastest.min(begun.elapsed());
    }
    fastest
}

#[tokio::test]
async fn an_unknown_name_is_refused_no_faster_than_a_wrong_password() {
    let (app, _) = doorstep(Options::default()).await;
    let (known, unknown) = (fastest(&app, "alice").await, fastest(&app, "nobody").await);
    assert!(unknown > known / 4, "{unknown:?} and {known:?}");
}
