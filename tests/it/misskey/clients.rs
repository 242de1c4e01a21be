//! T36 to T50: what an app says about itself, as a document or a page, through the running server.

use crate::harness::actors::Answer;
use crate::harness::client_site::{GUIDE_PAGE, SiteAnswer, header};
use crate::harness::{AuthorizationRequest, ClientSite, SecureWeb, TestApp, Visitor, expect};

async fn ask(alice: &Visitor, site: &ClientSite, path: &str) -> Answer {
    let request = AuthorizationRequest::of(&site.client_id(), &site.url(path));
    let answer = alice.get_authorize(&request).await;
    match answer.status.is_redirection() {
        true => alice.get(answer.location()).await,
        false => answer,
    }
}

/// The answer to alice when the app says so: the consent page, or a page that refuses.
async fn said(publish: impl Fn(&ClientSite), path: &str) -> Answer {
    let (app, site) = (TestApp::start().await, ClientSite::start().await);
    publish(&site);
    ask(&app.owner("alice").await, &site, path).await
}

#[track_caller]
fn is_consent(answer: &Answer) {
    assert!(answer.has(r#"form[action^="/consent/"]"#), "{}", answer.text());
}

#[track_caller]
fn is_refused(answer: &Answer) {
    expect::page_error(answer, 400);
}

/// What the app calls itself, on the consent page.
fn claim(answer: &Answer) -> Option<String> {
    is_consent(answer);
    let text = answer.text();
    let (_, rest) = text.split_once("It calls itself “")?;
    rest.split_once('”').map(|(name, _)| name.to_owned())
}

fn nothing_but(site: &ClientSite, link: &str) {
    site.answer(SiteAnswer {
        status: 200,
        headers: vec![header("content-type", "text/html"), header("link", link)],
        body: Vec::new(),
    });
}

const DOCUMENT: &str = r#"{
    "client_id": "{base}/", "client_uri": "{base}/", "client_name": "Misklient JSON", "logo_uri": "/logo.png",
    "redirect_uris": ["/redirect"]
}"#;

/// Otherwise here: no logo, since a picture from elsewhere would tell the app who looks at the page.
#[tokio::test]
async fn t36_a_json_document_is_read() {
    let answer = said(|site| site.document(DOCUMENT), "/redirect").await;
    assert_eq!(claim(&answer).as_deref(), Some("Misklient JSON"));
    assert!(!answer.body.contains("logo.png"));
}

#[tokio::test]
async fn t37_a_document_and_the_link_header_are_one_list() {
    let publish = |site: &ClientSite| {
        site.document(DOCUMENT);
        site.add_header("link", r#"</redirect2>; rel="redirect_uri""#);
    };
    is_consent(&said(publish, "/redirect").await);
    is_consent(&said(publish, "/redirect2").await);
}

#[tokio::test]
async fn t38_a_document_about_another_client_id_is_refused() {
    let mismatch = DOCUMENT.replace(r#""client_id": "{base}/""#, r#""client_id": "{base}/mismatch""#);
    is_refused(&said(|site| site.document(&mismatch), "/redirect").await);
}

/// Otherwise here: the app is let in, but its claim to a home page is not shown, and the person is told.
#[tokio::test]
async fn t39_a_client_uri_that_is_no_prefix_is_not_shown() {
    let foreign = DOCUMENT.replace(r#""client_uri": "{base}/""#, r#""client_uri": "{base}/no-prefix/""#);
    let answer = said(|site| site.document(&foreign), "/redirect").await;
    is_consent(&answer);
    assert!(!answer.body.contains("no-prefix"));
    assert!(answer.text().contains("The app names a website elsewhere"));
}

#[tokio::test]
async fn t40_a_document_without_redirect_uris_is_refused() {
    let none = DOCUMENT.replace(r#""redirect_uris": ["/redirect"]"#, r#""software_id": "x""#);
    is_refused(&said(|site| site.document(&none), "/redirect").await);
}

/// Elsewhere, so that the app's own origin is not what lets it pass (decision 9).
#[tokio::test]
async fn t41_redirect_uris_in_the_link_header() {
    let elsewhere = "https://elsewhere.net/redirect";
    let (app, site) = (TestApp::start().await, ClientSite::start().await);
    nothing_but(&site, &format!(r#"<{elsewhere}>; rel="redirect_uri""#));
    let request = AuthorizationRequest::of(&site.client_id(), elsewhere);
    is_consent(&app.owner("alice").await.consent_page(&request).await);
}

fn mixed(site: &ClientSite) {
    site.page(r#"<link rel="redirect_uri" href="/redirect2">"#);
    site.add_header("link", r#"</redirect>; rel="redirect_uri""#);
}

#[tokio::test]
async fn t42_the_link_header_and_the_page_are_one_list() {
    is_consent(&said(mixed, "/redirect").await);
    is_consent(&said(mixed, "/redirect2").await);
    is_refused(&said(mixed, "/redirect3").await);
}

fn several_in_header(site: &ClientSite) {
    nothing_but(
        site,
        r#"</redirect2>; rel="redirect_uri", </redirect>; rel="redirect_uri""#,
    );
}

#[tokio::test]
async fn t43_several_redirect_uris_in_the_link_header() {
    is_consent(&said(several_in_header, "/redirect").await);
    is_consent(&said(several_in_header, "/redirect2").await);
    is_refused(&said(several_in_header, "/redirect3").await);
}

fn several_in_page(site: &ClientSite) {
    site.page(r#"<link rel="redirect_uri" href="/redirect2"><link rel="redirect_uri" href="/redirect">"#);
}

#[tokio::test]
async fn t44_several_redirect_uris_in_the_page() {
    is_consent(&said(several_in_page, "/redirect").await);
    is_consent(&said(several_in_page, "/redirect2").await);
    is_refused(&said(several_in_page, "/redirect3").await);
}

const NO_LIST: &str = r#"<div class="h-app"><a href="/" class="u-url p-name">Misklient</a></div>"#;

/// Otherwise here: an app that lists nothing may return to its own origin, and nowhere else (decision 9, R38).
#[tokio::test]
async fn t45_an_app_that_lists_nothing_returns_to_its_own_origin() {
    let (app, site) = (TestApp::start().await, ClientSite::with_page(NO_LIST).await);
    let alice = app.owner("alice").await;
    is_consent(&ask(&alice, &site, "/anywhere").await);
    let elsewhere = AuthorizationRequest::of(&site.client_id(), "https://elsewhere.net/redirect");
    is_refused(&alice.get_authorize(&elsewhere).await);
}

/// A server in production: neither by address nor through a name that means this machine.
#[tokio::test]
async fn t46_this_machine_is_not_asked() {
    let web = SecureWeb::new();
    let site = web.site("app.net").await;
    // Other ports than 443 are open with any exemption; this one does not cover the site.
    let app = web.options_for("10.0.0.0/8").start().await;
    let alice = app.owner("alice").await;
    is_refused(&ask(&alice, &site, "/redirect").await);
    let local = ClientSite::start().await;
    is_refused(&ask(&alice, &local, "/redirect").await);
    assert_eq!((site.connections(), local.connections()), (0, 0));
    let exempt = web.options().start().await;
    is_consent(&ask(&exempt.owner("alice").await, &site, "/redirect").await);
}

/// An id on this machine is taken without asking, nameless and with a warning (R19, SF-01).
#[tokio::test]
async fn t46_an_id_on_this_machine_is_taken_without_asking() {
    let app = crate::harness::Options::default()
        .issuer("https://id.example")
        .start()
        .await;
    let alice = app.owner("alice").await;
    let site = ClientSite::start().await;
    let client_id = format!("https://127.0.0.1:{}/", site.port());
    let request = AuthorizationRequest::of(&client_id, &format!("{client_id}redirect"));
    let page = alice.consent_page(&request).await;
    assert_eq!(claim(&page), None);
    assert!(page.text().contains("This server could not look at the program"));
    assert_eq!(site.connections(), 0);
}

/// Adapted: the headline is always the host; nothing stands beside it.
#[tokio::test]
async fn t47_without_a_name_the_host_stands_alone() {
    let publish = |site: &ClientSite| nothing_but(site, r#"</redirect>; rel="redirect_uri""#);
    let answer = said(publish, "/redirect").await;
    assert_eq!(claim(&answer), None);
    assert!(answer.has("h1.app"));
}

const WITH_LOGO: &str = r#"<link rel="redirect_uri" href="/redirect"><div class="h-app">
    <a href="/" class="u-url p-name">Misklient</a><img src="/logo.png" class="u-logo"></div>"#;

/// Otherwise here: as t36.
#[tokio::test]
async fn t48_a_logo_is_never_taken_from_where_the_app_has_it() {
    // This site has its page wherever it is asked, so the logo is none.
    let answer = said(|site| site.page(WITH_LOGO), "/redirect").await;
    assert_eq!(claim(&answer).as_deref(), Some("Misklient"));
    assert!(!answer.body.contains("logo.png"));
}

#[tokio::test]
async fn t49_without_a_logo_the_name_stands() {
    let answer = said(|site| site.page(GUIDE_PAGE), "/redirect").await;
    assert_eq!(claim(&answer).as_deref(), Some("My Misskey App"));
}

/// Otherwise here: the only h-app of a page may point elsewhere on its own origin, but not to another (decision 16).
#[tokio::test]
async fn t50_an_h_app_of_another_origin_gives_no_name() {
    let elsewhere = GUIDE_PAGE.replace(r#"href="/""#, r#"href="https://elsewhere.net/""#);
    let answer = said(|site| site.page(&elsewhere), "/redirect").await;
    assert_eq!(claim(&answer), None);
    let same_origin = GUIDE_PAGE.replace(r#"href="/""#, r#"href="/foo""#);
    let answer = said(|site| site.page(&same_origin), "/redirect").await;
    assert_eq!(claim(&answer).as_deref(), Some("My Misskey App"));
}
