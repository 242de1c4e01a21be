//! What a person sees and changes of their own account.

use reqwest::{Method, StatusCode};

use crate::harness::actors::{Answer, Form, encode};
use crate::harness::api::FORM;
use crate::harness::{TestApp, Visitor, expect};

mod activity;
mod addresses;
mod code;
mod confirm;
mod email;
mod lock;
mod on_the_way;
mod passkey_confirms;
mod passkey_step;
mod passkeys;
mod password;
mod profile;
mod recovery;
mod second_step;
mod sessions;

/// A server and a person who is signed in.
async fn signed_in() -> (TestApp, Visitor) {
    let app = TestApp::start().await;
    let alice = app.owner("alice").await;
    (app, alice)
}

async fn is_signed_in(visitor: &Visitor) -> bool {
    visitor.get("/apps").await.status == StatusCode::OK
}

/// Sends a form as another site could make a browser do.
async fn submit_from_elsewhere(visitor: &Visitor, form: &Form) -> Answer {
    let request = visitor
        .request(Method::POST, &form.action)
        .header("content-type", FORM)
        .header("sec-fetch-site", "cross-site");
    visitor.send(request.body(encode(&form.fields))).await
}

/// Fails unless a form works only with the token of this browser, sent by a page of ours.
async fn expect_needs_a_page_of_ours(visitor: &Visitor, form: &Form, status: u16) {
    for token in ["", "guess"] {
        expect::page_error(&visitor.submit(&form.clone().set("csrf", token)).await, status);
    }
    expect::page_error(&submit_from_elsewhere(visitor, form).await, status);
}

#[tokio::test]
async fn the_account_page_is_one_click_away_and_leads_to_what_there_is() {
    let (_app, alice) = signed_in().await;
    for page in ["/", "/apps"] {
        assert!(alice.get(page).await.has(r#"header a[href="/account"]"#), "{page}");
    }
    assert!(alice.get("/").await.has(r#"main a[href="/account"]"#));
    let account = alice.get("/account").await;
    for page in [
        "/account/profile",
        "/account/sessions",
        "/account/passkeys",
        "/account/addresses",
        "/account/password",
        "/account/second-step",
        "/account/activity",
        "/apps",
    ] {
        assert!(account.has(&format!(r#"main a[href="{page}"]"#)), "{page}");
        assert_eq!(alice.get(page).await.status, StatusCode::OK, "{page}");
    }
}

#[tokio::test]
async fn who_is_not_signed_in_comes_back_to_the_page_after_signing_in() {
    let (app, _alice) = signed_in().await;
    for page in [
        "/account",
        "/account/profile",
        "/account/sessions",
        "/account/passkeys",
        "/account/addresses",
        "/account/password",
        "/account/second-step",
        "/account/activity",
    ] {
        let visitor = app.visitor();
        let answer = visitor.get(page).await;
        let form = visitor.get(answer.location()).await.form("/sign-in");
        let form = form
            .set("username", "alice")
            .set("password", crate::harness::app::PASSWORD);
        assert_eq!(visitor.submit(&form).await.location(), page);
    }
}

#[tokio::test]
async fn a_new_person_reads_what_there_is_to_do_next() {
    let (_app, alice) = signed_in().await;
    let page = alice.get("/").await;
    for path in ["/account/profile", "/account/passkeys", "/account/second-step"] {
        assert!(page.has(&format!(r#"main p a[href="{path}"]"#)), "{path}");
    }
    let form = alice.get("/account/profile").await.form("/account/profile");
    alice.upload(&form.set("name", "Alice"), "image/png", b"").await;
    assert!(!alice.get("/").await.has(r#"main p a[href="/account/profile"]"#));
}
