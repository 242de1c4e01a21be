//! Apps that run in a browser: what they may read is a matter of CORS.

use serde_json::json;

use super::{approve, json_of, post_form, post_json};
use crate::harness::TestApp;
use crate::harness::actors::Answer;
use crate::mastodon::raw::send;
use crate::mastodon::{CALLBACK, Registered, scene};

/// Its server keeps one registration per instance. When that is gone, it registers again: it looks for the code, or for the
/// words.
#[tokio::test]
async fn elk() {
    let (app, alice) = scene().await;
    let registration = json!({
        "client_name": "Elk",
        "website": "https://elk.zone",
        "redirect_uris": CALLBACK,
        "scopes": "read write follow push",
    });
    let told = json_of(&post_json(&app, "/api/v1/apps", &registration).await, 200);
    // It asks elsewhere for the key when there is none here.
    assert_eq!(told.get("vapid_key"), None);
    let redemption = |client: &Registered, code: &str| {
        json!({
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "redirect_uri": CALLBACK,
            "grant_type": "authorization_code",
            "code": code,
            "scope": "read write follow push",
        })
    };
    let gone = Registered {
        client_id: "an_app_that_is_gone".to_owned(),
        client_secret: "vcs_gone".to_owned(),
    };
    let refused = json_of(&post_json(&app, "/oauth/token", &redemption(&gone, "vc_x")).await, 401);
    assert_eq!(refused["error"], "invalid_client");
    let description = refused["error_description"].as_str().unwrap();
    assert!(description.contains("Client authentication failed"), "{description}");
    let client = Registered::of(&json_of(&post_json(&app, "/api/v1/apps", &registration).await, 200));
    let asks = format!(
        "/oauth/authorize?client_id={}&force_login=true&lang=en-US&scope=read+write+follow+push&response_type=code\
         &redirect_uri=https%3A%2F%2Fapp.example%2Fcallback",
        client.client_id
    );
    let code = approve(&alice, &asks).await.location_param("code").unwrap();
    let token = json_of(&post_json(&app, "/oauth/token", &redemption(&client, &code)).await, 200);
    assert!(token["access_token"].is_string());
}

/// What a browser asks before it sends a request with these headers.
async fn preflight(app: &TestApp, path: &str, method: &str, headers: &str) -> Answer {
    let head = format!(
        "OPTIONS {path} HTTP/1.1\nOrigin: https://phanpy.social\nAccess-Control-Request-Method: {method}\n\
         Access-Control-Request-Headers: {headers}"
    );
    send(app, &head, "").await
}

/// Fails unless a browser lets the script send.
#[track_caller]
fn expect_leave(answer: &Answer, method: &str, headers: &str) {
    assert!(answer.status.is_success(), "{answer:?}");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    assert!(
        answer.header("access-control-allow-methods").contains(method),
        "{answer:?}"
    );
    assert_eq!(answer.header("access-control-allow-headers"), headers);
}

#[tokio::test]
async fn phanpy() {
    let (app, alice) = scene().await;
    let metadata = send(
        &app,
        "GET /.well-known/oauth-authorization-server HTTP/1.1\nOrigin: https://phanpy.social",
        "",
    )
    .await;
    assert_eq!(metadata.header("access-control-allow-origin"), "*");
    let methods = &json_of(&metadata, 200)["code_challenge_methods_supported"];
    assert_eq!(*methods, json!(["S256"]));
    for (path, method, headers) in [
        ("/api/v1/apps", "POST", "content-type"),
        ("/oauth/token", "POST", "content-type"),
        ("/oauth/revoke", "POST", "authorization,content-type"),
        ("/oauth/userinfo", "GET", "authorization"),
        ("/api/v1/apps/verify_credentials", "GET", "authorization"),
    ] {
        expect_leave(&preflight(&app, path, method, headers).await, method, headers);
    }
    let body = "client_name=Phanpy&redirect_uris=https%3A%2F%2Fapp.example%2Fcallback&scopes=read%20write%20follow%20push\
                &website=https%3A%2F%2Fphanpy.social";
    let registered = post_form(&app, "/api/v1/apps", body).await;
    assert_eq!(registered.header("access-control-allow-origin"), "*");
    let client = Registered::of(&json_of(&registered, 200));
    let asks = format!(
        "/oauth/authorize?client_id={}&scope=read+write+follow+push&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback\
         &response_type=code&force_login=true&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
         &code_challenge_method=S256",
        client.client_id
    );
    let code = approve(&alice, &asks).await.location_param("code").unwrap();
    let body = format!(
        "client_id={}&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&grant_type=authorization_code&code={code}\
         &scope=read+write+follow+push&client_secret={}&code_verifier={}",
        client.client_id,
        client.client_secret,
        crate::harness::actors::VERIFIER
    );
    let answer = post_form(&app, "/oauth/token", &body).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let token = json_of(&answer, 200);
    let body = format!(
        "client_id={}&client_secret={}&token={}",
        client.client_id,
        client.client_secret,
        token["access_token"].as_str().unwrap()
    );
    let answer = post_form(&app, "/oauth/revoke", &body).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    json_of(&answer, 200);
}

/// Where a person or a resource server is asked, no script of another site reads along.
#[tokio::test]
async fn no_script_reads_what_is_not_for_scripts() {
    let app = TestApp::start().await;
    for (path, method) in [
        ("/oauth/authorize", "GET"),
        ("/oauth/authorize/native", "GET"),
        ("/oauth/introspect", "POST"),
        ("/oauth/applications", "GET"),
        ("/oauth/authorized_applications", "GET"),
    ] {
        let answer = preflight(&app, path, method, "authorization").await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
}
