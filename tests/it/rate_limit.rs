//! Limits by address and by account, and whose address counts (attack case LG-05). All on their own small quotas.

use reqwest::Method;
use vestibule::oauth::error::ErrorCode;

use crate::harness::actors::{Answer, encode};
use crate::harness::api::FORM;
use crate::harness::{AuthorizationRequest, ClientSite, Options, TestApp, Visitor, expect};

/// Fails unless this is a refusal for now, with the time to wait.
#[track_caller]
fn expect_retry_after(answer: &Answer) {
    let wait: u64 = answer.header("retry-after").parse().expect("seconds to wait");
    assert!((1..=60).contains(&wait), "{wait}");
}

/// Tries to sign in through a proxy that names this address.
async fn sign_in_from(browser: &Visitor, name: &str, address: &str) -> Answer {
    let form = browser.get("/sign-in").await.form("/sign-in").set("username", name);
    let request = browser
        .request(Method::POST, &form.action)
        .header("content-type", FORM)
        .header("x-forwarded-for", address);
    browser
        .send(request.body(encode(&form.set("password", "a wrong guess").fields)))
        .await
}

async fn start(name: &'static str, quota: &str) -> TestApp {
    Options::default().set(name, quota).start().await
}

#[tokio::test]
async fn passwords_may_be_tried_so_often_and_no_more() {
    let app = start("VESTIBULE_LIMITS__SIGN_IN", "2").await;
    let browser = app.visitor();
    for name in ["a", "b"] {
        expect::page_error(&sign_in_from(&browser, name, "").await, 400);
    }
    let refused = sign_in_from(&browser, "c", "").await;
    expect::page_error(&refused, 429);
    expect_retry_after(&refused);
}

#[tokio::test]
async fn looking_at_the_sign_in_page_is_not_a_try() {
    let app = start("VESTIBULE_LIMITS__SIGN_IN", "1").await;
    let browser = app.visitor();
    for _ in 0..5 {
        assert_eq!(browser.get("/sign-in").await.status, 200);
    }
}

#[tokio::test]
async fn authorization_requests_may_come_so_often_and_no_more() {
    let app = start("VESTIBULE_LIMITS__AUTHORIZE", "2").await;
    let (site, alice) = (ClientSite::start().await, app.owner("alice").await);
    let request = AuthorizationRequest::valid(&site);
    for _ in 0..2 {
        assert_eq!(alice.get_authorize(&request).await.status, 303);
    }
    let refused = alice.get_authorize(&request).await;
    expect::page_error(&refused, 429);
    expect_retry_after(&refused);
}

#[tokio::test]
async fn redemptions_for_identity_over_the_limit_are_refused_in_json() {
    let app = start("VESTIBULE_LIMITS__AUTHORIZE", "1").await;
    let guess = [("code", "vc_guess"), ("client_id", "https://app.example/")];
    expect::json_error(
        &app.post("/oauth/authorize", &guess).await,
        400,
        ErrorCode::InvalidGrant,
    );
    let refused = app.post("/oauth/authorize", &guess).await;
    expect::json_error(&refused, 429, ErrorCode::TemporarilyUnavailable);
    expect_retry_after(&refused);
}

#[tokio::test]
async fn token_requests_may_come_so_often_and_no_more() {
    let app = start("VESTIBULE_LIMITS__TOKEN", "2").await;
    let guess = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "x"),
        ("client_id", "https://app.example/"),
    ];
    for _ in 0..2 {
        expect::json_error(&app.post_token(&guess).await, 400, ErrorCode::InvalidGrant);
    }
    let refused = app.post_token(&guess).await;
    expect::json_error(&refused, 429, ErrorCode::TemporarilyUnavailable);
    expect_retry_after(&refused);
}

#[tokio::test]
async fn scripts_can_read_that_they_ask_too_often() {
    let app = start("VESTIBULE_LIMITS__TOKEN", "1").await;
    app.post_token(&[("a", "b")]).await;
    let request = app.http.post(format!("{}/oauth/token", app.base));
    let refused = Answer::to(request.header("origin", "https://app.example")).await;
    assert_eq!(refused.status, 429, "{refused:?}");
    assert_eq!(refused.header("access-control-allow-origin"), "*");
}

#[tokio::test]
async fn revocations_count_with_token_requests() {
    let app = start("VESTIBULE_LIMITS__TOKEN", "1").await;
    assert_eq!(app.post("/oauth/revoke", &[("token", "x")]).await.status, 200);
    let refused = app.post_token(&[("a", "b")]).await;
    expect::json_error(&refused, 429, ErrorCode::TemporarilyUnavailable);
}

#[tokio::test]
async fn new_clients_may_be_fetched_so_often_and_no_more() {
    let app = start("VESTIBULE_LIMITS__FIRST_FETCH", "2").await;
    let alice = app.owner("alice").await;
    let sites = [
        ClientSite::start().await,
        ClientSite::start().await,
        ClientSite::start().await,
    ];
    let [one, two, three] = sites.each_ref().map(AuthorizationRequest::valid);
    for request in [&one, &two] {
        assert_eq!(alice.get_authorize(request).await.status, 303);
    }
    let refused = alice.get_authorize(&three).await;
    expect::page_error(&refused, 429);
    expect_retry_after(&refused);
    assert_eq!(sites[2].hits(), 0, "nothing was fetched");
    assert_eq!(
        alice.get_authorize(&one).await.status,
        303,
        "what is in memory costs nothing"
    );
}

#[tokio::test]
async fn new_clients_may_be_fetched_again_a_minute_later() {
    let app = start("VESTIBULE_LIMITS__FIRST_FETCH", "1").await;
    let alice = app.owner("alice").await;
    let (one, two) = (ClientSite::start().await, ClientSite::start().await);
    alice.get_authorize(&AuthorizationRequest::valid(&one)).await;
    expect::page_error(&alice.get_authorize(&AuthorizationRequest::valid(&two)).await, 429);
    app.clock.advance(std::time::Duration::from_secs(60));
    assert_eq!(
        alice.get_authorize(&AuthorizationRequest::valid(&two)).await.status,
        303
    );
}

#[tokio::test]
async fn a_forged_address_does_not_help() {
    let app = start("VESTIBULE_LIMITS__SIGN_IN", "2").await;
    let browser = app.visitor();
    for address in ["198.51.100.1", "203.0.113.2"] {
        expect::page_error(&sign_in_from(&browser, "a", address).await, 400);
    }
    expect::page_error(&sign_in_from(&browser, "a", "192.0.2.3").await, 429);
}

/// A server behind a proxy on this machine.
async fn behind_proxy() -> TestApp {
    let options = Options::default().set("VESTIBULE_LIMITS__SIGN_IN", "2");
    options.set("VESTIBULE_PROXY__TRUSTED", "127.0.0.0/8").start().await
}

#[tokio::test]
async fn a_trusted_proxy_is_believed() {
    let app = behind_proxy().await;
    let browser = app.visitor();
    for address in ["198.51.100.1", "203.0.113.2", "192.0.2.3", "198.51.100.4"] {
        expect::page_error(&sign_in_from(&browser, "a", address).await, 400);
    }
}

#[tokio::test]
async fn an_address_that_was_forged_before_a_trusted_proxy_does_not_help() {
    let app = behind_proxy().await;
    let browser = app.visitor();
    for forged in ["192.0.2.1", "192.0.2.2"] {
        let chain = format!("{forged}, 198.51.100.1");
        expect::page_error(&sign_in_from(&browser, forged, &chain).await, 400);
    }
    expect::page_error(&sign_in_from(&browser, "c", "192.0.2.3, 198.51.100.1").await, 429);
}

#[tokio::test]
async fn one_account_may_be_tried_so_often_from_one_block_of_addresses() {
    let app = behind_proxy().await;
    let browser = app.visitor();
    for address in ["198.51.100.1", "198.51.100.2"] {
        expect::page_error(&sign_in_from(&browser, "alice", address).await, 400);
    }
    // Each from an address of its own: what is counted is the name.
    for (name, address) in [
        (" @Alice ", "198.51.100.3"),
        ("ALICE", "198.51.100.4"),
        ("Ａｌｉｃｅ", "198.51.100.5"),
    ] {
        let refused = sign_in_from(&browser, name, address).await;
        expect::page_error(&refused, 429);
        expect_retry_after(&refused);
    }
}

#[tokio::test]
async fn another_account_may_be_tried_from_the_same_block() {
    let app = behind_proxy().await;
    let browser = app.visitor();
    for address in ["198.51.100.1", "198.51.100.2"] {
        expect::page_error(&sign_in_from(&browser, "alice", address).await, 400);
    }
    expect::page_error(&sign_in_from(&browser, "bob", "198.51.100.3").await, 400);
}

#[tokio::test]
async fn nobody_is_locked_out_from_elsewhere() {
    let app = behind_proxy().await;
    app.accounts
        .add_user("alice", crate::harness::app::PASSWORD)
        .await
        .unwrap();
    let browser = app.visitor();
    for address in ["198.51.100.1", "198.51.100.2", "198.51.100.3"] {
        sign_in_from(&browser, "alice", address).await;
    }
    let form = browser.get("/sign-in").await.form("/sign-in").set("username", "alice");
    let request = browser
        .request(Method::POST, &form.action)
        .header("content-type", FORM)
        .header("x-forwarded-for", "203.0.113.1");
    let fields = form.set("password", crate::harness::app::PASSWORD).fields;
    let answer = browser.send(request.body(encode(&fields))).await;
    assert_eq!(answer.status, 303, "{answer:?}");
}

#[tokio::test]
async fn a_limit_of_0_is_none() {
    let app = TestApp::start().await;
    for _ in 0..400 {
        assert_eq!(app.post("/oauth/revoke", &[("token", "x")]).await.status, 200);
    }
}
