//! How often the server asks a client's site, and how it bears sites that do not behave.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use time::OffsetDateTime;
use tokio::io::AsyncWriteExt;

use crate::harness::asking::answer_of;
use crate::harness::client_site::html_answer;
use crate::harness::odd_site::{Names, OddSite, SecureSite, ok, read_request};
use crate::harness::{AuthorizationRequest, ClientSite, Options, TestApp, expect};

const CONNECT: &str =
    "The server at the client_id could not be reached: no connection, no valid certificate, or no answer in time.";

/// SF-10: who stops half-way is given up after five seconds, and the server has time for others meanwhile.
#[tokio::test]
async fn sf10_slow_answers_end_at_the_deadline() {
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    let after = async |head: &'static str| {
        OddSite::serving(move |mut stream| async move {
            read_request(&mut stream).await?;
            stream.write_all(head.as_bytes()).await?;
            std::future::pending().await
        })
        .await
    };
    let sites = [
        ("silence", OddSite::silent().await),
        ("half a header", after("HTTP/1.1 200 OK\r\nx-slow: aaa").await),
        (
            "half a document",
            after("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{").await,
        ),
        (
            "half a page",
            after("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html>").await,
        ),
        (
            "half an error page",
            after("HTTP/1.1 503 No\r\ncontent-type: text/html\r\n\r\n<html>").await,
        ),
    ];
    let started = Instant::now();
    let asking = join_all(
        sites
            .iter()
            .map(async |(case, site)| (case, owner.ask(&site.url("/"), &site.url("/cb")).await)),
    );
    let (answers, home) = tokio::join!(asking, owner.get("/"));
    assert_eq!(home.status, 200);
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    for (case, refusal) in answers {
        // Two at a time at one address: the last may be told that it was our queue.
        assert!(
            refusal.status == 503 || refusal.author_sentences() == [CONNECT],
            "{case}: {}",
            refusal.text()
        );
    }
}

/// SF-10 and SF-11: an answer without end is cut off at its bound, and a compressed one is not read at all.
#[tokio::test]
async fn sf11_endless_answers_are_cut_off() {
    const KERNEL_BUFFERS: usize = 16 * 1024 * 1024;
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    for (case, head, happened) in [
        (
            "JSON",
            "content-type: application/json\r\n",
            "the client's document or page is too large",
        ),
        (
            "HTML",
            "content-type: text/html\r\n",
            "the client's document or page is too large",
        ),
        (
            "announced small",
            "content-type: application/json\r\nx: y\r\n",
            "the client's document or page is too large",
        ),
        (
            "text",
            "content-type: text/plain\r\n",
            "client_id leads to neither a JSON document nor an HTML page",
        ),
        (
            "gzip",
            "content-type: text/html\r\ncontent-encoding: gzip\r\n",
            "the client's host sent a compressed answer although none was asked for",
        ),
        (
            "br",
            "content-type: application/json\r\ncontent-encoding: br\r\n",
            "the client's host sent a compressed answer although none was asked for",
        ),
    ] {
        let sent = Arc::<AtomicUsize>::default();
        let count = sent.clone();
        let site = OddSite::serving(move |mut stream| {
            let count = count.clone();
            async move {
                read_request(&mut stream).await?;
                stream
                    .write_all(format!("HTTP/1.1 200 OK\r\n{head}\r\n").as_bytes())
                    .await?;
                loop {
                    stream.write_all(&[b' '; 4096]).await?;
                    count.fetch_add(4096, Ordering::SeqCst);
                }
            }
        })
        .await;
        let started = Instant::now();
        let refusal = owner.ask(&site.url("/"), &site.url("/cb")).await;
        expect::page_error(&refusal, 400);
        assert_eq!(refusal.author_description(), happened, "{case}");
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "{case}: {:?}",
            started.elapsed()
        );
        assert!(sent.load(Ordering::SeqCst) < KERNEL_BUFFERS, "{case}");
    }
}

/// SF-08, SF-22, SF-23: no parameter, redirect or document makes the server ask anybody but the client's own address,
/// unless it is for a logo.
#[tokio::test]
async fn sf22_only_the_client_id_is_ever_asked() {
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    let bystander = ClientSite::start().await;
    let there = bystander.client_id();
    for location in [there.as_str(), "http://169.254.169.254/", "/elsewhere"] {
        let site = ClientSite::answering(html_answer("").status(302).with("location", location)).await;
        let refusal = owner.ask(&site.client_id(), &site.url("/cb")).await;
        assert!(
            refusal.author_description().contains("redirect"),
            "SF-08 {location}: {}",
            refusal.text()
        );
        assert_eq!(site.hits(), 1, "SF-08 {location}");
    }
    let members = [
        "jwks_uri",
        "client_uri",
        "policy_uri",
        "tos_uri",
        "sector_identifier_uri",
        "backchannel_logout_uri",
    ];
    let members: String = members.iter().map(|name| format!(r#","{name}":"{there}""#)).collect();
    let document = format!(r#"{{"client_id":"{{base}}/","redirect_uris":["/cb"]{members}}}"#);
    let site = ClientSite::answering(answer_of("application/json", document)).await;
    let mut request = AuthorizationRequest::of(&site.client_id(), &site.url("/cb"));
    for name in [
        "request_uri",
        "request",
        "me",
        "login_hint",
        "resource",
        "logo_uri",
        "jwks_uri",
        "client_uri",
        "iss",
    ] {
        request = request.with(name, &there);
    }
    let code = owner.code(&request).await;
    let token = owner.redeem(&request.redemption(&code)).await.json();
    let token = token["access_token"].as_str().expect("a token").to_owned();
    for (path, fields) in [
        (
            "/oauth/token",
            vec![
                ("grant_type", "authorization_code"),
                ("code", "x"),
                ("client_id", &there),
                ("redirect_uri", &there),
                ("code_verifier", "x"),
            ],
        ),
        (
            "/oauth/token",
            vec![
                ("grant_type", "refresh_token"),
                ("refresh_token", &there),
                ("client_id", &there),
            ],
        ),
        (
            "/oauth/introspect",
            vec![("token", &token), ("token_type_hint", &there), ("resource", &there)],
        ),
        ("/oauth/revoke", vec![("token", &there), ("client_id", &there)]),
    ] {
        owner.api(path, &fields).await;
    }
    owner
        .get(&format!("/sign-in?client_id={there}&redirect_uri={there}&next={there}"))
        .await;
    assert_eq!(
        (bystander.hits(), site.hits()),
        (0, 1),
        "the copy was used, and nobody else was asked"
    );
}

/// What the request looks like from the other side: one GET without anything of the person's, and who is asking.
#[tokio::test]
async fn the_request_carries_nothing_of_the_person() {
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    let site = ClientSite::start().await;
    let request = AuthorizationRequest::valid(&site);
    assert!(owner.consent_page(&request).await.is_question());
    let [head] = <[String; 1]>::try_from(site.requests()).expect("one request");
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("get / http/1.1\r\n"), "{head}");
    for expected in [
        format!("host: 127.0.0.1:{}\r\n", site.port()),
        "accept-encoding: identity\r\n".to_owned(),
        format!("(+{})\r\n", app.issuer),
        "accept: application/json,".to_owned(),
    ] {
        assert!(head.contains(&expected), "{expected} in {head}");
    }
    for never in [
        "cookie",
        "authorization",
        "referer",
        "x-forwarded",
        "alice",
        "origin",
        "state",
    ] {
        assert!(!head.contains(never), "{never} in {head}");
    }
}

/// SF-20: a certificate that is not valid is no certificate.
#[tokio::test]
async fn sf20_certificates_are_verified() {
    let page = |_: u16, _: &str| ok("text/html", "", "<b class='h-app p-name'>Secure</b>");
    let good = SecureSite::start("app.net", None, page).await;
    let expired = OffsetDateTime::now_utc() - time::Duration::days(1);
    let expired = SecureSite::start("app.net", Some(expired), page).await;
    let stranger = SecureSite::start("app.net", None, page).await;
    let options = Options {
        roots: good.roots.iter().chain(&expired.roots).cloned().collect(),
        ..Options::default().resolver(Names::of(&[("app.net", &["127.0.0.1"]), ("other.net", &["127.0.0.1"])]))
    };
    let app = options.start().await;
    let owner = app.owner("alice").await;
    let ask = async |host: &str, site: &SecureSite| {
        let base = format!("https://{host}:{}", site.site.port());
        owner.ask(&format!("{base}/"), &format!("{base}/cb")).await
    };
    assert_eq!(ask("app.net", &good).await.name_shown().as_deref(), Some("Secure"));
    for (case, refusal) in [
        ("expired", ask("app.net", &expired).await),
        ("another name", ask("other.net", &good).await),
        ("unknown authority", ask("app.net", &stranger).await),
    ] {
        expect::page_error(&refusal, 400);
        assert_eq!(refusal.author_sentences(), [CONNECT], "{case}");
    }
}
