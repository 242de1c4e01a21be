//! The operator's pages, and the commands that do the same.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use vestibule::operators::ways_in::Reset;

use crate::harness::actors::Form;
use crate::harness::app::PASSWORD;
use crate::harness::{TestApp, Visitor, expect};

mod commands;
mod hosts;
mod lists;
mod password_link;
mod people;

/// Every page that can be read.
const PAGES: [&str; 10] = [
    "/admin",
    "/admin/people",
    "/admin/people/bob",
    "/admin/invitations",
    "/admin/clients",
    "/admin/clients?kind=seen",
    "/admin/hosts",
    "/admin/tokens",
    "/admin/activity",
    "/admin/settings",
];

/// Every form, filled in so that it would do something.
const FORMS: [(&str, &[(&str, &str)]); 6] = [
    ("/admin/people/bob", &[("action", "disable")]),
    ("/admin/people/bob", &[("action", "link")]),
    ("/admin/clients/remove", &[("client_id", "client_x")]),
    ("/admin/hosts", &[("host", "bad.example"), ("rule", "block")]),
    ("/admin/invitations", &[("note", ""), ("days", "7")]),
    ("/admin/invitations/withdraw", &[("id", "x")]),
];

/// A server with an operator who is signed in, and somebody else.
async fn desk() -> (TestApp, Visitor) {
    let app = TestApp::start().await;
    let olga = operator(&app, "olga").await;
    app.accounts.add_user("bob", PASSWORD).await.unwrap();
    (app, olga)
}

/// An operator's browser, signed in a moment ago.
async fn operator(app: &TestApp, name: &str) -> Visitor {
    let visitor = app.owner(name).await;
    assert!(app.operators.promote(name).await.unwrap());
    visitor
}

/// A form with the token of this browser.
async fn filled(visitor: &Visitor, action: &str, fields: &[(&str, &str)]) -> Form {
    let csrf = visitor.get("/apps").await.form("/sign-out").get("csrf").to_owned();
    let fields = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Form {
        action: action.to_owned(),
        fields: [("csrf".to_owned(), csrf)].into_iter().chain(fields).collect(),
    }
}

/// Presses a button of a person's page.
async fn press(visitor: &Visitor, name: &str, action: &str) -> crate::harness::actors::Answer {
    let page = visitor.get(&format!("/admin/people/{name}")).await;
    visitor.submit(&page.form("/admin/people/").set("action", action)).await
}

#[tokio::test]
async fn the_pages_are_there_for_operators_alone() {
    let (app, olga) = desk().await;
    let bob = app.signed_in("bob", PASSWORD).await;
    for page in PAGES {
        assert_eq!(olga.get(page).await.status, StatusCode::OK, "{page}");
        let answer = bob.get(page).await;
        expect::page_error(&answer, 404);
        assert_eq!(answer.texts("h1"), bob.get("/nowhere").await.texts("h1"), "{page}");
    }
    let form = filled(&bob, "/", &[]).await;
    for (action, fields) in FORMS {
        let mut form = Form {
            action: action.to_owned(),
            ..form.clone()
        };
        form.fields.extend(
            fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        expect::page_error(&bob.submit(&form).await, 404);
        let answer = app.visitor().submit(&form).await;
        assert!(answer.location().starts_with("/sign-in?admin-"), "{answer:?}");
    }
    let rows = app.rows().await;
    assert_eq!(rows.count("host_rules").await + rows.count("invitations").await, 0);
    assert_eq!(rows.count("users WHERE disabled_at IS NOT NULL").await, 0);
}

/// Whether an account or an app is there is not told to whoever is not signed in.
#[tokio::test]
async fn whoever_is_not_signed_in_may_be_an_operator_and_comes_back_after_it() {
    let (app, _olga) = desk().await;
    let visitor = app.visitor();
    for page in PAGES.into_iter().chain(["/admin/people/nobody"]) {
        let way = visitor.get(page).await;
        assert_eq!(way.status, StatusCode::SEE_OTHER, "{page}");
        let path = page.split('?').next().unwrap();
        let other = app.visitor();
        let form = other.get(way.location()).await.form("/sign-in");
        let form = form.set("username", "olga").set("password", PASSWORD);
        assert_eq!(other.submit(&form).await.location(), path, "{page}");
    }
    expect::page_error(&visitor.get("/admin/nowhere").await, 404);
}

#[tokio::test]
async fn the_way_there_is_shown_to_operators_alone() {
    let (app, olga) = desk().await;
    let bob = app.signed_in("bob", PASSWORD).await;
    assert!(olga.get("/apps").await.has(r#"header a[href="/admin"]"#));
    assert!(!bob.get("/apps").await.has(r#"a[href="/admin"]"#));
    let page = olga.get("/admin").await;
    for path in PAGES.iter().filter(|page| !page.contains("bob") && !page.contains('?')) {
        assert!(page.has(&format!(r#"nav a[href="{path}"]"#)), "{path}");
    }
}

#[tokio::test]
async fn a_form_needs_a_page_of_ours_and_a_fresh_password() {
    let (app, olga) = desk().await;
    for (action, fields) in FORMS {
        let form = filled(&olga, action, fields).await;
        for token in ["", "guess"] {
            expect::page_error(&olga.submit(&form.clone().set("csrf", token)).await, 403);
        }
        let request = olga
            .request(Method::POST, action)
            .header("content-type", crate::harness::api::FORM)
            .header("sec-fetch-site", "cross-site");
        let body = crate::harness::actors::encode(&form.fields);
        expect::page_error(&olga.send(request.body(body)).await, 403);
    }
    app.clock.advance(Duration::from_secs(5 * 60));
    for (action, fields) in FORMS {
        let form = filled(&olga, action, fields).await;
        let answer = olga.submit(&form).await;
        assert!(
            answer.location().starts_with("/account/confirm?admin-"),
            "{action} {answer:?}"
        );
    }
    let rows = app.rows().await;
    assert_eq!(rows.count("host_rules").await + rows.count("invitations").await, 0);
    assert_eq!(rows.count("password_links").await, 0);
    assert_eq!(rows.count("users WHERE disabled_at IS NOT NULL").await, 0);
}

#[tokio::test]
async fn whoever_types_the_password_again_comes_back_to_the_person() {
    let (app, olga) = desk().await;
    app.clock.advance(Duration::from_secs(5 * 60));
    let page = olga.get("/admin/people/bob").await;
    assert!(!page.has(r#"form[action^="/admin"]"#), "{}", page.body);
    let ask = olga.get("/account/confirm?admin-person=bob").await;
    assert!(page.has(r#"a[href="/account/confirm?admin-person=bob"]"#));
    let form = ask.form("/account/confirm").set("password", PASSWORD);
    assert_eq!(olga.submit(&form).await.location(), "/admin/people/bob");
    assert!(olga.get("/admin/people/bob").await.has(r#"button[value="disable"]"#));
}

#[tokio::test]
async fn a_demoted_operator_does_nothing_in_another_tab() {
    let (app, olga) = desk().await;
    let mut forms = Vec::new();
    for (action, fields) in FORMS {
        forms.push(filled(&olga, action, fields).await);
    }
    assert!(app.operators.demote("olga").await.unwrap());
    for form in &forms {
        expect::page_error(&olga.submit(form).await, 404);
    }
    let rows = app.rows().await;
    assert_eq!(rows.count("host_rules").await + rows.count("invitations").await, 0);
}

/// The page asks who reads it before the transaction that acts; this is what happens between the two.
#[tokio::test]
async fn the_transaction_that_acts_asks_again_whether_it_may() {
    use vestibule::operators::{By, OperatorError};
    let (app, _olga) = desk().await;
    let olga = app.operators.person("olga").await.unwrap().unwrap().person.id;
    let by = By::Operator(&olga);
    app.operators.demote("olga").await.unwrap();
    let refused = |error: OperatorError| matches!(error, OperatorError::NotOperator);
    assert!(app.operators.disable("bob", by).await.is_err_and(refused));
    assert!(app.operators.enable("bob", by).await.is_err_and(refused));
    assert!(
        app.operators
            .password_link("bob", Reset::Nothing, by)
            .await
            .is_err_and(refused)
    );
    assert!(app.operators.reset_sign_in("bob", by).await.is_err_and(refused));
    assert!(app.operators.remove_client("x", by).await.is_err_and(refused));
    assert!(app.operators.rule_host("a.example", None, by).await.is_err_and(refused));
    assert!(
        app.operators
            .invite("", Duration::from_hours(1), by)
            .await
            .is_err_and(refused)
    );
    assert!(app.operators.withdraw("x", by).await.is_err_and(refused));
    assert!(!app.operators.disable("olga", By::CommandLine).await.is_err_and(refused));
    app.operators.promote("olga").await.unwrap();
    assert!(app.operators.disable("bob", by).await.is_err_and(refused), "shut out");
}
