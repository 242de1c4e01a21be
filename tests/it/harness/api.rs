//! What programs do: apps with their tokens, and resource servers that ask about them.

use reqwest::header;
use serde_json::Value;
use time::OffsetDateTime;
use vestibule::clock::Clock as _;
use vestibule::flows::introspect::add_resource_server;
use vestibule::storage::Store;

use super::actors::{Answer, AuthorizationRequest, Visitor, encode};
use super::app::TestApp;
use super::client_site::ClientSite;

pub const FORM: &str = "application/x-www-form-urlencoded";

/// A client metadata document that declares the `refresh_token` grant.
pub const REFRESHING: &str = r#"{
    "client_id": "{base}/",
    "client_name": "My Refreshing App",
    "redirect_uris": ["{base}/redirect"],
    "grant_types": ["authorization_code", "refresh_token"]
}"#;

/// A program that may ask about tokens.
pub struct ResourceServer {
    pub id: String,
    pub secret: String,
}

impl TestApp {
    /// The moment at which the server believes to be.
    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// A second handle on its database, for looking and for cleaning.
    pub async fn store(&self) -> Store {
        Store::connect(self.database_url(), None)
            .await
            .expect("the database is there")
    }

    /// POST of a form, from a program.
    pub async fn post<N: AsRef<str>, V: AsRef<str>>(&self, path: &str, fields: &[(N, V)]) -> Answer {
        self.post_body(path, FORM, encode(fields)).await
    }

    /// POST of any body.
    pub async fn post_body(&self, path: &str, content_type: &str, body: impl Into<String>) -> Answer {
        let request = self.http.post(format!("{}{path}", self.base)).body(body.into());
        Answer::to(match content_type {
            "" => request,
            known => request.header(header::CONTENT_TYPE, known),
        })
        .await
    }

    /// POST to the token endpoint.
    pub async fn post_token<N: AsRef<str>, V: AsRef<str>>(&self, fields: &[(N, V)]) -> Answer {
        self.post("/oauth/token", fields).await
    }

    /// Spends a refresh token for the app at `site`.
    pub async fn refresh(&self, site: &ClientSite, refresh_token: &str) -> Answer {
        self.post_token(&refresh_request(site, refresh_token)).await
    }

    /// Shows a token to the server, as its holder may. That is a use of the token.
    pub async fn check(&self, token: &str) -> Answer {
        let request = self.http.get(format!("{}/oauth/token", self.base));
        Answer::to(request.bearer_auth(token)).await
    }

    /// Whether an access token holds. To ask is a use of it.
    pub async fn holds(&self, token: &str) -> bool {
        self.check(token).await.status.is_success()
    }

    /// Adds a program that may ask about tokens.
    pub async fn resource_server(&self, name: &str) -> ResourceServer {
        let added = add_resource_server(&self.store().await, name, self.now()).await;
        let (id, secret) = added.expect("no failure").expect("a free name");
        let secret = secret.expose().to_owned();
        ResourceServer { id, secret }
    }

    /// Asks about a token, as a program with good credentials.
    pub async fn introspect(&self, resource: &ResourceServer, token: &str) -> Answer {
        let request = self.http.post(format!("{}/oauth/introspect", self.base));
        Answer::to(
            request
                .basic_auth(&resource.id, Some(&resource.secret))
                .header(header::CONTENT_TYPE, FORM)
                .body(encode(&[("token", token)])),
        )
        .await
    }
}

/// The refresh of a token of the app at `site`.
pub fn refresh_request(site: &ClientSite, refresh_token: &str) -> Vec<(&'static str, String)> {
    vec![
        ("grant_type", "refresh_token".to_owned()),
        ("refresh_token", refresh_token.to_owned()),
        ("client_id", site.client_id()),
    ]
}

/// A good request without a scope: to learn who the person is.
pub fn identity_request(site: &ClientSite) -> AuthorizationRequest {
    AuthorizationRequest::valid(site).without("scope")
}

/// The access token of a token response.
#[track_caller]
pub fn access_token(response: &Value) -> &str {
    response["access_token"].as_str().expect("an access token")
}

/// The refresh token of a token response.
#[track_caller]
pub fn refresh_token(response: &Value) -> &str {
    response["refresh_token"].as_str().expect("a refresh token")
}

/// A server, an app without refresh tokens, and a person who is signed in.
pub async fn scene() -> (TestApp, ClientSite, Visitor) {
    let (app, site) = (TestApp::start().await, ClientSite::start().await);
    let alice = app.owner("alice").await;
    (app, site, alice)
}

/// The same with an app that refreshes.
pub async fn refreshing_scene() -> (TestApp, ClientSite, Visitor) {
    let (app, site) = (TestApp::start().await, ClientSite::with_document(REFRESHING).await);
    let alice = app.owner("alice").await;
    (app, site, alice)
}
