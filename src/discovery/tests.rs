use std::time::Duration;

use time::OffsetDateTime;
use time::macros::datetime;

use super::*;
use crate::clock::ManualClock;
use crate::oauth::client::{DescribedBy, HttpLoopback, RedirectUris};

pub(super) mod site;

use site::{Listing, Page, Site, answer, ok};

const START: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);
const SOURCE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 7));

struct Setting {
    discovery: Discovery,
    clock: Arc<ManualClock>,
}

fn setting(change: impl FnOnce(&mut DiscoverySettings)) -> Setting {
    let own = OwnAddresses::new(&"http://localhost:1".parse().unwrap(), Vec::new(), None);
    let policy = AddressPolicy::new(true, own);
    let mut settings = DiscoverySettings::new("http://localhost:1", policy);
    settings.fetches_per_minute = None;
    change(&mut settings);
    let clock = Arc::new(ManualClock::starting_at(START));
    let names = Listing::of(&[("localhost", &["127.0.0.1"])]);
    let discovery = Discovery::new(settings, names, Arc::new(DnsTxt::system()), clock.clone()).unwrap();
    Setting { discovery, clock }
}

fn plain() -> Setting {
    setting(|_| {})
}

/// Sites on this machine count as any others: no development, but the operator opened their network.
fn open_to_this_machine(settings: &mut DiscoverySettings) {
    settings.policy.development = false;
    settings.policy.allow_networks = vec!["127.0.0.0/8".parse().unwrap()];
}

fn on_site() -> Setting {
    setting(open_to_this_machine)
}

fn id(url: &str) -> ClientUrl {
    ClientUrl::parse(url, HttpLoopback::Allowed).unwrap()
}

fn uri(text: &str) -> RedirectUri {
    RedirectUri::parse(text).unwrap()
}

impl Setting {
    async fn ask(&self, site: &Site, wanted: &str) -> Result<Client, DiscoveryError> {
        self.discovery
            .client(&id(&site.url("/")), &uri(&site.url(wanted)), SOURCE)
            .await
    }

    /// Whether the site's client, as it is now, may use the path as its redirect URI.
    async fn permits(&self, site: &Site, wanted: &str) -> bool {
        let client = self.ask(site, wanted).await.unwrap();
        client.permits(&uri(&site.url(wanted))).is_ok()
    }
}

async fn refused(answer: impl Into<Vec<u8>>) -> Refusal {
    let site = Site::answering(answer).await;
    match plain().ask(&site, "/cb").await {
        Err(DiscoveryError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

/// A JSON document of the client at `site`, with these members besides its id.
fn document(site: &Site, members: &str, headers: &str) -> String {
    let body = format!(r#"{{"client_id":"{}"{members}}}"#, site.url("/"));
    ok("application/json", headers, &body)
}

fn html(headers: &str, body: &str) -> String {
    ok("text/html", headers, body)
}

async fn site_with_document(members: &str, headers: &str) -> (Site, Page) {
    let page = Page::new("");
    let site = Site::showing(&page).await;
    page.set(document(&site, members, headers));
    (site, page)
}

#[tokio::test]
async fn a_json_document_becomes_a_client() {
    let members = r#","client_name":"One","logo_uri":"/l.png","redirect_uris":["/cb"],"grant_types":["refresh_token"]"#;
    let (site, _) = site_with_document(members, "").await;
    let client = plain().ask(&site, "/cb").await.unwrap();
    assert_eq!(client.id.url(), Some(&id(&site.url("/"))));
    assert_eq!(client.display.name.as_deref(), Some("One"));
    assert_eq!(client.display.logo_uri, Some(site.url("/l.png")));
    assert_eq!(
        client.redirect_uris,
        RedirectUris::Published(vec![uri(&site.url("/cb"))])
    );
    assert!(client.refreshes);
}

/// T37 of our collection.
#[tokio::test]
async fn a_link_header_adds_to_the_document() {
    let (site, _) = site_with_document(r#","redirect_uris":["/cb"]"#, "link: </cb2>; rel=\"redirect_uri\"\r\n").await;
    let setting = plain();
    assert!(setting.permits(&site, "/cb").await && setting.permits(&site, "/cb2").await);
    assert!(!setting.permits(&site, "/cb3").await);
}

/// T40: a document is complete, so its own origin does not pass in place of a list.
#[tokio::test]
async fn a_document_without_a_list_permits_nothing() {
    let (site, _) = site_with_document("", "").await;
    let client = plain().ask(&site, "/cb").await.unwrap();
    assert_eq!(client.redirect_uris, RedirectUris::Published(Vec::new()));
    assert!(client.permits(&uri(&site.url("/cb"))).is_err());
}

/// T41, T43, T47: a header is enough, whatever the kind of the answer.
#[tokio::test]
async fn a_link_header_alone_is_enough() {
    let link = "link: </cb2>; rel=\"redirect_uri\", </cb>; rel=\"redirect_uri\"\r\n";
    for answer in [html(link, ""), ok("text/plain", link, "x"), ok("image/png", link, "")] {
        let site = Site::answering(answer).await;
        let setting = plain();
        assert!(setting.permits(&site, "/cb").await && setting.permits(&site, "/cb2").await);
        assert_eq!(setting.ask(&site, "/cb").await.unwrap().display.name, None);
    }
}

/// T42, T44: headers and page count together, in this order.
#[tokio::test]
async fn header_and_page_are_merged() {
    let page = "<link rel=redirect_uri href=/cb2><link rel=redirect_uri href=/cb><div class=h-app><a href=/ class='u-url p-name'>Misklient";
    let site = Site::answering(html("link: </cb>; rel=redirect_uri\r\n", page)).await;
    let client = plain().ask(&site, "/cb").await.unwrap();
    let listed = vec![uri(&site.url("/cb")), uri(&site.url("/cb2"))];
    assert_eq!(client.redirect_uris, RedirectUris::Published(listed));
    assert_eq!(client.display.name.as_deref(), Some("Misklient"));
}

/// Deviation from T45: IndieAuth lets the client's own origin pass where nothing is published (decision 9).
#[tokio::test]
async fn a_page_that_lists_nothing_permits_its_own_origin() {
    let site = Site::answering(html(
        "",
        "<div class=h-app><a href=/ class='u-url p-name'>App</a></div>",
    ))
    .await;
    let client = plain().ask(&site, "/cb").await.unwrap();
    assert_eq!(client.redirect_uris, RedirectUris::OwnOrigin);
    assert!(client.permits(&uri(&site.url("/cb"))).is_ok());
    assert!(client.permits(&uri("https://other.net/cb")).is_err());
}

#[tokio::test]
async fn answers_that_describe_no_client_are_refused_with_their_step() {
    for (answer, step) in [
        (ok("text/plain", "", "x"), Step::MediaType),
        (ok("text/plain", "link: </x>; rel=me\r\n", "x"), Step::MediaType),
        (ok("application/json", "", "<html>"), Step::Document),
        (
            ok("application/json", "", r#"{"client_id":"https://other.net/"}"#),
            Step::ClientIdMismatch,
        ),
        (html("", &"<div>".repeat(1000)), Step::Page),
        (
            html("", "<link rel=redirect_uri href=javascript:alert(1)>"),
            Step::RedirectUris,
        ),
        (
            html("link: <javascript:alert(1)>; rel=redirect_uri\r\n", ""),
            Step::RedirectUris,
        ),
        (answer("404 Not Found", "text/html", "", ""), Step::Status),
        // W10 of our collection.
        (
            answer("403 Forbidden", "text/html", "", "<title>Just a moment...</title>"),
            Step::BotCheck,
        ),
    ] {
        let refusal = refused(answer.clone()).await;
        assert_eq!(refusal.step, step, "{answer}");
        assert!(refusal.status.is_some());
    }
    let (site, _) = site_with_document(r#","client_secret":"x""#, "").await;
    let result = plain().ask(&site, "/cb").await;
    assert!(matches!(result, Err(DiscoveryError::Refused(refusal)) if refusal.step == Step::SharedSecret));
}

#[tokio::test]
async fn a_refusal_has_a_fact_for_the_author_and_says_what_was_read() {
    let (document, page) = (Some(Source::Document), Some(Source::Page));
    for (answer, fact, source) in [
        (ok("Text/Plain; charset=x", "", "x"), Some("text/plain"), None),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_owned(),
            Some("no Content-Type"),
            None,
        ),
        (
            ok("application/json", "", "{\n\"client_id\" 1}"),
            Some("expected `:` at line 2 column 13"),
            document,
        ),
        (
            ok("application/json", "", r#"{"client_id":"https://other.net/"}"#),
            Some("https://other.net/"),
            document,
        ),
        (
            ok("application/json", "", r#"{"client_id":"\u202e\u0007<b>"}"#),
            Some("??<b>"),
            document,
        ),
        (html("", &"<div>".repeat(1000)), None, page),
        (
            html("", "<link rel=redirect_uri href=javascript:alert(1)>"),
            Some(r#""javascript:alert(1)": redirect_uri has a scheme that answers are never sent to"#),
            page,
        ),
        (
            ok("image/png", "link: <javascript:x>; rel=redirect_uri\r\n", ""),
            Some(r#""javascript:x": redirect_uri has a scheme that answers are never sent to"#),
            None,
        ),
        (answer("302 Found", "text/html", "location: /\r\n", ""), None, None),
        (answer("404 Not Found", "application/json", "", "{}"), None, None),
    ] {
        let refusal = refused(answer.clone()).await;
        assert_eq!(
            (refusal.fact.as_deref(), refusal.source),
            (fact, source),
            "{answer:.200}"
        );
    }
    let long = format!(r#"{{"client_id":"https://{}"}}"#, "x".repeat(1000));
    let fact = refused(ok("application/json", "", &long)).await.fact.unwrap();
    assert_eq!((fact.len(), &fact[..9]), (100, "https://x"));
}

/// No text of a host inside the operator's network reaches the page, and no status of it.
#[tokio::test]
async fn of_hosts_inside_only_the_class_of_the_refusal_is_told() {
    for (answer, step) in [
        (ok("text/plain", "", "x"), Step::MediaType),
        (ok("application/json", "", "secret"), Step::Document),
        (
            ok("application/json", "", r#"{"client_id":"https://intranet/"}"#),
            Step::ClientIdMismatch,
        ),
        (answer("404 Not Found", "text/html", "", ""), Step::Status),
        (answer("302 Found", "text/html", "", ""), Step::Redirect),
        (ok("text/html", "content-encoding: gzip\r\n", ""), Step::Encoding),
    ] {
        let site = Site::answering(answer).await;
        let Err(DiscoveryError::Refused(refusal)) = on_site().ask(&site, "/cb").await else {
            panic!("accepted");
        };
        assert_eq!((refusal.step, refusal.status, refusal.fact), (step, None, None));
    }
}

#[tokio::test]
async fn where_a_client_describes_itself_is_known() {
    let link = "link: </cb>; rel=redirect_uri\r\n";
    for (answer, expected) in [
        (html("", ""), DescribedBy::Page),
        (html(link, ""), DescribedBy::Page),
        (ok("image/png", link, ""), DescribedBy::Page),
    ] {
        let site = Site::answering(answer).await;
        assert_eq!(plain().ask(&site, "/cb").await.unwrap().described_by, expected);
    }
    let (site, _) = site_with_document("", link).await;
    let client = plain().ask(&site, "/cb").await.unwrap();
    assert_eq!(client.described_by, DescribedBy::Document);
    let id = client.id.url().unwrap().clone();
    assert_eq!(Client::unfetched(id).described_by, DescribedBy::Nothing);
}

/// T46, IndieAuth "Client Information Discovery": loopback is not even connected to.
#[tokio::test]
async fn loopback_clients_are_taken_unfetched_outside_development() {
    let site = Site::answering(html("", "")).await;
    let production = setting(|settings| settings.policy.development = false);
    for host in ["127.0.0.1", "localhost"] {
        let own = id(&format!("http://{host}:{}/", site.address.port()));
        let client = production
            .discovery
            .client(&own, &uri("http://127.0.0.1/cb"), SOURCE)
            .await
            .unwrap();
        assert_eq!(client, Client::unfetched(own));
    }
    assert_eq!(site.connections(), 0);
    assert_eq!(
        on_site().ask(&site, "/cb").await.unwrap().described_by,
        DescribedBy::Page
    );
}

#[tokio::test]
async fn this_server_is_not_its_own_client() {
    let site = Site::answering(html("", "")).await;
    let port = site.address.port();
    let own = setting(|settings| settings.policy.own.port = port);
    let result = own
        .discovery
        .client(
            &id(&format!("http://localhost:{port}/")),
            &uri("http://localhost/cb"),
            SOURCE,
        )
        .await;
    assert!(matches!(result, Err(DiscoveryError::Refused(refusal)) if refusal.step == Step::Url));
    let listening = setting(|settings| settings.policy.own.listen = vec![format!("0.0.0.0:{port}").parse().unwrap()]);
    assert!(listening.ask(&site, "/cb").await.is_err());
    assert_eq!(site.connections(), 0);
}

#[tokio::test]
async fn copies_are_kept_as_long_as_the_answer_says() {
    let page = Page::new(html("cache-control: max-age=600\r\n", ""));
    let site = Site::showing(&page).await;
    let setting = on_site();
    for (after, fetches) in [(0, 1), (599, 1), (1, 2), (599, 2), (1, 3)] {
        setting.clock.advance(Duration::from_secs(after));
        setting.ask(&site, "/cb").await.unwrap();
        assert_eq!(site.connections(), fetches, "after {after} s");
    }
    page.set(html("", ""));
    setting.clock.advance(Duration::from_secs(600));
    for (after, fetches) in [(0, 4), (3599, 4), (1, 5)] {
        setting.clock.advance(Duration::from_secs(after));
        setting.ask(&site, "/cb").await.unwrap();
        assert_eq!(site.connections(), fetches, "after {after} s of silence");
    }
}

/// An author reloads all the time, and wants to see what is there now.
#[tokio::test]
async fn copies_of_clients_under_development_end_soon_unless_they_say_otherwise() {
    type Schedule<'a> = &'a [(u64, usize)];
    const BRIEFLY: Schedule = &[(0, 1), (1, 1), (1, 2)];
    const NEVER: Schedule = &[(0, 1), (0, 2)];
    for (headers, schedule) in [
        ("", BRIEFLY),
        ("cache-control: public\r\n", BRIEFLY),
        ("cache-control: max-age=600\r\n", &[(0, 1), (599, 1), (1, 2)]),
        ("cache-control: max-age=1\r\n", &[(0, 1), (1, 2)]),
        ("cache-control: max-age=0\r\n", NEVER),
        ("cache-control: no-cache\r\n", NEVER),
        ("cache-control: no-store\r\n", NEVER),
    ] {
        let site = Site::answering(html(headers, "")).await;
        let setting = plain();
        for &(after, fetches) in schedule {
            setting.clock.advance(Duration::from_secs(after));
            setting.ask(&site, "/cb").await.unwrap();
            assert_eq!(site.connections(), fetches, "{headers:?}, after {after} s");
        }
    }
}

#[tokio::test]
async fn refusals_of_clients_under_development_are_forgotten_soon() {
    let page = Page::new(answer("500 Oops", "text/html", "", ""));
    let site = Site::showing(&page).await;
    let setting = plain();
    assert!(setting.ask(&site, "/cb").await.is_err());
    page.set(html(
        "cache-control: max-age=600\r\n",
        "<link rel=redirect_uri href=/old>",
    ));
    setting.clock.advance(Duration::from_secs(1));
    assert!(setting.ask(&site, "/cb").await.is_err());
    setting.clock.advance(Duration::from_secs(2));
    assert!(setting.permits(&site, "/old").await);
    page.set(html("", "<link rel=redirect_uri href=/new>"));
    setting.clock.advance(Duration::from_secs(2));
    assert!(setting.permits(&site, "/new").await, "a second look may come soon, too");
    assert_eq!(site.connections(), 3);
}

/// W6 of our collection.
#[tokio::test]
async fn what_must_not_be_stored_is_fetched_each_time() {
    let site = Site::answering(html(
        "cache-control: no-store\r\n",
        "<title>Bridge</title><link rel=redirect_uri href=/cb>",
    ))
    .await;
    let setting = plain();
    for fetches in 1..4 {
        let client = setting.ask(&site, "/cb").await.unwrap();
        assert_eq!((site.connections(), client.display.name), (fetches, None));
    }
}

#[tokio::test]
async fn a_refusal_is_remembered_for_half_a_minute_and_is_never_a_copy() {
    let page = Page::new(answer("500 Oops", "text/html", "cache-control: max-age=86400\r\n", ""));
    let site = Site::showing(&page).await;
    let setting = on_site();
    assert!(setting.ask(&site, "/cb").await.is_err());
    page.set(html("", ""));
    setting.clock.advance(Duration::from_secs(29));
    assert!(setting.ask(&site, "/cb").await.is_err());
    assert_eq!(site.connections(), 1);
    setting.clock.advance(Duration::from_secs(12));
    assert!(setting.ask(&site, "/cb").await.is_ok());
    assert_eq!(site.connections(), 2);
}

#[tokio::test]
async fn a_copy_that_lacks_the_redirect_uri_is_fetched_again_but_not_at_once() {
    let (site, page) = site_with_document(r#","redirect_uris":["/old"]"#, "").await;
    let setting = on_site();
    assert!(setting.permits(&site, "/old").await);
    page.set(document(&site, r#","redirect_uris":["/old","/new"]"#, ""));
    assert!(!setting.permits(&site, "/new").await);
    setting.clock.advance(Duration::from_secs(9));
    assert!(!setting.permits(&site, "/new").await);
    assert_eq!(site.connections(), 1);
    setting.clock.advance(Duration::from_secs(1));
    assert!(setting.permits(&site, "/new").await);
    assert_eq!(site.connections(), 2);
    for _ in 0..5 {
        assert!(!setting.permits(&site, "/never").await);
    }
    assert_eq!(site.connections(), 2);
}

#[tokio::test]
async fn a_failed_second_look_leaves_the_copy_in_place() {
    let (site, page) = site_with_document(r#","redirect_uris":["/cb"]"#, "").await;
    let setting = on_site();
    assert!(setting.permits(&site, "/cb").await);
    page.set(answer("503 Away", "text/plain", "", ""));
    setting.clock.advance(Duration::from_secs(10));
    assert!(!setting.permits(&site, "/other").await);
    assert!(!setting.permits(&site, "/other").await);
    assert!(setting.permits(&site, "/cb").await);
    assert_eq!(site.connections(), 2, "the second look is not repeated at once");
    // Past its end the copy is not used any more.
    setting.clock.advance(Duration::from_secs(3600));
    assert!(setting.ask(&site, "/cb").await.is_err());
}

/// RD-23: what the client took back does not work once the copy has ended.
#[tokio::test]
async fn a_redirect_uri_taken_back_is_gone_with_the_copy() {
    let (site, page) = site_with_document(r#","redirect_uris":["/cb"]"#, "").await;
    let setting = plain();
    assert!(setting.permits(&site, "/cb").await);
    page.set(document(&site, r#","redirect_uris":["/other"]"#, ""));
    setting.clock.advance(Duration::from_secs(3600));
    assert!(!setting.permits(&site, "/cb").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_who_ask_at_once_cause_one_fetch() {
    for headers in ["", "cache-control: no-store\r\n"] {
        let page = Page::new(html(headers, ""));
        page.hold();
        let site = Site::showing(&page).await;
        let setting = plain();
        let (own, wanted) = (id(&site.url("/")), uri(&site.url("/cb")));
        let asking: Vec<_> = (0..50)
            .map(|_| {
                let (discovery, own, wanted) = (setting.discovery.clone(), own.clone(), wanted.clone());
                tokio::spawn(async move { discovery.client(&own, &wanted, SOURCE).await })
            })
            .collect();
        while setting.discovery.shared.cache.waiting(own.as_str()) < 50 {
            tokio::task::yield_now().await;
        }
        page.release();
        for answer in asking {
            assert!(answer.await.unwrap().is_ok());
        }
        assert_eq!(site.connections(), 1);
    }
}

#[tokio::test]
async fn a_fetch_goes_on_when_the_first_to_ask_leaves() {
    let page = Page::new(html("", ""));
    page.hold();
    let site = Site::showing(&page).await;
    let setting = plain();
    let mut first = Box::pin(setting.ask(&site, "/cb"));
    let mut second = Box::pin(setting.ask(&site, "/cb"));
    while site.connections() == 0 {
        assert!(futures_util::poll!(&mut first).is_pending());
        assert!(futures_util::poll!(&mut second).is_pending());
        tokio::task::yield_now().await;
    }
    drop(first);
    page.release();
    assert!(second.await.is_ok());
    assert_eq!(site.connections(), 1);
}

#[tokio::test]
async fn a_source_has_so_many_new_fetches_a_minute() {
    let setting = setting(|settings| settings.fetches_per_minute = NonZeroU32::new(2));
    let site = Site::answering(html("", "")).await;
    let other: IpAddr = "198.51.100.8".parse().unwrap();
    let wanted = uri("http://127.0.0.1/cb");
    let ask = async |path: &str, source| setting.discovery.client(&id(&site.url(path)), &wanted, source).await;
    assert!(ask("/1", SOURCE).await.is_ok());
    assert!(ask("/2", SOURCE).await.is_ok());
    let Err(DiscoveryError::TooMany { retry_after }) = ask("/3", SOURCE).await else {
        panic!("the third was fetched");
    };
    assert!(ask("/1", SOURCE).await.is_ok(), "a copy costs nothing");
    assert!(ask("/3", other).await.is_ok());
    setting.clock.advance(retry_after);
    assert!(ask("/4", SOURCE).await.is_ok());
    assert_eq!(site.connections(), 4);
}

#[tokio::test]
async fn without_quota_left_the_copy_is_the_answer() {
    let setting = setting(|settings| {
        open_to_this_machine(settings);
        settings.fetches_per_minute = NonZeroU32::new(1);
    });
    let (site, _) = site_with_document(r#","redirect_uris":["/cb"]"#, "").await;
    assert!(setting.permits(&site, "/cb").await);
    setting.clock.advance(Duration::from_secs(10));
    assert!(!setting.permits(&site, "/other").await);
    assert_eq!(site.connections(), 1);
}

/// The public sentences are literals; this reads them all from the sources.
#[test]
fn public_sentences_keep_to_the_characters_of_the_rfc() {
    for source in [
        include_str!("refusal.rs"),
        include_str!("address.rs"),
        include_str!("own_addresses.rs"),
        include_str!("answer.rs"),
        include_str!("fetch.rs"),
        include_str!("document.rs"),
        include_str!("listed.rs"),
        include_str!("html.rs"),
        include_str!("describe.rs"),
    ] {
        for sentence in source
            .split('"')
            .skip(1)
            .step_by(2)
            .filter(|text| text.contains("client"))
        {
            let allowed = |b: u8| matches!(b, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E);
            assert!(sentence.bytes().all(allowed), "{sentence}");
        }
    }
}

/// Their account is apart from that of clients, and as large.
#[tokio::test]
async fn a_source_has_so_many_new_logos_a_minute() {
    let setting = setting(|settings| settings.fetches_per_minute = NonZeroU32::new(2));
    let site = Site::answering(ok("image/png", "", "no picture")).await;
    let client = id(&site.url("/"));
    for path in ["/1.png", "/2.png", "/2.png", "/3.png", "/4.png"] {
        let logo = setting.discovery.logo(&client, &site.url(path), "alice", SOURCE).await;
        assert_eq!(logo, None);
    }
    assert_eq!(site.connections(), 2);
    let other = "198.51.100.8".parse().unwrap();
    setting
        .discovery
        .logo(&client, &site.url("/3.png"), "alice", other)
        .await;
    assert_eq!(site.connections(), 3);
}

#[tokio::test]
async fn a_logo_that_one_app_may_have_from_inside_is_not_there_for_another() {
    let mut body = std::io::Cursor::new(Vec::new());
    image::RgbaImage::new(8, 8)
        .write_to(&mut body, image::ImageFormat::Png)
        .unwrap();
    let logo = Site::answering(
        [
            ok("image/png", "", "").replace("content-length: 0\r\n", "").as_bytes(),
            body.get_ref(),
        ]
        .concat(),
    )
    .await;
    let (setting, other) = (on_site(), Site::answering(html("", "")).await);
    let ask = async |site: &Site| {
        let logo_uri = logo.url("/logo.png");
        let client = id(&site.url("/"));
        setting.discovery.logo(&client, &logo_uri, "alice", SOURCE).await
    };
    let mut own = None;
    // A machine that is busy may need more than the second that is waited for it.
    for _ in 0..10 {
        own = own.or(ask(&logo).await);
    }
    let name = own.expect("its own");
    assert!(setting.discovery.logo_png(&name).await.is_some());
    assert_eq!(ask(&other).await, None);
}
