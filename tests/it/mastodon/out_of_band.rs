//! Apps without an address: the person reads the code on a page of ours.

use std::time::Duration;

use super::{OUT_OF_BAND, Registered, scene};
use crate::harness::actors::{Answer, changed};
use crate::harness::app::PASSWORD;
use crate::harness::{AuthorizationRequest, TestApp, Visitor, expect};

fn asks(client: &Registered) -> AuthorizationRequest {
    client.asks("read").with("redirect_uri", OUT_OF_BAND)
}

/// The address of the page that shows the code, as the browser is sent to it.
async fn approved(app: &TestApp, person: &Visitor, client: &Registered) -> String {
    let answer = person.approve(&asks(client)).await;
    assert_eq!(answer.status, 303);
    let path = answer
        .location()
        .strip_prefix(&app.issuer)
        .expect("a page of ours")
        .to_owned();
    assert!(path.starts_with("/oauth/authorize/native?code=vc_"), "{path}");
    path
}

fn code_in(path: &str) -> &str {
    path.split_once("code=").expect("a code").1
}

fn redemption(client: &Registered, path: &str) -> Vec<(&'static str, String)> {
    changed(&client.redemption(code_in(path)), "redirect_uri", OUT_OF_BAND)
}

#[tokio::test]
async fn the_code_is_shown_to_its_person_and_redeemed_by_its_app() {
    let (app, alice) = scene().await;
    let client = Registered::app(&app, "read").await;
    let path = approved(&app, &alice, &client).await;
    let page = alice.get(&path).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.texts("textarea[readonly]"), [code_in(&path)]);
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("access-control-allow-origin"), "");
    // Nine minutes to copy it: a code that no person carries would have lapsed.
    app.clock.advance(Duration::from_secs(9 * 60));
    assert_eq!(app.post_token(&redemption(&client, &path)).await.status, 200);
}

/// The code itself must not be on the page, whatever the page says instead.
#[track_caller]
fn expect_not_shown(answer: &Answer, path: &str, status: u16) {
    expect::page_error(answer, status);
    assert!(!answer.body.contains(code_in(path)), "{}", answer.body);
}

#[tokio::test]
async fn a_code_is_shown_to_nobody_else() {
    let (app, alice) = scene().await;
    let bob = app.owner("bob").await;
    let client = Registered::app(&app, "read").await;
    let path = approved(&app, &alice, &client).await;
    expect_not_shown(&bob.get(&path).await, &path, 403);
    let signed_out = app.visitor().get(&path).await;
    assert!(signed_out.location().starts_with("/sign-in?"), "{signed_out:?}");
    // A look has not spent it.
    assert_eq!(app.post_token(&redemption(&client, &path)).await.status, 200);
}

#[tokio::test]
async fn a_code_is_shown_only_while_it_can_be_redeemed() {
    let (app, alice) = scene().await;
    let client = Registered::app(&app, "read").await;
    let spent = approved(&app, &alice, &client).await;
    assert_eq!(app.post_token(&redemption(&client, &spent)).await.status, 200);
    expect_not_shown(&alice.get(&spent).await, &spent, 410);
    let again = alice.get_authorize(&asks(&client).with("force_login", "true")).await;
    let form = alice.get(again.location()).await.form("/consent/");
    let answer = alice.submit(&form.set("decision", "approve")).await;
    let lapsed = answer.location().strip_prefix(&app.issuer).unwrap().to_owned();
    app.clock.advance(Duration::from_secs(10 * 60));
    expect_not_shown(&alice.get(&lapsed).await, &lapsed, 410);
    expect_not_shown(&alice.get("/oauth/authorize/native?code=vc_x").await, "code=vc_x", 404);
}

/// A link to our page could otherwise show a person the code of an app that has an address, to be read out to somebody.
#[tokio::test]
async fn a_code_that_goes_to_an_app_is_not_shown() {
    let (app, alice) = scene().await;
    let code = alice.code(&Registered::app(&app, "read").await.asks("read")).await;
    let path = format!("/oauth/authorize/native?code={code}");
    expect_not_shown(&alice.get(&path).await, &path, 404);
}

#[tokio::test]
async fn whoever_was_signed_out_meanwhile_signs_in_and_reads_the_code() {
    let (app, alice) = scene().await;
    let client = Registered::app(&app, "read").await;
    let path = approved(&app, &alice, &client).await;
    let browser = app.visitor();
    let sign_in = browser.get(&path).await;
    let form = browser.get(sign_in.location()).await.form("/sign-in");
    let back = browser
        .submit(&form.set("username", "alice").set("password", PASSWORD))
        .await;
    assert_eq!(back.location(), path);
    assert_eq!(browser.get(back.location()).await.texts("textarea"), [code_in(&path)]);
    let odd = app
        .visitor()
        .get("/oauth/authorize/native?code=x%26a%3D%2F%2Fevil.example")
        .await;
    assert_eq!(odd.location(), "/sign-in");
}

/// Otherwise here: Mastodon answers JSON, although a person is looking.
#[tokio::test]
async fn a_no_ends_on_a_page() {
    let (app, alice) = scene().await;
    let client = Registered::app(&app, "read").await;
    let form = alice.consent_page(&asks(&client)).await.form("/consent/");
    let answer = alice.submit(&form.set("decision", "deny")).await;
    assert_eq!(
        answer.location(),
        format!("{}/oauth/authorize/native?error=access_denied", app.issuer)
    );
    let page = alice.get("/oauth/authorize/native?error=access_denied").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.text().contains("Not allowed"), "{}", page.text());
}

#[tokio::test]
async fn an_error_ends_on_a_page_in_our_own_words() {
    let (app, alice) = scene().await;
    let client = Registered::app(&app, "read").await;
    let answer = alice.get_authorize(&asks(&client).with("scope", "fly")).await;
    let path = answer
        .location()
        .strip_prefix(&app.issuer)
        .expect("a page of ours")
        .to_owned();
    assert_eq!(path, "/oauth/authorize/native?error=invalid_scope");
    let injected = format!("{path}&error_description=Call+0900+1234");
    for path in [path, injected] {
        let page = app.visitor().get(&path).await;
        assert!(page.text().contains("invalid_scope"), "{}", page.text());
        assert!(!page.body.contains("0900"), "{}", page.body);
    }
}

#[tokio::test]
async fn an_address_with_nothing_in_it_sends_people_back_to_their_app() {
    let app = TestApp::start().await;
    for path in ["/oauth/authorize/native", "/oauth/authorize/native?code=&state=x"] {
        let page = app.visitor().get(path).await;
        assert_eq!(page.status, 200);
        assert!(page.text().contains("go on there"), "{}", page.text());
    }
    // A link of somebody else's must not make us say that something was allowed.
    for path in ["/oauth/authorize/native", "/oauth/authorize/native?error=access_denied"] {
        for (site, status) in [("cross-site", 404), ("none", 404), ("same-origin", 200)] {
            let request = app
                .http
                .get(format!("{}{path}", app.base))
                .header("sec-fetch-site", site);
            assert_eq!(Answer::to(request).await.status, status, "{path} {site}");
        }
    }
    let unknown = app.visitor().get("/oauth/authorize/native?error=call_0900").await;
    assert!(!unknown.text().contains("go on there"), "{}", unknown.text());
    assert!(unknown.text().contains("invalid_request"), "{}", unknown.text());
    assert!(!unknown.body.contains("0900"), "{}", unknown.body);
}

#[tokio::test]
async fn only_mastodons_clients_may_ask_so() {
    let (app, alice) = scene().await;
    let site = crate::harness::ClientSite::start().await;
    let request = AuthorizationRequest::valid(&site).with("redirect_uri", OUT_OF_BAND);
    expect::page_error(&alice.get_authorize(&request).await, 400);
    let client = Registered::app(&app, "read").await;
    assert!(alice.consent_page(&asks(&client)).await.is_question());
}
