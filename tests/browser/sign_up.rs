//! From an invitation to an app, with nothing but a keyboard and with scripts off.

use fantoccini::key::Key;

use super::keyboard::tab_to;
use super::scene::{ALLOW, PASSWORD, Scene};

#[tokio::test]
async fn an_invitation_leads_to_an_account_and_on_to_an_app_without_scripts() {
    let scene = Scene::with_flags(&["--blink-settings=scriptEnabled=false"]).await;
    let (browser, server) = (&scene.browser, &scene.server);
    scene.set_up().await;
    let link = server.invitation();
    browser.open(&link).await;
    assert!(browser.text("h1").await.contains("signed in as alice"));
    scene.sign_out().await;

    browser.open(&link).await;
    tab_to(browser, "#username").await;
    browser.type_text("_a_lice").await;
    tab_to(browser, "#password").await;
    browser.type_text(PASSWORD).await;
    browser.press(Key::Enter).await;
    assert!(browser.text("#problem").await.contains("looks too much like"));
    // The focus is in the field that must change; what was typed wide is meant narrow.
    browser.find("#username:focus").await;
    browser.fill("#username", "Ｂob").await;
    tab_to(browser, "#password").await;
    browser.type_text(PASSWORD).await;
    browser.press(Key::Enter).await;
    let me = format!("{}/@bob", server.base);
    assert_eq!(browser.text(".address").await, me);

    browser.open(&scene.app.base).await;
    browser.fill("#me", &me).await;
    browser.follow("form[action='/sign-in'] button").await;
    assert_eq!(browser.text(".person .address").await, me);
    browser.follow(ALLOW).await;
    assert_eq!(browser.text("#me").await, me);

    scene.sign_out().await;
    browser.open(&link).await;
    assert!(browser.text("h1").await.contains("has been used"));
}
