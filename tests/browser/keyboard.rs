//! Nothing but a keyboard.

use fantoccini::key::Key;

use super::browser::Browser;
use super::scene::{ALLOW, NAME, PASSWORD, Scene};

/// More steps than any page has elements.
const MOST_TABS: usize = 40;

#[tokio::test]
async fn a_keyboard_is_enough() {
    let scene = Scene::start().await;
    let browser = &scene.browser;
    browser.open(&scene.server.setup_link).await;
    tab_to(browser, "#username").await;
    browser.type_text(NAME).await;
    tab_to(browser, "#password").await;
    browser.type_text(PASSWORD).await;
    browser.press(Key::Enter).await;
    tab_to(browser, "form[action='/sign-out'] button").await;
    browser.press(Key::Space).await;
    tab_to(browser, "a[href='/sign-in']").await;

    ask_at_app(&scene).await;
    tab_to(browser, "#username").await;
    browser.type_text(NAME).await;
    tab_to(browser, "#password").await;
    browser.type_text(PASSWORD).await;
    tab_to(browser, "button.primary").await;
    browser.press(Key::Enter).await;

    tab_to(browser, "input[value=create]").await;
    browser.press(Key::Space).await;
    tab_to(browser, ALLOW).await;
    browser.press(Key::Space).await;
    assert_eq!(browser.text("#me").await, scene.me());
    assert_eq!(browser.text("#scope").await, "profile");

    browser.open(&format!("{}/apps", scene.server.base)).await;
    tab_to(browser, ".entry button").await;
    browser.press(Key::Enter).await;
    browser.find(".empty").await;
}

/// In a form, Enter presses the first button, wherever the focus is. That one must not be "Allow".
#[tokio::test]
async fn enter_does_not_approve() {
    let scene = Scene::start().await;
    scene.set_up().await;
    ask_at_app(&scene).await;
    scene.browser.find(ALLOW).await;
    scene.browser.press(Key::Enter).await;
    tab_to(&scene.browser, "input[name=scope]").await;
    scene.browser.press(Key::Enter).await;
    assert_eq!(scene.browser.text("#error").await, "access_denied");
}

async fn ask_at_app(scene: &Scene) {
    scene.browser.open(&scene.app.base).await;
    tab_to(&scene.browser, "#me").await;
    scene.browser.type_text(&scene.me()).await;
    scene.browser.press(Key::Enter).await;
}

/// Presses Tab until this element has the focus, and looks whether one can see that.
pub(crate) async fn tab_to(browser: &Browser, css: &str) {
    let wanted = browser.find(css).await;
    for _ in 0..MOST_TABS {
        browser.press(Key::Tab).await;
        let focused = browser.client.active_element().await.expect("a page");
        if focused.element_id() == wanted.element_id() {
            let outline = focused.css_value("outline-style").await.expect("a style");
            assert_ne!(outline, "none", "{css}: the focus cannot be seen");
            return;
        }
    }
    panic!("{css} cannot be reached with Tab");
}
