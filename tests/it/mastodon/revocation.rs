//! `POST /oauth/revoke`, for clients that have a secret.

use serde_json::json;

use super::{Registered, scene};
use crate::harness::TestApp;
use crate::harness::actors::{Answer, changed};
use crate::harness::encoding::ENCODINGS;

#[track_caller]
fn expect_forbidden(answer: &Answer) {
    assert_eq!(answer.status, 403, "{answer:?}");
    let expected = json!({
        "error": "unauthorized_client",
        "error_description": "You are not authorized to revoke this token",
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(answer.header("content-type"), "application/json");
}

#[track_caller]
fn expect_done(answer: &Answer) {
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_str()),
        (200, "{}"),
        "{answer:?}"
    );
    assert_eq!(answer.header("content-type"), "application/json");
}

impl Registered {
    fn revocation(&self, token: &str) -> Vec<(&'static str, String)> {
        vec![
            ("token", token.to_owned()),
            ("client_id", self.client_id.clone()),
            ("client_secret", self.client_secret.clone()),
        ]
    }
}

/// Whether a token holds, be it a person's or the app's own.
async fn holds(app: &TestApp, token: &str) -> bool {
    app.visitor().get_with_token("/oauth/token/info", token).await.status == 200
}

#[tokio::test]
async fn a_client_ends_its_tokens_in_every_encoding() {
    let (app, alice) = scene().await;
    let client = Registered::app(&app, "read").await;
    for encoding in ENCODINGS {
        for authorization in ["", "Bearer vat_some_other_token", &client.basic()] {
            for token in [client.own_token(&app).await, client.token(&app, &alice, "read").await] {
                let whole = client.revocation(&token);
                let bare = changed(&changed(&whole, "client_id", ""), "client_secret", "");
                let fields = if authorization.starts_with("Basic") {
                    bare
                } else {
                    whole
                };
                expect_done(&encoding.post(&app, "/oauth/revoke", authorization, &fields).await);
                assert!(!holds(&app, &token).await, "{encoding:?} {authorization}");
            }
        }
    }
}

#[tokio::test]
async fn a_token_that_is_missing_unknown_or_ended_already_counts_as_revoked() {
    let (app, alice) = scene().await;
    let client = Registered::app(&app, "read").await;
    let token = client.token(&app, &alice, "read").await;
    for token in ["", "vat_unknown", &token, &token] {
        expect_done(&app.post("/oauth/revoke", &client.revocation(token)).await);
    }
}

#[tokio::test]
async fn nobody_ends_a_token_that_is_not_theirs() {
    let (app, alice) = scene().await;
    let (client, other) = (Registered::app(&app, "read").await, Registered::app(&app, "read").await);
    for token in [client.token(&app, &alice, "read").await, client.own_token(&app).await] {
        let good = client.revocation(&token);
        for fields in [
            other.revocation(&token),
            changed(&good, "client_secret", "wrong"),
            changed(&good, "client_secret", ""),
            changed(&changed(&good, "client_secret", ""), "client_id", ""),
        ] {
            expect_forbidden(&app.post("/oauth/revoke", &fields).await);
        }
        assert!(holds(&app, &token).await);
    }
}

/// Even when there is nothing to end.
#[tokio::test]
async fn a_client_with_a_wrong_secret_is_told_nothing_of_a_token() {
    let (app, _alice) = scene().await;
    let client = Registered::app(&app, "read").await;
    for token in ["", "vat_unknown"] {
        let fields = changed(&client.revocation(token), "client_secret", "wrong");
        expect_forbidden(&app.post("/oauth/revoke", &fields).await);
    }
}
