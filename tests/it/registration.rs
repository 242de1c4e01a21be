//! Clients that register themselves (RFC 7591): who may, what they send, and what they are told.

use reqwest::{Method, header};
use serde_json::{Value, json};
use vestibule::oauth::error::ErrorCode;

use crate::harness::actors::Answer;
use crate::harness::{AuthorizationRequest, Options, TestApp, expect};

mod attacks;
mod kept;
mod manage;

/// A server at which anybody may register.
pub(crate) async fn open() -> TestApp {
    registering("open").start().await
}

fn registering(who: &str) -> Options {
    Options::default().set("VESTIBULE_REGISTRATION__DYNAMIC", who)
}

pub(crate) const REDIRECT_URI: &str = "https://app.example/callback";

impl TestApp {
    /// Registers a client.
    pub async fn register(&self, metadata: &Value) -> Answer {
        self.post_body("/oauth/register", "application/json", metadata.to_string())
            .await
    }

    /// Registers a client that must be let in.
    pub async fn registered(&self, metadata: &Value) -> Value {
        let answer = self.register(metadata).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    }

    /// A request about a registration, with its token.
    pub async fn manage(&self, method: Method, client: &Value, body: Option<&Value>) -> Answer {
        let address = text(client, "registration_client_uri").replace(&self.issuer, &self.base);
        let request = self.http.request(method, address);
        let request = request.bearer_auth(text(client, "registration_access_token"));
        Answer::to(match body {
            Some(body) => request
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.to_string()),
            None => request,
        })
        .await
    }
}

/// A member that must be a text.
#[track_caller]
pub(crate) fn text<'a>(object: &'a Value, member: &str) -> &'a str {
    object[member]
        .as_str()
        .unwrap_or_else(|| panic!("no {member} in {object}"))
}

/// What an app that cannot keep a secret sends.
pub(crate) fn public() -> Value {
    json!({ "client_name": "A public app", "redirect_uris": [REDIRECT_URI], "token_endpoint_auth_method": "none" })
}

/// The authorization request of such a client.
pub(crate) fn request_of(client: &Value) -> AuthorizationRequest {
    AuthorizationRequest::of(text(client, "client_id"), REDIRECT_URI)
}

/// What redeems its code, with its secret in the body if it has one.
pub(crate) fn redemption_of(client: &Value, request: &AuthorizationRequest, code: &str) -> Vec<(&'static str, String)> {
    let mut fields = request.redemption(code);
    if let Some(secret) = client["client_secret"].as_str() {
        fields.push(("client_secret", secret.to_owned()));
    }
    fields
}

/// The words of a page that refuses, without the id of the request.
pub(crate) fn without_id(page: &Answer) -> String {
    let text = page.text();
    let words = text.split(" Request ").next();
    words.unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_closed_endpoint_is_an_unknown_address() {
    let app = TestApp::start().await;
    let unknown = app.post_body("/oauth/unheard-of", "application/json", "{}").await;
    let closed = app.register(&public()).await;
    assert_eq!((closed.status, unknown.status.as_u16()), (unknown.status, 404));
    assert_eq!(without_id(&closed), without_id(&unknown));
    for header in ["content-type", "access-control-allow-origin"] {
        assert_eq!(closed.header(header), unknown.header(header), "{header}");
    }
}

#[tokio::test]
async fn the_endpoint_is_published_only_where_it_is_open_to_everybody() {
    let token = "a".repeat(32);
    for (options, published) in [
        (Options::default(), false),
        (
            registering("token").set("VESTIBULE_REGISTRATION__INITIAL_ACCESS_TOKEN", token),
            false,
        ),
        (registering("open"), true),
    ] {
        let app = options.start().await;
        let document = app
            .visitor()
            .get("/.well-known/oauth-authorization-server")
            .await
            .json();
        let expected = published.then(|| json!(format!("{}/oauth/register", app.issuer)));
        assert_eq!(document.get("registration_endpoint"), expected.as_ref());
    }
}

#[tokio::test]
async fn an_initial_access_token_lets_its_holder_register_and_nobody_else() {
    let token = "0123456789abcdef0123456789abcdef";
    let options = registering("token").set("VESTIBULE_REGISTRATION__INITIAL_ACCESS_TOKEN", token);
    let app = options.start().await;
    for (authorization, admitted) in [
        (format!("Bearer {token}"), true),
        (format!("bearer {token}"), true),
        (format!("Bearer {token}x"), false),
        (format!("Bearer {}", &token[1..]), false),
        ("Bearer ".to_owned(), false),
        (format!("Basic {token}"), false),
        (String::new(), false),
    ] {
        let request = app.http.post(format!("{}/oauth/register", app.base));
        let request = request.header(header::CONTENT_TYPE, "application/json");
        let request = request.body(public().to_string());
        let request = match authorization.as_str() {
            "" => request,
            value => request.header(header::AUTHORIZATION, value),
        };
        let answer = Answer::to(request).await;
        if admitted {
            assert_eq!(answer.status, 201, "{authorization}: {answer:?}");
        } else {
            expect::json_error(&answer, 401, ErrorCode::InvalidToken);
            assert!(answer.header("www-authenticate").starts_with("Bearer "), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn everything_that_is_registered_is_told() {
    let app = open().await;
    let answer = app
        .register(&json!({
            "redirect_uris": [REDIRECT_URI, "http://127.0.0.1/cb"],
            "client_name": "Postcard",
            "client_name#ja": "はがき",
            "client_uri": "https://app.example/",
            "logo_uri": "https://app.example/logo.png",
            "scope": "profile create unheard-of",
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "response_types": ["code", "token"],
            "token_endpoint_auth_method": "client_secret_post",
            "application_type": "native",
            "contacts": ["a@app.example"],
            "tos_uri": "https://app.example/tos",
            "policy_uri": 7,
            "software_id": "postcard",
            "software_version": "1",
            "jwks": { "keys": [] },
            "client_secret": "chosen",
            "trusted": true,
            "skip_consent": true,
        }))
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let client = answer.json();
    let id = text(&client, "client_id");
    assert!(text(&client, "client_secret").starts_with("vcs_"));
    assert!(text(&client, "registration_access_token").starts_with("vrg_"));
    let told = json!({
        "client_id": id,
        "client_id_issued_at": app.now().unix_timestamp(),
        "client_secret": client["client_secret"],
        "client_secret_expires_at": 0,
        "registration_access_token": client["registration_access_token"],
        "registration_client_uri": format!("{}/oauth/register/{id}", app.issuer),
        "redirect_uris": [REDIRECT_URI, "http://127.0.0.1/cb"],
        "client_name": "Postcard",
        "client_uri": "https://app.example/",
        "logo_uri": "https://app.example/logo.png",
        "scope": "profile create",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_post",
        "application_type": "native",
    });
    assert_eq!(client, told);
}

#[tokio::test]
async fn a_public_client_gets_no_secret_and_goes_the_whole_way_with_pkce() {
    let app = open().await;
    let alice = app.owner("alice").await;
    let client = app.registered(&public()).await;
    for member in ["client_secret", "client_secret_expires_at", "application_type", "scope"] {
        assert_eq!(client.get(member), None, "{member}");
    }
    let request = request_of(&client);
    let token = alice.tokens(&request).await;
    assert_eq!(token["scope"], "profile create");
    let who = alice
        .get_with_token("/oauth/userinfo", text(&token, "access_token"))
        .await;
    assert_eq!(who.json()["preferred_username"], "alice");
    let without = request
        .fresh_pkce()
        .without("code_challenge")
        .without("code_challenge_method");
    let answer = alice.get_authorize(&without).await;
    expect::redirect_error(&answer, ErrorCode::InvalidRequest, &without, &app.issuer);
}

#[tokio::test]
async fn a_confidential_client_refreshes_if_it_registered_for_it() {
    let app = open().await;
    let alice = app.owner("alice").await;
    let grants = ["authorization_code", "refresh_token"];
    let client = app
        .registered(&json!({ "redirect_uris": [REDIRECT_URI], "grant_types": grants }))
        .await;
    assert_eq!(client["token_endpoint_auth_method"], "client_secret_basic");
    let request = request_of(&client);
    let code = alice.code(&request).await;
    let first = app.post_token(&redemption_of(&client, &request, &code)).await.json();
    assert_eq!(first["expires_in"], 3600);
    let refresh = |secret: &str| {
        vec![
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", text(&first, "refresh_token").to_owned()),
            ("client_id", text(&client, "client_id").to_owned()),
            ("client_secret", secret.to_owned()),
        ]
    };
    let refused = app.post_token(&refresh("")).await;
    expect::json_error(&refused, 401, ErrorCode::InvalidClient);
    let second = app.post_token(&refresh(text(&client, "client_secret"))).await;
    assert_eq!(second.status, 200, "{second:?}");
}

#[tokio::test]
async fn who_asks_for_nothing_in_particular_is_told_who_the_person_is() {
    let app = open().await;
    let alice = app.owner("alice").await;
    let client = app.registered(&public()).await;
    let token = alice.tokens(&request_of(&client).without("scope")).await;
    assert_eq!(token["scope"], "profile");
    let narrow = app
        .registered(&json!({
            "redirect_uris": [REDIRECT_URI], "token_endpoint_auth_method": "none", "scope": "create update"
        }))
        .await;
    let token = alice.tokens(&request_of(&narrow).without("scope")).await;
    assert_eq!(token["scope"], "create update");
}

#[tokio::test]
async fn what_cannot_be_registered_is_refused_by_its_name() {
    let app = open().await;
    let with = |member: &str, value: Value| {
        let mut metadata = public();
        metadata[member] = value;
        metadata.to_string()
    };
    for (body, code) in [
        ("{}".to_owned(), ErrorCode::InvalidRedirectUri),
        (with("redirect_uris", json!([])), ErrorCode::InvalidRedirectUri),
        (with("redirect_uris", json!([1])), ErrorCode::InvalidRedirectUri),
        (
            with("redirect_uris", json!({ "0": "x" })),
            ErrorCode::InvalidRedirectUri,
        ),
        (with("client_name", json!(["x"])), ErrorCode::InvalidClientMetadata),
        (with("grant_types", json!({})), ErrorCode::InvalidClientMetadata),
        (with("scope", json!(["profile"])), ErrorCode::InvalidClientMetadata),
        (
            with("token_endpoint_auth_method", json!("private_key_jwt")),
            ErrorCode::InvalidClientMetadata,
        ),
        ("[]".to_owned(), ErrorCode::InvalidClientMetadata),
        ("not JSON".to_owned(), ErrorCode::InvalidClientMetadata),
        (
            r#"{"redirect_uris":["https://a.example/"],"redirect_uris":["https://b.example/"]}"#.to_owned(),
            ErrorCode::InvalidClientMetadata,
        ),
    ] {
        let answer = app.post_body("/oauth/register", "application/json", body.clone()).await;
        expect::json_error(&answer, 400, code);
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{body}");
        assert_eq!(app.rows().await.count("clients").await, 0, "{body}");
    }
}

/// The requests of programs that are in use.
#[tokio::test]
async fn real_programs_register() {
    let app = open().await;
    for (body, method, grants) in [
        // The SDK of MCP in TypeScript, as the inspector sends it.
        (
            r#"{"redirect_uris":["http://localhost:6274/oauth/callback"],"token_endpoint_auth_method":"none","grant_types":["authorization_code","refresh_token"],"response_types":["code"],"client_name":"MCP Inspector","client_uri":"https://github.com/modelcontextprotocol/inspector","scope":""}"#,
            "none",
            2,
        ),
        // Visual Studio Code.
        (
            r#"{"client_name":"Visual Studio Code","client_uri":"https://code.visualstudio.com","grant_types":["authorization_code","refresh_token","urn:ietf:params:oauth:grant-type:device_code"],"response_types":["code"],"redirect_uris":["https://insiders.vscode.dev/redirect","https://vscode.dev/redirect","http://localhost/","http://127.0.0.1/","http://localhost:33418/","http://127.0.0.1:33418/"],"token_endpoint_auth_method":"none","application_type":"native"}"#,
            "none",
            2,
        ),
        // The SDK in Python.
        (
            r#"{"redirect_uris":["http://localhost:3030/callback"],"token_endpoint_auth_method":"client_secret_post","grant_types":["authorization_code","refresh_token"],"response_types":["code"],"client_name":"Simple Auth Client","client_uri":null,"logo_uri":null,"scope":null,"contacts":null,"tos_uri":null,"jwks":null}"#,
            "client_secret_post",
            2,
        ),
    ] {
        let answer = app.post_body("/oauth/register", "application/json", body).await;
        assert_eq!(answer.status, 201, "{body}: {answer:?}");
        let client = answer.json();
        assert_eq!(client["token_endpoint_auth_method"], method);
        assert_eq!(client["grant_types"].as_array().unwrap().len(), grants);
    }
}
