//! `POST /oauth/token`: a code for a token, in every shape that clients send, and what a code is good for.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use super::{Registered, scene};
use crate::harness::actors::changed;
use crate::harness::encoding::ENCODINGS;
use crate::harness::{AuthorizationRequest, TestApp};

impl Registered {
    /// The value of a `Basic` header, with id and secret as they are.
    pub(super) fn basic(&self) -> String {
        let pair = format!("{}:{}", self.client_id, self.client_secret);
        format!("Basic {}", BASE64_STANDARD.encode(pair))
    }
}

/// Three encodings, credentials in the header or in the body, and a bearer token that libraries send wherever they go.
#[tokio::test]
async fn a_code_gives_a_token_in_every_encoding_however_the_client_proves_itself() {
    let (app, alice) = scene().await;
    let client = Registered::app(&app, "read write").await;
    for encoding in ENCODINGS {
        for authorization in ["", "Bearer vat_some_other_token", &client.basic()] {
            let whole = client.redemption(&client.code(&alice, "read write").await);
            let bare = changed(&changed(&whole, "client_id", ""), "client_secret", "");
            let fields = if authorization.starts_with("Basic") {
                bare
            } else {
                whole
            };
            let answer = encoding.post(&app, "/oauth/token", authorization, &fields).await;
            assert_eq!(answer.status, 200, "{encoding:?} {authorization} {answer:?}");
            assert_eq!(answer.header("content-type"), "application/json");
            assert_eq!(answer.header("cache-control"), "no-store");
            assert_eq!(answer.header("pragma"), "no-cache");
            let told = answer.json();
            let expected = json!({
                "access_token": told["access_token"],
                "token_type": "Bearer",
                "scope": "read write",
                "created_at": app.now().unix_timestamp(),
                "me": format!("{}/@alice", app.issuer),
            });
            assert_eq!(told, expected);
        }
    }
}

/// A client that sends its `Basic` header cannot send a bearer token as well, so a matrix has one corner less.
#[tokio::test]
async fn a_client_gets_a_token_of_its_own_in_every_encoding() {
    let app = TestApp::start().await;
    let client = Registered::app(&app, "read write").await;
    for encoding in ENCODINGS {
        for authorization in ["", "Bearer vat_some_other_token", &client.basic()] {
            let answer = encoding
                .post(&app, "/oauth/token", authorization, &client.own_token_request())
                .await;
            assert_eq!(answer.status, 200, "{encoding:?} {authorization} {answer:?}");
            let told = answer.json();
            assert_eq!(told["scope"], "read", "{told}");
            assert_eq!(told.get("me"), None, "{told}");
            assert_eq!(told.get("expires_in"), None, "{told}");
        }
    }
}

#[tokio::test]
async fn the_token_has_the_scope_of_the_grant_whatever_the_token_request_says() {
    let (app, alice) = scene().await;
    let client = Registered::app(&app, "read write").await;
    for scope in ["read", "read write push", "nonsense", ""] {
        let mut fields = client.redemption(&client.code(&alice, "write read").await);
        fields.push(("scope", scope.to_owned()));
        let answer = app.post_token(&fields).await;
        assert_eq!(answer.json()["scope"], "write read", "{scope}");
    }
}

#[tokio::test]
async fn a_code_used_twice_is_refused_and_ends_the_first_token() {
    let (app, alice) = scene().await;
    let client = Registered::app(&app, "read").await;
    let fields = client.redemption(&client.code(&alice, "read").await);
    let first = app.post_token(&fields).await.json();
    let first = first["access_token"].as_str().unwrap();
    assert!(app.holds(first).await);
    let answer = app.post_token(&fields).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["error"], "invalid_grant");
    assert!(!app.holds(first).await);
}

/// Each yes gives another token: what is kept of one is a digest, and nothing could be handed out again.
#[tokio::test]
async fn two_approvals_give_two_tokens() {
    let (app, alice) = scene().await;
    let client = Registered::app(&app, "read").await;
    let one = client.token(&app, &alice, "read").await;
    let again = alice.get_authorize(&client.asks("read")).await.location_param("code");
    let code = again.expect("a remembered yes");
    let other = app.post_token(&client.redemption(&code)).await.json();
    assert_ne!(other["access_token"], one.as_str());
    assert!(app.holds(&one).await);
}

#[tokio::test]
async fn pkce_is_optional_and_holds_when_it_is_used() {
    let (app, alice) = scene().await;
    let client = Registered::app(&app, "read").await;
    let asks = || {
        AuthorizationRequest::of(&client.client_id, super::CALLBACK)
            .with("scope", "read")
            .with("force_login", "true")
    };
    let request = asks();
    let mut fields = client.redemption(&alice.code(&request).await);
    // Doorkeeper calls it malformed, so the code is not burnt.
    let answer = app.post_token(&fields).await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.json()["error_description"],
        "Missing required parameter: code_verifier."
    );
    fields.push(("code_verifier", request.verifier.clone()));
    assert_eq!(app.post_token(&fields).await.status, 200);
    let mut wrong = client.redemption(&alice.code(&asks()).await);
    wrong.push(("code_verifier", asks().verifier));
    assert_eq!(app.post_token(&wrong).await.json()["error"], "invalid_grant");
}
