//! Signing in and out, and the session between.

use std::time::Duration;

use reqwest::{Method, StatusCode};

use crate::harness::actors::{Answer, Form, encode};
use crate::harness::app::PASSWORD;
use crate::harness::{AuthorizationRequest, ClientSite, Options, TestApp, Visitor, expect};

mod discovery;
mod passkeys;
mod passwords;
mod set_up;

const COOKIE: &str = "vestibule_session";
const DAY: Duration = Duration::from_hours(24);

/// A server where alice has an account, and a browser in which nobody is signed in.
async fn doorstep(options: Options) -> (TestApp, Visitor) {
    let app = options.start().await;
    app.accounts.add_user("alice", PASSWORD).await.expect("a new account");
    let visitor = app.visitor();
    (app, visitor)
}

/// The sign-in form, filled in.
async fn filled(visitor: &Visitor, page: &str, username: &str, password: &str) -> Form {
    let form = visitor.get(page).await.form("/sign-in");
    form.set("username", username).set("password", password)
}

async fn sign_in(visitor: &Visitor, page: &str) -> Answer {
    visitor.submit(&filled(visitor, page, "alice", PASSWORD).await).await
}

async fn is_signed_in(visitor: &Visitor) -> bool {
    visitor.get("/apps").await.status == StatusCode::OK
}

#[tokio::test]
async fn who_signs_in_midway_lands_in_the_same_request_byte_for_byte() {
    let (_app, visitor) = doorstep(Options::default()).await;
    let site = ClientSite::start().await;
    let request = AuthorizationRequest::valid(&site).without("state");
    let odd = "&state=%41%20+%C3%A9%e3%81%82&%78=1&empty=&bare&resource=a&resource=b&&q=%26%3D%23%22%3C";
    let asked = format!("{}{odd}", request.path());
    let query = asked.split_once('?').unwrap().1;
    let to_sign_in = visitor.get(&asked).await;
    assert_eq!(to_sign_in.location(), format!("/sign-in?{query}"));
    let back = sign_in(&visitor, to_sign_in.location()).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER);
    assert_eq!(back.location(), asked);
    let consent = visitor.get(visitor.get(back.location()).await.location()).await;
    let answer = visitor
        .submit(&consent.form("/consent/").set("decision", "approve"))
        .await;
    assert_eq!(answer.location_param("state").as_deref(), Some("A  éあ"));
}

#[tokio::test]
async fn a_failed_try_keeps_the_request() {
    let (_app, visitor) = doorstep(Options::default()).await;
    let query = "client_id=https%3A%2F%2Fapp.net%2F&state=%41";
    let form = filled(&visitor, &format!("/sign-in?{query}"), "alice", "wrong password").await;
    assert_eq!(visitor.submit(&form).await.form("/sign-in").get("continue"), query);
}

#[tokio::test]
async fn the_sign_in_page_names_the_host_of_the_app_that_waits() {
    let (_app, visitor) = doorstep(Options::default()).await;
    let page = visitor
        .get("/sign-in?client_id=https%3A%2F%2Fapp.net%2Fid&redirect_uri=https%3A%2F%2Fevil.net")
        .await;
    assert!(page.text().contains("to continue to app.net"), "{}", page.text());
    let page = visitor
        .get("/sign-in?client_id=%3Cscript%3Ealert(1)%3C/script%3E")
        .await;
    assert!(!page.text().contains("to continue") && !page.body.contains("<script"));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_answer() {
    let (_app, visitor) = doorstep(Options::default()).await;
    let mut answers = Vec::new();
    for (name, password) in [
        ("alice", "wrong password"),
        ("mallory", "wrong password"),
        ("mallory", PASSWORD),
        ("no such name!", "wrong password"),
        ("alice", "short"),
        ("alice", &"long".repeat(1000)),
    ] {
        let answer = visitor
            .submit(&filled(&visitor, "/sign-in", name, password).await)
            .await;
        assert_eq!(answer.header("set-cookie"), "");
        let body = answer.body.replace(&format!(r#"value="{name}""#), "");
        answers.push((answer.status, body));
    }
    assert_eq!(answers[0].0, StatusCode::BAD_REQUEST);
    for answer in &answers {
        assert_eq!(answer, &answers[0]);
    }
}

#[tokio::test]
async fn a_name_may_be_typed_in_any_case_and_with_an_at_sign() {
    let (_app, visitor) = doorstep(Options::default()).await;
    let form = filled(&visitor, "/sign-in", " @Alice ", PASSWORD).await;
    assert_eq!(visitor.submit(&form).await.location(), "/");
}

/// LG-02: whoever planted a cookie before must not share the session.
#[tokio::test]
async fn a_session_gets_a_new_key_at_sign_in() {
    let (app, visitor) = doorstep(Options::default()).await;
    visitor.set_cookie(COOKIE, "vst_planted");
    sign_in(&visitor, "/sign-in").await;
    let attacker = app.visitor();
    attacker.set_cookie(COOKIE, "vst_planted");
    assert!(is_signed_in(&visitor).await);
    assert!(!is_signed_in(&attacker).await);
}

#[tokio::test]
async fn signing_in_again_ends_the_session_before() {
    let (app, visitor) = doorstep(Options::default()).await;
    let form = filled(&visitor, "/sign-in", "alice", PASSWORD).await;
    sign_in(&visitor, "/sign-in").await;
    let (before, old) = (visitor.cookie(COOKIE).unwrap(), app.visitor());
    old.set_cookie(COOKIE, &before);
    let token = visitor.get("/apps").await.form("/sign-out").get("csrf").to_owned();
    visitor.submit(&form.set("csrf", &token)).await;
    assert_ne!(visitor.cookie(COOKIE), Some(before));
    assert!(is_signed_in(&visitor).await);
    assert!(!is_signed_in(&old).await);
}

/// The attributes of the cookie whose name ends so, sorted.
fn attributes(answer: &Answer, name: &str) -> Vec<String> {
    let cookies = answer.headers.get_all("set-cookie").iter();
    let cookie = cookies
        .map(|cookie| cookie.to_str().unwrap())
        .find(|cookie| cookie.starts_with(&format!("{name}=")))
        .unwrap_or_else(|| panic!("no {name}: {answer:?}"));
    let mut attributes: Vec<String> = cookie.split("; ").skip(1).map(str::to_owned).collect();
    attributes.sort();
    attributes
}

#[tokio::test]
async fn over_tls_the_cookies_belong_to_this_host_alone() {
    let (_app, visitor) = doorstep(Options::default().issuer("https://id.example")).await;
    let page = visitor.get("/sign-in").await;
    let expected = ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"];
    assert_eq!(attributes(&page, "__Host-vestibule_visitor"), expected);
    let answer = sign_in(&visitor, "/sign-in").await;
    let ninety_days = "Max-Age=7776000".to_owned();
    let mut expected = expected.map(str::to_owned).to_vec();
    expected.insert(1, ninety_days);
    assert_eq!(attributes(&answer, "__Host-vestibule_session"), expected);
}

#[tokio::test]
async fn in_development_the_cookies_do_without_tls() {
    let (_app, visitor) = doorstep(Options::default()).await;
    let answer = sign_in(&visitor, "/sign-in").await;
    let expected = ["HttpOnly", "Max-Age=7776000", "Path=/", "SameSite=Lax"];
    assert_eq!(attributes(&answer, COOKIE), expected);
}

async fn signed_in() -> (TestApp, Visitor) {
    let app = TestApp::start().await;
    let alice = app.owner("alice").await;
    (app, alice)
}

/// LG-11.
#[tokio::test]
async fn signing_out_needs_a_click_on_a_page_of_ours() {
    let (_app, alice) = signed_in().await;
    let form = alice.get("/apps").await.form("/sign-out");
    expect::page_error(&alice.get("/sign-out").await, 405);
    expect::page_error(&alice.submit(&form.clone().set("csrf", "")).await, 403);
    let cross_site = alice
        .request(Method::POST, "/sign-out")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site")
        .body(encode(&form.fields));
    expect::page_error(&alice.send(cross_site).await, 403);
    assert!(is_signed_in(&alice).await);
    assert_eq!(alice.submit(&form).await.location(), "/");
    assert!(!is_signed_in(&alice).await);
}

#[tokio::test]
async fn signing_out_ends_the_session_here_and_not_only_in_the_browser() {
    let (app, alice) = signed_in().await;
    let (key, thief) = (alice.cookie(COOKIE).unwrap(), app.visitor());
    thief.set_cookie(COOKIE, &key);
    assert!(is_signed_in(&thief).await);
    let form = alice.get("/apps").await.form("/sign-out");
    alice.submit(&form).await;
    assert_eq!(alice.cookie(COOKIE), None);
    assert!(!is_signed_in(&thief).await);
}

#[tokio::test]
async fn a_session_that_is_not_used_ends_after_two_weeks() {
    let (app, alice) = signed_in().await;
    app.clock.advance(14 * DAY - Duration::from_secs(1));
    assert!(is_signed_in(&alice).await);
    app.clock.advance(14 * DAY);
    assert!(!is_signed_in(&alice).await);
}

#[tokio::test]
async fn a_session_ends_after_ninety_days_however_much_it_is_used() {
    let (app, alice) = signed_in().await;
    for _ in 0..8 {
        app.clock.advance(11 * DAY);
        assert!(is_signed_in(&alice).await);
    }
    app.clock.advance(2 * DAY - Duration::from_secs(1));
    assert!(is_signed_in(&alice).await);
    app.clock.advance(Duration::from_secs(1));
    assert!(!is_signed_in(&alice).await);
}

/// RD-19.
const ELSEWHERE: [&str; 12] = [
    "//evil.net",
    "///evil.net",
    "/\\evil.net",
    "\\\\evil.net",
    "https:evil.net",
    "https://evil.net",
    "/%09/evil.net",
    "\t//evil.net",
    "/login/../..//evil.net",
    "@evil.net",
    "x\r\nLocation: https://evil.net",
    "javascript:alert(1)",
];

#[tokio::test]
async fn after_signing_in_no_address_from_outside_is_followed() {
    let (app, _) = doorstep(Options::default()).await;
    for elsewhere in ELSEWHERE {
        let visitor = app.visitor();
        let form = filled(&visitor, "/sign-in", "alice", PASSWORD).await;
        let mut form = form.set("continue", elsewhere);
        for name in ["next", "return_to", "redirect_uri"] {
            form = form.set(name, elsewhere);
        }
        let answer = visitor.submit(&form).await;
        let location = answer.location();
        assert!(
            location == "/" || location.starts_with("/oauth/authorize?"),
            "{location}"
        );
        let ours = url::Url::parse(&app.base).unwrap();
        assert_eq!(ours.join(location).unwrap().origin(), ours.origin(), "{location}");
    }
}

#[tokio::test]
async fn who_is_signed_in_already_is_not_sent_elsewhere_either() {
    let (_app, alice) = signed_in().await;
    for elsewhere in ["//evil.net", "next=//evil.net", "continue=https://evil.net"] {
        let answer = alice.get(&format!("/sign-in?{elsewhere}")).await;
        assert!(
            answer.location().starts_with("/oauth/authorize?"),
            "{}",
            answer.location()
        );
    }
}

#[tokio::test]
async fn the_sign_in_form_needs_the_token_of_this_browser() {
    let (_app, visitor) = doorstep(Options::default()).await;
    let form = filled(&visitor, "/sign-in?client_id=x", "alice", PASSWORD).await;
    for token in ["", "guess"] {
        let answer = visitor.submit(&form.clone().set("csrf", token)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.form("/sign-in").get("continue"), "client_id=x");
    }
    assert!(!is_signed_in(&visitor).await);
}

/// What the cookies hold opens a session or a sign-in; a copy of the database must not.
#[tokio::test]
async fn no_key_of_a_browser_is_in_the_database() {
    let app = TestApp::start().await;
    let (alice, _) = app.owner_with_authenticator("alice").await;
    let phone = app.visitor();
    phone.form_for_code("alice").await;
    let rows = app.rows().await;
    for (table, key) in [
        ("sessions", alice.cookie(COOKIE).unwrap()),
        ("pending_sign_ins", phone.cookie("vestibule_sign_in").unwrap()),
    ] {
        let random = key.split_once('_').unwrap().1;
        assert!(random.len() * 5 >= 256, "256 bits, five a letter: {key}");
        let stored = rows.blobs(table, "digest").await;
        assert_eq!(stored.len(), 1);
        assert!(stored[0].len() == 32 && !key.as_bytes().windows(32).any(|part| part == stored[0]));
    }
}
