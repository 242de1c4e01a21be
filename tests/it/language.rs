//! The language of the pages: chosen by the person, then asked for by the app, then preferred by the browser; and the way
//! back from the choice.

use reqwest::{Method, StatusCode};
use scraper::{Html, Selector};

use crate::harness::actors::Answer;
use crate::harness::app::PASSWORD;
use crate::harness::secure_web::ISSUER;
use crate::harness::{AuthorizationRequest, ClientSite, Options, TestApp, Visitor};

const COOKIE: &str = "vestibule_language";

/// A server where alice has an account, and a browser in which nobody is signed in.
async fn doorstep() -> (TestApp, Visitor) {
    let app = TestApp::start().await;
    app.accounts.add_user("alice", PASSWORD).await.expect("a new account");
    let visitor = app.visitor();
    (app, visitor)
}

/// Presses the button of a language at the end of a page.
async fn choose(visitor: &Visitor, page: &Answer, tag: &str) -> Answer {
    visitor.submit(&page.form("/language").set("language", tag)).await
}

#[track_caller]
fn expect_language(page: &Answer, tag: &str) {
    assert!(page.has(&format!("html[lang={tag}]")), "{}", page.body);
}

/// Signs in with the form of a page.
async fn sign_in(visitor: &Visitor, page: &Answer) -> Answer {
    let form = page.form("/sign-in");
    visitor
        .submit(&form.set("username", "alice").set("password", PASSWORD))
        .await
}

#[tokio::test]
async fn what_the_person_chose_comes_before_all_that_is_asked_for() {
    let (_app, visitor) = doorstep().await;
    let page = visitor.get("/sign-in").await;
    expect_language(&page, "en");
    let chosen = choose(&visitor, &page, "ja").await;
    assert_eq!((chosen.status, chosen.location()), (StatusCode::SEE_OTHER, "/sign-in"));
    let cookie = chosen.header("set-cookie");
    for part in [
        "vestibule_language=ja;",
        "HttpOnly",
        "SameSite=Lax",
        "Path=/",
        "Max-Age=31536000",
    ] {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
    for path in [
        "/",
        "/sign-in",
        "/sign-in?ui_locales=en",
        "/api-doc?lang=en",
        "/nowhere",
    ] {
        let request = visitor.request(Method::GET, path).header("accept-language", "en");
        expect_language(&visitor.send(request).await, "ja");
    }
    choose(&visitor, &visitor.get("/sign-in").await, "en").await;
    let request = visitor.request(Method::GET, "/").header("accept-language", "ja");
    expect_language(&visitor.send(request).await, "en");
}

#[tokio::test]
async fn over_tls_the_cookie_is_of_this_host_alone() {
    let app = Options::default().issuer(ISSUER).start().await;
    let visitor = app.visitor();
    let chosen = choose(&visitor, &visitor.get("/language").await, "ja").await;
    let cookie = chosen.header("set-cookie");
    assert!(cookie.starts_with("__Host-vestibule_language=ja;"), "{cookie}");
    assert!(cookie.contains("Secure") && !cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn a_language_that_there_is_not_is_no_choice() {
    let (_app, visitor) = doorstep().await;
    let page = visitor.get("/sign-in").await;
    for tag in ["", "xx", "JA", "ja-JP", "../en"] {
        assert_eq!(choose(&visitor, &page, tag).await.status, 400, "{tag}");
        assert_eq!(visitor.cookie(COOKIE), None, "{tag}");
    }
    visitor.set_cookie(COOKIE, "xx");
    expect_language(&visitor.get("/sign-in?ui_locales=ja").await, "ja");
}

#[tokio::test]
async fn a_request_that_waits_still_waits_in_the_other_language() {
    let (_app, visitor) = doorstep().await;
    let site = ClientSite::start().await;
    let request = AuthorizationRequest::valid(&site).with("state", "a b&c=é");
    let to_sign_in = visitor.get_authorize(&request).await;
    let page = visitor.get(to_sign_in.location()).await;
    let back = choose(&visitor, &page, "ja").await;
    assert_eq!(back.location(), to_sign_in.location());
    // The answer to a form belongs to the page of the form.
    let form = visitor.get(back.location()).await.form("/sign-in");
    let wrong = visitor
        .submit(&form.set("username", "alice").set("password", "wrong password"))
        .await;
    expect_language(&wrong, "ja");
    let back = choose(&visitor, &wrong, "en").await;
    assert_eq!(back.location(), to_sign_in.location());
    let asked = sign_in(&visitor, &visitor.get(back.location()).await).await;
    assert_eq!(asked.location(), request.path());
    let question = visitor.get(asked.location()).await;
    let page = visitor.get(question.location()).await;
    expect_language(&page, "en");
    let back = choose(&visitor, &page, "ja").await;
    assert_eq!(back.location(), question.location());
    let page = visitor.get(back.location()).await;
    expect_language(&page, "ja");
    let answer = visitor.submit(&page.form("/consent/").set("decision", "approve")).await;
    assert_eq!(answer.location_param("state").as_deref(), Some("a b&c=é"));
}

#[tokio::test]
async fn a_person_takes_their_language_along_to_another_browser() {
    let (app, visitor) = doorstep().await;
    sign_in(&visitor, &visitor.get("/sign-in").await).await;
    choose(&visitor, &visitor.get("/account").await, "ja").await;
    expect_language(&visitor.get("/account").await, "ja");
    let other = app.visitor();
    expect_language(&other.get("/sign-in").await, "en");
    sign_in(&other, &other.get("/sign-in").await).await;
    assert_eq!(other.cookie(COOKIE).as_deref(), Some("ja"));
    expect_language(&other.get("/account").await, "ja");
    // Who has chosen in this browser meant this browser.
    let third = app.visitor();
    choose(&third, &third.get("/sign-in").await, "en").await;
    sign_in(&third, &third.get("/sign-in").await).await;
    expect_language(&third.get("/account").await, "en");
}

#[tokio::test]
async fn what_one_person_chooses_is_nobody_elses() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.owner("alice").await, app.owner("bob").await);
    choose(&alice, &alice.get("/").await, "ja").await;
    expect_language(&bob.get("/").await, "en");
    let rows = app.rows().await;
    assert_eq!(rows.count("users WHERE language = 'ja'").await, 1);
    assert_eq!(rows.count("users WHERE language IS NULL").await, 1);
}

/// Attack case RD-19.
#[tokio::test]
async fn the_choice_leads_nowhere_but_back() {
    let (app, visitor) = doorstep().await;
    let other = app.visitor();
    let (page, foreign) = (visitor.get("/sign-in").await, other.get("/apps?x").await);
    assert_eq!(foreign.location(), "/sign-in?apps");
    let theirs = other.get("/sign-in?apps").await.form("/language");
    let form = page.form("/language").set("language", "ja");
    for (back, seal) in [
        ("//evil.example", form.get("seal")),
        ("https://evil.example/", form.get("seal")),
        ("/\\evil.example", form.get("seal")),
        ("/apps", form.get("seal")),
        ("/sign-in", ""),
        (theirs.get("back"), theirs.get("seal")),
    ] {
        let answer = visitor.submit(&form.clone().set("back", back).set("seal", seal)).await;
        assert_eq!(answer.location(), "/", "{back}");
    }
    let form = visitor.get("/language").await.form("/language").set("language", "ja");
    for (carried, way) in [
        ("", "/"),
        ("//evil.example", "/oauth/authorize?//evil.example"),
        ("https://evil.example", "/oauth/authorize?https://evil.example"),
        ("@/evil.example", "/oauth/authorize?@/evil.example"),
        ("a\r\nb", "/"),
    ] {
        let answer = visitor.submit(&form.clone().set("continue", carried)).await;
        assert_eq!(answer.location(), way, "{carried}");
    }
}

#[tokio::test]
async fn whoever_only_reads_gets_no_cookie_and_comes_back_from_the_choice() {
    let (_app, visitor) = doorstep().await;
    for (path, way) in [
        ("/", "/"),
        ("/@alice", "/@alice"),
        ("/api-doc", "/api-doc"),
        ("/nowhere", "/"),
        (
            "/oauth/authorize?client_id=unknown&x=%26",
            "/oauth/authorize?client_id=unknown&x=%26",
        ),
    ] {
        let page = visitor.get(path).await;
        assert_eq!(page.header("set-cookie"), "", "{path}");
        assert!(!page.has("form"), "{path}");
        let form = visitor.get(&link(&page)).await.form("/language");
        let back = visitor.submit(&form.set("language", "en")).await;
        assert_eq!(back.location(), way, "{path}");
    }
}

/// The link at the end of a page without forms.
fn link(page: &Answer) -> String {
    let document = Html::parse_document(&page.body);
    let links = Selector::parse("footer a").unwrap();
    let link = document.select(&links).next().expect("a link");
    link.attr("href").unwrap().to_owned()
}

#[tokio::test]
async fn a_choice_from_elsewhere_asks_again_and_loses_nothing() {
    let (_app, visitor) = doorstep().await;
    let form = visitor
        .get("/sign-in?apps")
        .await
        .form("/language")
        .set("language", "ja");
    for (headers, form) in [
        ("cross-site", form.clone()),
        ("same-origin", form.clone().set("csrf", "forged")),
    ] {
        let body = crate::harness::actors::encode(&form.fields);
        let request = visitor
            .request(Method::POST, "/language")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", headers)
            .body(body);
        let again = visitor.send(request).await;
        assert_eq!(again.status, 400, "{headers}");
        assert_eq!(visitor.cookie(COOKIE), None, "{headers}");
        assert!(again.has(".problem"), "{}", again.body);
        assert_eq!(again.form("/language").get("continue"), "apps");
    }
    let page = visitor.get("/language?apps").await;
    let answer = visitor.submit(&page.form("/language").set("language", "ja")).await;
    assert_eq!(answer.location(), "/apps");
}
