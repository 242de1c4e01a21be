//! Nothing redirects to an address that is not the app's (RD-01 to RD-25).

use std::time::Duration;

use reqwest::StatusCode;

use crate::harness::{AuthorizationRequest, ClientSite, TestApp, Visitor, expect};
use crate::misskey::scene;

/// What the app of these tests publishes; the last four can never be used.
const LISTED: &str = r#"
<link rel="redirect_uri" href="/redirect">
<link rel="redirect_uri" href="https://app.example.com/cb">
<link rel="redirect_uri" href="https://wild.net/*">
<link rel="redirect_uri" href="https://query.net/cb?x=1">
<link rel="redirect_uri" href="http://localhost/callback">
<link rel="redirect_uri" href="com.example.app:/cb">
<link rel="redirect_uri" href="javascript:alert(1)">
<link rel="redirect_uri" href="data:text/html,x">
<link rel="redirect_uri" href="http://app.example.com/cb">
<link rel="redirect_uri" href="https://app.example.com/cb#fragment">
"#;

async fn listed() -> (TestApp, ClientSite, Visitor) {
    let (app, site, alice) = scene().await;
    site.page(LISTED);
    (app, site, alice)
}

/// A page, which shows the address as text if at all.
async fn refuses(alice: &Visitor, site: &ClientSite, redirect_uri: &str) {
    let request = AuthorizationRequest::of(&site.client_id(), redirect_uri).with("response_type", "token");
    let answer = alice.get_authorize(&request).await;
    expect::page_error(&answer, 400);
    for raw in ["<script", "'onmouseover", "href=\"javascript", "href=\"https://evil"] {
        assert!(!answer.body.contains(raw), "{redirect_uri}: {}", answer.body);
    }
    assert_eq!(answer.header("refresh"), "");
}

/// Each with an unsupported response type as well (RD-13): whatever else is wrong, there is no way back.
#[tokio::test]
async fn an_address_that_is_not_listed_gets_a_page() {
    let (_app, site, alice) = listed().await;
    for redirect_uri in [
        "https://evil.net/cb",
        "https://appXexample.com/cb",
        "https://app.example.com.evil.net/cb",
        "https://wild.net/anything",
        "https://app.example.com/CB",
        "https://app.example.com/cb/",
        "https://app.example.com/cb//",
        "https://app.example.com/cb;x",
        "https://app.example.com/cb%00",
        "https://app.example.com/%63b",
        "https://app.example.com:443/cb",
        "https://app.example.com:8443/cb",
        "https://app.example.com/cb?x=1",
        "https://query.net/cb",
        "https://query.net/cb?x=1&y=2",
        "http://127.0.0.1:58135/callback",
        "http://localhost:58135/other",
        "https://localhost/callback",
        "com.example.app:/other",
        "com.example.app://cb",
        "myapp://cb",
        "https://evil.net/cb?<script>alert(1)</script>",
        "https://evil.net/cb?'onmouseover='alert(1)",
    ] {
        refuses(&alice, &site, redirect_uri).await;
    }
}

#[tokio::test]
async fn an_address_that_none_may_have_gets_a_page_even_when_it_is_listed() {
    let (_app, site, alice) = listed().await;
    for redirect_uri in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://app.example.com/1",
        "about:blank",
        "view-source:https://app.example.com/cb",
        "intent://app.example.com/cb",
        "http://app.example.com/cb",
        "HTTPS://app.example.com/cb",
        "https://attacker@app.example.com/cb",
        "http://attacker@127.0.0.1:5000/cb",
        "https://app.example.com/cb#fragment",
        "https://app.example.com/cb#",
        "https://app.example.com/cb/../evil",
        "https://app.example.com/cb/%2e%2e/evil",
        "https://app.example.com/cb\\evil",
        "https://app.example.com/cb\r\nLocation: https://evil.net",
        "https://app.example.com/cb\0",
        "https://app.example.com/cb\u{2028}",
        "/redirect",
        "//evil.net/cb",
        "redirect",
    ] {
        refuses(&alice, &site, redirect_uri).await;
    }
}

#[tokio::test]
async fn an_address_that_is_listed_is_returned_to_exactly() {
    let (_app, site, alice) = listed().await;
    for redirect_uri in [
        site.url("/redirect").as_str(),
        "https://app.example.com/cb",
        "https://wild.net/*",
        "https://query.net/cb?x=1",
        "com.example.app:/cb",
    ] {
        let request = AuthorizationRequest::of(&site.client_id(), redirect_uri);
        let answer = alice.approve(&request).await;
        assert!(answer.location().starts_with(redirect_uri), "{}", answer.location());
    }
}

/// RD-08. At the token endpoint the address of the request counts, with its port.
#[tokio::test]
async fn the_port_of_a_loopback_address_may_vary() {
    let (_app, site, alice) = listed().await;
    let request = AuthorizationRequest::of(&site.client_id(), "http://localhost:58135/callback");
    let answer = alice.approve(&request).await;
    assert!(answer.location().starts_with("http://localhost:58135/callback?code="));
    let code = answer.location_param("code").unwrap();
    assert_eq!(alice.redeem(&request.redemption(&code)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_page_says_how_an_address_differs_from_a_listed_one() {
    let (_app, site, alice) = listed().await;
    for (redirect_uri, hint) in [
        ("https://app.example.com/cb/", "only in the slash at the end"),
        ("https://app.example.com/CB", "only in upper and lower case"),
        ("https://app.example.com:443/cb", "only in naming the standard port"),
        ("https://query.net/cb", "only in the part after the question mark"),
    ] {
        let request = AuthorizationRequest::of(&site.client_id(), redirect_uri);
        let page = alice.get_authorize(&request).await.text();
        assert!(page.contains(hint), "{redirect_uri}: {page}");
    }
}

/// RD-25: an app cannot make this server bounce a passer-by to it.
#[tokio::test]
async fn nobody_is_sent_anywhere_before_they_sign_in() {
    let (app, site) = (TestApp::start().await, ClientSite::start().await);
    let request = AuthorizationRequest::valid(&site);
    for request in [
        request.clone(),
        request.clone().with("scope", "unknown"),
        request.clone().with("response_type", "token"),
        request.clone().without("code_challenge"),
        request.with("prompt", "none"),
    ] {
        let answer = app.visitor().get_authorize(&request).await;
        assert!(answer.location().starts_with("/sign-in?"), "{}", answer.location());
    }
}

/// RD-23. Tokens that the app got before stay good.
#[tokio::test]
async fn an_address_that_is_taken_off_the_list_is_refused_once_the_copy_has_lapsed() {
    let (app, site, alice) = listed().await;
    let request = AuthorizationRequest::of(&site.client_id(), &site.url("/redirect"));
    let token = alice.tokens(&request).await;
    site.page(r#"<link rel="redirect_uri" href="/another">"#);
    app.clock.advance(Duration::from_hours(1));
    let answer = alice.get_authorize(&request.fresh_pkce()).await;
    expect::page_error(&answer, 400);
    let token = token["access_token"].as_str().unwrap();
    let used = alice.get_with_token("/oauth/userinfo", token).await;
    assert_eq!(used.status, StatusCode::OK);
}

#[tokio::test]
async fn an_address_that_was_just_added_to_the_list_is_found() {
    let (app, site, alice) = listed().await;
    alice
        .consent_page(&AuthorizationRequest::of(&site.client_id(), &site.url("/redirect")))
        .await;
    site.page(r#"<link rel="redirect_uri" href="/another">"#);
    app.clock.advance(Duration::from_secs(10));
    alice
        .consent_page(&AuthorizationRequest::of(&site.client_id(), &site.url("/another")))
        .await;
}
