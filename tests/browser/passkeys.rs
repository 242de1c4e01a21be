//! Passkeys in a real browser, with an authenticator that Chromium plays itself: it has resident keys, and verifies its
//! person without asking.

use fantoccini::key::Key;
use serde_json::json;

use super::browser::Browser;
use super::keyboard::tab_to;
use super::requests::complaints;
use super::scene::{NAME, PASSWORD, Scene};
use super::second_step::{authenticator, seconds};

const BUTTON: &str = "[data-passkey] button";
const PROBLEM: &str = "[data-passkey] [role=alert]:not([hidden])";

async fn scene() -> Scene {
    let scene = Scene::start().await;
    scene.set_up().await;
    scene.browser.devtools("WebAuthn.enable", json!({})).await;
    let options = json!({
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": true,
        "hasUserVerification": true,
        "isUserVerified": true,
        "automaticPresenceSimulation": true,
    });
    let wanted = json!({ "options": options });
    scene.browser.devtools("WebAuthn.addVirtualAuthenticator", wanted).await;
    scene
}

async fn open(scene: &Scene, path: &str) {
    scene.browser.open(&format!("{}{path}", scene.server.base)).await;
}

/// Adds a passkey under the name that the page suggests.
async fn add(scene: &Scene) {
    open(scene, "/account/passkeys").await;
    scene.browser.follow(BUTTON).await;
    scene.browser.find(".done").await;
}

async fn is_shown(browser: &Browser, css: &str) -> bool {
    browser.find(css).await.is_displayed().await.expect("an element")
}

#[tokio::test]
async fn with_a_keyboard_a_passkey_is_added_signs_in_and_is_removed() {
    let scene = scene().await;
    let browser = &scene.browser;
    tab_to(browser, "header a[href='/account']").await;
    browser.press(Key::Enter).await;
    tab_to(browser, "main a[href='/account/passkeys']").await;
    browser.press(Key::Enter).await;
    tab_to(browser, "#passkey-name").await;
    let suggested = browser
        .find("#passkey-name")
        .await
        .prop("value")
        .await
        .expect("a field");
    assert_eq!(suggested.as_deref(), Some("Chrome on Linux"));
    tab_to(browser, BUTTON).await;
    browser.press(Key::Enter).await;
    browser.find(".done").await;
    assert_eq!(browser.text(".entry h2").await, "Chrome on Linux");

    // It is there already.
    browser.click(BUTTON).await;
    browser.find(PROBLEM).await;
    assert!(browser.text(PROBLEM).await.contains("already"));

    scene.sign_out().await;
    open(&scene, "/sign-in?account").await;
    tab_to(browser, BUTTON).await;
    browser.press(Key::Enter).await;
    assert_eq!(browser.text(".address").await, scene.me());
    assert_eq!(browser.url().await.path(), "/account");

    open(&scene, "/account/passkeys").await;
    tab_to(browser, "form[action='/account/passkeys/remove'] button").await;
    browser.press(Key::Enter).await;
    browser.find(".done").await;
    assert!(!browser.has(".entry").await);

    // The device offers it still.
    scene.sign_out().await;
    open(&scene, "/sign-in").await;
    browser.click(BUTTON).await;
    browser.find(PROBLEM).await;
    assert!(browser.text(PROBLEM).await.contains("does not work here"));
    assert_eq!(complaints(&browser.log("browser").await), Vec::<String>::new());
}

#[tokio::test]
async fn a_passkey_is_the_second_step_and_confirms_a_change() {
    let scene = scene().await;
    let browser = &scene.browser;
    open(&scene, "/account/second-step/set-up").await;
    let app = authenticator(&browser.text(".secret").await);
    browser.fill("#code", &app.generate(seconds()).to_string()).await;
    browser.follow("button.primary").await;
    browser.find(".codes").await;
    add(&scene).await;
    open(&scene, "/account/confirm?sessions").await;
    browser.follow(BUTTON).await;
    assert_eq!(browser.url().await.path(), "/account/sessions");

    scene.sign_out().await;
    open(&scene, "/sign-in?apps").await;
    browser.fill("#username", NAME).await;
    scene.sign_in_with(PASSWORD).await;
    browser.find("#code").await;
    browser.follow(BUTTON).await;
    browser.find("header a[href='/account']").await;
    assert_eq!(browser.url().await.path(), "/apps");
    let mut complaints = complaints(&browser.log("browser").await);
    // Chromium's advice on forms with a password breaks no policy.
    complaints.retain(|text| !text.contains("[DOM]"));
    assert_eq!(complaints, Vec::<String>::new());
}

#[tokio::test]
async fn without_scripts_the_pages_say_so_and_show_no_dead_button() {
    let scene = Scene::with_flags(&["--blink-settings=scriptEnabled=false"]).await;
    let browser = &scene.browser;
    open(&scene, "/sign-in").await;
    assert!(browser.text("[data-without]").await.contains("need scripts"));
    assert!(!is_shown(browser, BUTTON).await);
    scene.set_up().await;
    open(&scene, "/account/passkeys").await;
    assert!(browser.text("[data-without]").await.contains("need scripts"));
    for part in [BUTTON, "#passkey-name"] {
        assert!(!is_shown(browser, part).await, "{part}");
    }
}

#[tokio::test]
async fn a_browser_without_passkeys_is_told_so() {
    let scene = Scene::start().await;
    let browser = &scene.browser;
    let gone = json!({ "source": "delete window.PublicKeyCredential" });
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", gone).await;
    open(&scene, "/sign-in").await;
    assert!(browser.text("[data-without]").await.contains("cannot use passkeys"));
    assert!(!is_shown(browser, BUTTON).await);
}
