//! FoundKey's OAuth, as its developers' page describes it: register, ask at `/auth`, redeem with a Basic header.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::harness::actors::{Answer, VERIFIER, encode};
use crate::harness::api::{FORM, access_token};
use crate::harness::app::PASSWORD;
use crate::harness::{Options, TestApp, Visitor, expect};
use crate::misskey_app::{
    CALLBACK, JSON, address, call, decided, generated, question, registered, registration, scene, user_key,
};

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const TOKEN: &str = "/api/auth/session/oauth";

fn request(of: &Value, more: &[(&str, &str)]) -> String {
    let mut query = vec![("response_type", "code"), ("client_id", of["id"].as_str().unwrap())];
    query.extend(more);
    format!("/auth?{}", encode(&query))
}

async fn code(alice: &Visitor, of: &Value, more: &[(&str, &str)]) -> String {
    let answer = alice.get(&request(of, more)).await;
    let back = match answer.location().starts_with("/consent/") {
        true => {
            let form = alice.get(answer.location()).await.form("/consent/");
            alice.submit(&form.set("decision", "approve")).await
        }
        false => answer,
    };
    back.location_param("code").unwrap_or_else(|| panic!("{back:?}"))
}

fn basic(of: &Value) -> String {
    let pair = format!("{}:{}", of["id"].as_str().unwrap(), of["secret"].as_str().unwrap());
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}

async fn redeem(app: &TestApp, authorization: &str, fields: &[(&str, &str)]) -> Answer {
    let request = app
        .http
        .post(format!("{}{TOKEN}", app.base))
        .header("content-type", FORM);
    let request = match authorization {
        "" => request,
        value => request.header("authorization", value),
    };
    Answer::to(request.body(encode(fields))).await
}

fn redemption(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
    ]
}

#[tokio::test]
async fn the_whole_way() {
    let (app, of, alice) = scene().await;
    let more = [
        ("redirect_uri", CALLBACK),
        ("scope", "write:notes read:drive fly:kites"),
        ("state", "x y"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let back = decided(&alice, &request(&of, &more), "approve").await;
    assert!(back.location().starts_with(CALLBACK), "{}", back.location());
    assert_eq!(back.location_param("state").as_deref(), Some("x y"));
    let code = back.location_param("code").unwrap();
    let mut fields = redemption(&code);
    fields.push(("code_verifier", VERIFIER));
    let answer = redeem(&app, &basic(&of), &fields).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(answer.header("cache-control").contains("no-store"));
    let token = answer.json();
    assert_eq!(token["token_type"], "bearer");
    assert_eq!(token["scope"], "write:notes", "what is not registered is dropped");
    for absent in ["refresh_token", "expires_in"] {
        assert_eq!(token.get(absent), None);
    }
    assert!(app.holds(access_token(&token)).await);
}

#[tokio::test]
async fn scope_is_everything_registered_when_absent_and_may_be_nothing() {
    for (scope, granted) in [
        (None, "read:account write:notes"),
        (Some("read:account"), "read:account"),
        (Some("read:drive"), ""),
        (Some("fly:kites"), ""),
    ] {
        let (app, of, alice) = scene().await;
        let more: Vec<(&str, &str)> = scope.map(|scope| ("scope", scope)).into_iter().collect();
        let code = code(&alice, &of, &more).await;
        let token = redeem(&app, &basic(&of), &redemption(&code)).await.json();
        assert_eq!(token["scope"], granted, "{token}");
    }
}

#[tokio::test]
async fn json_is_read_as_well() {
    let (app, of, alice) = scene().await;
    let code = code(&alice, &of, &[]).await;
    let body = json!({ "grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK });
    let request = app
        .http
        .post(format!("{}{TOKEN}", app.base))
        .header("content-type", JSON);
    let answer = Answer::to(request.header("authorization", basic(&of)).body(body.to_string())).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[track_caller]
fn refused(answer: &Answer, status: u16, body: &Value) {
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    assert_eq!(&answer.json(), body);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let challenge = if status == 401 { "Basic" } else { "" };
    assert_eq!(answer.header("www-authenticate"), challenge);
}

/// Each row is refused although everything below it is wrong as well.
#[tokio::test]
async fn a_redemption_is_judged_row_by_row() {
    let (app, of, _) = scene().await;
    let invalid_request = json!({ "error": "invalid_request" });
    let unsupported = json!({
        "error": "unsupported_grant_type",
        "error_description": "only authorization_code grants are supported",
    });
    let required = json!({ "error": "invalid_client", "error_description": "HTTP Basic Authentication required" });
    let failed = json!({ "error": "invalid_client", "error_description": "authentication failed" });
    let with = async |authorization: &str, fields: &[(&str, &str)]| redeem(&app, authorization, fields).await;
    for fields in [
        &[][..],
        &[("grant_type", "authorization_code")],
        &[("code", "x")],
        &[("grant_type", "password")],
        &[("grant_type", ""), ("code", "x")],
        &[("grant_type", "authorization_code"), ("code", "")],
    ] {
        refused(&with("", fields).await, 400, &invalid_request);
    }
    refused(
        &with("", &[("grant_type", "password"), ("code", "x")]).await,
        400,
        &unsupported,
    );
    let refresh = [("grant_type", "refresh_token"), ("code", "x")];
    refused(&with("", &refresh).await, 400, &unsupported);
    let (id, secret) = (of["id"].as_str().unwrap(), of["secret"].as_str().unwrap());
    let in_body = [
        ("grant_type", "authorization_code"),
        ("code", "x"),
        ("client_id", id),
        ("client_secret", secret),
    ];
    for authorization in ["", "Bearer x", "Digest x"] {
        refused(&with(authorization, &in_body).await, 401, &required);
    }
    let known_id = BASE64_STANDARD.encode(format!("{id}:wrong"));
    let no_secret = BASE64_STANDARD.encode(format!("{id}:"));
    let url_client = BASE64_STANDARD.encode("https://app.example/:x");
    for pair in ["YTpi", "!", &known_id, &no_secret, &url_client] {
        let authorization = format!("basic {pair}");
        refused(&with(&authorization, &redemption("x")).await, 401, &failed);
    }
    let unknown = with(&basic(&of), &redemption("x")).await;
    refused(&unknown, 400, &json!({ "error": "invalid_grant" }));
}

#[tokio::test]
async fn a_code_is_judged_by_its_app_and_by_its_proof() {
    let with_pkce = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    let told = |description: &str| json!({ "error": "invalid_grant", "error_description": description });
    let wrong = "x".repeat(43);
    for (verifier, redirect_uri, expected) in [
        (None, CALLBACK, told("invalid or missing PKCE code_verifier")),
        (Some("short"), CALLBACK, told("invalid or missing PKCE code_verifier")),
        (Some(&*wrong), CALLBACK, told("invalid PKCE code_verifier")),
        (
            Some(VERIFIER),
            "https://app.example/other",
            told("Mismatched redirect_uri"),
        ),
        (Some(VERIFIER), "", told("Mismatched redirect_uri")),
    ] {
        let (app, of, alice) = scene().await;
        let other = registered(&app, &registration()).await;
        let code = code(&alice, &of, &with_pkce).await;
        let mut fields = vec![("grant_type", "authorization_code"), ("code", &*code)];
        fields.push(("redirect_uri", redirect_uri));
        fields.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        let stranger = redeem(&app, &basic(&other), &fields).await;
        refused(&stranger, 400, &json!({ "error": "invalid_grant" }));
        refused(&redeem(&app, &basic(&of), &fields).await, 400, &expected);
    }
}

#[tokio::test]
async fn a_code_that_comes_twice_takes_its_token_along() {
    let (app, of, alice) = scene().await;
    let code = code(&alice, &of, &[]).await;
    let token = redeem(&app, &basic(&of), &redemption(&code)).await.json();
    refused(
        &redeem(&app, &basic(&of), &redemption(&code)).await,
        400,
        &json!({ "error": "invalid_grant" }),
    );
    assert!(!app.holds(access_token(&token)).await);
}

/// Opened by its id alone, as the OAuth page of FoundKey itself does.
#[tokio::test]
async fn the_token_of_a_session_is_a_code() {
    let (app, of, alice) = scene().await;
    let opening = json!({ "clientId": of["id"], "callbackUrl": CALLBACK, "pkceChallenge": CHALLENGE });
    let session = call(&app, "auth/session/generate", &opening).await.json();
    let token = session["token"].as_str().unwrap();
    let mut fields = redemption(token);
    fields.push(("code_verifier", VERIFIER));
    let pending = redeem(&app, &basic(&of), &fields).await;
    refused(&pending, 400, &json!({ "error": "invalid_grant" }));
    decided(&alice, address(&session), "approve").await;
    let answer = redeem(&app, &basic(&of), &fields).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["scope"], "read:account write:notes");
    let spent = user_key(&app, &of, &session).await;
    assert_eq!(spent.json()["error"]["code"], "NO_SUCH_SESSION");
}

#[tokio::test]
async fn a_session_with_a_challenge_needs_its_verifier_as_a_code() {
    let (app, of, alice) = scene().await;
    let opening = json!({ "clientId": of["id"], "pkceChallenge": CHALLENGE });
    let session = call(&app, "auth/session/generate", &opening).await.json();
    decided(&alice, address(&session), "approve").await;
    let answer = redeem(&app, &basic(&of), &redemption(session["token"].as_str().unwrap())).await;
    let expected = json!({ "error": "invalid_grant", "error_description": "invalid or missing PKCE code_verifier" });
    refused(&answer, 400, &expected);
}

#[tokio::test]
async fn only_apps_of_this_api_have_an_account_here() {
    let (app, of, alice) = scene().await;
    let code = code(&alice, &of, &[]).await;
    let rows = app.rows().await;
    sea_orm::ConnectionTrait::execute_unprepared(rows.connection(), "UPDATE clients SET dialect = 'gancio'")
        .await
        .unwrap();
    let failed = json!({ "error": "invalid_client", "error_description": "authentication failed" });
    refused(&redeem(&app, &basic(&of), &redemption(&code)).await, 401, &failed);
}

#[tokio::test]
async fn errors_of_a_request_travel_and_those_of_its_app_do_not() {
    let (app, of, alice) = scene().await;
    for (more, error) in [
        (&[("code_challenge", CHALLENGE)][..], "invalid_request"),
        (
            &[("code_challenge", CHALLENGE), ("code_challenge_method", "plain")],
            "invalid_request",
        ),
    ] {
        let mut more = more.to_vec();
        more.push(("state", "x"));
        let back = alice.get(&request(&of, &more)).await;
        assert!(back.location().starts_with(CALLBACK), "{}", back.location());
        assert_eq!(back.location_param("error").as_deref(), Some(error));
        assert_eq!(back.location_param("state").as_deref(), Some("x"));
    }
    let back = decided(&alice, &request(&of, &[("state", "x")]), "deny").await;
    assert_eq!(back.location_param("error").as_deref(), Some("access_denied"));
    assert_eq!(back.location_param("state").as_deref(), Some("x"));
    let unknown = json!({ "id": "nobody" });
    let away = [("redirect_uri", "https://evil.example/")];
    expect::page_error(&alice.get(&request(&unknown, &away)).await, 400);
    expect::page_error(&alice.get(&request(&of, &away)).await, 400);
    expect::page_error(&app.visitor().get("/auth").await, 400);
    expect::page_error(&app.visitor().post::<&str, &str>("/auth", &[]).await, 405);
}

#[tokio::test]
async fn whoever_signs_in_on_the_way_comes_back_to_the_request() {
    let (app, of, _) = scene().await;
    let visitor = app.visitor();
    let on_the_way = visitor.get(&request(&of, &[("state", "x")])).await;
    let form = visitor.get(on_the_way.location()).await.form("/sign-in");
    let back = visitor
        .submit(&form.set("username", "alice").set("password", PASSWORD))
        .await;
    let back = decided(&visitor, back.location(), "approve").await;
    assert_eq!(back.location_param("state").as_deref(), Some("x"));
    let code = back.location_param("code").unwrap();
    assert_eq!(redeem(&app, &basic(&of), &redemption(&code)).await.status, 200);
}

/// A yes answers the next request for no more, and no other.
#[tokio::test]
async fn a_request_for_more_is_asked_about_again() {
    let (_app, of, alice) = scene().await;
    decided(&alice, &request(&of, &[("scope", "read:account")]), "approve").await;
    let again = alice.get(&request(&of, &[("scope", "read:account")])).await;
    assert!(again.location_param("code").is_some(), "{again:?}");
    question(&alice, &request(&of, &[])).await;
}

#[tokio::test]
async fn too_many_redemptions_are_told_how_long_to_wait() {
    let app = Options::default().set("VESTIBULE_LIMITS__TOKEN", "1").start().await;
    redeem(&app, "", &[]).await;
    let answer = redeem(&app, "", &[]).await;
    assert_eq!(answer.status, 429);
    assert!(!answer.header("retry-after").is_empty());
    let answer = app.visitor().get(TOKEN).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
}

#[tokio::test]
async fn a_session_that_an_app_opens_by_its_secret_goes_to_its_callback() {
    let (app, of, alice) = scene().await;
    let session = generated(&app, &of).await;
    let back = decided(&alice, address(&session), "approve").await;
    assert!(back.location().starts_with(CALLBACK));
}
