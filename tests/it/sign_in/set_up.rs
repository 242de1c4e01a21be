//! The link for the first account.

use std::time::Duration;

use reqwest::StatusCode;
use vestibule::accounts::sessions::Browser;

use crate::harness::actors::{Answer, Form};
use crate::harness::{Options, TestApp, Visitor};

/// Path and query of the link that the server prints.
fn link(app: &TestApp) -> String {
    let link = app.setup_link.clone().expect("a link");
    let path = link.strip_prefix(&app.issuer).expect("an address of this server");
    path.to_owned()
}

/// The form behind the link, filled in.
async fn filled(visitor: &Visitor, app: &TestApp, username: &str) -> Form {
    let form = visitor.get(&link(app)).await.form("/set-up");
    form.set("username", username).set("password", "a good password")
}

#[track_caller]
fn is_gone(answer: &Answer, words: &str) {
    assert_eq!(answer.status, StatusCode::GONE, "{answer:?}");
    assert!(answer.text().contains(words), "{}", answer.text());
    assert!(!answer.has("main form"), "{}", answer.body);
}

#[tokio::test]
async fn the_link_makes_the_first_account_and_signs_in() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    let form = filled(&visitor, &app, "alice").await;
    assert_eq!(visitor.submit(&form).await.location(), "/");
    let home = visitor.get("/").await.text();
    assert!(home.contains(&format!("{}/@alice", app.issuer)), "{home}");
    let again = app
        .accounts
        .sign_in("alice", "a good password", &Browser::default())
        .await;
    assert!(again.unwrap().is_some());
}

#[tokio::test]
async fn the_link_works_once() {
    const USED: &str = "This server is set up already";
    let app = TestApp::start().await;
    let (first, second) = (app.visitor(), app.visitor());
    let late = filled(&second, &app, "mallory").await;
    first.submit(&filled(&first, &app, "alice").await).await;
    is_gone(&second.get(&link(&app)).await, USED);
    is_gone(&second.submit(&late).await, USED);
    assert_eq!(second.get("/@mallory").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_link_lapses_after_a_day() {
    const LAPSED: &str = "This link does not work";
    let app = TestApp::start().await;
    let visitor = app.visitor();
    app.clock.advance(Duration::from_hours(24) - Duration::from_secs(1));
    let form = filled(&visitor, &app, "alice").await;
    app.clock.advance(Duration::from_secs(1));
    is_gone(&visitor.get(&link(&app)).await, LAPSED);
    is_gone(&visitor.submit(&form).await, LAPSED);
    assert_eq!(visitor.get("/@alice").await.status, StatusCode::NOT_FOUND);
}

/// LG-12, with one link and with the links of two replicas.
async fn two_at_once(app: &TestApp, other: &TestApp) {
    let visitors = [app.visitor(), other.visitor()];
    let forms = [
        filled(&visitors[0], app, "alice").await,
        filled(&visitors[1], other, "bob").await,
    ];
    let (one, two) = tokio::join!(visitors[0].submit(&forms[0]), visitors[1].submit(&forms[1]));
    let made = [&one, &two].iter().filter(|answer| answer.status == 303).count();
    assert_eq!(made, 1, "{one:?} {two:?}");
    let mut accounts = 0;
    for name in ["/@alice", "/@bob"] {
        accounts += usize::from(visitors[0].get(name).await.status == StatusCode::OK);
    }
    assert_eq!(accounts, 1);
    for (visitor, answer) in visitors.iter().zip([&one, &two]) {
        let signed_in = visitor.get("/apps").await.status == StatusCode::OK;
        assert_eq!(signed_in, answer.status == 303);
    }
}

#[tokio::test]
async fn two_who_use_the_link_at_once_make_one_account() {
    let app = TestApp::start().await;
    two_at_once(&app, &app).await;
}

#[tokio::test]
async fn two_links_used_at_once_make_one_account() {
    let app = TestApp::start().await;
    let replica = app.replica(Options::default()).await;
    two_at_once(&app, &replica).await;
}

#[tokio::test]
async fn a_made_up_link_opens_nothing() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    for path in ["/set-up", "/set-up?token=", "/set-up?token=vsu_guess"] {
        assert_eq!(visitor.get(path).await.status, StatusCode::GONE, "{path}");
    }
    let form = filled(&visitor, &app, "alice").await.set("token", "vsu_guess");
    assert_eq!(visitor.submit(&form).await.status, StatusCode::GONE);
    assert_eq!(visitor.get("/@alice").await.status, StatusCode::NOT_FOUND);
}

/// Each refused try leaves the link good.
#[tokio::test]
async fn name_and_password_have_rules() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    let form = filled(&visitor, &app, "alice").await;
    let long = "x".repeat(129);
    for (field, value, words) in [
        ("username", "", "This username does not work"),
        ("username", "аlice", "This username does not work"),
        ("username", "a-b", "This username does not work"),
        (
            "username",
            "a23456789012345678901234567890x",
            "This username does not work",
        ),
        ("password", "", "This password is too short"),
        ("password", "1234567", "This password is too short"),
        ("password", "e\u{301}234567", "This password is too short"),
        ("password", long.as_str(), "This password is too long"),
    ] {
        let answer = visitor.submit(&form.clone().set(field, value)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.text().contains(words), "{value}: {}", answer.text());
    }
    let longest = form.set("password", &"x".repeat(128));
    assert_eq!(visitor.submit(&longest).await.location(), "/");
}

#[tokio::test]
async fn the_form_needs_the_token_of_this_browser() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    let form = filled(&visitor, &app, "alice").await;
    let answer = visitor.submit(&form.clone().set("csrf", "")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(visitor.get("/@alice").await.status, StatusCode::NOT_FOUND);
    assert_eq!(visitor.submit(&form).await.location(), "/");
}

#[tokio::test]
async fn where_somebody_has_an_account_no_link_is_printed() {
    let app = TestApp::start().await;
    app.owner("alice").await;
    assert_eq!(app.replica(Options::default()).await.setup_link, None);
}
