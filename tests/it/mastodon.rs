//! Mastodon's dialect: how its server answers, and how the apps that were written for it ask.

use serde_json::Value;

use crate::harness::{AuthorizationRequest, Options, TestApp, Visitor};

mod app_tokens;
mod clients;
mod consent;
mod out_of_band;
mod raw;
mod registration;
mod registration_refusals;
mod resources;
mod revocation;
mod scopes;
mod token;
mod token_refusals;
mod verify_credentials;

/// Where the answers of these tests' apps go, unless a test says otherwise.
const CALLBACK: &str = "https://app.example/callback";
const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";

/// A server, and alice, who is signed in.
pub async fn scene() -> (TestApp, Visitor) {
    with(Options::default()).await
}

async fn with(options: Options) -> (TestApp, Visitor) {
    let app = options.start().await;
    let alice = app.owner("alice").await;
    (app, alice)
}

/// An app that registered itself.
pub struct Registered {
    client_id: String,
    client_secret: String,
}

impl Registered {
    /// One that is registered for this scope.
    pub async fn app(app: &TestApp, scopes: &str) -> Registered {
        let fields = [
            ("client_name", "Pocket Timeline"),
            ("redirect_uris", &format!("{CALLBACK}\n{OUT_OF_BAND}")),
            ("scopes", scopes),
        ];
        let answer = app.post("/api/v1/apps", &fields).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        Registered::of(&answer.json())
    }

    /// Reads the answer to a registration.
    fn of(answer: &Value) -> Registered {
        let text = |name: &str| {
            answer[name]
                .as_str()
                .unwrap_or_else(|| panic!("{name}: {answer}"))
                .to_owned()
        };
        Registered {
            client_id: text("client_id"),
            client_secret: text("client_secret"),
        }
    }

    /// What it asks the person for, without PKCE, as most of these apps do.
    fn asks(&self, scope: &str) -> AuthorizationRequest {
        AuthorizationRequest::of(&self.client_id, CALLBACK)
            .without("code_challenge")
            .without("code_challenge_method")
            .with("scope", scope)
    }

    /// A code of this person, who is asked each time.
    async fn code(&self, person: &Visitor, scope: &str) -> String {
        person.code(&self.asks(scope).with("force_login", "true")).await
    }

    /// What redeems a code.
    fn redemption(&self, code: &str) -> Vec<(&'static str, String)> {
        vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.to_owned()),
            ("redirect_uri", CALLBACK.to_owned()),
            ("client_id", self.client_id.clone()),
            ("client_secret", self.client_secret.clone()),
        ]
    }

    /// A token of this person.
    pub async fn token(&self, app: &TestApp, person: &Visitor, scope: &str) -> String {
        let code = self.code(person, scope).await;
        let answer = app.post_token(&self.redemption(&code)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// A token of its own.
    async fn own_token(&self, app: &TestApp) -> String {
        let answer = app.post_token(&self.own_token_request()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    fn own_token_request(&self) -> Vec<(&'static str, String)> {
        vec![
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", self.client_id.clone()),
            ("client_secret", self.client_secret.clone()),
        ]
    }
}
