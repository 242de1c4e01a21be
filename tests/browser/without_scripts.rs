//! Scripts are off, and nothing is missing.

use super::scene::{ALLOW, NAME, PASSWORD, Scene};

const PROBE: &str = "data:text/html,<p id=before>scripts are off</p><script>before.textContent='on'</script>";

#[tokio::test]
async fn everything_works_without_scripts() {
    let scene = Scene::with_flags(&["--blink-settings=scriptEnabled=false"]).await;
    let browser = &scene.browser;
    browser.open(PROBE).await;
    assert_eq!(browser.text("#before").await, "scripts are off");

    scene.set_up().await;
    scene.sign_out().await;
    scene.sign_in_at_app_with("offline_access").await;
    browser.fill("#username", NAME).await;
    scene.sign_in_with(PASSWORD).await;
    browser.follow(ALLOW).await;
    assert_eq!(browser.text("#me").await, scene.me());
    assert_eq!(scene.app_asks("/userinfo").await, "200");
    browser.open(&format!("{}/apps", scene.server.base)).await;
    browser.follow(".entry button").await;
    browser.find(".empty").await;
}
