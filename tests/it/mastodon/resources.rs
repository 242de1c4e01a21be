//! Protected routes, and addresses of Doorkeeper's that have another meaning here or none.

use reqwest::Method;
use serde_json::json;

use super::{Registered, scene};
use crate::harness::TestApp;

#[tokio::test]
async fn userinfo_needs_the_scope_profile_and_no_other() {
    let (app, alice) = scene().await;
    let client = Registered::app(&app, "profile read read:accounts").await;
    let token = client.token(&app, &alice, "profile").await;
    let me = format!("{}/@alice", app.issuer);
    let expected = json!({
        "iss": app.issuer,
        "sub": me,
        "name": "alice",
        "preferred_username": "alice",
        "profile": me,
        "picture": format!("{}/static/person.svg", app.issuer),
    });
    let answer = alice.get_with_token("/oauth/userinfo", &token).await;
    assert_eq!(answer.json(), expected);
    let token = client.token(&app, &alice, "read read:accounts").await;
    let answer = alice.get_with_token("/oauth/userinfo", &token).await;
    assert_eq!(answer.status, 403);
    assert_eq!(
        answer.json(),
        json!({ "error": "This action is outside the authorized scopes" })
    );
    assert_eq!(answer.header("content-type"), "application/json");
    assert!(
        answer
            .header("www-authenticate")
            .contains(r#"error="insufficient_scope""#)
    );
}

#[tokio::test]
async fn there_is_nobody_behind_an_apps_own_token() {
    let (app, alice) = scene().await;
    let client = Registered::app(&app, "profile read").await;
    let token = client.own_token(&app).await;
    let answer = alice.get_with_token("/oauth/userinfo", &token).await;
    assert_eq!(answer.status, 422);
    assert_eq!(
        answer.json(),
        json!({ "error": "This method requires an authenticated user" })
    );
}

#[tokio::test]
async fn doorkeepers_administration_is_switched_off() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    for path in [
        "/oauth/applications",
        "/oauth/applications/new",
        "/oauth/applications/1/edit",
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let answer = visitor.send(visitor.request(method, path)).await;
            assert_eq!((answer.status.as_u16(), answer.body.as_str()), (403, ""), "{path}");
        }
    }
    assert_eq!(visitor.get("/oauth/applicationsx").await.status, 404);
}

#[tokio::test]
async fn the_list_of_authorized_applications_is_our_own() {
    let (app, alice) = scene().await;
    let answer = alice.get("/oauth/authorized_applications").await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/apps"));
    let post = app.post("/oauth/authorized_applications", &[("a", "b")]).await;
    assert_eq!((post.status.as_u16(), post.header("allow")), (405, "GET"));
}
