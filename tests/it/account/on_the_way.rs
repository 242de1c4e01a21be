//! What somebody was about to do when they were asked to sign in, across both pages of the sign-in.

use super::*;
use crate::harness::authenticator::{CODE, STEP};

/// Where somebody who is not signed in wants to go, what is carried along, and where it leads.
const WAYS: [(&str, &str, &str); 16] = [
    ("/sign-in", "", "/"),
    ("/apps", "apps", "/apps"),
    ("/account", "account", "/account"),
    ("/account/sessions", "sessions", "/account/sessions"),
    ("/account/activity", "activity", "/account/activity"),
    ("/account/password", "password", "/account/password"),
    ("/account/second-step", "second-step", "/account/second-step"),
    (
        "/account/second-step/set-up",
        "second-step-set-up",
        "/account/second-step/set-up",
    ),
    ("/account/confirm?sessions", "sessions", "/account/sessions"),
    ("/consent/abc2", "grant=abc2", "/consent/abc2"),
    (
        "/consent/abc2?session=a%2Fb%20c",
        "grant=abc2&session=a%2Fb%20c",
        "/consent/abc2?session=a%2Fb%20c",
    ),
    (
        "/oauth/authorize/native?code=vc_a2",
        "shown=vc_a2",
        "/oauth/authorize/native?code=vc_a2",
    ),
    ("/sign-in?auth=vc_abc2", "auth=vc_abc2", "/auth/vc_abc2"),
    (
        "/miauth/a2b?name=x%20y&permission=read:account&callback=https%3A%2F%2Fapp.net%2F",
        "link=a2b&name=x%20y&permission=read:account&callback=https%3A%2F%2Fapp.net%2F",
        "/miauth/a2b?name=x%20y&permission=read:account&callback=https%3A%2F%2Fapp.net%2F",
    ),
    (
        "/sign-in?client_id=https%3A%2F%2Fapp.net%2F&state=%41%20+%e3%81%82&bare&&q=%26%3D%23",
        "client_id=https%3A%2F%2Fapp.net%2F&state=%41%20+%e3%81%82&bare&&q=%26%3D%23",
        "/oauth/authorize?client_id=https%3A%2F%2Fapp.net%2F&state=%41%20+%e3%81%82&bare&&q=%26%3D%23",
    ),
    (
        "/sign-in?link=/evil.net&x",
        "link=/evil.net&x",
        "/oauth/authorize?link=/evil.net&x",
    ),
];

#[tokio::test]
async fn what_waits_survives_both_pages_and_wrong_tries_on_each() {
    let app = TestApp::start().await;
    let (_, authenticator) = app.owner_with_authenticator("alice").await;
    for (wanted, carried, arrives) in WAYS {
        let phone = app.visitor();
        let address = |path: &str| match carried {
            "" => path.to_owned(),
            carried => format!("{path}?{carried}"),
        };
        if !wanted.starts_with("/sign-in") {
            assert_eq!(phone.get(wanted).await.location(), address("/sign-in"), "{wanted}");
        }
        let form = phone.get(&address("/sign-in")).await.form("/sign-in");
        let wrong = form.set("username", "alice").set("password", "not my password");
        let again = phone.submit(&wrong).await.form("/sign-in");
        assert_eq!(again.get("continue"), carried, "{wanted}");
        let answer = phone
            .submit(&again.set("password", crate::harness::app::PASSWORD))
            .await;
        assert_eq!(answer.location(), address(CODE), "{wanted}");
        let wrong = phone.get(answer.location()).await.form(CODE);
        let again = phone.submit(&wrong.set("code", &authenticator.wrong_code(&app))).await;
        assert!(again.has(&format!(r#"a[href="{}"]"#, address("/sign-in"))), "{wanted}");
        let form = again.form(CODE);
        assert_eq!(form.get("continue"), carried, "{wanted}");
        let answer = phone.submit(&form.set("code", &authenticator.code(&app))).await;
        assert_eq!(answer.location(), arrives, "{wanted}");
        app.clock.advance(STEP);
    }
}

#[tokio::test]
async fn the_language_that_the_app_asked_for_holds_on_both_pages() {
    let app = TestApp::start().await;
    let (_, authenticator) = app.owner_with_authenticator("alice").await;
    for carried in [
        "client_id=https%3A%2F%2Fapp.net%2F&ui_locales=xx%20ja",
        "client_id=https%3A%2F%2Fapp.net%2F&lang=ja",
        "link=a2b&name=x&lang=ja",
    ] {
        let phone = app.visitor();
        let first = phone.get(&format!("/sign-in?{carried}")).await;
        let form = first.form("/sign-in").set("username", "alice");
        let answer = phone.submit(&form.set("password", crate::harness::app::PASSWORD)).await;
        let second = phone.get(answer.location()).await;
        let wrong = second.form(CODE).set("code", &authenticator.wrong_code(&app));
        for page in [first, second, phone.submit(&wrong).await] {
            assert!(page.has(r#"html[lang="ja"]"#), "{carried}: {}", page.body);
        }
    }
}
