//! Scripts are off, and nothing is missing.

use super::browser::Browser;
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

/// What a person does on the pages of their own account, one after the other.
#[tokio::test]
async fn a_person_looks_after_their_account_without_scripts() {
    const FLAG: &str = "--blink-settings=scriptEnabled=false";
    let scene = Scene::with_flags(&[FLAG]).await;
    let (browser, base) = (&scene.browser, &scene.server.base);
    scene.set_up().await;

    browser.open(&format!("{base}/account")).await;
    browser.follow("footer button[lang=ja]").await;
    browser.find("html[lang=ja]").await;
    assert_eq!(browser.url().await.path(), "/account");
    browser.follow("footer button[lang=en]").await;
    browser.find("html[lang=en]").await;

    let other = Browser::start(&[FLAG]).await;
    other.open(&format!("{base}/sign-in")).await;
    other.fill("#username", NAME).await;
    other.fill("#password", PASSWORD).await;
    other.follow("button.primary").await;
    browser.open(&format!("{base}/account/sessions")).await;
    browser.follow("form[action='/account/sessions/end'] button").await;
    browser.find(".done").await;
    other.open(&format!("{base}/account")).await;
    assert_eq!(other.url().await.path(), "/sign-in");

    browser.open(&format!("{base}/account/password")).await;
    browser.fill("#password", PASSWORD).await;
    browser.fill("#new-password", "another good password").await;
    browser.follow("main button.primary").await;
    browser.find(".done").await;

    browser.open(&format!("{base}/account/profile")).await;
    browser.fill("#name", "Alice of the Hill").await;
    browser.follow("main button.primary").await;
    browser.find(".done").await;
    browser.open(&format!("{base}/account/profile/email")).await;
    browser.fill("#email", "alice@mail.example").await;
    browser.follow("main button.primary").await;
    browser.open(&scene.me()).await;
    assert_eq!(browser.text("h1").await, "Alice of the Hill");

    browser.open(&format!("{base}/account/addresses")).await;
    browser.follow("main a[href='/account/addresses/add']").await;
    browser.fill("#address", "https://alice.example/").await;
    browser.follow("main button.primary").await;
    assert!(browser.text("main").await.contains("https://alice.example/"));
    browser
        .click("details:has(form[action='/account/addresses/remove']) summary")
        .await;
    browser.follow("form[action='/account/addresses/remove'] button").await;
    assert!(!browser.text("main").await.contains("https://alice.example/"));

    scene.server.run(&["user", "promote", NAME]);
    browser.open(&format!("{base}/admin/invitations")).await;
    browser.follow("form[action='/admin/invitations'] button").await;
    let link = browser.find("#link").await.prop("value").await.expect("a page");
    assert!(link.is_some_and(|link| link.starts_with(base.as_str())));
    assert!(!browser.has("footer").await, "the link stays on the screen");

    browser.open(&format!("{base}/account/passkeys")).await;
    assert!(
        browser.text("main").await.contains("script"),
        "the page says what is missing"
    );
    browser.open(&format!("{base}/account/activity")).await;
    assert!(browser.text("main").await.contains("password"));
}
