//! A passkey in place of the password, before a change of how a person signs in.

use std::time::Duration;

use super::*;
use crate::harness::Options;
use crate::harness::passkey::{ISSUER, PRESENT, Passkey, Script, encoded};

const COOKIE: &str = "__Host-vestibule_session";
const FRESH: Duration = Duration::from_secs(5 * 60);

/// A person with a passkey, whose sign-in is not fresh any more.
async fn left_open() -> (TestApp, Visitor, Passkey) {
    let app = Options::default().issuer(ISSUER).start().await;
    let (alice, _) = app.owner_with_authenticator("alice").await;
    let passkey = alice.add_passkey("laptop").await;
    app.clock.advance(FRESH);
    assert!(!is_fresh(&alice).await);
    (app, alice, passkey)
}

async fn is_fresh(visitor: &Visitor) -> bool {
    let script = visitor.script("/account/passkeys", "/account/passkeys").await;
    script.begin().await.status == StatusCode::OK
}

async fn confirming<'a>(visitor: &'a Visitor, goal: &str) -> Script<'a> {
    let page = format!("/account/confirm?{goal}");
    visitor.script(&page, "/account/confirm/passkey").await
}

#[tokio::test]
async fn a_passkey_confirms_and_the_session_has_another_key() {
    let (app, alice, passkey) = left_open().await;
    let (before, thief) = (alice.cookie(COOKIE).unwrap(), app.visitor());
    let script = confirming(&alice, "passkeys").await;
    let options = script.options().await;
    assert_eq!(options["userVerification"], "required");
    let allowed = options["allowCredentials"].as_array().unwrap();
    assert_eq!(allowed.len(), 1);
    assert_eq!(allowed[0]["id"], encoded(&passkey.id));
    let answer = script.finish(&passkey.answer_to(&options)).await;
    assert_eq!(answer.json()["location"], "/account/passkeys", "{answer:?}");
    assert!(is_fresh(&alice).await);
    thief.set_cookie(COOKIE, &before);
    assert!(!is_signed_in(&thief).await);
}

#[tokio::test]
async fn what_does_not_prove_its_person_confirms_nothing() {
    let (app, alice, passkey) = left_open().await;
    let bob = app.owner("bob").await;
    let bobs = bob.add_passkey("phone").await;
    let script = confirming(&alice, "passkeys").await;
    let unverified = Passkey {
        flags: PRESENT,
        ..passkey.clone()
    };
    let elsewhere = Passkey {
        origin: "https://badexample.com".to_owned(),
        ..passkey.clone()
    };
    for wrong in [&bobs, &unverified, &elsewhere] {
        let answer = script.finish(&wrong.answer_to(&script.options().await)).await;
        assert_eq!(answer.json()["error"], "refused");
    }
    // The answer to another question.
    let mut sign_in = confirming(&alice, "passkeys").await;
    sign_in.path = "/sign-in/passkey".to_owned();
    let answer = script.finish(&passkey.answer_to(&sign_in.options().await)).await;
    assert_eq!(answer.json()["error"], "refused");
    // The answer to somebody else's question.
    let of_bob = confirming(&bob, "passkeys").await;
    let options = of_bob.options().await;
    let cookie = "__Host-vestibule_ceremony";
    alice.set_cookie(cookie, &bob.cookie(cookie).unwrap());
    let answer = script.finish(&passkey.answer_to(&options)).await;
    assert_eq!(answer.json()["error"], "refused");
    assert!(!is_fresh(&alice).await);
}

#[tokio::test]
async fn a_confirmation_leads_to_no_address_from_outside() {
    let (_app, alice, passkey) = left_open().await;
    for goal in ["", "//evil.net", "https://evil.net", "client_id=x", "/apps"] {
        let script = confirming(&alice, "").await.with("continue", goal);
        let options = script.options().await;
        let answer = script.finish(&passkey.answer_to(&options)).await;
        assert_eq!(answer.json()["location"], "/account", "{goal}");
    }
}

#[tokio::test]
async fn who_has_no_passkey_is_not_asked_for_one() {
    let app = Options::default().issuer(ISSUER).start().await;
    let alice = app.owner("alice").await;
    let page = alice.get("/account/confirm?passkeys").await;
    assert!(!page.has("[data-passkey]") && !page.has("script"));
    assert!(!page.header("content-security-policy").contains("script-src"));
    let message = serde_json::json!({ "csrf": page.form("/account/confirm").get("csrf") });
    let answer = alice.post_json("/account/confirm/passkey/begin", &message).await;
    assert_eq!(answer.json()["error"], "refused");
}

#[tokio::test]
async fn who_is_signed_out_meanwhile_signs_in_first() {
    let (app, alice, passkey) = left_open().await;
    let script = confirming(&alice, "passkeys").await;
    let answer = passkey.answer_to(&script.options().await);
    let visitor = app.visitor();
    let token = visitor.get("/sign-in").await.form("/sign-in").get("csrf").to_owned();
    let gone = Script {
        visitor: &visitor,
        path: script.path.clone(),
        message: serde_json::json!({ "csrf": token, "continue": "passkeys" }),
    };
    for told in [gone.begin().await, gone.finish(&answer).await] {
        assert_eq!(told.status, StatusCode::FORBIDDEN);
        assert_eq!(told.json()["location"], "/sign-in?passkeys");
    }
}
