//! How the API says no.

use reqwest::Method;
use serde_json::{Value, json};

use super::{JSON, address, call, decided, generated, refused, registered, registration, scene, user_key};
use crate::harness::actors::Answer;
use crate::harness::{Options, TestApp};

const INVALID_REQUEST: &str = r#"Bearer realm="Misskey", error="invalid_request""#;

#[tokio::test]
async fn an_unknown_endpoint_is_told_as_one_whatever_the_method() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    for (path, code, id) in [
        ("/api/i", "UNKNOWN_API_ENDPOINT", "2ca3b769-540a-4f08-9dd5-b5a825b6d0f1"),
        ("/api/", "UNKNOWN_API_ENDPOINT", "2ca3b769-540a-4f08-9dd5-b5a825b6d0f1"),
        (
            "/api/app/create/x",
            "UNKNOWN_API_ENDPOINT",
            "2ca3b769-540a-4f08-9dd5-b5a825b6d0f1",
        ),
        (
            "/oauth/foo",
            "UNKNOWN_OAUTH_ENDPOINT",
            "aa49e620-26cb-4e28-aad6-8cbcb58db147",
        ),
        (
            "/oauth/authorize/x",
            "UNKNOWN_OAUTH_ENDPOINT",
            "aa49e620-26cb-4e28-aad6-8cbcb58db147",
        ),
    ] {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
            let answer = visitor.send(visitor.request(method.clone(), path)).await;
            assert_eq!(answer.status, 404, "{method} {path}");
            assert_eq!(answer.header("content-type"), "application/json");
            let error = &answer.json()["error"];
            assert_eq!((&error["code"], &error["id"]), (&json!(code), &json!(id)), "{path}");
            assert_eq!(error["kind"], "client");
            assert_eq!(error.get("endpoint"), None, "{path}");
            let open = if path.starts_with("/api") { "*" } else { "" };
            assert_eq!(answer.header("access-control-allow-origin"), open, "{path}");
        }
    }
}

/// Clients of Mastodon read `error` as a text.
#[tokio::test]
async fn an_unknown_address_of_mastodons_is_told_in_its_words() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    for path in [
        "/api/v1/statuses",
        "/api/v2/instance",
        "/api/v1/",
        "/api/v1/apps/x",
        "/api/v1/a/b",
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let answer = visitor.send(visitor.request(method.clone(), path)).await;
            assert_eq!(answer.status, 404, "{method} {path}");
            assert_eq!(answer.json(), json!({ "error": "Not Found" }), "{method} {path}");
            assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        }
    }
}

#[tokio::test]
async fn no_pattern_of_a_route_is_in_a_refusal() {
    let app = TestApp::start().await;
    for (path, endpoint) in [
        ("/api/i", None),
        ("/oauth/foo", None),
        ("/api/miauth/a-session/check", Some(json!("miauth/check"))),
        ("/api/app/show", Some(json!("app/show"))),
    ] {
        let answer = app.visitor().get(path).await;
        assert_eq!(answer.json()["error"].get("endpoint"), endpoint.as_ref(), "{path}");
    }
}

#[tokio::test]
async fn no_word_of_the_caller_is_in_a_refusal() {
    let app = TestApp::start().await;
    let answer = app.visitor().get("/api/%22%3Cscript%3E").await;
    assert!(!answer.body.contains("script"), "{}", answer.body);
    let answer = app.visitor().get("/api/miauth/my-secret-session/check").await;
    assert!(!answer.body.contains("my-secret-session"), "{}", answer.body);
}

#[tokio::test]
async fn each_code_has_its_status_its_id_and_its_header() {
    let (app, of, alice) = scene().await;
    let session = generated(&app, &of).await;
    decided(&alice, address(&session), "approve").await;
    let key = user_key(&app, &of, &session).await.json()["accessToken"].clone();
    let none = Value::Null;
    for (name, body, status, code, id, challenge) in [
        (
            "app/create",
            json!({}),
            400,
            "INVALID_PARAM",
            "3d81ceae-475f-4600-b2a8-2bc116157532",
            INVALID_REQUEST,
        ),
        (
            "auth/accept",
            json!({ "i": none }),
            401,
            "CREDENTIAL_REQUIRED",
            "1384574d-a912-4b81-8601-c7b1c4085df1",
            r#"Bearer realm="Misskey""#,
        ),
        (
            "app/create",
            json!({ "i": "vat_x" }),
            401,
            "AUTHENTICATION_FAILED",
            "b0a7f5f8-dc2f-4171-b91f-de88ad238e14",
            r#"Bearer realm="Misskey", error="invalid_token""#,
        ),
        (
            "auth/deny",
            json!({ "i": key }),
            403,
            "ACCESS_DENIED",
            "56f35758-7dd5-468b-8439-5d6fb8ec9b8e",
            INVALID_REQUEST,
        ),
    ] {
        let answer = call(&app, name, &body).await;
        let error = refused(&answer, status, code);
        assert_eq!(error["id"], id, "{code}");
        assert_eq!(error["kind"], "client");
        assert_eq!(error["endpoint"], name);
        assert_eq!(answer.header("www-authenticate"), challenge, "{code}");
    }
}

#[tokio::test]
async fn the_token_in_the_header_counts_in_any_case_and_before_that_in_the_body() {
    let (app, of, alice) = scene().await;
    let session = generated(&app, &of).await;
    decided(&alice, address(&session), "approve").await;
    let key = user_key(&app, &of, &session).await.json();
    let key = key["accessToken"].as_str().unwrap();
    for (authorization, i, authorized) in [
        (format!("Bearer {key}"), json!("vat_wrong"), true),
        (format!("bEaReR {key}"), Value::Null, true),
        ("Basic YTpi".to_owned(), json!(key), true),
        ("Bearer vat_wrong".to_owned(), json!(key), false),
    ] {
        let request = app.http.post(format!("{}/api/app/show", app.base));
        let body = json!({ "appId": of["id"], "i": i }).to_string();
        let request = request
            .header("content-type", JSON)
            .header("authorization", &authorization);
        let answer = Answer::to(request.body(body)).await;
        match authorized {
            true => assert_eq!(answer.json()["isAuthorized"], true, "{authorization}"),
            false => drop(refused(&answer, 401, "AUTHENTICATION_FAILED")),
        }
    }
}

#[tokio::test]
async fn a_secret_in_the_address_is_refused() {
    let (app, of, _) = scene().await;
    let path = format!(
        "/api/auth/session/generate?appSecret={}",
        of["secret"].as_str().unwrap()
    );
    refused(&app.post_body(&path, JSON, "{}").await, 400, "INVALID_PARAM");
}

#[tokio::test]
async fn too_many_calls_are_told_how_long_to_wait() {
    let app = Options::default().set("VESTIBULE_LIMITS__TOKEN", "1").start().await;
    for name in ["app/show", "auth/session/userkey", "miauth/x/check"] {
        let app = &app;
        let mut answers = Vec::new();
        for _ in 0..2 {
            answers.push(call(app, name, &json!({})).await);
        }
        let answer = answers.pop().unwrap();
        let error = refused(&answer, 429, "RATE_LIMIT_EXCEEDED");
        assert_eq!(error["id"], "d5826d14-3982-4d2e-8011-b9e9f02499ef");
        assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
    }
}

#[tokio::test]
async fn registrations_have_a_limit_of_their_own() {
    let options = Options::default().set("VESTIBULE_LIMITS__REGISTRATION", "1");
    let app = options.start().await;
    registered(&app, &registration()).await;
    let answer = call(&app, "app/create", &registration()).await;
    refused(&answer, 429, "RATE_LIMIT_EXCEEDED");
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 60);
    assert_eq!(app.rows().await.count("clients").await, 1);
}

#[tokio::test]
async fn a_failure_of_ours_says_so_and_names_its_request() {
    let (app, _, _) = scene().await;
    let rows = app.rows().await;
    rows.refuse("INSERT", "clients").await;
    let answer = call(&app, "app/create", &registration()).await;
    let error = refused(&answer, 503, "INTERNAL_ERROR");
    assert_eq!(error["id"], "5d37dbcb-891e-41ca-a3d6-e690c97775ac");
    assert_eq!(error["kind"], "server");
    assert!(error["info"]["id"].as_str().unwrap().len() > 8, "{error}");
    assert!(!answer.body.contains("full"), "{}", answer.body);
    rows.relent("clients").await;
    registered(&app, &registration()).await;
}
