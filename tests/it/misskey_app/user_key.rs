//! The key: the token itself, and `i`, the other word for it.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{address, decided, generated, scene, user_key};
use crate::harness::TestApp;
use crate::harness::actors::Answer;
use crate::harness::actors::encode;
use crate::harness::api::FORM;

/// What a library of Misskey's makes of a key.
fn i(key: &Value, of: &Value) -> String {
    let (token, secret) = (key["accessToken"].as_str().unwrap(), of["secret"].as_str().unwrap());
    let digest = Sha256::digest(format!("{token}{secret}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn revoke(app: &TestApp, of: &Value, token: &str) -> Answer {
    let request = app.http.post(format!("{}/oauth/revoke", app.base));
    let request = request.basic_auth(of["id"].as_str().unwrap(), of["secret"].as_str());
    Answer::to(request.header("content-type", FORM).body(encode(&[("token", token)]))).await
}

#[tokio::test]
async fn the_token_and_i_in_either_case_are_one_and_end_together() {
    for end_with in [0, 1, 2] {
        let (app, of, alice) = scene().await;
        let session = generated(&app, &of).await;
        decided(&alice, address(&session), "approve").await;
        let key = user_key(&app, &of, &session).await.json();
        let raw = key["accessToken"].as_str().unwrap().to_owned();
        let words = [raw.clone(), i(&key, &of), i(&key, &of).to_uppercase()];
        let server = app.resource_server("instance").await;
        for word in &words {
            let told = app.introspect(&server, word).await.json();
            assert_eq!(told["active"], true, "{word}");
            assert_eq!(told["username"], "alice");
            assert_eq!(told["client_id"], of["id"]);
            assert_eq!(told["dialect"], "misskey_app");
            assert_eq!(told["scope"], "read:account write:notes");
            assert_eq!(told.get("exp"), None);
        }
        let raised = app.introspect(&server, &raw.to_uppercase()).await.json();
        assert_eq!(raised["active"], false, "the token itself has a case");
        assert_eq!(revoke(&app, &of, &words[end_with]).await.status, 200);
        for word in &words {
            assert_eq!(app.introspect(&server, word).await.json()["active"], false, "{word}");
        }
    }
}

#[tokio::test]
async fn i_with_another_secret_is_nothing() {
    let (app, of, alice) = scene().await;
    let session = generated(&app, &of).await;
    decided(&alice, address(&session), "approve").await;
    let key = user_key(&app, &of, &session).await.json();
    let mut other = of.clone();
    other["secret"] = "vcs_other".into();
    assert!(app.holds(&i(&key, &of)).await);
    assert!(!app.holds(&i(&key, &other)).await);
}

/// RFC 7009 §2.2.1: not in the words of Mastodon, whose clients alone know them.
#[tokio::test]
async fn whoever_names_no_client_is_refused_in_the_words_of_the_keys_app() {
    let (app, of, alice) = scene().await;
    let session = generated(&app, &of).await;
    decided(&alice, address(&session), "approve").await;
    let key = user_key(&app, &of, &session).await.json();
    for word in [key["accessToken"].as_str().unwrap(), &i(&key, &of)] {
        let answer = app.post("/oauth/revoke", &[("token", word)]).await;
        assert_eq!(answer.status, 400, "{answer:?}");
        assert_eq!(answer.json()["error"], "unauthorized_client");
        assert!(app.holds(word).await);
    }
}
