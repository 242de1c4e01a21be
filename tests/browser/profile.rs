//! What a person tells of themselves, with scripts off: a picture goes up, and an app is shown and given it.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};

use super::scene::{ALLOW, Scene};

#[tokio::test]
async fn a_picture_goes_up_without_scripts_and_stands_on_the_question_and_on_the_public_page() {
    let scene = Scene::with_flags(&["--blink-settings=scriptEnabled=false"]).await;
    let browser = &scene.browser;
    scene.set_up().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        path.display().to_string()
    };
    let mut jpeg = Cursor::new(Vec::new());
    let picture = RgbImage::from_pixel(600, 400, Rgb([200, 30, 30]));
    picture.write_to(&mut jpeg, ImageFormat::Jpeg).expect("a picture");

    browser.open(&format!("{}/account", scene.server.base)).await;
    browser.follow("main a[href='/account/profile']").await;
    browser.fill("#name", "Alice Liddell").await;
    browser.fill("#website", "alice.example").await;
    // Too large: said beside the field, and what was typed is still there.
    let large = file("large.png", &vec![0; 8 * 1024 * 1024]);
    browser.find("#photo").await.send_keys(&large).await.expect("a field");
    browser.follow("form[action='/account/profile'] button").await;
    assert!(browser.text("#photo-problem").await.contains("5 MB"));
    let name = browser.find("#name").await.prop("value").await.expect("a page");
    assert_eq!(name.as_deref(), Some("Alice Liddell"));
    let good = file("good.jpg", &jpeg.into_inner());
    browser.find("#photo").await.send_keys(&good).await.expect("a field");
    browser.follow("form[action='/account/profile'] button").await;
    assert_eq!(browser.text(".done").await, "Your profile is saved.");
    assert_eq!(loaded(&scene, "img.portrait").await, 256);

    browser.follow("a[href='/account/profile/email']").await;
    browser.fill("#email", "alice@mail.example").await;
    browser.follow("form[action='/account/profile/email'] button").await;
    assert!(browser.text("main").await.contains("alice@mail.example"));

    browser.open(&scene.me()).await;
    assert_eq!(browser.text(".p-name").await, "Alice Liddell");
    assert_eq!(loaded(&scene, "img.u-photo").await, 256);
    scene.sign_in_at_app().await;
    assert!(
        browser
            .text("label.choice small")
            .await
            .contains("Alice Liddell · https://alice.example/")
    );
    assert_eq!(loaded(&scene, "label.choice img").await, 256);
    browser.follow(ALLOW).await;
    assert_eq!(browser.text("#profile-name").await, "Alice Liddell");
}

/// How wide the picture is that the browser has got. None, when it was not allowed to show it.
async fn loaded(scene: &Scene, css: &str) -> u64 {
    scene.browser.find(css).await;
    let width = "return document.querySelector(arguments[0]).naturalWidth";
    let width = scene.browser.client.execute(width, vec![css.into()]).await;
    width.expect("a page").as_u64().unwrap_or_default()
}
