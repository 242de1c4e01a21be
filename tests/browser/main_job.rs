//! The main job, from an empty server to an app that lost its access again.

use super::scene::{ALLOW, NAME, PASSWORD, Scene};

#[tokio::test]
async fn an_app_gets_access_and_loses_it_again() {
    let scene = Scene::start().await;
    let (browser, app) = (&scene.browser, &scene.app);
    scene.set_up().await;
    scene.sign_in_at_app_with("offline_access").await;

    // Nobody asks for the password again: the browser is signed in.
    assert_eq!(browser.text("h1").await, app.host);
    assert!(browser.text(".claim").await.contains("“Postcard”"));
    assert_eq!(browser.text(".person .address").await, scene.me());
    assert!(browser.text(".caution").await.contains(&app.host));
    assert!(browser.text("main").await.contains(&format!("{}/callback", app.base)));
    browser.follow(ALLOW).await;

    assert_eq!(browser.text("#me").await, scene.me());
    assert_eq!(browser.text("#scope").await, "profile create offline_access");
    assert_eq!(browser.text("#profile-name").await, "alice");
    assert_eq!(browser.url().await.as_str(), format!("{}/", app.base));
    assert_eq!(scene.app_asks("/userinfo").await, "200");
    let token = browser.text("#token").await;
    assert_eq!(scene.app_asks("/refresh").await, "200");
    assert_ne!(browser.text("#token").await, token);
    assert_eq!(scene.app_asks("/userinfo").await, "200");

    browser.open(&format!("{}/apps", scene.server.base)).await;
    assert_eq!(browser.text(".entry h2").await, app.host);
    browser.follow(".entry button").await;
    assert!(browser.text(".done").await.contains(&app.host));
    assert!(browser.has(".empty").await);

    browser.open(&app.base).await;
    assert_eq!(scene.app_asks("/userinfo").await, "401");
    assert_eq!(scene.app_asks("/refresh").await, "400");
}

#[tokio::test]
async fn a_wrong_password_loses_nothing_of_the_request() {
    let scene = Scene::start().await;
    let (browser, app) = (&scene.browser, &scene.app);
    scene.set_up().await;
    scene.sign_out().await;
    scene.sign_in_at_app().await;

    assert!(browser.text(".lead").await.contains(&app.host));
    browser.fill("#username", NAME).await;
    scene.sign_in_with("not my password").await;
    assert!(browser.text("#problem").await.contains("Wrong username or password"));
    let name = browser.find("#username").await.prop("value").await.expect("a page");
    assert_eq!(name.as_deref(), Some(NAME));
    scene.sign_in_with(PASSWORD).await;

    assert_eq!(browser.text("h1").await, app.host);
    browser.follow(ALLOW).await;
    assert_eq!(browser.text("#me").await, scene.me());
    assert_eq!(browser.text("#scope").await, "profile create");
}
