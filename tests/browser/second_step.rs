//! Signing in with an authenticator app, with nothing but a keyboard and with scripts off.

use std::time::SystemTime;

use fantoccini::key::Key;
use totp_rs::{Builder, Secret, Totp};

use super::keyboard::tab_to;
use super::scene::{NAME, PASSWORD, Scene};

#[tokio::test]
async fn a_keyboard_without_scripts_is_enough_for_the_second_step() {
    let scene = Scene::with_flags(&["--blink-settings=scriptEnabled=false"]).await;
    let browser = &scene.browser;
    scene.set_up().await;
    tab_to(browser, "header a[href='/account']").await;
    browser.press(Key::Enter).await;
    tab_to(browser, "main a[href='/account/second-step']").await;
    browser.press(Key::Enter).await;
    tab_to(browser, "a.primary").await;
    browser.press(Key::Enter).await;

    assert!(browser.has("svg.qr").await);
    let authenticator = authenticator(&browser.text(".secret").await);
    tab_to(browser, "#code").await;
    let turned_on = seconds();
    browser.type_text(&authenticator.generate(turned_on).to_string()).await;
    browser.press(Key::Enter).await;
    let recovery_code = browser.text(".codes li").await;
    let another = browser.text(".codes li:nth-child(2)").await;

    scene.sign_out().await;
    type_password(&scene).await;
    // The focus is in the field already. The code of now is spent; that of the next step is taken, too.
    browser.find("#code:focus").await;
    browser
        .type_text(&authenticator.generate(turned_on + 30).to_string())
        .await;
    browser.press(Key::Enter).await;
    assert_eq!(browser.text(".address").await, scene.me());

    scene.sign_out().await;
    type_password(&scene).await;
    tab_to(browser, "summary").await;
    browser.press(Key::Enter).await;
    tab_to(browser, "#recovery-code").await;
    browser.type_text(&recovery_code).await;
    browser.press(Key::Enter).await;
    assert_eq!(browser.text(".address").await, scene.me());

    // Before a change, both are asked for on one page.
    browser
        .open(&format!("{}/account/confirm?second-step", scene.server.base))
        .await;
    browser.find("#password:focus").await;
    browser.type_text(PASSWORD).await;
    tab_to(browser, "#code").await;
    browser.type_text(&another).await;
    browser.press(Key::Enter).await;
    browser.find("form[action='/account/second-step/turn-off']").await;
}

async fn type_password(scene: &Scene) {
    scene.browser.open(&format!("{}/sign-in", scene.server.base)).await;
    tab_to(&scene.browser, "#username").await;
    scene.browser.type_text(NAME).await;
    tab_to(&scene.browser, "#password").await;
    scene.browser.type_text(PASSWORD).await;
    scene.browser.press(Key::Enter).await;
}

/// The authenticator app that knows a secret.
pub(crate) fn authenticator(secret: &str) -> Totp {
    let secret = Secret::try_from_base32(secret.replace(' ', "")).expect("a secret in base32");
    Builder::new()
        .with_secret(secret)
        .build()
        .expect("a secret that is long enough")
}

/// The time of now, as authenticator apps count it.
pub(crate) fn seconds() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.expect("after 1970").as_secs()
}
