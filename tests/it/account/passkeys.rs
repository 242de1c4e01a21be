//! A person's passkeys: made, named, removed.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::harness::Options;
use crate::harness::app::PASSWORD;
use crate::harness::passkey::{ISSUER, PRESENT, Passkey, Script, VERIFIED, encoded};

const PAGE: &str = "/account/passkeys";
const REMOVE: &str = "/account/passkeys/remove";
const RENAME: &str = "/account/passkeys/rename";
const COOKIE: &str = "__Host-vestibule_session";
const FRESH: Duration = Duration::from_secs(5 * 60);

async fn at_a_name() -> (TestApp, Visitor) {
    let app = Options::default().issuer(ISSUER).start().await;
    let alice = app.owner("alice").await;
    (app, alice)
}

async fn adding(visitor: &Visitor) -> Script<'_> {
    visitor.script(PAGE, PAGE).await.with("name", "laptop")
}

async fn names(visitor: &Visitor) -> Vec<String> {
    visitor.get(PAGE).await.texts(".entry h2")
}

/// Fails unless the script was told this word, and nobody has a passkey.
async fn expect_not_added(app: &TestApp, answer: &Answer, word: &str) {
    assert_eq!(answer.status, 400, "{answer:?}");
    assert_eq!(answer.json()["error"], word);
    assert_eq!(app.rows().await.count("passkeys").await, 0);
}

#[tokio::test]
async fn a_passkey_is_added_under_the_name_that_was_given() {
    let (app, alice) = at_a_name().await;
    assert!(alice.get(PAGE).await.texts("h2").contains(&"Add a passkey".to_owned()));
    let (before, thief) = (alice.cookie(COOKIE).unwrap(), app.visitor());
    let mut passkey = Passkey::new();
    let script = adding(&alice).await.with("name", "  My\u{202E}  \"laptop\" ");
    let made = passkey.made_for(&script.options().await);
    let answer = script.finish(&made).await;
    let page = alice.get(answer.json()["location"].as_str().unwrap()).await;
    assert_eq!(page.texts(".entry h2"), ["My laptop"]);
    assert_eq!(
        page.texts(".done"),
        ["The passkey is added. You can sign in with it from now on."]
    );
    assert!(
        page.text().contains("Added on 22 November 2026 Last used Not yet"),
        "{}",
        page.text()
    );
    thief.set_cookie(COOKIE, &before);
    assert!(!is_signed_in(&thief).await, "the session has another key");
    assert_eq!(app.rows().await.audit().await, ["passkey_added"]);
    assert!(
        alice
            .get("/account/activity")
            .await
            .text()
            .contains("You added a passkey: My laptop")
    );
    app.visitor().sign_in_with(&passkey).await;
    assert!(alice.get(PAGE).await.text().contains("Last used 22 November 2026"));
}

#[tokio::test]
async fn nobody_is_told_of_a_change_by_a_link() {
    let (_app, alice) = at_a_name().await;
    for link in ["?changed=added", "?changed=added&seal=x", "?changed=removed"] {
        assert!(!alice.get(&format!("{PAGE}{link}")).await.has(".done"), "{link}");
    }
}

#[tokio::test]
async fn a_new_one_can_be_found_without_a_name_and_is_none_of_the_known() {
    let (_app, alice) = at_a_name().await;
    let first = alice.add_passkey("first").await;
    let options = adding(&alice).await.options().await;
    let selection = &options["authenticatorSelection"];
    assert_eq!(selection["residentKey"], "required");
    assert_eq!(selection["requireResidentKey"], true);
    assert_eq!(selection["userVerification"], "required");
    assert_eq!(options["attestation"], "none");
    assert_eq!(options["rp"]["id"], "id.example");
    assert_eq!(options["user"]["name"], "alice");
    assert_eq!(
        options["excludeCredentials"],
        json!([{ "type": "public-key", "id": encoded(&first.id) }])
    );
    assert_eq!(options["user"]["id"], encoded(first.user_handle.as_deref().unwrap()));
}

#[tokio::test]
async fn what_was_made_for_another_place_is_not_added() {
    let (app, alice) = at_a_name().await;
    let script = adding(&alice).await;
    for origin in [
        "https://badexample.com",
        "https://badid.example",
        "http://id.example",
        "https://id.example:8443",
        "https://sub.id.example",
    ] {
        let mut passkey = Passkey {
            origin: origin.to_owned(),
            ..Passkey::new()
        };
        let made = passkey.made_for(&script.options().await);
        expect_not_added(&app, &script.finish(&made).await, "refused").await;
    }
    for flags in [0, PRESENT, VERIFIED] {
        let mut passkey = Passkey {
            flags,
            ..Passkey::new()
        };
        let made = passkey.made_for(&script.options().await);
        expect_not_added(&app, &script.finish(&made).await, "refused").await;
    }
}

#[tokio::test]
async fn a_question_for_a_new_one_is_good_once_and_for_its_person() {
    let (app, alice) = at_a_name().await;
    let script = adding(&alice).await;
    let options = script.options().await;
    let wrong = Passkey {
        flags: PRESENT,
        ..Passkey::new()
    }
    .made_for(&options);
    let right = Passkey::new().made_for(&options);
    expect_not_added(&app, &script.finish(&wrong).await, "refused").await;
    expect_not_added(&app, &script.finish(&right).await, "refused").await;

    let options = script.options().await;
    let bob = app.owner("bob").await;
    bob.set_cookie(
        "__Host-vestibule_ceremony",
        &alice.cookie("__Host-vestibule_ceremony").unwrap(),
    );
    let bobs = adding(&bob).await;
    expect_not_added(&app, &bobs.finish(&Passkey::new().made_for(&options)).await, "refused").await;
}

#[tokio::test]
async fn a_passkey_has_one_owner() {
    let (app, alice) = at_a_name().await;
    let passkey = alice.add_passkey("laptop").await;
    let bob = app.owner("bob").await;
    for visitor in [&alice, &bob] {
        let script = adding(visitor).await;
        let made = passkey.clone().made_for(&script.options().await);
        let answer = script.finish(&made).await;
        assert_eq!(answer.json()["error"], "refused");
    }
    assert!(names(&bob).await.is_empty());
    let phone = app.visitor();
    phone.sign_in_with(&passkey).await;
    assert!(phone.get("/account").await.text().contains("@alice"));
}

#[tokio::test]
async fn a_person_has_at_most_twenty() {
    let (_app, alice) = at_a_name().await;
    let script = adding(&alice).await;
    let late = script.options().await;
    let key = alice.cookie("__Host-vestibule_ceremony").unwrap();
    for number in 0..20 {
        alice.set_cookie("__Host-vestibule_ceremony", "another window");
        alice.add_passkey(&number.to_string()).await;
    }
    let page = alice.get(PAGE).await;
    assert!(!page.has("[data-passkey]"));
    assert!(page.texts(".notice")[0].contains("Remove one"));
    let token = page.form(REMOVE).get("csrf").to_owned();
    let script = script.with("csrf", &token);
    let refused = script.begin().await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["error"]),
        (409, &json!("full"))
    );
    alice.set_cookie("__Host-vestibule_ceremony", &key);
    let refused = script.finish(&Passkey::new().made_for(&late)).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["error"]),
        (409, &json!("full"))
    );
    assert_eq!(names(&alice).await.len(), 20);
}

#[tokio::test]
async fn a_browser_that_was_left_open_adds_and_removes_none() {
    let (app, alice) = at_a_name().await;
    alice.add_passkey("laptop").await;
    let script = adding(&alice).await;
    let options = script.options().await;
    let form = alice.get(PAGE).await.form(REMOVE);
    app.clock.advance(FRESH);
    for answer in [
        script.begin().await,
        script.finish(&Passkey::new().made_for(&options)).await,
    ] {
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(answer.json()["location"], "/account/confirm?passkeys");
    }
    assert_eq!(alice.submit(&form).await.location(), "/account/confirm?passkeys");
    assert_eq!(names(&alice).await, ["laptop"]);
}

#[tokio::test]
async fn who_is_not_signed_in_adds_none() {
    let (app, _alice) = at_a_name().await;
    let visitor = app.visitor();
    for path in ["begin", "finish"] {
        let answer = visitor.post_json(&format!("{PAGE}/{path}"), &json!({})).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(answer.json()["location"], "/sign-in?passkeys");
    }
}

#[tokio::test]
async fn a_removed_passkey_signs_in_no_more_and_the_password_does() {
    let (app, alice) = at_a_name().await;
    let passkey = alice.add_passkey("laptop").await;
    let before = alice.cookie(COOKIE).unwrap();
    let answer = alice.submit(&alice.get(PAGE).await.form(REMOVE)).await;
    let page = alice.get(answer.location()).await;
    assert_eq!(page.texts(".done").len(), 1, "{}", page.body);
    assert!(page.texts(".entry").is_empty());
    assert_ne!(alice.cookie(COOKIE).unwrap(), before);
    let thief = app.visitor();
    thief.set_cookie(COOKIE, &before);
    assert!(!is_signed_in(&thief).await);
    assert_eq!(app.rows().await.audit().await.last().unwrap(), "passkey_removed");
    assert!(
        alice
            .get("/account/activity")
            .await
            .text()
            .contains("You removed a passkey: laptop")
    );
    let phone = app.visitor();
    assert_eq!(phone.sign_in_with(&passkey).await.json()["error"], "refused");
    assert!(!is_signed_in(&phone).await);
    assert_eq!(app.visitor().type_password("/sign-in", "alice").await.location(), "/");
}

#[tokio::test]
async fn a_second_click_removes_nothing_more() {
    let (app, alice) = at_a_name().await;
    alice.add_passkey("one").await;
    alice.add_passkey("two").await;
    let form = alice.get(PAGE).await.form(REMOVE);
    alice.submit(&form).await;
    let again = form.set("csrf", alice.get(PAGE).await.form(REMOVE).get("csrf"));
    assert_eq!(alice.submit(&again).await.location(), PAGE);
    assert_eq!(names(&alice).await.len(), 1);
    let removed = app.rows().await.audit().await;
    assert_eq!(removed.iter().filter(|kind| *kind == "passkey_removed").count(), 1);
}

#[tokio::test]
async fn a_passkey_gets_another_name() {
    let (app, alice) = at_a_name().await;
    alice.add_passkey("laptop").await;
    app.clock.advance(FRESH);
    let form = alice.get(PAGE).await.form(RENAME);
    assert_eq!(form.get("name"), "laptop");
    let answer = alice.submit(&form.clone().set("name", "old laptop")).await;
    assert!(alice.get(answer.location()).await.has(".done"));
    assert_eq!(names(&alice).await, ["old laptop"]);
    for nothing in ["", "  ", "\u{200B}"] {
        let refused = alice.submit(&form.clone().set("name", nothing)).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert_eq!(
            refused.texts(".problem[role=alert]")[0],
            "A passkey needs a name. Nothing has been changed."
        );
    }
    assert_eq!(names(&alice).await, ["old laptop"]);
}

#[tokio::test]
async fn nobody_changes_another_persons_passkey() {
    let (app, alice) = at_a_name().await;
    let passkey = alice.add_passkey("laptop").await;
    let bob = app.owner("bob").await;
    bob.add_passkey("phone").await;
    let page = alice.get(PAGE).await;
    let token = bob.get(PAGE).await.form(REMOVE).get("csrf").to_owned();
    for action in [REMOVE, RENAME] {
        let form = page.form(action).set("csrf", &token).set("name", "bob's now");
        assert_eq!(bob.submit(&form).await.location(), PAGE, "{action}");
    }
    assert_eq!(names(&alice).await, ["laptop"]);
    assert_eq!(app.visitor().sign_in_with(&passkey).await.status, 200);
}

#[tokio::test]
async fn every_form_and_every_call_needs_a_page_of_ours() {
    let (_app, alice) = at_a_name().await;
    alice.add_passkey("laptop").await;
    for action in [REMOVE, RENAME] {
        expect_needs_a_page_of_ours(&alice, &alice.get(PAGE).await.form(action), 403).await;
    }
    let script = adding(&alice).await;
    let made = Passkey::new().made_for(&script.options().await);
    let guess = adding(&alice).await.with("csrf", "guess");
    for told in [guess.begin().await, guess.finish(&made).await] {
        assert_eq!(told.json()["error"], "expired");
    }
    assert_eq!(names(&alice).await, ["laptop"]);
    assert_eq!(
        script.finish(&made).await.status,
        200,
        "nothing of this spent the question"
    );
}

#[tokio::test]
async fn a_passkey_that_cannot_be_written_down_is_not_half_there() {
    let (app, alice) = at_a_name().await;
    let script = adding(&alice).await;
    let made = Passkey::new().made_for(&script.options().await);
    let rows = app.rows().await;
    rows.refuse("INSERT", "audit_events").await;
    let answer = script.finish(&made).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    rows.relent("audit_events").await;
    assert_eq!(rows.count("passkeys").await, 0);
    assert!(is_signed_in(&alice).await);
}

#[tokio::test]
async fn the_operator_leaves_a_person_their_password_alone() {
    let app = Options::default().issuer(ISSUER).start().await;
    let (alice, _) = app.owner_with_authenticator("alice").await;
    let passkey = alice.add_passkey("laptop").await;
    let bob = app.owner("bob").await;
    let bobs = bob.add_passkey("phone").await;
    let by = vestibule::operators::By::CommandLine;
    let waiting = app.visitor().form_for_code("alice").await;
    assert_ne!(waiting.get("csrf"), "");
    assert!(app.operators.reset_sign_in("Alice", by).await.unwrap());
    assert!(
        !app.operators.reset_sign_in("alice", by).await.unwrap(),
        "nothing is left"
    );
    assert!(app.operators.reset_sign_in("nobody", by).await.is_err());
    assert!(
        !is_signed_in(&alice).await,
        "nor is anybody in who came with what is gone"
    );
    assert!(is_signed_in(&bob).await);
    assert_eq!(app.rows().await.count("pending_sign_ins").await, 0);
    let rows = app.rows().await;
    assert_eq!(rows.count("passkeys").await, 1);
    for table in ["second_factors", "recovery_codes"] {
        assert_eq!(rows.count(table).await, 0, "{table}");
    }
    let events = rows.audit().await;
    assert_eq!(events.iter().filter(|kind| *kind == "sign_in_reset").count(), 1);
    assert_eq!(app.visitor().sign_in_with(&passkey).await.json()["error"], "refused");
    assert_eq!(app.visitor().sign_in_with(&bobs).await.status, 200);
    assert!(
        app.signed_in("alice", PASSWORD)
            .await
            .get(PAGE)
            .await
            .texts(".entry")
            .is_empty()
    );
}

#[tokio::test]
async fn at_a_mere_number_the_page_says_that_there_are_none() {
    let (_app, alice) = signed_in().await;
    let page = alice.get(PAGE).await;
    assert!(!page.has("[data-passkey]"));
    assert!(page.texts(".notice")[0].contains("localhost"));
}
