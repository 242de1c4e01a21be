//! Saying no.

use super::scene::{ALLOW, DENY, Scene};

#[tokio::test]
async fn denying_sends_access_denied_to_the_app() {
    let scene = Scene::start().await;
    scene.set_up().await;
    scene.sign_in_at_app().await;
    scene.browser.follow(DENY).await;
    assert_eq!(scene.browser.text("#error").await, "access_denied");
    assert_eq!(scene.browser.url().await.path(), "/callback");
}

#[tokio::test]
async fn the_app_gets_only_what_stayed_ticked() {
    let scene = Scene::start().await;
    scene.set_up().await;
    scene.sign_in_at_app().await;
    scene.browser.click("input[value=create]").await;
    scene.browser.follow(ALLOW).await;
    assert_eq!(scene.browser.text("#scope").await, "profile");
}
