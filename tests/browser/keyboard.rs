//! Nothing but a keyboard.

use fantoccini::key::Key;

use super::browser::Browser;
use super::gallery::{Exhibit, Gallery};
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

/// What Tab stops at, in the order of the page; of a group of radio buttons one.
const STOPS: &str = "
const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')];
const shown = all.filter(element => element.checkVisibility() && !element.disabled);
const chosen = radio => {
  const group = shown.filter(other => other.type === 'radio' && other.name === radio.name && other.form === radio.form);
  return (group.find(other => other.checked) ?? group[0]) === radio;
};
window.stops = shown.filter(element => element.type !== 'radio' || chosen(element));
return window.stops.length;";

/// Which of them has the focus, and what one sees of it.
const FOCUSED: &str = "
const element = document.activeElement;
return [window.stops.indexOf(element), getComputedStyle(element).outlineStyle, element.outerHTML.slice(0, 200)];";

#[tokio::test]
async fn tab_reaches_everything_in_order_and_shows_where_it_is() {
    let (gallery, browser) = (Gallery::open("en"), Browser::start(&[]).await);
    for Exhibit { name, path } in &gallery.exhibits {
        browser.open(&format!("{}{path}", gallery.base)).await;
        let stops = browser.client.execute(STOPS, Vec::new()).await.expect("a page");
        let stops = stops.as_i64().expect("a number");
        let mut order: Vec<i64> = Vec::new();
        // The focus may begin in a field, and passes the window itself once on its way around.
        for _ in 0..stops + 3 {
            browser.press(Key::Tab).await;
            let focused = browser.client.execute(FOCUSED, Vec::new()).await.expect("a page");
            let at = focused[0].as_i64().expect("a number");
            if at >= 0 {
                assert_ne!(focused[1], "none", "{name}: the focus cannot be seen on {}", focused[2]);
                order.push(at);
            }
        }
        for pair in order.windows(2) {
            assert_eq!(pair[1], (pair[0] + 1) % stops, "{name}: {order:?}");
        }
        assert!(order.len() as i64 >= stops, "{name}: {order:?} of {stops}");
    }
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
