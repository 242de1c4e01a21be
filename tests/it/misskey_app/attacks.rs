//! What somebody might try who is neither the app nor the person.

use serde_json::{Value, json};
use vestibule::oauth::grant::GrantId;
use vestibule::oauth::policy::{Lifetimes, TokenLifetime};
use vestibule::storage::grants;

use super::{
    CALLBACK, address, call, decided, generated, question, refused, registered, registration, scene, user_key,
};
use crate::harness::{TestApp, expect};

/// Whoever opened the session gets the access: a link must not answer itself, however often the person said yes before.
#[tokio::test]
async fn a_session_of_somebody_elses_is_never_answered_without_asking() {
    let (app, of, alice) = scene().await;
    for _ in 0..2 {
        let session = generated(&app, &of).await;
        let page = question(&alice, address(&session)).await;
        assert!(!page.text().contains("not be asked again"), "{}", page.text());
        alice.submit(&page.form("/consent/").set("decision", "approve")).await;
    }
    assert_eq!(app.rows().await.count("consents").await, 0);
}

/// Nor does a yes to the same app at the authorization endpoint answer it: that one stayed in this browser.
#[tokio::test]
async fn a_yes_that_was_remembered_elsewhere_answers_no_session() {
    let (app, of, alice) = scene().await;
    let request = format!("/auth?response_type=code&client_id={}", of["id"].as_str().unwrap());
    decided(&alice, &request, "approve").await;
    assert!(alice.get(&request).await.location().starts_with(CALLBACK), "remembered");
    question(&alice, address(&generated(&app, &of).await)).await;
}

#[tokio::test]
async fn one_session_is_good_for_one_yes() {
    let (app, of, alice) = scene().await;
    let bob = app.owner("bob").await;
    let session = generated(&app, &of).await;
    let forms = [
        question(&alice, address(&session)).await.form("/consent/"),
        question(&bob, address(&session)).await.form("/consent/"),
    ];
    let [of_alice, of_bob] = forms.map(|form| form.set("decision", "approve"));
    assert_eq!(bob.submit(&of_bob).await.status, 303);
    expect::page_error(&alice.submit(&of_alice).await, 409);
    expect::page_error(&bob.submit(&of_bob).await, 409);
    expect::page_error(&alice.get(address(&session)).await, 409);
    let key = user_key(&app, &of, &session).await.json();
    assert_eq!(key["user"]["username"], "bob");
    expect::page_error(&alice.get(address(&session)).await, 404);
}

#[tokio::test]
async fn the_question_of_another_person_cannot_be_answered() {
    let (app, of, alice) = scene().await;
    let bob = app.owner("bob").await;
    let session = generated(&app, &of).await;
    let at = alice.get(address(&session)).await.location().to_owned();
    expect::page_error(&bob.get(&at).await, 403);
}

#[tokio::test]
async fn another_app_gets_nothing_for_a_session_and_spoils_nothing() {
    let (app, of, alice) = scene().await;
    let other = registered(&app, &registration()).await;
    let session = generated(&app, &of).await;
    refused(&user_key(&app, &other, &session).await, 400, "NO_SUCH_SESSION");
    decided(&alice, address(&session), "approve").await;
    refused(&user_key(&app, &other, &session).await, 400, "NO_SUCH_SESSION");
    assert_eq!(as_code(&app, &other, &session, CALLBACK).await, 400);
    assert_eq!(user_key(&app, &of, &session).await.status, 200);
}

/// The status when the token of a session is redeemed as a code.
async fn as_code(app: &TestApp, of: &Value, session: &Value, redirect_uri: &str) -> u16 {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", session["token"].as_str().unwrap()),
        ("redirect_uri", redirect_uri),
        ("client_id", of["id"].as_str().unwrap()),
        ("client_secret", of["secret"].as_str().unwrap()),
    ];
    app.post_token(&fields).await.status.as_u16()
}

#[tokio::test]
async fn whichever_exchange_comes_first_spends_the_session() {
    for code_first in [true, false] {
        let (app, of, alice) = scene().await;
        let session = generated(&app, &of).await;
        assert_eq!(as_code(&app, &of, &session, CALLBACK).await, 400, "nobody has said yes");
        decided(&alice, address(&session), "approve").await;
        if code_first {
            assert_eq!(as_code(&app, &of, &session, CALLBACK).await, 200);
            refused(&user_key(&app, &of, &session).await, 400, "NO_SUCH_SESSION");
            let shown = call(&app, "auth/session/show", &json!({ "token": session["token"] })).await;
            refused(&shown, 400, "NO_SUCH_SESSION");
        } else {
            assert_eq!(user_key(&app, &of, &session).await.status, 200);
            assert_eq!(as_code(&app, &of, &session, CALLBACK).await, 400);
        }
    }
}

#[tokio::test]
async fn a_replayed_user_key_gives_nothing_and_ends_nothing() {
    let (app, of, alice) = scene().await;
    let session = generated(&app, &of).await;
    decided(&alice, address(&session), "approve").await;
    let key = user_key(&app, &of, &session).await.json();
    for _ in 0..2 {
        refused(&user_key(&app, &of, &session).await, 400, "NO_SUCH_SESSION");
    }
    assert!(app.holds(key["accessToken"].as_str().unwrap()).await);
}

#[tokio::test]
async fn access_that_was_ended_before_it_was_fetched_is_not_given() {
    let (app, of, alice) = scene().await;
    // So that the apps page has a line for the app.
    let first = generated(&app, &of).await;
    decided(&alice, address(&first), "approve").await;
    assert_eq!(user_key(&app, &of, &first).await.status, 200);
    let session = generated(&app, &of).await;
    decided(&alice, address(&session), "approve").await;
    alice.submit(&alice.get("/apps").await.form("/apps/revoke")).await;
    refused(&user_key(&app, &of, &session).await, 400, "NO_SUCH_SESSION");
}

/// A database that is read tells nobody a session, a secret, a token or `i`.
#[tokio::test]
async fn no_row_holds_a_secret_in_clear_text() {
    let (app, of, alice) = scene().await;
    let session = generated(&app, &of).await;
    app.forget_statements();
    decided(&alice, address(&session), "approve").await;
    let key = user_key(&app, &of, &session).await.json();
    let rows = app.rows().await;
    for table in ["grants", "tokens", "app_sessions", "clients"] {
        assert!(rows.count(table).await > 0, "{table}");
    }
    for secret in [&session["token"], &of["secret"], &key["accessToken"]] {
        let secret = secret.as_str().unwrap();
        for (table, column) in [
            ("grants", "state"),
            ("grants", "redirect_uri"),
            ("clients", "redirect_uris"),
        ] {
            let with_it = format!("{table} WHERE {column} LIKE '%{secret}%'");
            assert_eq!(rows.count(&with_it).await, 0, "{table}.{column}");
        }
        assert!(app.statements().iter().all(|sql| !sql.contains(secret)));
    }
}

/// Two people open one link and say yes at the same moment: both pass the look at the session, and the database decides.
#[tokio::test]
async fn of_two_yeses_to_one_session_at_once_the_second_is_told_that_it_was_answered() {
    let (app, of, alice) = scene().await;
    let bob = app.owner("bob").await;
    let session = generated(&app, &of).await;
    let store = app.store().await;
    let mut asked = Vec::new();
    for person in [&alice, &bob] {
        let form = question(person, address(&session)).await.form("/consent/");
        let path = form.action.split('?').next().unwrap_or_default();
        let id = GrantId(path.trim_start_matches("/consent/").to_owned());
        asked.push(grants::find(store.reader(), &id).await.unwrap().unwrap());
    }
    let mut marked = Vec::new();
    for grant in asked {
        let approval = grant.approval(&[], TokenLifetime::Day, app.now(), &Lifetimes::default());
        let code = grant.session.clone().expect("a session");
        let done = grants::mark_approved(store.writer(), &grant, &approval, &code).await;
        marked.push(done.ok());
    }
    assert_eq!(marked, [Some(true), Some(false)]);
}

/// Who opens a session with a challenge wants its verifier asked for: the token travels through the browser.
#[tokio::test]
async fn a_session_with_a_challenge_gives_no_key_without_the_verifier() {
    let (app, of, alice) = scene().await;
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let asked = json!({ "clientId": of["id"], "callbackUrl": CALLBACK, "pkceChallenge": challenge });
    let session = call(&app, "auth/session/generate", &asked).await.json();
    decided(&alice, address(&session), "approve").await;
    refused(&user_key(&app, &of, &session).await, 400, "NO_SUCH_SESSION");
}
