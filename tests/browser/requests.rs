//! What the browser asked for on the way, and what its console says.

use serde_json::Value;

use super::scene::{ALLOW, Scene};

#[tokio::test]
async fn no_page_asks_another_host_or_breaks_its_policy() {
    let scene = Scene::start().await;
    let browser = &scene.browser;
    scene.set_up().await;
    scene.sign_in_at_app().await;
    browser.follow(ALLOW).await;
    browser.find("#me").await;
    for path in [
        "/",
        "/apps",
        "/@alice",
        "/account/profile",
        "/sign-in",
        "/nowhere",
        "/oauth/authorize?client_id=x",
    ] {
        browser.open(&format!("{}{path}", scene.server.base)).await;
        browser.find("h1").await;
    }
    let requested: Vec<String> = browser
        .log("performance")
        .await
        .iter()
        .filter_map(requested_url)
        .collect();
    let (server, app) = (format!("{}/", scene.server.base), format!("{}/", scene.app.base));
    assert!(requested.len() > 20, "{requested:?}");
    for url in requested {
        assert!(url.starts_with(&server) || url.starts_with(&app), "{url}");
    }
    assert_eq!(complaints(&browser.log("browser").await), Vec::<String>::new());

    // A policy that is broken would have been seen.
    let image = "document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:9/' }))";
    browser.client.execute(image, Vec::new()).await.expect("a page");
    let seen = complaints(&browser.log("browser").await);
    assert!(
        seen.iter().any(|text| text.contains("Content Security Policy")),
        "{seen:?}"
    );
}

/// The address of a request, if the event is one. Chromium starts on a page that needs none.
fn requested_url(entry: &Value) -> Option<String> {
    let event: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
    let is_request = event["message"]["method"] == "Network.requestWillBeSent";
    let url = event["message"]["params"]["request"]["url"].as_str()?;
    (is_request && url != "data:,").then(|| url.to_owned())
}

/// What the console says, except that a page answered with an error status.
pub(crate) fn complaints(log: &[Value]) -> Vec<String> {
    let texts = log.iter().filter_map(|entry| entry["message"].as_str());
    let complaints = texts.filter(|text| !text.contains("Failed to load resource"));
    complaints.map(str::to_owned).collect()
}
