//! The authorization endpoint: what an anonymous request may cause, how its parameters are read, and what every answer
//! carries.

use reqwest::StatusCode;
use vestibule::oauth::error::ErrorCode;

use crate::harness::actors::changed;
use crate::harness::{AuthorizationRequest, ClientSite, SecureWeb, TestApp, expect};
use crate::misskey::scene;

mod pkce;
mod redirect_uri;
mod remembered;

/// Statements that somebody's request can have caused: housekeeping only deletes.
fn caused(app: &TestApp) -> Vec<String> {
    let mut statements = app.statements();
    statements.retain(|sql| !sql.starts_with("DELETE"));
    statements
}

#[tokio::test]
async fn an_anonymous_request_writes_no_row_and_asks_nobody() {
    let (app, site) = (TestApp::start().await, ClientSite::start().await);
    let valid = AuthorizationRequest::valid(&site);
    app.forget_statements();
    for request in [
        valid.clone(),
        valid.clone().with("redirect_uri", "https://elsewhere.net/"),
        valid.clone().with("scope", "unknown"),
        valid.clone().with("client_id", "registered"),
        valid.clone().without("redirect_uri"),
        valid.clone().with("prompt", "none"),
    ] {
        app.visitor().get_authorize(&request).await;
    }
    // A registered client is looked up, which changes nothing.
    let wrote: Vec<String> = caused(&app)
        .into_iter()
        .filter(|sql| !sql.starts_with("SELECT"))
        .collect();
    assert_eq!(wrote, Vec::<String>::new());
    assert_eq!(site.connections(), 0);
}

#[tokio::test]
async fn a_request_with_an_unknown_session_writes_no_row_and_asks_nobody() {
    let (app, site) = (TestApp::start().await, ClientSite::start().await);
    let stranger = app.visitor();
    stranger.set_cookie("vestibule_session", "vst_unknown");
    app.forget_statements();
    let answer = stranger.get_authorize(&AuthorizationRequest::valid(&site)).await;
    assert!(answer.location().starts_with("/sign-in?"));
    assert!(
        caused(&app).iter().all(|sql| sql.starts_with("SELECT")),
        "{:?}",
        app.statements()
    );
    assert_eq!(site.connections(), 0);
}

#[tokio::test]
async fn a_parameter_given_twice_is_refused_whatever_it_says() {
    let (_app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    for (name, value) in &request.params {
        for again in [value.as_str(), "another", ""] {
            let mut twice = request.clone();
            twice.params.push((name.clone(), again.to_owned()));
            expect::page_error(&alice.get_authorize(&twice).await, 400);
        }
    }
    let mut unknown = request.with("unknown", "1");
    unknown.params.push(("unknown".to_owned(), "2".to_owned()));
    expect::page_error(&alice.get_authorize(&unknown).await, 400);
}

/// Stricter than RD-17, which would send it back: PostgreSQL's text cannot hold it.
#[tokio::test]
async fn a_parameter_with_a_nul_is_refused() {
    let (_app, site, alice) = scene().await;
    for name in ["state", "scope", "unknown"] {
        let request = AuthorizationRequest::valid(&site).with(name, "nul\0byte");
        expect::page_error(&alice.get_authorize(&request).await, 400);
    }
}

#[tokio::test]
async fn unknown_parameters_are_ignored() {
    let (_app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site)
        .with("me", "<b>not me</b>")
        .with("login_hint", "bob")
        .with("nonce", "n-0S6_WzA2Mj");
    let page = alice.consent_page(&request).await;
    assert!(!page.body.contains("not me"));
}

const STATES: [&str; 8] = [
    "plain",
    "x&code=evil#y",
    "x&iss=https://evil.net",
    "a+b%20c%2B",
    "\r\nSet-Cookie: evil=1",
    "\u{2028}\u{2029}",
    "日本語 🦊",
    "\"><script>alert(1)</script>",
];

#[tokio::test]
async fn state_comes_back_as_it_was_sent() {
    let (app, site, alice) = scene().await;
    for state in STATES {
        let request = AuthorizationRequest::valid(&site).with("state", state);
        let answer = alice.approve(&request).await;
        assert_eq!(answer.location_param("state").as_deref(), Some(state));
        let url = url::Url::parse(answer.location()).unwrap();
        let names: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
        assert_eq!(names, ["code", "state", "iss"]);
        assert_eq!((url.fragment(), answer.header("set-cookie")), (None, ""));
        let refused = request.with("scope", "unknown");
        let answer = alice.get_authorize(&refused).await;
        expect::redirect_error(&answer, ErrorCode::InvalidScope, &refused, &app.issuer);
    }
}

#[tokio::test]
async fn without_a_state_none_comes_back() {
    let (_app, site, alice) = scene().await;
    for request in [
        AuthorizationRequest::valid(&site).without("state"),
        AuthorizationRequest::valid(&site).with("state", ""),
    ] {
        assert_eq!(alice.approve(&request).await.location_param("state"), None);
    }
}

/// RD-16. Past 16 KiB no parameter is read at all, so that one gets a page.
#[tokio::test]
async fn a_state_may_have_two_kilobytes() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    alice
        .consent_page(&request.clone().with("state", &"s".repeat(2048)))
        .await;
    for length in [2049, 10_240] {
        let longer = request.clone().with("state", &"s".repeat(length));
        let answer = alice.get_authorize(&longer).await;
        expect::redirect_error(&answer, ErrorCode::InvalidRequest, &longer, &app.issuer);
    }
    let endless = request.with("state", &"s".repeat(17_000));
    expect::page_error(&alice.get_authorize(&endless).await, 400);
}

#[tokio::test]
async fn the_query_of_a_redirect_uri_is_kept() {
    let (_app, site, alice) = scene().await;
    site.page(r#"<link rel="redirect_uri" href="/redirect?code=mine&amp;x=%7E">"#);
    let uri = site.url("/redirect?code=mine&x=%7E");
    let request = AuthorizationRequest::of(&site.client_id(), &uri);
    let answer = alice.approve(&request).await;
    assert!(
        answer.location().starts_with(&format!("{uri}&code=")),
        "{}",
        answer.location()
    );
}

#[tokio::test]
async fn every_answer_names_the_issuer_and_is_a_303() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let form = alice.consent_page(&request).await.form("/consent/");
    let approved = alice.submit(&form.set("decision", "approve")).await;
    let form = alice
        .consent_page(&request.clone().fresh_pkce())
        .await
        .form("/consent/");
    let denied = alice.submit(&form.set("decision", "deny")).await;
    let refused = alice.get_authorize(&request.with("scope", "unknown")).await;
    for answer in [approved, denied, refused] {
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_eq!(answer.location_param("iss").as_deref(), Some(app.issuer.as_str()));
    }
    let metadata = alice.get("/.well-known/oauth-authorization-server").await.json();
    assert_eq!(metadata["issuer"], app.issuer);
}

#[tokio::test]
async fn forms_that_no_client_id_may_have_are_refused_before_sign_in() {
    let web = SecureWeb::new();
    let app = web.options().start().await;
    for client_id in [
        "https://user@app.net/",
        "https://user:pass@app.net/",
        "https://@app.net/",
        "https://app.net/#fragment",
        "https://app.net/#",
        "https://app.net/a/../b",
        "https://app.net/%2E%2e/b",
        "https://app.net/./b",
        "https://192.0.2.1/",
        "https://0x7f.1/",
        "https://2130706433/",
        "https://[2001:db8::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://app.net./",
        "https://app.net:0/",
        "https:app.net",
        "https:\\\\app.net\\a",
        " https://app.net/",
        "https://app.net/\t",
        "http://app.net/",
        "ftp://app.net/",
        "app.net/",
        "mailto:app@app.net",
    ] {
        let request = AuthorizationRequest::of(client_id, "https://app.net/redirect");
        expect::page_error(&app.visitor().get_authorize(&request).await, 400);
    }
    let right = AuthorizationRequest::of("https://app.net/", "https://app.net/redirect");
    let answer = app.visitor().get_authorize(&right).await;
    assert!(answer.location().starts_with("/sign-in?"));
}

/// R6: a port, which every id of these tests has, and a query.
#[tokio::test]
async fn a_client_id_may_have_a_query() {
    let (_app, site, alice) = scene().await;
    let client_id = site.url("/id?app=1");
    let request = AuthorizationRequest::of(&client_id, &site.url("/redirect"));
    alice.tokens(&request).await;
    assert!(
        site.requests()[0].starts_with("GET /id?app=1 "),
        "{:?}",
        site.requests()
    );
}

/// R7, R8: at either endpoint, in either spelling.
async fn are_one_client(one: impl Fn(&ClientSite) -> String, other: impl Fn(&ClientSite) -> String) {
    let web = SecureWeb::new();
    let (app, site) = (web.options().start().await, web.site("app.net").await);
    let (one, other) = (one(&site), other(&site));
    // Each time another person, so that nobody's earlier yes plays a part.
    for (person, asked, redeemed) in [
        ("alice", &one, &one),
        ("bob", &one, &other),
        ("carol", &other, &one),
        ("dave", &other, &other),
    ] {
        let request = AuthorizationRequest::of(asked, &site.url("/redirect"));
        let owner = app.owner(person).await;
        let code = owner.code(&request).await;
        let fields = changed(&request.redemption(&code), "client_id", redeemed);
        let answer = owner.redeem(&fields).await;
        assert_eq!(answer.status, StatusCode::OK, "{asked} then {redeemed}: {answer:?}");
    }
}

#[tokio::test]
async fn a_client_id_without_a_path_is_the_one_with_a_slash() {
    are_one_client(|site| site.url("/"), |site| site.url("")).await;
}

#[tokio::test]
async fn the_host_of_a_client_id_has_no_case() {
    are_one_client(
        |site| site.client_id(),
        |site| site.client_id().replace("app.net", "APP.Net"),
    )
    .await;
}

#[tokio::test]
async fn the_path_of_a_client_id_has_a_case() {
    let (_app, site, alice) = scene().await;
    let request = AuthorizationRequest::of(&site.url("/id"), &site.url("/redirect"));
    let code = alice.code(&request).await;
    let fields = changed(&request.redemption(&code), "client_id", &site.url("/ID"));
    expect::json_error(&alice.redeem(&fields).await, 400, ErrorCode::InvalidGrant);
}
