//! What the browser asked for on the way, and what its console says.

use serde_json::Value;

use super::browser::Browser;
use super::crawl::crawl;
use super::gallery::{Exhibit, Gallery};
use super::scene::{ALLOW, NAME, PASSWORD, Scene};
use super::second_step::{authenticator, seconds};

/// From nothing to an app and through every page that there is then.
#[tokio::test]
async fn no_page_asks_another_host_or_breaks_its_policy() {
    let scene = Scene::start().await;
    let browser = &scene.browser;
    scene.set_up().await;
    turn_second_step_on_and_sign_in_at_app(&scene).await;
    browser.follow(ALLOW).await;
    browser.find("#me").await;
    let own = [(format!("{}/", scene.server.base)), (format!("{}/", scene.app.base))];
    expect_quiet(browser, &own, "the way to the app").await;

    scene.server.run(&["user", "promote", NAME]);
    let starts = [
        "/",
        "/account",
        "/admin",
        "/@alice",
        "/nowhere",
        "/oauth/authorize?client_id=x",
    ];
    let seen = crawl(&scene, &starts, async |path| {
        browser.find("h1").await;
        expect_quiet(browser, &own, path).await;
    })
    .await;
    for path in [
        "/apps",
        "/account/sessions",
        "/account/password",
        "/account/activity",
        "/account/second-step",
        "/account/passkeys",
        "/account/profile",
        "/admin/people",
        "/admin/settings",
    ] {
        assert!(seen.contains(path), "{path} is not among {seen:?}");
    }

    // A policy that is broken would have been seen, and another host as well.
    let image = "document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:9/' }))";
    browser.client.execute(image, Vec::new()).await.expect("a page");
    let seen = complaints(&browser.log("browser").await);
    assert!(
        seen.iter().any(|text| text.contains("Content Security Policy")),
        "{seen:?}"
    );
    browser.open("data:text/html,<img src=http://127.0.0.1:9/>").await;
    let asked: Vec<String> = browser
        .log("performance")
        .await
        .iter()
        .filter_map(requested_url)
        .collect();
    assert!(asked.iter().any(|url| url == "http://127.0.0.1:9/"), "{asked:?}");
}

async fn turn_second_step_on_and_sign_in_at_app(scene: &Scene) {
    let browser = &scene.browser;
    browser
        .open(&format!("{}/account/second-step/set-up", scene.server.base))
        .await;
    let authenticator = authenticator(&browser.text(".secret").await);
    let turned_on = seconds();
    browser
        .fill("#code", &authenticator.generate(turned_on).to_string())
        .await;
    browser.follow("main button.primary").await;
    browser.find(".codes").await;
    scene.sign_out().await;
    scene.sign_in_at_app_with("offline_access").await;
    browser.fill("#username", NAME).await;
    scene.sign_in_with(PASSWORD).await;
    // The code of now is spent; that of the next step is taken, too.
    let next = authenticator.generate(turned_on + 30).to_string();
    browser.fill("#code", &next).await;
    browser.follow("main button.primary").await;
}

#[tokio::test]
async fn no_sample_asks_another_host_or_breaks_its_policy() {
    let browser = Browser::start(&[]).await;
    for language in ["en", "ja"] {
        let gallery = Gallery::open(language);
        let own = [format!("{}/", gallery.base)];
        for Exhibit { name, path } in &gallery.exhibits {
            browser.open(&format!("{}{path}", gallery.base)).await;
            expect_quiet(&browser, &own, &format!("{name} in {language}")).await;
        }
    }
}

#[tokio::test]
async fn every_sample_can_be_read_without_scripts() {
    let browser = Browser::start(&["--blink-settings=scriptEnabled=false"]).await;
    let gallery = Gallery::open("en");
    for Exhibit { name, path } in &gallery.exhibits {
        browser.open(&format!("{}{path}", gallery.base)).await;
        assert!(!browser.text("h1").await.is_empty(), "{name}");
        assert!(browser.text("main").await.len() > 40, "{name}");
    }
}

/// Fails if the browser asked anybody else since the last look, or said that something was wrong.
async fn expect_quiet(browser: &Browser, own: &[String], what: &str) {
    let events = browser.log("performance").await;
    let requested: Vec<String> = events.iter().filter_map(requested_url).collect();
    assert!(!requested.is_empty(), "{what}: the watch sees requests");
    for url in requested {
        assert!(own.iter().any(|base| url.starts_with(base)), "{what}: {url}");
    }
    assert_eq!(
        complaints(&browser.log("browser").await),
        Vec::<String>::new(),
        "{what}"
    );
}

/// The address of a request, if the event is one. Chromium starts on a page that needs none.
fn requested_url(entry: &Value) -> Option<String> {
    let event: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
    let is_request = event["message"]["method"] == "Network.requestWillBeSent";
    let url = event["message"]["params"]["request"]["url"].as_str()?;
    (is_request && !url.starts_with("data:")).then(|| url.to_owned())
}

/// What the console says, except that a page answered with an error status.
pub(crate) fn complaints(log: &[Value]) -> Vec<String> {
    let texts = log.iter().filter_map(|entry| entry["message"].as_str());
    let complaints = texts.filter(|text| !text.contains("Failed to load resource"));
    complaints.map(str::to_owned).collect()
}
