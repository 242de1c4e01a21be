//! Signing in on the way to a session, and back to it.

use super::{address, call, generated, not_you, question, refused, scene, user_key};
use crate::harness::actors::Answer;
use crate::harness::app::PASSWORD;
use crate::harness::{TestApp, Visitor, expect};

/// Signs in where an answer leads to, and gives where that goes on.
async fn signed_in_at(visitor: &Visitor, at: &Answer, name: &str) -> Answer {
    assert!(at.location().starts_with("/sign-in"), "{at:?}");
    let form = visitor.get(at.location()).await.form("/sign-in");
    visitor
        .submit(&form.set("username", name).set("password", PASSWORD))
        .await
}

async fn session_cookie_lost(app: &TestApp, of: &Visitor) {
    let key = of.cookie("vestibule_session").unwrap();
    app.accounts
        .end_session(&vestibule::oauth::secret::Digest::of(&key))
        .await
        .unwrap();
}

#[tokio::test]
async fn whoever_is_not_signed_in_signs_in_and_is_asked() {
    let (app, of, _) = scene().await;
    let session = generated(&app, &of).await;
    let visitor = app.visitor();
    let on_the_way = visitor.get(address(&session)).await;
    assert_eq!(app.rows().await.count("grants").await, 0, "nobody was asked yet");
    let back = signed_in_at(&visitor, &on_the_way, "alice").await;
    let path = format!("/auth/{}", session["token"].as_str().unwrap());
    assert_eq!(back.location(), path);
    let form = question(&visitor, &path).await.form("/consent/");
    visitor.submit(&form.set("decision", "approve")).await;
    assert_eq!(user_key(&app, &of, &session).await.status, 200);
}

#[tokio::test]
async fn whoever_loses_their_session_on_the_page_comes_back_to_it() {
    for posts in [false, true] {
        let (app, of, alice) = scene().await;
        let session = generated(&app, &of).await;
        let at = alice.get(address(&session)).await.location().to_owned();
        let form = alice.get(&at).await.form("/consent/").set("decision", "approve");
        session_cookie_lost(&app, &alice).await;
        let on_the_way = match posts {
            true => alice.submit(&form).await,
            false => alice.get(&at).await,
        };
        let back = signed_in_at(&alice, &on_the_way, "alice").await;
        assert_eq!(back.location(), at);
        let form = alice.get(&at).await.form("/consent/");
        alice.submit(&form.set("decision", "approve")).await;
        assert_eq!(user_key(&app, &of, &session).await.status, 200);
    }
}

#[tokio::test]
async fn whoever_is_not_alice_signs_in_and_is_asked_in_the_same_session() {
    let (app, of, alice) = scene().await;
    app.owner("bob").await;
    let session = generated(&app, &of).await;
    let form = not_you(question(&alice, address(&session)).await);
    let on_the_way = alice.submit(&form).await;
    let back = signed_in_at(&alice, &on_the_way, "bob").await;
    let form = question(&alice, back.location()).await.form("/consent/");
    alice.submit(&form.set("decision", "approve")).await;
    let key = user_key(&app, &of, &session).await.json();
    assert_eq!(key["user"]["username"], "bob");
}

#[tokio::test]
async fn a_page_that_comes_back_without_its_session_answers_nothing() {
    let (app, of, alice) = scene().await;
    let session = generated(&app, &of).await;
    let form = question(&alice, address(&session)).await.form("/consent/");
    for session in ["", "vc_another"] {
        let form = form.clone().set("session", session).set("decision", "approve");
        expect::page_error(&alice.submit(&form).await, 403);
    }
    refused(&user_key(&app, &of, &session).await, 400, "PENDING_SESSION");
}

#[tokio::test]
async fn an_unknown_session_is_a_page_for_everybody() {
    let (app, _, alice) = scene().await;
    expect::page_error(&alice.get("/auth/vc_unknown").await, 404);
    expect::page_error(&app.visitor().get("/auth/vc_unknown").await, 404);
    expect::page_error(&alice.get("/auth/%00").await, 404);
    expect::page_error(&alice.post::<&str, &str>("/auth/vc_unknown", &[]).await, 405);
}

/// Only the server's own page decides.
#[tokio::test]
async fn the_calls_of_the_page_are_not_for_apps() {
    let (app, of, alice) = scene().await;
    let session = generated(&app, &of).await;
    for name in ["auth/accept", "auth/deny"] {
        let body = serde_json::json!({ "token": session["token"] });
        let answer = call(&app, name, &body).await;
        refused(&answer, 401, "CREDENTIAL_REQUIRED");
        assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="Misskey""#);
    }
    super::decided(&alice, address(&session), "approve").await;
    let key = user_key(&app, &of, &session).await.json();
    let pending = generated(&app, &of).await;
    for name in ["auth/accept", "auth/deny"] {
        let body = serde_json::json!({ "token": pending["token"], "i": key["accessToken"] });
        refused(&call(&app, name, &body).await, 403, "ACCESS_DENIED");
        let body = serde_json::json!({ "token": pending["token"], "i": "vat_unknown" });
        refused(&call(&app, name, &body).await, 401, "AUTHENTICATION_FAILED");
    }
    refused(&user_key(&app, &of, &pending).await, 400, "PENDING_SESSION");
}
