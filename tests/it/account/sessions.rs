//! Where a person is signed in, and how they end it from elsewhere.

use std::time::Duration;

use reqwest::Method;

use super::*;
use crate::harness::Options;
use crate::harness::app::PASSWORD;

const PAGE: &str = "/account/sessions";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// Signs in with a browser that says what it is, through a proxy that names its address.
async fn sign_in_as(app: &TestApp, user_agent: &str, address: &str) -> Visitor {
    let visitor = app.visitor();
    let form = visitor.get("/sign-in").await.form("/sign-in");
    let form = form.set("username", "alice").set("password", PASSWORD);
    let request = visitor
        .request(Method::POST, &form.action)
        .header("content-type", FORM)
        .header("user-agent", user_agent)
        .header("x-forwarded-for", address);
    assert_eq!(visitor.send(request.body(encode(&form.fields))).await.location(), "/");
    visitor
}

#[tokio::test]
async fn the_page_says_which_browser_where_and_since_when() {
    let options = Options::default().set("VESTIBULE_PROXY__TRUSTED", "127.0.0.0/8");
    let app = options.start().await;
    app.accounts.add_user("alice", PASSWORD).await.unwrap();
    let firefox = sign_in_as(&app, FIREFOX, "203.0.113.77").await;
    app.clock.advance(Duration::from_hours(48));
    sign_in_as(&app, "curl/8.5.0", "2001:db8:1:2ff::77").await;
    let page = firefox.get(PAGE).await;
    assert_eq!(page.texts("section h2"), ["Firefox on Linux", "curl/8.5.0"]);
    assert_eq!(page.texts("section:first-of-type .eyebrow"), ["This browser"]);
    let facts = page.texts("section dd");
    assert_eq!(
        facts,
        [
            "22 November 2026, 12:00 UTC",
            "24 November 2026, 12:00 UTC",
            "203.0.113.0/24",
            "24 November 2026, 12:00 UTC",
            "24 November 2026, 12:00 UTC",
            "2001:db8:1:200::/56",
        ]
    );
    assert!(!page.body.contains(".77") && !page.body.contains("::77"));
    let activity = firefox.get("/account/activity").await;
    assert_eq!(
        activity.texts("dd"),
        [
            "You signed in. 2001:db8:1:200::/56",
            "You signed in. Firefox · Linux · 203.0.113.0/24"
        ]
    );
}

#[tokio::test]
async fn no_exact_address_is_kept() {
    let options = Options::default().set("VESTIBULE_PROXY__TRUSTED", "127.0.0.0/8");
    let app = options.start().await;
    app.accounts.add_user("alice", PASSWORD).await.unwrap();
    sign_in_as(&app, FIREFOX, "203.0.113.77").await;
    let rows = app.rows().await;
    let with_block = "sessions WHERE address_block = '203.0.113.0/24'";
    assert_eq!(rows.count(with_block).await, 1);
}

#[tokio::test]
async fn one_session_is_ended_and_the_others_hold() {
    let (app, alice) = signed_in().await;
    let (phone, tablet) = (
        app.signed_in("alice", PASSWORD).await,
        app.signed_in("alice", PASSWORD).await,
    );
    let form = phone.get(PAGE).await.form("/account/sessions/end");
    let told = phone.submit(&form).await;
    let page = phone.get(told.location()).await;
    assert_eq!(page.texts(".done"), ["That browser is signed out."]);
    assert_eq!(page.texts("section").len(), 2);
    let still = [is_signed_in(&alice).await, is_signed_in(&tablet).await];
    assert!(is_signed_in(&phone).await && still[0] != still[1], "{still:?}");
    // A second click finds nothing and says nothing.
    assert_eq!(phone.submit(&form).await.location(), PAGE);
}

#[tokio::test]
async fn the_session_at_hand_has_no_button_in_the_list() {
    let (_app, alice) = signed_in().await;
    let page = alice.get(PAGE).await;
    assert_eq!(page.texts("section").len(), 1);
    assert!(!page.has(r#"form[action^="/account/sessions/"]"#), "{}", page.body);
}

#[tokio::test]
async fn all_others_are_ended_at_once() {
    let (app, alice) = signed_in().await;
    let (phone, bob) = (app.signed_in("alice", PASSWORD).await, app.owner("bob").await);
    let told = alice
        .submit(&alice.get(PAGE).await.form("/account/sessions/end-others"))
        .await;
    let page = alice.get(told.location()).await;
    assert_eq!(page.texts(".done"), ["You are signed out everywhere else."]);
    assert!(is_signed_in(&alice).await && is_signed_in(&bob).await);
    assert!(!is_signed_in(&phone).await);
}

#[tokio::test]
async fn everywhere_is_here_too() {
    let (app, alice) = signed_in().await;
    let (phone, bob) = (app.signed_in("alice", PASSWORD).await, app.owner("bob").await);
    let form = alice.get(PAGE).await.form("/account/sessions/end-all");
    assert_eq!(alice.submit(&form).await.location(), "/sign-in");
    assert!(!is_signed_in(&alice).await && !is_signed_in(&phone).await);
    assert!(is_signed_in(&bob).await);
    let rows = app.rows().await;
    assert_eq!(rows.count("audit_events WHERE kind = 'sessions_ended'").await, 1);
    // Back and a second click: nobody is there to be signed out.
    assert_eq!(alice.submit(&form).await.location(), "/sign-in?sessions");
}

#[tokio::test]
async fn nobody_ends_another_persons_session() {
    let (app, alice) = signed_in().await;
    let (phone, bob) = (app.signed_in("alice", PASSWORD).await, app.owner("bob").await);
    let hers = alice
        .get(PAGE)
        .await
        .form("/account/sessions/end")
        .get("session")
        .to_owned();
    app.signed_in("bob", PASSWORD).await;
    let form = bob.get(PAGE).await.form("/account/sessions/end").set("session", &hers);
    assert_eq!(bob.submit(&form).await.location(), PAGE);
    for id in ["", "x", "AAAA", "../../etc", &"A".repeat(43)] {
        assert_eq!(bob.submit(&form.clone().set("session", id)).await.location(), PAGE);
    }
    assert!(is_signed_in(&alice).await && is_signed_in(&phone).await);
}

#[tokio::test]
async fn ending_sessions_needs_a_page_of_ours() {
    let (app, alice) = signed_in().await;
    let phone = app.signed_in("alice", PASSWORD).await;
    let page = alice.get(PAGE).await;
    for action in [
        "/account/sessions/end",
        "/account/sessions/end-others",
        "/account/sessions/end-all",
    ] {
        let form = page.form(action);
        let form = Form {
            action: action.to_owned(),
            ..form
        };
        expect_needs_a_page_of_ours(&alice, &form, 403).await;
        expect::page_error(&alice.get(action).await, 405);
    }
    assert!(is_signed_in(&phone).await);
}

#[tokio::test]
async fn a_link_cannot_say_that_somebody_is_signed_out() {
    let (_app, alice) = signed_in().await;
    for query in ["?ended=others", "?ended=others&seal=guess", "?ended=anything"] {
        assert!(!alice.get(&format!("{PAGE}{query}")).await.has(".done"), "{query}");
    }
}
