//! Making one's own account: with an invitation, or because everybody may.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use vestibule::accounts::invitations::{Invitation, InvitationState};

use crate::harness::actors::{Answer, Form, encode};
use crate::harness::api::FORM;
use crate::harness::app::PASSWORD;
use crate::harness::{AuthorizationRequest, ClientSite, Options, TestApp, Visitor, expect};

mod carried;
mod command;
mod doors;
mod links;
mod names;
mod races;

const DAY: Duration = Duration::from_hours(24);
const WEEK: Duration = Duration::from_hours(7 * 24);
const SECOND: Duration = Duration::from_secs(1);
const PAGE: &str = "/sign-up";

/// A server on which somebody has an account already, and so many may come in.
async fn server(sign_up: &str) -> TestApp {
    let app = Options::default().set("VESTIBULE_SIGN_UP", sign_up).start().await;
    app.accounts.add_user("first", PASSWORD).await.expect("a new account");
    app
}

/// Path and query of a new invitation.
async fn invitation(app: &TestApp) -> String {
    let token = app.accounts.invite(None, Some("for a friend"), WEEK).await.unwrap();
    let link = app.accounts.invitation_link(&token);
    let path = link.strip_prefix(&app.issuer).expect("an address of this server");
    path.to_owned()
}

/// The only invitation there is.
async fn the_invitation(app: &TestApp) -> Invitation {
    let mut all = app.accounts.invitations().await.unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

/// The form behind a page, filled in.
async fn filled(visitor: &Visitor, page: &str, username: &str) -> Form {
    let form = visitor.get(page).await.form(PAGE);
    form.set("username", username).set("password", PASSWORD)
}

async fn sign_up(visitor: &Visitor, page: &str, username: &str) -> Answer {
    visitor.submit(&filled(visitor, page, username).await).await
}

async fn is_signed_in(visitor: &Visitor) -> bool {
    visitor.get("/apps").await.status == StatusCode::OK
}

/// How many people there are besides the first.
async fn newcomers(app: &TestApp) -> i64 {
    app.rows().await.count("users").await - 1
}

/// Fails unless this is a page without a form for an account, which says so.
#[track_caller]
fn is_shut(answer: &Answer, status: u16, words: &str) {
    expect::page_error(answer, status);
    assert!(answer.text().contains(words), "{words}: {}", answer.text());
    assert!(!answer.has("#username"), "{}", answer.body);
}
