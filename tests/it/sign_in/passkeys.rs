//! Signing in with a passkey: at once and without a name, or in place of a code. LG-08 of the attack cases: answers that
//! were made for another place, another question or another browser.

use std::time::Duration;

use futures_util::future::join_all;

use super::*;
use crate::harness::authenticator::CODE;
use crate::harness::passkey::{CAN_BE_COPIED, IS_COPIED, ISSUER, PRESENT, Passkey, VERIFIED};

const PATH: &str = "/sign-in/passkey";
const STEP: &str = "/sign-in/code/passkey";
const SESSION: &str = "__Host-vestibule_session";
const CEREMONY: &str = "__Host-vestibule_ceremony";

async fn app() -> TestApp {
    Options::default().issuer(ISSUER).start().await
}

/// A server, a person with a passkey, and the passkey.
async fn scene() -> (TestApp, Visitor, Passkey) {
    let app = app().await;
    let alice = app.owner("alice").await;
    let passkey = alice.add_passkey("laptop").await;
    (app, alice, passkey)
}

async fn is_signed_in(visitor: &Visitor) -> bool {
    visitor.get("/apps").await.status == StatusCode::OK
}

/// Fails unless the script was told this word, and nobody is signed in.
async fn expect_refused(answer: &Answer, visitor: &Visitor, word: &str) {
    assert_eq!(answer.status, 400, "{answer:?}");
    assert_eq!(answer.json()["error"], word, "{answer:?}");
    assert!(!is_signed_in(visitor).await);
}

#[tokio::test]
async fn a_passkey_signs_in_without_a_name() {
    let (app, _alice, passkey) = scene().await;
    let phone = app.visitor();
    let answer = phone.sign_in_with(&passkey).await;
    assert_eq!(answer.json()["location"], "/", "{answer:?}");
    assert!(phone.get("/account").await.text().contains("https://id.example/@alice"));
    assert!(phone.cookie(CEREMONY).is_none());
    assert_eq!(app.rows().await.count("ceremonies").await, 0);
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
    let session = cookies
        .iter()
        .find(|cookie| cookie.to_str().unwrap().starts_with(SESSION));
    let session = session.unwrap().to_str().unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(session.contains(part), "{session}");
    }
}

#[tokio::test]
async fn the_question_names_nobody_and_wants_the_person_verified() {
    let (app, _alice, _passkey) = scene().await;
    let options = app.visitor().script("/sign-in", PATH).await.options().await;
    assert_eq!(options["rpId"], "id.example");
    assert_eq!(options["userVerification"], "required");
    assert_eq!(options["allowCredentials"], serde_json::json!([]));
}

#[tokio::test]
async fn whoever_signs_in_on_the_way_arrives_and_nobody_is_led_elsewhere() {
    let (app, _alice, passkey) = scene().await;
    for (carried, way) in [
        ("apps", "/apps"),
        ("//evil.example", "/oauth/authorize?//evil.example"),
        ("https://evil.example", "/oauth/authorize?https://evil.example"),
        ("a\r\nb", "/"),
    ] {
        let phone = app.visitor();
        let script = phone.script("/sign-in", PATH).await.with("continue", carried);
        let options = script.options().await;
        let answer = script.finish(&passkey.answer_to(&options)).await;
        assert_eq!(answer.json()["location"], way, "{carried}");
    }
    let phone = app.visitor();
    let script = phone.script("/sign-in?sessions", PATH).await;
    let options = script.options().await;
    let answer = script.finish(&passkey.answer_to(&options)).await;
    assert_eq!(answer.json()["location"], "/account/sessions");
}

#[tokio::test]
async fn no_code_is_asked_for_after_a_passkey() {
    let app = app().await;
    let (alice, _) = app.owner_with_authenticator("alice").await;
    let passkey = alice.add_passkey("laptop").await;
    let phone = app.visitor();
    phone.sign_in_with(&passkey).await;
    assert!(is_signed_in(&phone).await);
}

#[tokio::test]
async fn an_answer_for_another_place_is_refused() {
    let (app, _alice, passkey) = scene().await;
    for origin in [
        "https://badexample.com",
        "https://badid.example",
        "http://id.example",
        "https://id.example:8443",
        "https://sub.id.example",
        "https://id.example.evil.net",
        "https://example",
        "null",
    ] {
        let phone = app.visitor();
        let made_there = Passkey {
            origin: origin.to_owned(),
            ..passkey.clone()
        };
        expect_refused(&phone.sign_in_with(&made_there).await, &phone, "refused").await;
    }
    let made_there = Passkey {
        rp_id: "badexample.com".to_owned(),
        ..passkey.clone()
    };
    let phone = app.visitor();
    expect_refused(&phone.sign_in_with(&made_there).await, &phone, "refused").await;
    phone.sign_in_with(&passkey).await;
    assert!(is_signed_in(&phone).await);
}

#[tokio::test]
async fn a_passkey_that_does_not_verify_its_person_is_refused() {
    let (app, _alice, passkey) = scene().await;
    for flags in [0, PRESENT, VERIFIED] {
        let phone = app.visitor();
        let lax = Passkey {
            flags,
            ..passkey.clone()
        };
        expect_refused(&phone.sign_in_with(&lax).await, &phone, "refused").await;
    }
}

#[tokio::test]
async fn an_answer_must_be_signed_by_the_passkey_and_say_whose_it_is() {
    let (app, alice, passkey) = scene().await;
    let bob = app.owner("bob").await;
    let bobs = bob.add_passkey("phone").await;
    let other = Passkey::new();
    for wrong in [
        Passkey {
            id: passkey.id.clone(),
            user_handle: passkey.user_handle.clone(),
            ..other.clone()
        },
        Passkey {
            user_handle: None,
            ..passkey.clone()
        },
        Passkey {
            user_handle: bobs.user_handle.clone(),
            ..passkey.clone()
        },
        Passkey {
            user_handle: Some(Vec::new()),
            ..passkey.clone()
        },
        Passkey {
            id: bobs.id.clone(),
            ..passkey.clone()
        },
        other,
    ] {
        let phone = app.visitor();
        expect_refused(&phone.sign_in_with(&wrong).await, &phone, "refused").await;
    }
    assert!(is_signed_in(&alice).await);
}

#[tokio::test]
async fn what_is_no_answer_is_refused() {
    let (app, _alice, passkey) = scene().await;
    for nonsense in [
        "null",
        "{}",
        "[]",
        "\"x\"",
        r#"{"id":"a","rawId":"a","type":"x","response":{}}"#,
    ] {
        let phone = app.visitor();
        let script = phone.script("/sign-in", PATH).await;
        script.options().await;
        let answer = script.finish(&serde_json::from_str(nonsense).unwrap()).await;
        expect_refused(&answer, &phone, "refused").await;
    }
    let phone = app.visitor();
    let script = phone.script("/sign-in", PATH).await;
    let mut answer = passkey.answer_to(&script.options().await);
    answer["response"]["signature"] = "AAAA".into();
    expect_refused(&script.finish(&answer).await, &phone, "refused").await;
}

#[tokio::test]
async fn an_answer_is_good_once() {
    let (app, _alice, passkey) = scene().await;
    let phone = app.visitor();
    let script = phone.script("/sign-in", PATH).await;
    let answer = passkey.answer_to(&script.options().await);
    let ceremony = phone.cookie(CEREMONY).unwrap();
    assert_eq!(script.finish(&answer).await.status, 200);

    let thief = app.visitor();
    let script = thief.script("/sign-in", PATH).await;
    expect_refused(&script.finish(&answer).await, &thief, "expired").await;
    thief.set_cookie(CEREMONY, &ceremony);
    expect_refused(&script.finish(&answer).await, &thief, "refused").await;
    script.options().await;
    expect_refused(&script.finish(&answer).await, &thief, "refused").await;
}

#[tokio::test]
async fn many_at_once_are_one() {
    let (app, _alice, passkey) = scene().await;
    let phone = app.visitor();
    let script = phone.script("/sign-in", PATH).await;
    let answer = passkey.answer_to(&script.options().await);
    let before = app.rows().await.count("sessions").await;
    let told = join_all((0..20).map(|_| script.finish(&answer))).await;
    assert_eq!(told.iter().filter(|told| told.status == 200).count(), 1);
    assert_eq!(app.rows().await.count("sessions").await, before + 1);
}

#[tokio::test]
async fn a_wrong_answer_spends_the_question() {
    let (app, _alice, passkey) = scene().await;
    let phone = app.visitor();
    let script = phone.script("/sign-in", PATH).await;
    let options = script.options().await;
    let wrong = Passkey {
        flags: PRESENT,
        ..passkey.clone()
    };
    expect_refused(&script.finish(&wrong.answer_to(&options)).await, &phone, "refused").await;
    assert!(phone.cookie(CEREMONY).is_some());
    expect_refused(&script.finish(&passkey.answer_to(&options)).await, &phone, "refused").await;
    assert_eq!(phone.sign_in_with(&passkey).await.status, 200);
}

#[tokio::test]
async fn a_question_is_for_the_browser_that_was_asked() {
    let (app, _alice, passkey) = scene().await;
    let (mine, theirs) = (app.visitor(), app.visitor());
    let asked = mine.script("/sign-in", PATH).await;
    let answer = passkey.answer_to(&asked.options().await);
    let other = theirs.script("/sign-in", PATH).await;
    expect_refused(&other.finish(&answer).await, &theirs, "expired").await;
    other.options().await;
    expect_refused(&other.finish(&answer).await, &theirs, "refused").await;
    assert_eq!(asked.finish(&answer).await.status, 200);
}

#[tokio::test]
async fn a_browser_is_asked_one_question_at_a_time() {
    let (app, _alice, passkey) = scene().await;
    let phone = app.visitor();
    let script = phone.script("/sign-in", PATH).await;
    let first = script.options().await;
    let ceremony = phone.cookie(CEREMONY).unwrap();
    script.options().await;
    assert_eq!(app.rows().await.count("ceremonies").await, 1);
    phone.set_cookie(CEREMONY, &ceremony);
    expect_refused(&script.finish(&passkey.answer_to(&first)).await, &phone, "refused").await;
}

#[tokio::test]
async fn a_question_waits_five_minutes() {
    let (app, _alice, passkey) = scene().await;
    for (seconds, status) in [(5 * 60, 400), (5 * 60 - 1, 200)] {
        let phone = app.visitor();
        let script = phone.script("/sign-in", PATH).await;
        let options = script.options().await;
        app.clock.advance(Duration::from_secs(seconds));
        let answer = script.finish(&passkey.answer_to(&options)).await;
        assert_eq!(answer.status, status, "{seconds}: {answer:?}");
    }
}

#[tokio::test]
async fn an_answer_to_one_kind_of_question_is_none_to_another() {
    let app = app().await;
    let (alice, _) = app.owner_with_authenticator("alice").await;
    let passkey = alice.add_passkey("laptop").await;
    let waiting = app.visitor();
    waiting.form_for_code("alice").await;
    let script = waiting.script(CODE, STEP).await;
    let answer = passkey.answer_to(&script.options().await);
    let elsewhere = waiting.script("/sign-in", PATH).await;
    expect_refused(&elsewhere.finish(&answer).await, &waiting, "refused").await;
    let answer = passkey.answer_to(&elsewhere.options().await);
    expect_refused(&script.finish(&answer).await, &waiting, "refused").await;
    // Put to the same person, for another purpose.
    let confirming = alice.script("/account/confirm", "/account/confirm/passkey").await;
    let answer = passkey.answer_to(&confirming.options().await);
    waiting.set_cookie(CEREMONY, &alice.cookie(CEREMONY).unwrap());
    expect_refused(&script.finish(&answer).await, &waiting, "refused").await;
}

#[tokio::test]
async fn a_counter_that_goes_back_means_a_copy() {
    let (app, _alice, mut passkey) = scene().await;
    for (counter, status) in [(0, 200), (0, 200), (5, 200), (5, 400), (4, 400), (0, 400), (6, 200)] {
        passkey.counter = counter;
        let answer = app.visitor().sign_in_with(&passkey).await;
        assert_eq!(answer.status, status, "{counter}: {answer:?}");
    }
}

#[tokio::test]
async fn a_passkey_that_is_copied_between_devices_signs_in() {
    let app = app().await;
    let alice = app.owner("alice").await;
    let script = alice.script("/account/passkeys", "/account/passkeys").await;
    let mut passkey = Passkey {
        flags: PRESENT | VERIFIED | CAN_BE_COPIED,
        ..Passkey::new()
    };
    let options = script.options().await;
    let made = passkey.made_for(&options);
    assert_eq!(script.finish(&made).await.status, 200);
    for flags in [
        PRESENT | VERIFIED | CAN_BE_COPIED | IS_COPIED,
        PRESENT | VERIFIED | CAN_BE_COPIED,
    ] {
        passkey.flags = flags;
        assert_eq!(app.visitor().sign_in_with(&passkey).await.status, 200);
    }
}

#[tokio::test]
async fn the_session_has_a_new_key_and_the_old_one_ends() {
    let (app, alice, passkey) = scene().await;
    let before = alice.cookie(SESSION).unwrap();
    let mut script = alice.script("/account/passkeys", "/account/passkeys").await;
    script.path = PATH.to_owned();
    let options = script.options().await;
    assert_eq!(script.finish(&passkey.answer_to(&options)).await.status, 200);
    assert!(is_signed_in(&alice).await);
    let thief = app.visitor();
    thief.set_cookie(SESSION, &before);
    assert!(!is_signed_in(&thief).await);
}

#[tokio::test]
async fn only_a_page_of_ours_asks_and_answers() {
    let (app, _alice, passkey) = scene().await;
    let phone = app.visitor();
    let script = phone.script("/sign-in", PATH).await;
    let answer = passkey.answer_to(&script.options().await);
    let guess = phone.script("/sign-in", PATH).await.with("csrf", "guess");
    for told in [guess.begin().await, guess.finish(&answer).await] {
        expect_refused(&told, &phone, "expired").await;
    }
    for path in ["begin", "finish"] {
        for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
            let request = phone
                .request(Method::POST, &format!("{PATH}/{path}"))
                .header(name, value);
            let told = phone.send(request.body(script.message.to_string())).await;
            expect_refused(&told, &phone, "expired").await;
        }
    }
    for body in ["", "x", "[]", "{\"csrf\":1}"] {
        let request = phone.request(Method::POST, &format!("{PATH}/begin")).body(body);
        expect_refused(&phone.send(request).await, &phone, "expired").await;
    }
    assert_eq!(
        script.finish(&answer).await.status,
        200,
        "nothing of this spent the question"
    );
}

#[tokio::test]
async fn questions_are_counted_and_answers_are_not() {
    let app = Options::default()
        .issuer(ISSUER)
        .set("VESTIBULE_LIMITS__SIGN_IN", "3")
        .start()
        .await;
    let alice = app.owner("alice").await;
    let passkey = alice.add_passkey("laptop").await;
    let phone = app.visitor();
    for _ in 0..2 {
        assert_eq!(phone.sign_in_with(&passkey).await.status, 200);
        let key = phone.cookie(SESSION).unwrap();
        phone.set_cookie(SESSION, "");
        assert!(!key.is_empty());
    }
    let refused = phone.script("/sign-in", PATH).await.begin().await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.json()["error"], "too_many");
    assert_ne!(refused.header("retry-after"), "");
}

#[tokio::test]
async fn the_pages_run_one_script_of_ours_and_say_what_there_is_without() {
    let app = app().await;
    let page = app.visitor().get("/sign-in").await;
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    assert!(policy.ends_with("script-src 'self'; connect-src 'self'"), "{policy}");
    assert!(!policy.contains("form-action"), "{policy}");
    assert!(page.has("[data-passkey] .actions[hidden] button"));
    assert!(page.texts("[data-without]")[0].contains("need scripts"));
    let script = page.attribute("script", "src");
    let answer = app.visitor().get(&script).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
    let other = app.visitor().get("/").await;
    assert!(!other.header("content-security-policy").contains("script-src"));
}

#[tokio::test]
async fn at_a_mere_number_there_are_none() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    let page = visitor.get("/sign-in").await;
    assert!(!page.has("[data-passkey]") && !page.has("script"));
    assert!(!page.header("content-security-policy").contains("script-src"));
    let token = page.form("/sign-in").get("csrf").to_owned();
    let message = serde_json::json!({ "csrf": token });
    expect_refused(
        &visitor.post_json("/sign-in/passkey/begin", &message).await,
        &visitor,
        "refused",
    )
    .await;
}

#[tokio::test]
async fn a_passkey_takes_the_place_of_a_code() {
    let app = app().await;
    let (alice, _) = app.owner_with_authenticator("alice").await;
    let phone = app.visitor();
    phone.form_for_code("alice").await;
    assert!(!phone.get(CODE).await.has("[data-passkey]"), "there is none yet");
    let passkey = alice.add_passkey("laptop").await;
    let bob = app.owner("bob").await;
    let bobs = bob.add_passkey("bob's").await;

    let script = phone.script(CODE, STEP).await;
    let options = script.options().await;
    let allowed = options["allowCredentials"].as_array().unwrap();
    assert_eq!(allowed.len(), 1);
    assert_eq!(allowed[0]["id"], crate::harness::passkey::encoded(&passkey.id));
    expect_refused(&script.finish(&bobs.answer_to(&options)).await, &phone, "refused").await;
    // One that is asked for need not say whose it is.
    let silent = Passkey {
        user_handle: None,
        ..passkey.clone()
    };
    let options = script.options().await;
    let answer = script.finish(&silent.answer_to(&options)).await;
    assert_eq!(answer.json()["location"], "/", "{answer:?}");
    assert!(is_signed_in(&phone).await);
    assert!(phone.cookie("__Host-vestibule_sign_in").is_none());
}

#[tokio::test]
async fn without_the_password_first_there_is_no_second_step() {
    let app = app().await;
    let (alice, _) = app.owner_with_authenticator("alice").await;
    let passkey = alice.add_passkey("laptop").await;
    let phone = app.visitor();
    phone.form_for_code("alice").await;
    let script = phone.script(CODE, STEP).await.with("continue", "apps");
    let options = script.options().await;
    phone.set_cookie("__Host-vestibule_sign_in", "vsi_gone");
    for told in [script.begin().await, script.finish(&passkey.answer_to(&options)).await] {
        assert_eq!(told.status, StatusCode::FORBIDDEN);
        assert_eq!(told.json()["location"], "/sign-in?apps");
    }
    assert!(!is_signed_in(&phone).await);
}

#[tokio::test]
async fn a_lock_of_codes_does_not_hit_passkeys() {
    let app = app().await;
    let (alice, authenticator) = app.owner_with_authenticator("alice").await;
    let passkey = alice.add_passkey("laptop").await;
    let phone = app.visitor();
    let form = phone.form_for_code("alice").await;
    for _ in 0..11 {
        phone
            .submit(&form.clone().set("code", &authenticator.wrong_code(&app)))
            .await;
    }
    let locked = phone.submit(&form.set("code", &authenticator.code(&app))).await;
    assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
    let script = phone.script(CODE, STEP).await;
    let options = script.options().await;
    assert_eq!(script.finish(&passkey.answer_to(&options)).await.status, 200);
    assert_eq!(app.visitor().sign_in_with(&passkey).await.status, 200);
}
