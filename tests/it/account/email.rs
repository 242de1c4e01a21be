//! A person's e-mail address: changed by them, confirmed by the operator.

use std::time::Duration;

use vestibule::oauth::grant::UserId;

use super::*;
use crate::harness::app::PASSWORD;

const PAGE: &str = "/account/profile/email";
const PROFILE: &str = "/account/profile";
const FRESH: Duration = Duration::from_secs(5 * 60);

pub(super) async fn change(visitor: &Visitor, address: &str) -> Answer {
    let form = visitor.get(PAGE).await.form(PAGE);
    visitor.submit(&form.set("email", address)).await
}

async fn state(visitor: &Visitor) -> String {
    visitor.get(PROFILE).await.texts(".card section").concat()
}

#[tokio::test]
async fn an_address_is_unconfirmed_until_the_operator_says_otherwise_and_another_one_is_again() {
    let (app, alice) = signed_in().await;
    assert!(state(&alice).await.contains("You have not given one."));
    let told = change(&alice, " Alice@Mail.Example ").await;
    let page = alice.get(told.location()).await;
    assert_eq!(page.texts(".done"), ["Your e-mail address is saved."]);
    assert!(
        state(&alice)
            .await
            .contains("Alice@mail.example Nobody has confirmed yet"),
        "{}",
        state(&alice).await
    );
    let id = UserId(app.user_id("alice").await);
    let verify = async |address| app.accounts.verify_email(&id, address, None).await.unwrap();
    assert!(!verify("other@mail.example").await, "not hers");
    assert!(verify("Alice@mail.example").await);
    assert!(!verify("Alice@mail.example").await, "noted before");
    assert!(state(&alice).await.contains("confirmed that it is yours"));
    // The same address again is no other.
    change(&alice, "Alice@mail.example").await;
    assert!(state(&alice).await.contains("confirmed that it is yours"));
    change(&alice, "other@mail.example").await;
    assert!(state(&alice).await.contains("Nobody has confirmed yet"));
    // Nor does it come back with the first one.
    change(&alice, "Alice@mail.example").await;
    assert!(state(&alice).await.contains("Nobody has confirmed yet"));
    change(&alice, "").await;
    assert!(state(&alice).await.contains("You have not given one."));
    let rows = app.rows().await;
    assert_eq!(rows.count("audit_events WHERE kind = 'profile_changed'").await, 4);
    let verified = "audit_events WHERE kind = 'email_verified' AND detail = 'Alice@mail.example'";
    assert_eq!(rows.count(verified).await, 1);
}

#[tokio::test]
async fn name_and_address_do_not_overwrite_each_other() {
    let (_app, alice) = signed_in().await;
    let form = alice.get(PROFILE).await.form(PROFILE).set("name", "Alice");
    alice.upload(&form, "image/png", b"").await;
    change(&alice, "alice@mail.example").await;
    assert_eq!(alice.get(PROFILE).await.form(PROFILE).get("name"), "Alice");
    alice.upload(&form.set("name", "Bob"), "image/png", b"").await;
    assert!(state(&alice).await.contains("alice@mail.example"));
}

#[tokio::test]
async fn what_is_no_address_comes_back_as_typed() {
    let (app, alice) = signed_in().await;
    let long = format!("{}@mail.example", "x".repeat(65));
    for (typed, words) in [
        ("alice@", "not an e-mail address"),
        ("<b>@x.y", "not an"),
        (&*long, "too long"),
    ] {
        let answer = change(&alice, typed).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.texts("#problem").concat().contains(words), "{}", answer.text());
        assert!(answer.has(r#"#email[aria-invalid="true"][aria-describedby="problem email-hint"]"#));
        assert_eq!(answer.form(PAGE).get("email"), typed);
    }
    assert_eq!(app.rows().await.count("profiles").await, 0);
}

#[tokio::test]
async fn it_takes_a_password_that_was_typed_a_short_time_ago() {
    let (app, alice) = signed_in().await;
    let form = alice.get(PAGE).await.form(PAGE).set("email", "thief@mail.example");
    app.clock.advance(FRESH);
    assert_eq!(alice.get(PAGE).await.location(), "/account/confirm?email");
    assert_eq!(alice.submit(&form).await.location(), "/account/confirm?email");
    assert_eq!(app.rows().await.count("profiles").await, 0);
    // Name, site and picture take no more than being signed in.
    assert_eq!(alice.get(PROFILE).await.status, StatusCode::OK);
    let confirm = alice.get("/account/confirm?email").await.form("/account/confirm");
    let confirmed = alice.submit(&confirm.set("password", PASSWORD)).await;
    assert_eq!(confirmed.location(), PAGE);
    assert_eq!(change(&alice, "alice@mail.example").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_form_needs_a_page_of_ours() {
    let (app, alice) = signed_in().await;
    let form = alice.get(PAGE).await.form(PAGE).set("email", "thief@mail.example");
    expect_needs_a_page_of_ours(&alice, &form, 403).await;
    assert_eq!(app.rows().await.count("profiles").await, 0);
}
