//! `auth/session/generate` and `show`, and the page of a session.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    CALLBACK, address, call, decided, generated, question, refused, registered, registration, scene, standing_in_for,
    user_key,
};
use crate::harness::expect;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const HALF_AN_HOUR: Duration = Duration::from_mins(30);

#[tokio::test]
async fn a_session_names_its_address_its_id_and_its_app() {
    let (app, of, _) = scene().await;
    let shown_app = call(&app, "app/show", &json!({ "appId": of["id"] })).await.json();
    let session = generated(&app, &of).await;
    let token = session["token"].as_str().unwrap();
    assert_eq!(session["url"], format!("{}/auth/{token}", app.issuer));
    assert_eq!(session["app"], shown_app);
    let shown = call(&app, "auth/session/show", &json!({ "token": token, "i": null }))
        .await
        .json();
    assert_eq!(shown, json!({ "id": session["id"], "token": token, "app": shown_app }));
    assert!(!session["id"].as_str().unwrap().contains(token));
}

#[tokio::test]
async fn exactly_one_of_two_shapes_opens_a_session() {
    let (app, of, _) = scene().await;
    let (id, secret) = (&of["id"], &of["secret"]);
    for (body, answered) in [
        (json!({ "appSecret": secret }), Ok(())),
        (json!({ "appSecret": secret, "i": null, "foo": [] }), Ok(())),
        (json!({ "clientId": id }), Ok(())),
        (
            json!({ "clientId": id, "callbackUrl": CALLBACK, "pkceChallenge": CHALLENGE }),
            Ok(()),
        ),
        (
            json!({ "clientId": id, "callbackUrl": null, "pkceChallenge": null }),
            Ok(()),
        ),
        (
            json!({ "clientId": id, "appSecret": secret }),
            Err(("INVALID_PARAM", "#/oneOf")),
        ),
        (json!({}), Err(("INVALID_PARAM", "#/oneOf"))),
        (
            json!({ "clientId": 1 }),
            Err(("INVALID_PARAM", "#/properties/clientId/type")),
        ),
        (
            json!({ "clientId": id, "pkceChallenge": "short" }),
            Err(("INVALID_PARAM", "#/properties/pkceChallenge/pattern")),
        ),
        (json!({ "appSecret": "vcs_other" }), Err(("NO_SUCH_APP", ""))),
        (json!({ "clientId": "nobody" }), Err(("NO_SUCH_APP", ""))),
        (
            json!({ "clientId": id, "callbackUrl": "https://app.example/cb/" }),
            Err(("NO_SUCH_APP", "redirect URI mismatch")),
        ),
        (
            json!({ "clientId": id, "callbackUrl": "javascript:alert(1)" }),
            Err(("NO_SUCH_APP", "redirect URI mismatch")),
        ),
    ] {
        let answer = call(&app, "auth/session/generate", &body).await;
        let Err((code, said)) = answered else {
            assert_eq!(answer.status, 200, "{body}");
            continue;
        };
        let error = refused(&answer, 400, code);
        match code {
            "INVALID_PARAM" => assert_eq!(error["info"]["param"], said, "{body}"),
            _ => {
                assert_eq!(error["id"], "92f93e63-428e-4f2f-a5a4-39e1407fe998");
                assert_eq!(error["info"].as_str().unwrap_or_default(), said, "{body}");
            }
        }
    }
}

#[tokio::test]
async fn an_unknown_session_is_not_found() {
    for (profile, status) in [("all", 400), ("misskey", 400), ("foundkey", 404)] {
        let app = standing_in_for(profile).await;
        let of = registered(&app, &registration()).await;
        let error = refused(
            &call(&app, "auth/session/show", &json!({ "token": "vc_unknown" })).await,
            status,
            "NO_SUCH_SESSION",
        );
        assert_eq!(error["id"], "bd72c97d-eba7-4adb-a467-f171b8847250");
        let error = refused(
            &user_key(&app, &of, &json!({ "token": "vc_unknown" })).await,
            status,
            "NO_SUCH_SESSION",
        );
        assert_eq!(error["id"], "5b5a1503-8bc8-4bd0-8054-dc189e8cdcb3");
        let unknown = json!({ "secret": "vcs_unknown" });
        let error = refused(
            &user_key(&app, &unknown, &json!({ "token": "x" })).await,
            status,
            "NO_SUCH_APP",
        );
        assert_eq!(error["id"], "fcab192a-2c5a-43b7-8ad8-9b7054d8d40d");
        let pending = user_key(&app, &of, &generated(&app, &of).await).await;
        let error = refused(&pending, 400, "PENDING_SESSION");
        assert_eq!(error["id"], "8c8a4145-02cc-4cca-8e66-29ba60445a8e");
    }
}

#[tokio::test]
async fn a_session_lasts_half_an_hour() {
    let (app, of, alice) = scene().await;
    let session = generated(&app, &of).await;
    app.clock.advance(HALF_AN_HOUR - Duration::from_secs(1));
    refused(&user_key(&app, &of, &session).await, 400, "PENDING_SESSION");
    question(&alice, address(&session)).await;
    app.clock.advance(Duration::from_secs(1));
    refused(&user_key(&app, &of, &session).await, 400, "NO_SUCH_SESSION");
    let shown = call(&app, "auth/session/show", &json!({ "token": session["token"] })).await;
    refused(&shown, 400, "NO_SUCH_SESSION");
    expect::page_error(&alice.get(address(&session)).await, 404);
}

#[tokio::test]
async fn a_question_does_not_outlive_its_session() {
    let (app, of, alice) = scene().await;
    let session = generated(&app, &of).await;
    app.clock.advance(HALF_AN_HOUR - Duration::from_mins(1));
    let form = question(&alice, address(&session)).await.form("/consent/");
    app.clock.advance(Duration::from_mins(1));
    expect::page_error(&alice.submit(&form.set("decision", "approve")).await, 410);
}

#[tokio::test]
async fn an_answered_session_waits_half_an_hour_for_its_app() {
    for (waited, code) in [
        (HALF_AN_HOUR - Duration::from_secs(1), None),
        (HALF_AN_HOUR, Some("NO_SUCH_SESSION")),
    ] {
        let (app, of, alice) = scene().await;
        let session = generated(&app, &of).await;
        decided(&alice, address(&session), "approve").await;
        app.clock.advance(waited);
        let answer = user_key(&app, &of, &session).await;
        match code {
            None => assert_eq!(answer.status, 200, "{answer:?}"),
            Some(code) => drop(refused(&answer, 400, code)),
        }
    }
}

#[tokio::test]
async fn whoever_comes_back_to_the_link_finds_the_same_question() {
    let (app, of, alice) = scene().await;
    let session = generated(&app, &of).await;
    let first = alice.get(address(&session)).await.location().to_owned();
    assert_eq!(alice.get(address(&session)).await.location(), first);
    assert_eq!(app.rows().await.count("grants").await, 1);
}

#[tokio::test]
async fn the_token_is_added_to_the_query_that_is_there() {
    let (app, _, alice) = scene().await;
    for (callback, expected) in [
        ("https://app.example/cb?x=1", "https://app.example/cb?x=1&token="),
        ("https://app.example/cb?token=old", "https://app.example/cb?token="),
        ("notes://back", "notes://back?token="),
        ("http://127.0.0.1:7000/cb", "http://127.0.0.1:7000/cb?token="),
    ] {
        let mut asked = registration();
        asked["callbackUrl"] = json!(callback);
        let of = registered(&app, &asked).await;
        let session = generated(&app, &of).await;
        let back = decided(&alice, address(&session), "approve").await;
        assert_eq!(
            back.location(),
            format!("{expected}{}", session["token"].as_str().unwrap())
        );
    }
}

#[tokio::test]
async fn without_a_callback_the_answer_is_a_page_and_the_app_polls() {
    let (app, _, alice) = scene().await;
    let mut asked = registration();
    asked["callbackUrl"] = Value::Null;
    let of = registered(&app, &asked).await;
    let session = generated(&app, &of).await;
    refused(&user_key(&app, &of, &session).await, 400, "PENDING_SESSION");
    let back = decided(&alice, address(&session), "approve").await;
    assert_eq!(back.location(), format!("{}/oauth/authorize/native", app.issuer));
    assert_eq!(user_key(&app, &of, &session).await.status, 200);
}

/// Misskey's app is not told either; whoever waits finds the session pending until it lapses.
#[tokio::test]
async fn a_no_leads_to_a_page_and_the_link_stays_open() {
    let (app, of, alice) = scene().await;
    let session = generated(&app, &of).await;
    let back = decided(&alice, address(&session), "deny").await;
    assert_eq!(
        back.location(),
        format!("{}/oauth/authorize/native?error=access_denied", app.issuer)
    );
    refused(&user_key(&app, &of, &session).await, 400, "PENDING_SESSION");
    decided(&alice, address(&session), "approve").await;
    assert_eq!(user_key(&app, &of, &session).await.status, 200);
}

#[tokio::test]
async fn each_approval_gives_a_token_of_its_own_and_the_earlier_one_stays() {
    let (app, of, alice) = scene().await;
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let session = generated(&app, &of).await;
        decided(&alice, address(&session), "approve").await;
        tokens.push(
            user_key(&app, &of, &session).await.json()["accessToken"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
    }
    assert_ne!(tokens[0], tokens[1]);
    assert!(app.holds(&tokens[0]).await && app.holds(&tokens[1]).await);
}

#[tokio::test]
async fn what_a_person_unticks_is_not_granted() {
    let (app, of, alice) = scene().await;
    let session = generated(&app, &of).await;
    let form = question(&alice, address(&session)).await.form("/consent/");
    alice
        .submit(&form.untick("scope", "write:notes").set("decision", "approve"))
        .await;
    let key = user_key(&app, &of, &session).await.json();
    let token = app.check(key["accessToken"].as_str().unwrap()).await.json();
    assert_eq!(token["scope"], "read:account");
}

#[tokio::test]
async fn an_app_without_permissions_gets_a_key_without_permissions() {
    let (app, _, alice) = scene().await;
    let mut asked = registration();
    asked["permission"] = json!([]);
    let of = registered(&app, &asked).await;
    let session = generated(&app, &of).await;
    decided(&alice, address(&session), "approve").await;
    let key = user_key(&app, &of, &session).await.json();
    assert_eq!(
        app.check(key["accessToken"].as_str().unwrap()).await.json()["scope"],
        ""
    );
}
