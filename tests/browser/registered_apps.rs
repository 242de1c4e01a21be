//! Apps that registered here, or that only a link names, as their people see them: in a browser, with scripts on and off.

use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::scene::{ALLOW, DENY, NAME, PASSWORD, Scene};

const NO_SCRIPTS: &str = "--blink-settings=scriptEnabled=false";
const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";

/// What an app calls without a browser.
async fn post(scene: &Scene, path: &str, body: &Value) -> Value {
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    let request = reqwest::Client::new()
        .post(format!("{}{path}", scene.server.base))
        .header(CONTENT_TYPE, "application/json")
        .body(body.to_string());
    let answer = request.send().await.expect("an answer").bytes().await.expect("a body");
    serde_json::from_slice(&answer).expect("JSON")
}

/// A command line program asks to copy a code.
async fn a_code_is_copied(flags: &[&str]) {
    let scene = Scene::with_flags(flags).await;
    let browser = &scene.browser;
    scene.set_up().await;
    scene.sign_out().await;
    let registration = json!({ "client_name": "Toot", "redirect_uris": OUT_OF_BAND, "scopes": "read write:statuses" });
    let app = post(&scene, "/api/v1/apps", &registration).await;
    let (id, secret) = (
        app["client_id"].as_str().unwrap(),
        app["client_secret"].as_str().unwrap(),
    );
    let query = format!("client_id={id}&redirect_uri={OUT_OF_BAND}&response_type=code&scope=write:statuses");
    browser
        .open(&format!("{}/oauth/authorize?{query}", scene.server.base))
        .await;
    browser.fill("#username", NAME).await;
    scene.sign_in_with(PASSWORD).await;

    assert_eq!(browser.text("h1").await, "“Toot”", "nobody has checked that name");
    assert!(browser.has("input[value='write:statuses']").await);
    browser.follow(ALLOW).await;
    let code = browser
        .find("#code")
        .await
        .prop("value")
        .await
        .expect("a page")
        .unwrap_or_default();
    let redemption = json!({
        "grant_type": "authorization_code", "code": code, "client_id": id, "client_secret": secret, "redirect_uri": OUT_OF_BAND,
    });
    let tokens = post(&scene, "/oauth/token", &redemption).await;
    assert_eq!(tokens["scope"], "write:statuses", "{tokens}");

    browser.open(&format!("{}/apps", scene.server.base)).await;
    assert_eq!(browser.text(".entry h2").await, "“Toot”");
    browser.follow(".entry button").await;
    assert!(browser.text(".done").await.contains("Toot"));
}

#[tokio::test]
async fn a_code_is_copied_from_the_page() {
    a_code_is_copied(&[]).await;
}

#[tokio::test]
async fn a_code_is_copied_without_scripts() {
    a_code_is_copied(&[NO_SCRIPTS]).await;
}

/// A link names the app, and the app asks for the answer. The person is signed in on the way.
async fn a_link_names_the_app(flags: &[&str]) {
    let scene = Scene::with_flags(flags).await;
    let browser = &scene.browser;
    scene.set_up().await;
    scene.sign_out().await;
    let session = "5d2ac0b8-9a3c-4a51-8a55-0b3f5c1f6f0e";
    let check = format!("/api/miauth/{session}/check");
    let callback = format!("{}/callback", scene.app.base);
    let query = format!("name=Notes&permission=write:notes,read:account&callback={callback}");
    browser
        .open(&format!("{}/miauth/{session}?{query}", scene.server.base))
        .await;
    browser.fill("#username", NAME).await;
    scene.sign_in_with(PASSWORD).await;

    assert!(browser.text("main").await.contains("Notes"));
    assert!(
        browser.text(".caution").await.contains("link"),
        "{}",
        browser.text(".caution").await
    );
    assert_eq!(
        post(&scene, &check, &json!({})).await,
        json!({ "ok": false }),
        "not before the yes"
    );
    browser.follow(ALLOW).await;
    let landed = browser.url().await;
    assert_eq!(landed.as_str(), format!("{callback}?session={session}"));
    let granted = post(&scene, &check, &json!({})).await;
    assert_eq!(
        (&granted["ok"], &granted["user"]["username"]),
        (&json!(true), &json!(NAME))
    );
    assert_eq!(post(&scene, &check, &json!({})).await, json!({ "ok": false }), "once");
}

#[tokio::test]
async fn a_link_names_an_app_and_the_app_asks_for_the_answer() {
    a_link_names_the_app(&[]).await;
}

#[tokio::test]
async fn a_link_names_an_app_without_scripts() {
    a_link_names_the_app(&[NO_SCRIPTS]).await;
}

#[tokio::test]
async fn a_no_to_an_app_that_asks_for_the_answer_ends_on_a_page() {
    let scene = Scene::start().await;
    let browser = &scene.browser;
    scene.set_up().await;
    let app = json!({ "name": "Deck", "description": "", "permission": ["write:notes"], "callbackUrl": format!("{}/callback", scene.app.base) });
    let secret = post(&scene, "/api/app/create", &app).await["secret"].clone();
    let session = post(&scene, "/api/auth/session/generate", &json!({ "appSecret": secret })).await;
    browser.open(session["url"].as_str().expect("an address")).await;
    browser.follow(DENY).await;
    assert!(
        browser.url().await.as_str().starts_with(&scene.server.base),
        "the app is not told"
    );
    assert!(!browser.text("h1").await.is_empty());
    let asked = json!({ "appSecret": secret, "token": session["token"] });
    let answer = post(&scene, "/api/auth/session/userkey", &asked).await;
    assert_eq!(answer["error"]["code"], "PENDING_SESSION");
}
