//! Another password, through a link that an operator hands on.

use super::*;
use crate::harness::actors::Answer;
use crate::harness::api::{access_token, scene};
use crate::harness::passkey::ISSUER;
use crate::harness::{AuthorizationRequest, Options};

const NEW: &str = "another horse battery";

/// Has a link made for somebody. Gives its path and query.
async fn link(app: &TestApp, olga: &Visitor, name: &str) -> String {
    let page = press(olga, name, "link").await;
    assert_eq!(page.status, StatusCode::OK);
    let link = page.texts("textarea#link").concat();
    link.strip_prefix(&app.issuer).unwrap().to_owned()
}

#[track_caller]
fn leads_to_sign_in(answer: &Answer) {
    assert!(answer.location().starts_with("/sign-in?changed="), "{answer:?}");
}

/// Also when they were signed in, which the new password ends.
#[tokio::test]
async fn the_page_after_it_says_that_the_password_is_changed_and_no_other_link_does() {
    const SAYS: &str = "Your password is changed. Sign in with it now.";
    let (app, olga) = desk().await;
    for visitor in [app.visitor(), app.signed_in("bob", PASSWORD).await] {
        let link = link(&app, &olga, "bob").await;
        let page = visitor.get(&link).await;
        assert!(
            page.text().contains("This signs you out everywhere."),
            "{}",
            page.text()
        );
        let told = visitor
            .submit(&page.form("/password-link").set("password", PASSWORD))
            .await;
        leads_to_sign_in(&told);
        let page = visitor.get(told.location()).await;
        assert!(page.text().contains(SAYS), "{}", page.text());
        let elsewhere = app.visitor().get(told.location()).await;
        assert!(!elsewhere.text().contains(SAYS));
        let form = page.form("/sign-in").set("username", "bob").set("password", PASSWORD);
        assert_eq!(visitor.submit(&form).await.location(), "/");
    }
}

#[tokio::test]
async fn a_link_changes_the_password_once_and_ends_what_the_old_one_let_in() {
    let (app, site, alice) = scene().await;
    let olga = operator(&app, "olga").await;
    let tokens = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let link = link(&app, &olga, "alice").await;
    assert_eq!(alice.get("/apps").await.status, StatusCode::OK, "not before it is used");
    let visitor = app.visitor();
    let page = visitor.get(&link).await;
    assert!(page.text().contains("alice"));
    let form = page.form("/password-link").set("password", NEW);
    leads_to_sign_in(&visitor.submit(&form).await);
    assert_eq!(alice.get("/apps").await.status, StatusCode::SEE_OTHER);
    assert!(!app.holds(access_token(&tokens)).await);
    app.signed_in("alice", NEW).await;
    // Back, and a second click.
    expect::page_error(&visitor.submit(&form).await, 410);
    expect::page_error(&visitor.get(&link).await, 410);
    assert!(
        app.rows()
            .await
            .audit()
            .await
            .ends_with(&["password_link_made".to_owned(), "password_link_used".to_owned()])
    );
}

#[tokio::test]
async fn the_second_step_stays() {
    let app = TestApp::start().await;
    app.owner_with_authenticator("bob").await;
    let olga = operator(&app, "olga").await;
    let link = link(&app, &olga, "bob").await;
    let visitor = app.visitor();
    let form = visitor.get(&link).await.form("/password-link").set("password", NEW);
    leads_to_sign_in(&visitor.submit(&form).await);
    let form = visitor.get("/sign-in").await.form("/sign-in").set("username", "bob");
    assert_eq!(
        visitor.submit(&form.set("password", NEW)).await.location(),
        "/sign-in/code"
    );
}

#[tokio::test]
async fn a_link_lapses_and_a_new_one_ends_the_one_before() {
    let (app, olga) = desk().await;
    let first = link(&app, &olga, "bob").await;
    let second = link(&app, &olga, "bob").await;
    expect::page_error(&app.visitor().get(&first).await, 410);
    assert_eq!(app.visitor().get(&second).await.status, StatusCode::OK);
    app.clock.advance(Duration::from_hours(24));
    expect::page_error(&app.visitor().get(&second).await, 410);
    for token in ["", "?token=", "?token=vpl_guess"] {
        expect::page_error(&app.visitor().get(&format!("/password-link{token}")).await, 410);
    }
}

#[tokio::test]
async fn a_link_ends_with_the_account_and_with_any_change_of_the_password() {
    let (app, olga) = desk().await;
    let shut_out = link(&app, &olga, "bob").await;
    press(&olga, "bob", "disable").await;
    press(&olga, "bob", "enable").await;
    expect::page_error(&app.visitor().get(&shut_out).await, 410);
    let changed = link(&app, &olga, "bob").await;
    app.accounts.set_password("bob", NEW).await.unwrap();
    expect::page_error(&app.visitor().get(&changed).await, 410);
}

#[tokio::test]
async fn bad_passwords_and_other_peoples_forms_leave_the_link_good() {
    let (app, olga) = desk().await;
    let link = link(&app, &olga, "bob").await;
    let visitor = app.visitor();
    let form = visitor.get(&link).await.form("/password-link");
    let long = "a".repeat(129);
    for password in ["", "short", &long] {
        let answer = visitor.submit(&form.clone().set("password", password)).await;
        expect::page_error(&answer, 400);
        assert!(answer.has(r#"form[action="/password-link"]"#));
    }
    let elsewhere = form.clone().set("csrf", "guess").set("password", NEW);
    expect::page_error(&visitor.submit(&elsewhere).await, 400);
    leads_to_sign_in(&visitor.submit(&form.set("password", NEW)).await);
}

#[tokio::test]
async fn only_a_digest_of_the_link_is_kept() {
    let (app, olga) = desk().await;
    let link = link(&app, &olga, "bob").await;
    let token = link.split("token=").nth(1).unwrap();
    let digests = app.rows().await.blobs("password_links", "digest").await;
    assert_eq!(digests.len(), 1);
    assert!(digests.iter().all(|digest| digest.as_slice() != token.as_bytes()));
    for page in PAGES {
        assert!(!olga.get(page).await.body.contains(token), "{page}");
    }
}

/// A stranger who knew the password may have added a passkey, which no password ends.
#[tokio::test]
async fn a_link_can_take_all_other_ways_in_away_as_well() {
    for resets in [false, true] {
        let app = Options::default().issuer(ISSUER).start().await;
        let (bob, _) = app.owner_with_authenticator("bob").await;
        let planted = bob.add_passkey("planted").await;
        let olga = operator(&app, "olga").await;
        let page = olga.get("/admin/people/bob").await;
        assert!(page.has(r#"input[name="also_reset"]"#) && !page.has("input[name=also_reset][checked]"));
        let also: &[_] = match resets {
            true => &[("action", "link"), ("also_reset", "yes")],
            false => &[("action", "link")],
        };
        let answer = olga.submit(&filled(&olga, "/admin/people/bob", also).await).await;
        assert_eq!(answer.status, StatusCode::OK);
        let link = answer.texts("textarea#link").concat();
        let form = app.visitor().get(link.strip_prefix(&app.issuer).unwrap()).await;
        assert_eq!(form.has("#passkeys-stay"), !resets);
        let rows = app.rows().await;
        let left = rows.count("passkeys").await + rows.count("second_factors").await;
        assert_eq!(left, if resets { 0 } else { 2 });
        let is_in = bob.get("/apps").await.status == StatusCode::OK;
        assert_eq!(is_in, !resets);
        let signs_in = app.visitor().sign_in_with(&planted).await.status == StatusCode::OK;
        assert_eq!(signs_in, !resets);
        let reset = rows.audit().await.contains(&"sign_in_reset".to_owned());
        assert_eq!(reset, resets);
    }
}
