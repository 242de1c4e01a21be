//! What a person tells of themselves, and the picture they show.

use std::io::Cursor;

use image::codecs::gif::GifEncoder;
use image::{DynamicImage, Frame, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use reqwest::header;

use super::*;
use crate::harness::upload::multipart;

const PAGE: &str = "/account/profile";
const MEGABYTE: usize = 1024 * 1024;

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn red(width: u32, height: u32) -> RgbImage {
    RgbImage::from_pixel(width, height, Rgb([200, 30, 30]))
}

async fn form(visitor: &Visitor) -> Form {
    visitor.get(PAGE).await.form(PAGE)
}

async fn save(visitor: &Visitor, name: &str, website: &str, photo: &[u8]) -> Answer {
    let form = form(visitor).await.set("name", name).set("website", website);
    visitor.upload(&form, "image/png", photo).await
}

/// Where the form has the picture of now from.
async fn photo(visitor: &Visitor) -> Option<String> {
    let page = visitor.get(PAGE).await;
    let image = page.body.split("<img class=\"portrait\" src=\"").nth(1)?;
    image.split('"').next().map(str::to_owned)
}

#[tokio::test]
async fn what_was_typed_is_told_from_then_on_and_one_event_says_so() {
    let (app, alice) = signed_in().await;
    let told = save(&alice, " Alice\u{202E}  Liddell ", "alice.example", b"").await;
    assert_eq!(told.status, StatusCode::SEE_OTHER);
    let page = alice.get(told.location()).await;
    assert_eq!(page.texts(".done"), ["Your profile is saved."]);
    let held = page.form(PAGE);
    assert_eq!(
        (held.get("name"), held.get("website")),
        ("Alice Liddell", "https://alice.example/")
    );
    assert_eq!(alice.get("/account").await.texts(".lead"), ["Alice Liddell"]);
    assert_eq!(alice.get("/").await.texts(".lead"), ["Alice Liddell"]);
    let changes = "audit_events WHERE kind = 'profile_changed'";
    assert_eq!(app.rows().await.count(changes).await, 1);
    // The same again is no change.
    save(&alice, "Alice Liddell", "https://alice.example/", b"").await;
    assert_eq!(app.rows().await.count(changes).await, 1);
    save(&alice, "", "", b"").await;
    assert_eq!(form(&alice).await.get("name"), "");
    assert!(alice.get("/@alice").await.texts("h1").contains(&"alice".to_owned()));
    assert_eq!(app.rows().await.count(changes).await, 1, "within the hour");
    assert!(
        super::email::change(&alice, "alice@new.example")
            .await
            .status
            .is_redirection()
    );
    assert_eq!(app.rows().await.count(changes).await, 2, "an address is always told");
    app.clock.advance(std::time::Duration::from_hours(1));
    save(&alice, "Alice", "", b"").await;
    assert_eq!(app.rows().await.count(changes).await, 3);
}

#[tokio::test]
async fn the_word_that_it_is_saved_cannot_be_sent_by_others() {
    let (_app, alice) = signed_in().await;
    for query in ["?changed=profile", "?changed=profile&seal=x", "?changed=email&seal="] {
        let page = alice.get(&format!("{PAGE}{query}")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.texts(".done").is_empty(), "{query}");
    }
    let told = save(&alice, "A", "", b"").await;
    let other = told.location().replace("changed=profile", "changed=email");
    assert!(alice.get(&other).await.texts(".done").is_empty());
}

#[tokio::test]
async fn a_picture_becomes_a_small_square_without_what_else_was_in_the_file() {
    let (app, alice) = signed_in().await;
    // Left of the middle red, right of it blue: turned upright by the file's own word, red is on top.
    let mut wide = red(600, 400);
    for (_, _, pixel) in wide.enumerate_pixels_mut().filter(|(x, _, _)| *x >= 300) {
        *pixel = Rgb([30, 30, 200]);
    }
    let jpeg = encoded(wide, ImageFormat::Jpeg);
    let secret = b"GPS 35.6812 N 139.7671 E";
    // TIFF, little-endian: orientation 6, turn by 90 degrees clockwise; then text.
    let exif = [
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".as_slice(),
        secret,
    ]
    .concat();
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    let file = [&jpeg[..2], b"\xff\xe1", &length, &exif, &jpeg[2..]].concat();
    assert_eq!(save(&alice, "", "", &file).await.status, StatusCode::SEE_OTHER);
    let path = photo(&alice).await.unwrap();
    assert!(path.starts_with("/photo/"), "{path}");
    // Nobody has to be signed in to see it.
    let answer = app.http.get(format!("{}{path}", app.base)).send().await.unwrap();
    let header = |name: &str| answer.headers().get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(answer.status(), 200);
    assert_eq!(header("content-type"), "image/png");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("cache-control"), "public, max-age=3600, immutable");
    assert_eq!(header("cross-origin-resource-policy"), "cross-origin");
    assert!(header("content-security-policy").starts_with("default-src 'none'"));
    let png = answer.bytes().await.unwrap();
    assert!(!png.windows(secret.len()).any(|window| window == secret));
    assert!(!png.windows(4).any(|window| window == b"eXIf"));
    let drawn = image::load_from_memory(&png).unwrap().into_rgba8();
    assert_eq!(drawn.dimensions(), (256, 256));
    let (top, bottom) = (drawn[(128, 20)].0, drawn[(128, 236)].0);
    assert!(top[0] > 150 && bottom[2] > 150, "{top:?} {bottom:?}");
}

#[tokio::test]
async fn another_picture_has_another_address_and_a_removed_one_is_gone() {
    let (app, alice) = signed_in().await;
    save(&alice, "", "", &encoded(red(300, 300), ImageFormat::Png)).await;
    let first = photo(&alice).await.unwrap();
    save(&alice, "", "", &encoded(red(40, 60), ImageFormat::Gif)).await;
    let second = photo(&alice).await.unwrap();
    assert_ne!(first, second);
    assert_eq!(alice.get(&first).await.status, StatusCode::NOT_FOUND);
    assert_eq!(alice.get(&second).await.status, StatusCode::OK);
    // Saving something else leaves it alone.
    save(&alice, "Alice", "", b"").await;
    assert_eq!(photo(&alice).await, Some(second.clone()));
    let remove = form(&alice).await.set("remove_photo", "yes");
    let told = alice.upload(&remove, "application/octet-stream", b"").await;
    assert_eq!(told.status, StatusCode::SEE_OTHER);
    assert_eq!(photo(&alice).await, None);
    assert_eq!(alice.get(&second).await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.rows().await.count("photos").await, 0);
    // Removing what is not there is no change.
    let before = app.rows().await.count("audit_events").await;
    alice.upload(&remove, "application/octet-stream", b"").await;
    assert_eq!(app.rows().await.count("audit_events").await, before);
}

#[tokio::test]
async fn the_picture_of_somebody_who_is_shut_out_is_not_shown() {
    use vestibule::operators::By;
    let (app, alice) = signed_in().await;
    save(&alice, "", "", &encoded(red(30, 30), ImageFormat::Png)).await;
    let path = photo(&alice).await.unwrap();
    app.operators.disable("alice", By::CommandLine).await.unwrap();
    assert_eq!(app.visitor().get(&path).await.status, StatusCode::NOT_FOUND);
    app.operators.enable("alice", By::CommandLine).await.unwrap();
    let shown = app.http.get(format!("{}{path}", app.base)).send().await.unwrap();
    assert_eq!(shown.status(), 200);
}

/// A PNG file that says to be so large.
fn announcing(side: u32) -> Vec<u8> {
    let small = encoded(red(1, 1), ImageFormat::Png);
    let mut header = [
        b"IHDR".as_slice(),
        &side.to_be_bytes(),
        &side.to_be_bytes(),
        &[8, 2, 0, 0, 0],
    ]
    .concat();
    let sum = !header.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg())
        })
    });
    header.extend_from_slice(&sum.to_be_bytes());
    [&small[..12], &header, &small[33..]].concat()
}

#[tokio::test]
async fn whatever_is_wrong_with_a_picture_the_page_says_it_and_nothing_is_lost() {
    let (app, alice) = signed_in().await;
    save(&alice, "", "", &encoded(red(30, 30), ImageFormat::Png)).await;
    let (before, events) = (photo(&alice).await, app.rows().await.count("audit_events").await);
    let png = encoded(red(300, 300), ImageFormat::Png);
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#.to_vec();
    for (what, file, words) in [
        ("svg", svg, "not a PNG, JPEG or GIF"),
        (
            "html",
            b"<!doctype html><script>alert(1)</script>".to_vec(),
            "not a PNG, JPEG or GIF",
        ),
        (
            "webp",
            b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0".to_vec(),
            "not a PNG, JPEG or GIF",
        ),
        ("text", b"x".to_vec(), "not a PNG, JPEG or GIF"),
        ("cut short", png[..png.len() / 2].to_vec(), "damaged"),
        ("a signature alone", png[..8].to_vec(), "damaged"),
        ("a bomb", announcing(50_000), "too many pixels"),
        ("a smaller bomb", announcing(9_999), "too many pixels"),
        ("one byte too many", vec![0; 5 * MEGABYTE + 1], "larger than 5 MB"),
        ("far too large", vec![0; 20 * MEGABYTE], "larger than 5 MB"),
    ] {
        let answer = save(&alice, "New name", "https://new.example/", &file).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{what}");
        let said = answer.texts("#photo-problem").concat();
        assert!(said.contains(words), "{what}: {said}");
        assert!(
            answer.has(r#"#photo[aria-invalid="true"][aria-describedby^="photo-problem "]"#),
            "{what}"
        );
        let typed = answer.form(PAGE);
        assert_eq!(
            (typed.get("name"), typed.get("website")),
            ("New name", "https://new.example/")
        );
        assert_eq!(photo(&alice).await, before, "{what}");
    }
    assert_eq!(form(&alice).await.get("name"), "", "nothing is half done");
    assert_eq!(app.rows().await.count("audit_events").await, events);
}

/// A request whose body never ends: it holds its place.
fn endless(visitor: &Visitor, form: &Form) -> tokio::task::JoinHandle<reqwest::Result<reqwest::Response>> {
    use futures_util::StreamExt as _;
    let (content_type, body) = multipart(form, "photo", "image/png", b"");
    let start = futures_util::stream::iter([Ok::<_, std::io::Error>(body[..40].to_vec())]);
    let body = reqwest::Body::wrap_stream(start.chain(futures_util::stream::pending()));
    let request = visitor
        .request(Method::POST, PAGE)
        .header(header::CONTENT_TYPE, content_type);
    tokio::spawn(request.body(body).send())
}

#[tokio::test]
async fn a_person_sends_one_picture_at_a_time_and_others_are_not_kept_waiting() {
    let (app, alice) = signed_in().await;
    let bob = app.owner("bob").await;
    let form = form(&alice).await;
    let mut held = Vec::new();
    // Refused as soon as another one is being read.
    let refused = loop {
        held.push(endless(&alice, &form));
        let answer = alice.upload(&form, "image/png", b"").await;
        if answer.status != StatusCode::SEE_OTHER {
            break answer;
        }
    };
    expect::page_error(&refused, 429);
    assert_eq!(refused.header("retry-after"), "11");
    assert_eq!(save(&bob, "Bob", "", b"").await.status, StatusCode::SEE_OTHER);
    held.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn a_person_saves_twenty_times_in_ten_minutes() {
    let (app, alice) = signed_in().await;
    let form = form(&alice).await;
    for _ in 0..20 {
        assert_eq!(
            alice.upload(&form, "image/png", b"").await.status,
            StatusCode::SEE_OTHER
        );
    }
    expect::page_error(&alice.upload(&form, "image/png", &vec![0; MEGABYTE]).await, 429);
    let bob = app.owner("bob").await;
    assert_eq!(save(&bob, "Bob", "", b"").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_has_few_parts_and_their_names_count() {
    let (_app, alice) = signed_in().await;
    let form = form(&alice).await;
    let with = |parts: usize, name: String| {
        let mut form = form.clone();
        form.fields
            .extend((0..parts).map(|n| (format!("{n}{name}"), String::new())));
        form
    };
    let few = alice.upload(&with(10, String::new()), "image/png", b"").await;
    assert_eq!(few.status, StatusCode::SEE_OTHER);
    let many = alice.upload(&with(100, String::new()), "image/png", b"").await;
    expect::page_error(&many, 400);
    let long = alice.upload(&with(1, "x".repeat(65 * 1024)), "image/png", b"").await;
    expect::page_error(&long, 413);
}

#[tokio::test]
async fn the_largest_file_that_is_taken_is_five_megabytes() {
    let (_app, alice) = signed_in().await;
    let mut file = encoded(red(30, 30), ImageFormat::Png);
    file.resize(5 * MEGABYTE, 0);
    assert_eq!(save(&alice, "", "", &file).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn of_a_moving_picture_the_first_frame_is_kept() {
    let (_app, alice) = signed_in().await;
    let mut gif = Vec::new();
    let mut encoder = GifEncoder::new(&mut gif);
    for colour in [[200, 30, 30, 255], [30, 30, 200, 255]] {
        let frame = RgbaImage::from_pixel(20, 20, Rgba(colour));
        encoder.encode_frame(Frame::new(frame)).unwrap();
    }
    drop(encoder);
    assert_eq!(save(&alice, "", "", &gif).await.status, StatusCode::SEE_OTHER);
    let path = photo(&alice).await.unwrap();
    let answer = alice.request(Method::GET, &path).send().await.unwrap();
    let drawn = image::load_from_memory(&answer.bytes().await.unwrap())
        .unwrap()
        .into_rgba8();
    assert!(drawn[(10, 10)].0[0] > 150, "{:?}", drawn[(10, 10)]);
}

#[tokio::test]
async fn all_that_is_wrong_is_said_at_once_beside_its_field() {
    let (app, alice) = signed_in().await;
    let good = encoded(red(30, 30), ImageFormat::Png);
    let long = "x".repeat(65);
    let answer = save(&alice, &long, "javascript:alert(1)", &good).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.texts("#name-problem").concat().contains("too long"));
    assert!(answer.texts("#website-problem").concat().contains("https"));
    assert!(
        answer
            .texts("#photo-problem")
            .concat()
            .contains("Choose the picture again")
    );
    assert!(answer.has(r#"#name[aria-invalid="true"][autofocus]"#) && answer.has(r#"#website[aria-invalid="true"]"#));
    let typed = answer.form(PAGE);
    assert_eq!(
        (typed.get("name"), typed.get("website")),
        (&*long, "javascript:alert(1)")
    );
    assert_eq!(app.rows().await.count("photos").await, 0);
    let answer = save(
        &alice,
        "\u{200B}",
        &format!("https://a.example/{}", "x".repeat(500)),
        b"",
    )
    .await;
    assert!(answer.texts("#name-problem").concat().contains("Nothing of this name"));
    assert!(answer.texts("#website-problem").concat().contains("too long"));
    assert!(answer.texts("#photo-problem").is_empty());
}

#[tokio::test]
async fn the_form_with_a_file_needs_a_page_of_ours() {
    let (_app, alice) = signed_in().await;
    let form = form(&alice).await.set("name", "Mallory");
    for token in ["", "guess"] {
        let forged = alice.upload(&form.clone().set("csrf", token), "image/png", b"").await;
        expect::page_error(&forged, 403);
    }
    let elsewhere = alice
        .uploading(&form, "image/png", b"")
        .header("sec-fetch-site", "cross-site");
    expect::page_error(&alice.send(elsewhere).await, 403);
    // Nor does another encoding, or what is none.
    expect::page_error(&alice.submit(&form).await, 400);
    let (content_type, body) = multipart(&form, "photo", "image/png", b"");
    for cut in [0, 60, body.len() - 10] {
        let request = alice
            .request(Method::POST, PAGE)
            .header(header::CONTENT_TYPE, &content_type);
        expect::page_error(&alice.send(request.body(body[..cut].to_vec())).await, 400);
    }
    assert_eq!(alice.get(PAGE).await.form(PAGE).get("name"), "");
}

#[tokio::test]
async fn a_form_from_somebody_who_is_signed_out_changes_nothing() {
    let (app, alice) = signed_in().await;
    let form = form(&alice).await.set("name", "Alice");
    let phone = app.signed_in("alice", crate::harness::app::PASSWORD).await;
    let sign_out = alice.get("/").await.form("/sign-out");
    alice.submit(&sign_out).await;
    let answer = alice.upload(&form, "image/png", &vec![0; MEGABYTE]).await;
    assert_eq!(answer.location(), "/sign-in?profile");
    assert_eq!(phone.get(PAGE).await.form(PAGE).get("name"), "");
}

#[tokio::test]
async fn the_public_page_is_an_h_card_without_the_e_mail_address() {
    let (app, alice) = signed_in().await;
    save(
        &alice,
        "Alice <b>Liddell",
        "https://alice.example/?a=1&b=2",
        &encoded(red(30, 30), ImageFormat::Png),
    )
    .await;
    let id = vestibule::oauth::grant::UserId(app.user_id("alice").await);
    super::email::change(&alice, "alice@secret.example").await;
    assert!(
        app.accounts
            .verify_email(&id, "alice@secret.example", None)
            .await
            .unwrap()
    );
    let page = app.visitor().get("/@alice").await;
    assert_eq!(page.texts(".h-card .p-name"), ["Alice <b>Liddell"]);
    assert!(page.has(&format!(
        r#".h-card img.u-photo[src="{}"]"#,
        photo(&alice).await.unwrap()
    )));
    assert!(page.has(&format!(r#".h-card a.u-url.u-uid[href="{}/@alice"]"#, app.issuer)));
    assert!(page.has(r#".h-card a.u-url[href="https://alice.example/?a=1&b=2"][rel~="nofollow"]"#));
    assert!(!page.body.contains("secret.example"), "{}", page.body);
}
