//! Gancio's clients: WPGancio's requests byte for byte, and every row of what Gancio answers.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::{Method, header};
use serde_json::{Value, json};
use vestibule::oauth::error::ErrorCode;

use crate::harness::actors::{Answer, changed};
use crate::harness::api::{FORM, access_token, refresh_token};
use crate::harness::encoding::ENCODINGS;
use crate::harness::{AuthorizationRequest, ClientSite, Options, TestApp, Visitor, expect};
use crate::registration::{text, without_id};

mod tokens;

/// WPGancio's page of settings, whose address has a query.
const SETTINGS: &str = "https://wp.example/wp-admin/options-general.php?page=wpgancio";

/// What WordPress keeps of a credential (`sanitize_key`).
fn sanitized(credential: &str) -> String {
    let lower = credential.to_ascii_lowercase();
    let kept = lower.chars().filter(|c| c.is_ascii_alphanumeric() || "_-".contains(*c));
    kept.collect()
}

async fn register(app: &TestApp) -> Value {
    let answer = app
        .post(
            "/api/client",
            &[("client_name", "WPGancio"), ("redirect_uris", SETTINGS)],
        )
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn request_of(client: &Value) -> AuthorizationRequest {
    AuthorizationRequest::of(text(client, "client_id"), SETTINGS)
        .with("scope", "event:write")
        .without("code_challenge")
        .without("code_challenge_method")
}

/// As WPGancio redeems: no redirect URI, no verifier.
fn redemption_of(client: &Value, code: &str) -> Vec<(&'static str, String)> {
    vec![
        ("client_id", text(client, "client_id").to_owned()),
        ("client_secret", text(client, "client_secret").to_owned()),
        ("scope", "event:write".to_owned()),
        ("grant_type", "authorization_code".to_owned()),
        ("code", code.to_owned()),
    ]
}

async fn scene() -> (TestApp, Visitor, Value) {
    let app = TestApp::start().await;
    let alice = app.owner("alice").await;
    let client = register(&app).await;
    (app, alice, client)
}

/// The whole way, with the bytes that WPGancio sends and what WordPress leaves of the answers.
#[tokio::test]
async fn wpgancio_goes_the_whole_way_with_sanitized_credentials() {
    let app = TestApp::start().await;
    let alice = app.owner("alice").await;
    let body = "client_name=WPGancio&redirect_uris=https%3A%2F%2Fwp.example%2Fwp-admin%2Foptions-general.php%3Fpage%3D\
                wpgancio&scopes=event%3Awrite&website=https%3A%2F%2Fgancio.org";
    let client = app.post_body("/api/client", FORM, body).await.json();
    let (id, secret) = (
        sanitized(text(&client, "client_id")),
        sanitized(text(&client, "client_secret")),
    );
    let asked = format!("/authorize?response_type=code&redirect_uri={SETTINGS}&scope=event:write&client_id={id}");
    let question = alice.get(alice.get(&asked).await.location()).await;
    let form = question.form("/consent/").set("decision", "approve");
    let back = alice.submit(&form).await;
    assert!(
        back.location().starts_with(&format!("{SETTINGS}&code=")),
        "{}",
        back.location()
    );
    let code = sanitized(&back.location_param("code").unwrap());
    let body =
        format!("client_id={id}&client_secret={secret}&scope=event%3Awrite&grant_type=authorization_code&code={code}");
    let answer = app.post_body("/oauth/token", FORM, body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(
        (answer.header("cache-control"), answer.header("pragma")),
        ("no-store", "no-cache")
    );
    let tokens = answer.json();
    assert_eq!(tokens["username"], "alice");
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["scope"], "event:write");
    assert_eq!(tokens.get("expires_in"), None);
    let (access, refresh) = (sanitized(access_token(&tokens)), sanitized(refresh_token(&tokens)));
    let who = alice.get_with_token("/api/user", &access).await;
    assert_eq!((who.status.as_u16(), &who.json()["email"]), (200, &json!("alice")));
    let body = format!("client_id={id}&client_secret={secret}&grant_type=refresh_token&refresh_token={refresh}");
    let second = app.post_body("/oauth/token", FORM, body).await.json();
    assert_eq!(second["username"], "alice");
    assert!(app.holds(&sanitized(access_token(&second))).await);
}

#[tokio::test]
async fn a_client_registers_in_every_encoding_and_is_told_what_was_given() {
    let app = TestApp::start().await;
    let fields = [
        ("client_name", "Wordpress Event Manager".to_owned()),
        ("redirect_uris", "https://noblogs.org/".to_owned()),
        ("scopes", "event:write".to_owned()),
        ("website", "https://myapp.example".to_owned()),
    ];
    for encoding in ENCODINGS {
        let answer = encoding.post(&app, "/api/client", "", &fields).await;
        assert_eq!(answer.status, 200, "{encoding:?}: {answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        let client = answer.json();
        for credential in ["client_id", "client_secret"] {
            let value = text(&client, credential);
            assert_eq!(value, sanitized(value), "{credential}");
        }
        let expected = json!({
            "client_id": client["client_id"],
            "client_secret": client["client_secret"],
            "name": "Wordpress Event Manager",
            "redirect_uris": "https://noblogs.org/",
            "redirectUris": "https://noblogs.org/",
            "scopes": "event:write",
            "website": "https://myapp.example",
        });
        assert_eq!(client, expected, "{encoding:?}");
    }
    let least = app.post("/api/client", &[("redirect_uris", SETTINGS)]).await.json();
    assert_eq!(least["scopes"], "event:write");
    for absent in ["name", "website", "id"] {
        assert_eq!(least.get(absent), None, "{absent}");
    }
}

#[tokio::test]
async fn the_escaping_of_a_page_is_undone_in_the_address() {
    let app = TestApp::start().await;
    for escaped in ["https://wp.example/?a=1&amp;b=2", "https://wp.example/?a=1&#038;b=2"] {
        let client = app.post("/api/client", &[("redirect_uris", escaped)]).await.json();
        assert_eq!(client["redirect_uris"], "https://wp.example/?a=1&b=2", "{escaped}");
    }
}

#[tokio::test]
async fn what_cannot_be_registered_is_422() {
    let app = TestApp::start().await;
    for (fields, error) in [
        (
            vec![("redirect_uris", SETTINGS), ("scopes", "event:write event:read")],
            Some("Invalid scopes"),
        ),
        (
            vec![("redirect_uris", SETTINGS), ("scopes", "read")],
            Some("Invalid scopes"),
        ),
        (vec![("scopes", "event:write")], None),
        (vec![("redirect_uris", "https://a.example/ https://b.example/")], None),
        (vec![("redirect_uris", "http://wp.example/")], None),
    ] {
        let answer = app.post("/api/client", &fields).await;
        assert_eq!(answer.status, 422, "{fields:?}: {answer:?}");
        assert_eq!(answer.header("content-type"), "application/json");
        let said = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(error.is_none_or(|error| said == error), "{said}");
    }
    assert_eq!(app.rows().await.count("clients").await, 0);
}

#[tokio::test]
async fn too_many_registrations_are_refused_in_plain_text() {
    let app = Options::default()
        .set("VESTIBULE_LIMITS__REGISTRATION", "1")
        .start()
        .await;
    register(&app).await;
    let answer = app.post("/api/client", &[("redirect_uris", SETTINGS)]).await;
    assert_eq!(answer.status, 429);
    assert!(answer.header("content-type").starts_with("text/plain"), "{answer:?}");
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
}

#[tokio::test]
async fn where_no_client_may_register_the_address_is_unknown() {
    let app = Options::default()
        .set("VESTIBULE_REGISTRATION__GANCIO", "false")
        .start()
        .await;
    let unknown = app.post("/api/unheard-of", &[("a", "b")]).await;
    let closed = app.post("/api/client", &[("redirect_uris", SETTINGS)]).await;
    assert_eq!(closed.status, 404);
    assert_eq!(
        (closed.status, without_id(&closed)),
        (unknown.status, without_id(&unknown))
    );
    assert_eq!(closed.header("content-type"), unknown.header("content-type"));
}

#[tokio::test]
async fn the_address_is_compared_before_anybody_is_asked_and_the_scope_does_not_count() {
    let (app, alice, client) = scene().await;
    let request = request_of(&client);
    for other in [
        "https://wp.example/wp-admin/options-general.php",
        "https://wp.example/wp-admin/options-general.php?page=wpgancio&x=1",
        "https://wp.example/wp-admin/options-general.php?page=WPGANCIO",
        "https://evil.example/?page=wpgancio",
    ] {
        let answer = alice.get_authorize(&request.clone().with("redirect_uri", other)).await;
        expect::page_error(&answer, 400);
    }
    for scope in ["", "event:write", "all", "read write", "unheard-of"] {
        let page = alice.consent_page(&request.clone().with("scope", scope)).await;
        assert_eq!(page.form("/consent/").all("scope"), ["event:write"], "{scope}");
    }
    let denied = alice
        .consent_page(&request)
        .await
        .form("/consent/")
        .set("decision", "deny");
    let answer = alice.submit(&denied).await;
    expect::redirect_error(&answer, ErrorCode::AccessDenied, &request, &app.issuer);
}

#[tokio::test]
async fn the_documented_address_leads_through_the_sign_in_page() {
    let (app, _alice, client) = scene().await;
    let path = request_of(&client).path().replace("/oauth/authorize?", "/authorize?");
    let visitor = app.visitor();
    let answer = visitor.get(&path).await;
    assert!(
        answer.location().starts_with("/sign-in?response_type=code&"),
        "{answer:?}"
    );
    let form = visitor.get(answer.location()).await.form("/sign-in");
    let form = form
        .set("username", "alice")
        .set("password", crate::harness::app::PASSWORD);
    let onwards = visitor.submit(&form).await;
    let question = visitor.get(onwards.location()).await;
    assert!(question.location().starts_with("/consent/"), "{question:?}");
    expect::page_error(&app.visitor().get("/authorize").await, 400);
}

#[tokio::test]
async fn a_client_is_shown_to_whom_it_asked_and_to_nobody_else() {
    let (app, alice, client) = scene().await;
    let path = format!("/api/client/{}", text(&client, "client_id"));
    let unknown = alice.get(&path).await;
    assert_eq!((unknown.status.as_u16(), unknown.body.as_str()), (404, "Not found!"));
    alice.code(&request_of(&client)).await;
    let shown = alice.get(&path).await;
    assert_eq!(shown.status, 200, "{shown:?}");
    let expected = json!({
        "client_id": client["client_id"], "name": "WPGancio", "redirect_uris": SETTINGS, "redirectUris": SETTINGS,
        "scopes": "event:write"
    });
    assert_eq!(shown.json(), expected);
    assert_eq!(app.owner("bob").await.get(&path).await.status, 404);
    let nobody = app.visitor().get(&path).await;
    assert_eq!((nobody.status.as_u16(), nobody.body.as_str()), (403, "Forbidden"));
    assert_eq!(alice.get("/api/client/unheard-of").await.status, 404);
    assert_eq!(shown.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn a_person_sees_their_own_clients_without_any_credential() {
    let (app, alice, client) = scene().await;
    let bob = app.owner("bob").await;
    let code = alice.code(&request_of(&client)).await;
    let tokens = app.post_token(&redemption_of(&client, &code)).await.json();
    let answer = alice.get("/api/clients").await;
    let listed = answer.json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
    assert_eq!(listed[0]["client"]["client_id"], client["client_id"]);
    assert_eq!(listed[0]["user"]["email"], "alice");
    for secret in [
        access_token(&tokens),
        refresh_token(&tokens),
        text(&client, "client_secret"),
    ] {
        assert!(!answer.body.contains(secret));
    }
    assert_eq!(bob.get("/api/clients").await.json(), json!([]));
    assert_eq!(app.visitor().get("/api/clients").await.status, 403);
    alice.submit(&alice.get("/apps").await.form("/apps/revoke")).await;
    assert_eq!(alice.get("/api/clients").await.json(), json!([]));
}

#[tokio::test]
async fn the_account_is_told_to_a_token_and_to_nothing_else() {
    let (app, alice, client) = scene().await;
    let code = alice.code(&request_of(&client)).await;
    let tokens = app.post_token(&redemption_of(&client, &code)).await.json();
    let answer = alice.get_with_token("/api/user", access_token(&tokens)).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.json()["email"], "alice");
    let site = ClientSite::start().await;
    let other = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    for token in [
        "",
        "unheard-of",
        refresh_token(&tokens),
        text(&client, "client_secret"),
        access_token(&other),
    ] {
        let refused = alice.get_with_token("/api/user", token).await;
        assert_eq!(
            (refused.status.as_u16(), refused.body.as_str()),
            (403, "Forbidden"),
            "{token}"
        );
    }
    assert_eq!(alice.get("/api/user").await.status, 403, "a session is no token");
    let in_query = format!("/api/user?access_token={}", access_token(&tokens));
    expect::json_error(&alice.get(&in_query).await, 400, ErrorCode::InvalidRequest);
    let preflight = app.http.request(Method::OPTIONS, format!("{}/api/user", app.base));
    assert_eq!(Answer::to(preflight).await.status, 204);
}
