//! Logos: fetched for somebody who is signed in, drawn anew, and absent when anything is wrong with them.

use std::io::Cursor;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use image::{ImageFormat, Rgb, RgbImage};
use scraper::{Html, Selector};
use tokio::sync::Notify;

use crate::harness::actors::Answer;
use crate::harness::asking::answer_of;
use crate::harness::client_site::SiteAnswer;
use crate::harness::odd_site::{OddSite, finish, ok, read_request};
use crate::harness::{AuthorizationRequest, ClientSite, SecureWeb, TestApp, Visitor};
use crate::misskey::scene;

/// Longer than a page waits for a logo, and shorter than a fetch may take.
const SOON: Duration = Duration::from_secs(4);

fn picture(format: ImageFormat, side: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::from_pixel(side, side, Rgb([200, 30, 30]))
        .write_to(&mut bytes, format)
        .unwrap();
    bytes.into_inner()
}

fn png() -> SiteAnswer {
    answer_of("image/png", picture(ImageFormat::Png, 300))
}

/// Publishes an app with this logo.
fn with_logo(site: &ClientSite, logo_uri: &str) {
    let document = r#"{"client_id": "{base}/", "client_name": "Photo Frame", "redirect_uris": ["{base}/redirect"],
        "logo_uri": "{logo}"}"#;
    site.document(&document.replace("{logo}", logo_uri));
}

/// A server, an app whose logo is what this site answers, and alice.
async fn app_with(logo: &str) -> (TestApp, ClientSite, Visitor) {
    let (app, site, alice) = scene().await;
    with_logo(&site, logo);
    (app, site, alice)
}

async fn page(visitor: &Visitor, site: &ClientSite) -> Answer {
    visitor.consent_page(&AuthorizationRequest::valid(site)).await
}

/// The page once it has the logo: a machine that is busy may need more than the second that a page waits.
async fn page_with_logo(visitor: &Visitor, site: &ClientSite) -> (Answer, String) {
    let consent = visitor.get_authorize(&AuthorizationRequest::valid(site)).await;
    for _ in 0..10 {
        let page = visitor.get(consent.location()).await;
        if let Some(logo) = logo_of(&page) {
            return (page, logo);
        }
    }
    panic!("no logo came");
}

/// Where the page has the app's logo from.
fn logo_of(page: &Answer) -> Option<String> {
    assert_eq!(page.status, 200, "{}", page.body);
    let selector = Selector::parse("img.logo").unwrap();
    let document = Html::parse_document(&page.body);
    let logo = document.select(&selector).next()?;
    assert_eq!(logo.attr("alt"), Some(""), "it is a decoration");
    logo.attr("src").map(str::to_owned)
}

#[tokio::test]
async fn a_logo_is_shown_from_our_own_origin_and_drawn_anew() {
    let cdn = ClientSite::answering(png()).await;
    let (app, site, alice) = app_with(&cdn.url("/logo.png")).await;
    let (page, src) = page_with_logo(&alice, &site).await;
    assert!(src.starts_with("/logo/"), "{src}");
    assert!(!page.body.contains(&cdn.url("")), "{}", page.body);
    assert!(
        page.text().contains("The app chose this picture itself."),
        "{}",
        page.text()
    );
    assert!(page.header("content-security-policy").contains("img-src 'self';"));
    let answer = app.http.get(format!("{}{src}", app.base)).send().await.unwrap();
    let header = |name: &str| answer.headers().get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(answer.status(), 200);
    assert_eq!(header("content-type"), "image/png");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("cross-origin-resource-policy"), "same-origin");
    let drawn = image::load_from_memory(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!((drawn.width(), drawn.height()), (96, 96));
    let asked = cdn.requests().concat().to_ascii_lowercase();
    assert!(asked.contains("accept: image/png"), "{asked}");
    assert!(!asked.contains("cookie") && !asked.contains("referer"), "{asked}");
}

#[tokio::test]
async fn what_an_h_app_names_as_its_logo_is_shown_too() {
    let cdn = ClientSite::answering(answer_of("image/jpeg", picture(ImageFormat::Jpeg, 64))).await;
    let (_app, site, alice) = scene().await;
    site.page(&format!(
        r#"<link rel="redirect_uri" href="/redirect">
        <div class="h-app"><img class="u-logo" src="{}"><a href="/" class="u-url p-name">Photos</a></div>"#,
        cdn.url("/logo.jpg")
    ));
    page_with_logo(&alice, &site).await;
}

#[tokio::test]
async fn whatever_is_wrong_with_a_logo_it_is_merely_absent() {
    const SVG: &str = r#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let whole = picture(ImageFormat::Png, 300);
    let too_many_bytes = [whole.clone(), vec![0; 256 * 1024]].concat();
    for (what, answer) in [
        ("svg", answer_of("image/svg+xml", SVG)),
        ("svg in disguise", answer_of("image/png", SVG)),
        (
            "html in disguise",
            answer_of("image/png", "<!doctype html><script>alert(1)</script>"),
        ),
        ("a picture in disguise", answer_of("text/html", whole.clone())),
        ("no type", answer_of("", whole.clone())),
        ("too large", answer_of("image/png", too_many_bytes)),
        ("cut short", answer_of("image/png", whole[..60].to_vec())),
        (
            "too many pixels",
            answer_of("image/png", picture(ImageFormat::Png, 2049)),
        ),
        ("compressed", png().with("content-encoding", "gzip")),
        ("missing", png().status(404)),
        ("elsewhere", png().status(302).with("location", "/other.png")),
    ] {
        let cdn = ClientSite::answering(answer).await;
        let (_app, site, alice) = app_with(&cdn.url("/logo")).await;
        assert_eq!(logo_of(&page(&alice, &site).await), None, "{what}");
        assert_eq!(cdn.hits(), 1, "{what}");
    }
}

#[tokio::test]
async fn a_logo_that_does_not_come_does_not_hold_up_the_page() {
    let silent = OddSite::silent().await;
    let (_app, site, alice) = app_with(&silent.url("/logo.png")).await;
    let request = AuthorizationRequest::valid(&site);
    let consent = alice.get_authorize(&request).await;
    let asked = Instant::now();
    assert_eq!(logo_of(&alice.get(consent.location()).await), None);
    assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
    assert_eq!(silent.connections(), 1);
}

#[tokio::test]
async fn a_logo_that_comes_late_is_there_next_time() {
    let (release, waits) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (released, waiting) = (release.clone(), waits.clone());
    let slow = OddSite::serving(move |mut stream| {
        let (released, waiting) = (released.clone(), waiting.clone());
        async move {
            read_request(&mut stream).await?;
            waiting.notify_one();
            released.notified().await;
            let body = picture(ImageFormat::Png, 64);
            let head = ok("image/png", "", &"x".repeat(body.len()));
            let head = head.trim_end_matches('x').as_bytes();
            finish(&mut stream, &[head, &body].concat()).await
        }
    })
    .await;
    let (_app, site, alice) = app_with(&slow.url("/logo.png")).await;
    let consent = alice.get_authorize(&AuthorizationRequest::valid(&site)).await;
    assert_eq!(logo_of(&alice.get(consent.location()).await), None);
    waits.notified().await;
    release.notify_one();
    page_with_logo(&alice, &site).await;
    assert_eq!(slow.connections(), 1, "nobody had to ask twice");
}

#[tokio::test]
async fn many_who_look_at_once_cause_one_fetch_and_it_is_kept_for_an_hour() {
    let cdn = ClientSite::answering(png()).await;
    let (app, site, alice) = app_with(&cdn.url("/logo.png")).await;
    let consent = alice.get_authorize(&AuthorizationRequest::valid(&site)).await;
    join_all((0..10).map(|_| alice.get(consent.location()))).await;
    page_with_logo(&alice, &site).await;
    assert_eq!(cdn.hits(), 1);
    app.clock.advance(Duration::from_secs(60 * 60 - 1));
    page_with_logo(&alice, &site).await;
    assert_eq!(cdn.hits(), 1);
    app.clock.advance(Duration::from_secs(1));
    page_with_logo(&alice, &site).await;
    assert_eq!(cdn.hits(), 2);
}

#[tokio::test]
async fn a_broken_logo_is_not_asked_for_again_at_once() {
    let cdn = ClientSite::answering(png().status(500)).await;
    let (app, site, alice) = app_with(&cdn.url("/logo.png")).await;
    for _ in 0..3 {
        assert_eq!(logo_of(&page(&alice, &site).await), None);
    }
    assert_eq!(cdn.hits(), 1);
    cdn.publish(png());
    app.clock.advance(Duration::from_secs(60));
    page_with_logo(&alice, &site).await;
}

#[tokio::test]
async fn no_logo_is_fetched_before_somebody_who_is_signed_in_is_asked() {
    let cdn = ClientSite::answering(png()).await;
    let (app, site, alice) = app_with(&cdn.url("/logo.png")).await;
    let request = AuthorizationRequest::valid(&site);
    let visitor = app.visitor();
    let sign_in = visitor.get_authorize(&request).await;
    visitor.get(sign_in.location()).await;
    let consent = alice.get_authorize(&request).await;
    visitor.get(consent.location()).await;
    let bob = app.owner("bob").await;
    bob.get(consent.location()).await;
    assert_eq!(cdn.connections(), 0);
}

/// An app on the web could else make this server look around in the operator's network.
#[tokio::test]
async fn a_logo_inside_the_operators_network_is_fetched_for_its_own_app_only() {
    let web = SecureWeb::new();
    let (app, site, other) = (
        web.options().start().await,
        web.site("app.net").await,
        web.site("intra.net").await,
    );
    let alice = app.owner("alice").await;
    with_logo(&site, &other.url("/logo.png"));
    assert_eq!(logo_of(&page(&alice, &site).await), None);
    assert_eq!(other.connections(), 0);
    app.clock.advance(Duration::from_hours(2));
    let alice = app.signed_in("alice", crate::harness::app::PASSWORD).await;
    with_logo(&site, &site.url("/logo.png"));
    let before = site.hits();
    page(&alice, &site).await;
    assert_eq!(site.hits(), before + 2, "the document, and the logo");
}

/// A logo that is there at once, or under a name that somebody else has, too, would tell what others here look at.
#[tokio::test]
async fn each_person_has_a_logo_of_their_own() {
    let cdn = ClientSite::answering(png()).await;
    let (app, site, alice) = app_with(&cdn.url("/logo.png")).await;
    let bob = app.owner("bob").await;
    let ((_, hers), (_, his)) = (page_with_logo(&alice, &site).await, page_with_logo(&bob, &site).await);
    assert_ne!(hers, his);
    assert_eq!(cdn.hits(), 2);
    let (_, again) = page_with_logo(&alice, &site).await;
    assert_eq!(again, hers);
    assert_eq!(cdn.hits(), 2);
}

/// By a name that depends on the logo alone, whoever knows the logo could find out whether somebody here uses the app.
#[tokio::test]
async fn the_name_of_a_logo_cannot_be_guessed() {
    let cdn = ClientSite::answering(png()).await;
    let (app, site, alice) = app_with(&cdn.url("/logo.png")).await;
    let replica = TestApp::start().await;
    let bob = replica.owner("bob").await;
    let ((_, here), (_, there)) = (page_with_logo(&alice, &site).await, page_with_logo(&bob, &site).await);
    assert_ne!(here, there);
    let elsewhere = replica.visitor().get(&here).await;
    assert_eq!(elsewhere.status, 404);
    drop(app);
}

#[tokio::test]
async fn there_is_nothing_under_a_name_that_was_not_given_out() {
    let app = TestApp::start().await;
    for name in ["x", "..%2F..%2Fetc%2Fpasswd", "%00"] {
        assert_eq!(app.visitor().get(&format!("/logo/{name}")).await.status, 404, "{name}");
    }
}
