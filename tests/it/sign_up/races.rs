//! Two at once, or twenty, or one person twice.

use tokio::task::JoinSet;
use vestibule::oauth::grant::UserId;
use vestibule::oauth::profile::Username;
use vestibule::storage::server_identity;
use vestibule::storage::users::{self, User};

use super::*;

const CROWD: usize = 20;

/// Everybody submits at once. Gives the browsers with their answers.
async fn all_at_once(forms: Vec<(Visitor, Form)>) -> Vec<(Visitor, Answer)> {
    let mut crowd = JoinSet::new();
    for (visitor, form) in forms {
        crowd.spawn(async move {
            let answer = visitor.submit(&form).await;
            (visitor, answer)
        });
    }
    crowd.join_all().await
}

/// Fails unless one got an account and a session, and the others nothing.
async fn expect_one(app: &TestApp, answered: &[(Visitor, Answer)], status: u16) {
    let made = answered.iter().filter(|(_, answer)| answer.status == 303).count();
    assert_eq!(made, 1, "{:?}", answers(answered));
    for (visitor, answer) in answered {
        assert_eq!(is_signed_in(visitor).await, answer.status == 303);
        assert!([303, status].contains(&answer.status.as_u16()), "{answer:?}");
    }
    let rows = app.rows().await;
    assert_eq!(newcomers(app).await, 1);
    assert_eq!(rows.count("sessions").await, 1);
    assert_eq!(rows.audit().await, ["signed_up"]);
}

fn answers(answered: &[(Visitor, Answer)]) -> Vec<u16> {
    answered.iter().map(|(_, answer)| answer.status.as_u16()).collect()
}

/// LG-12.
#[tokio::test]
async fn one_invitation_used_by_twenty_at_once_makes_one_account() {
    let app = server("invitation").await;
    let link = invitation(&app).await;
    let mut forms = Vec::new();
    for number in 0..CROWD {
        let visitor = app.visitor();
        let form = filled(&visitor, &link, &format!("person{}", (b'a' + number as u8) as char)).await;
        forms.push((visitor, form));
    }
    expect_one(&app, &all_at_once(forms).await, 410).await;
}

#[tokio::test]
async fn of_twenty_names_that_look_alike_one_is_made() {
    let app = server("open").await;
    let mut forms = Vec::new();
    for number in 0..CROWD {
        let name = format!("ali{}ce{}", "_".repeat(number / 5), "_".repeat(number % 5));
        let visitor = app.visitor();
        let form = filled(&visitor, PAGE, &name).await;
        forms.push((visitor, form));
    }
    expect_one(&app, &all_at_once(forms).await, 400).await;
}

#[tokio::test]
async fn of_twenty_who_want_one_name_one_gets_it() {
    let app = server("open").await;
    let mut forms = Vec::new();
    for number in 0..CROWD {
        let visitor = app.visitor();
        let form = filled(&visitor, PAGE, "alice").await;
        forms.push((visitor, form.set("password", &format!("password {number}"))));
    }
    expect_one(&app, &all_at_once(forms).await, 400).await;
}

/// The operator may add a look-alike knowingly; not without being told.
#[tokio::test]
async fn an_operator_and_somebody_who_signs_up_do_not_pass_each_other_unseen() {
    let app = server("open").await;
    let visitor = app.visitor();
    let form = filled(&visitor, PAGE, "alice").await;
    let (answer, added) = tokio::join!(visitor.submit(&form), app.accounts.add_user("a1ice", PASSWORD));
    let added = added.unwrap();
    if answer.status == 303 {
        let alike = app.accounts.look_alikes(&added).await.unwrap();
        assert_eq!(alike.len(), 1, "{alike:?}");
    } else {
        expect::page_error(&answer, 400);
    }
}

/// No index keeps look-alikes apart, so on PostgreSQL the two must wait for each other.
#[tokio::test]
async fn a_look_alike_that_is_being_made_at_this_moment_is_waited_for() {
    let app = server("open").await;
    let visitor = app.visitor();
    let form = filled(&visitor, PAGE, "alice").await;
    let store = app.store().await;
    let tx = store.begin().await.unwrap();
    server_identity::hold(&*tx).await.unwrap();
    let other = User {
        id: UserId("other".to_owned()),
        username: Username::parse("a1ice").unwrap(),
        password_hash: String::new(),
    };
    assert!(users::insert(&*tx, &other, app.now()).await.unwrap());
    let mut submitted = std::pin::pin!(visitor.submit(&form));
    tokio::select! {
        answer = &mut submitted => panic!("nothing was waited for: {answer:?}"),
        () = app.until_somebody_waits() => {}
    }
    tx.commit().await.unwrap();
    let answer = submitted.await;
    expect::page_error(&answer, 400);
    assert!(answer.text().contains("looks too much like"), "{}", answer.text());
}

/// The first answer never arrives; the second click must not leave its person outside.
#[tokio::test]
async fn a_double_click_makes_one_account_and_signs_in() {
    for setting in ["invitation", "open"] {
        let app = server(setting).await;
        let page = if setting == "open" {
            PAGE.to_owned()
        } else {
            invitation(&app).await
        };
        let visitor = app.visitor();
        let form = filled(&visitor, &page, "alice").await;
        let (one, two) = tokio::join!(visitor.submit(&form), visitor.submit(&form));
        assert_eq!((one.location(), two.location()), ("/", "/"), "{setting}");
        assert_eq!(newcomers(&app).await, 1);
        assert!(is_signed_in(&visitor).await);
        // And Back, and once more.
        is_shut(&visitor.submit(&form).await, 200, "You are signed in as alice");
    }
}

/// The way in for the second click is a sign-in like any other: counted, and with its second step.
#[tokio::test]
async fn a_used_form_guesses_no_passwords_and_skips_no_second_step() {
    let options = Options::default().set("VESTIBULE_SIGN_UP", "open");
    let app = options.set("VESTIBULE_LIMITS__SIGN_IN", "3").start().await;
    app.owner_with_authenticator("alice").await;
    let thief = app.visitor();
    let form = filled(&thief, PAGE, "alice").await;
    let known = thief.submit(&form).await;
    assert_eq!(known.location(), "/sign-in/code");
    assert!(!is_signed_in(&thief).await);
    for number in 0..2 {
        let guess = form.clone().set("password", &format!("a guess {number}"));
        expect::page_error(&thief.submit(&guess).await, 400);
    }
    let over = thief.submit(&form).await;
    expect::page_error(&over, 400);
    assert!(over.text().contains("has this username already"), "{}", over.text());
}
