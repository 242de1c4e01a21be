//! What a page that refuses says: to the person whose turn it is, to the author of the app what to mend.

use crate::harness::asking::answer_of;
use crate::harness::client_site::{SiteAnswer, html_answer};
use crate::harness::odd_site::{OddSite, ok};
use crate::harness::{AuthorizationRequest, ClientSite, TestApp, expect};

const STATUS: &str = "The server at the client_id did not answer with status 200.";
const REDIRECT: &str = "The server at the client_id answered with a redirect. Redirects are not followed: publish at the client_id itself, or use the address it leads to as the client_id.";
const BOT_CHECK: &str = "A bot check answered in place of the app. Let plain GET requests to the client_id pass.";
const MEDIA_TYPE: &str = "The client_id leads to something that is neither an HTML page nor a JSON document.";
const SIZE: &str = "The document at the client_id is too large.";
const DOCUMENT: &str = "The JSON document at the client_id is not a valid client metadata document.";
const PAGE: &str =
    "The HTML page at the client_id cannot be read safely: its elements are nested too deeply, or it is malformed.";
const ENCODING: &str = "The server at the client_id sent a compressed answer, although none was asked for. Turn compression off for requests that ask for “identity”.";
const LIST: &str = "The app’s list of redirect URIs is missing, empty or has an entry that cannot be used.";

/// An answer, the sentence for the author, what `What happened` contains, the fact shown, and whether there is advice
/// what to publish.
type Case = (&'static str, SiteAnswer, &'static str, &'static str, &'static str, bool);

/// MD-11, W10 and the other answers that describe no client.
#[tokio::test]
async fn each_answer_that_describes_no_client_has_its_own_sentence() {
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    let error = |status: u16| html_answer("<title>Oh no</title>").status(status);
    let challenge = |status: u16| html_answer("<title>Just a moment...</title>").status(status);
    let redirect = |status: u16| error(status).with("location", "{base}/client.json");
    let large = answer_of("application/json", format!("{{{}}}", " ".repeat(5 * 1024)));
    let cases: Vec<Case> = vec![
        (
            "MD-11: 404",
            error(404),
            STATUS,
            "did not answer with status 200",
            "404",
            false,
        ),
        (
            "MD-11: 500",
            error(500),
            STATUS,
            "did not answer with status 200",
            "500",
            false,
        ),
        (
            "403 without a challenge",
            error(403),
            STATUS,
            "did not answer with status 200",
            "403",
            false,
        ),
        (
            "201",
            error(201),
            STATUS,
            "did not answer with status 200",
            "201",
            false,
        ),
        (
            "204",
            answer_of("text/html", "").status(204),
            STATUS,
            "did not answer with status 200",
            "204",
            false,
        ),
        (
            "301",
            redirect(301),
            REDIRECT,
            "client_id must be the final address",
            "301",
            false,
        ),
        (
            "302",
            redirect(302),
            REDIRECT,
            "client_id must be the final address",
            "302",
            false,
        ),
        (
            "308",
            redirect(308),
            REDIRECT,
            "client_id must be the final address",
            "308",
            false,
        ),
        (
            "W10: 403",
            challenge(403),
            BOT_CHECK,
            "a bot check answered in place of the client",
            "403",
            false,
        ),
        (
            "W10: 503",
            challenge(503),
            BOT_CHECK,
            "a bot check answered in place of the client",
            "503",
            false,
        ),
        (
            "W10: by header",
            error(403).with("cf-mitigated", "challenge"),
            BOT_CHECK,
            "a bot check",
            "403",
            false,
        ),
        (
            "W10: by server",
            error(503).with("server", "cloudflare"),
            BOT_CHECK,
            "a bot check",
            "503",
            false,
        ),
        (
            "MD-11: HTML as JSON",
            answer_of("application/json", "<html></html>"),
            DOCUMENT,
            "is not valid JSON",
            "expected value at line 1 column 1",
            false,
        ),
        (
            "text",
            answer_of("text/plain", "hello"),
            MEDIA_TYPE,
            "neither a JSON document nor an HTML page",
            "text/plain",
            true,
        ),
        (
            "JSON as text",
            answer_of("text/json", "{}"),
            MEDIA_TYPE,
            "neither a JSON document nor an HTML page",
            "text/json",
            true,
        ),
        (
            "an image",
            answer_of("image/svg+xml", "<svg/>"),
            MEDIA_TYPE,
            "neither a JSON document",
            "image/svg+xml",
            true,
        ),
        (
            "another Link",
            answer_of("text/plain", "").with("link", "</x>; rel=me"),
            MEDIA_TYPE,
            "neither",
            "text/plain",
            true,
        ),
        (
            "5 KiB of JSON and more",
            large,
            SIZE,
            "is too large",
            "5120 bytes",
            false,
        ),
        (
            "256 KiB of HTML and more",
            html_answer(&" ".repeat(256 * 1024 + 1)),
            SIZE,
            "is too large",
            "262144 bytes",
            false,
        ),
        (
            "compressed",
            html_answer("x").with("content-encoding", "gzip"),
            ENCODING,
            "a compressed answer",
            "gzip",
            false,
        ),
        (
            "a page that nests too deeply",
            html_answer(&"<div>".repeat(300)),
            PAGE,
            "page could not be read",
            "200",
            false,
        ),
        (
            "a forbidden scheme",
            html_answer("<link rel=redirect_uri href='javascript:alert(1)'>"),
            LIST,
            "none of the redirect URIs",
            "\"javascript:alert(1)\": redirect_uri has a scheme that answers are never sent to",
            true,
        ),
        (
            "a fragment",
            html_answer("").with("link", "</cb#x>; rel=redirect_uri"),
            LIST,
            "none of the redirect URIs",
            "\"/cb#x\": redirect_uri has a fragment",
            true,
        ),
    ];
    for (case, answer, sentence, happened, fact, advises) in cases {
        let site = ClientSite::answering(answer).await;
        let redirect_uri = site.url("/cb");
        let refusal = owner.ask(&site.client_id(), &redirect_uri).await;
        expect::page_error(&refusal, 400);
        assert_eq!(
            refusal.author_sentences().first().map(String::as_str),
            Some(sentence),
            "{case}"
        );
        assert!(
            refusal.author_description().contains(happened),
            "{case}: {}",
            refusal.author_description()
        );
        let facts = refusal.texts("section.author dd");
        assert!(facts.contains(&fact.to_owned()), "{case}: {facts:?}");
        assert!(
            facts.contains(&site.client_id()) && facts.contains(&redirect_uri),
            "{case}: {facts:?}"
        );
        let snippet = format!(r#"<link rel="redirect_uri" href="{redirect_uri}">"#);
        assert_eq!(refusal.author_snippet(), advises.then_some(snippet), "{case}");
        assert!(
            !refusal.body.contains("Oh no") && !refusal.body.contains("client.json"),
            "{case}"
        );
        assert_eq!(site.hits(), 1, "{case}: a redirect was followed");
    }
}

/// No answer at all, or half of one. SF-11: the wrong `Content-Length`.
#[tokio::test]
async fn a_connection_that_fails_says_so_and_no_more() {
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    let nobody = OddSite::silent().await.url("/");
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
    let many = "link: </x>\r\n".repeat(1000);
    let answers = [
        ("closed at once", String::new()),
        ("no HTTP", "SSH-2.0-OpenSSH_9.6\r\n".to_owned()),
        ("half a head", "HTTP/1.1 200".to_owned()),
        (
            "shorter than announced",
            format!("{head}content-length: 100\r\n\r\n{{}}"),
        ),
        (
            "a broken chunk",
            format!("{head}transfer-encoding: chunked\r\n\r\nff\r\n{{}}"),
        ),
        ("a thousand headers", ok("text/html", &many, "")),
        (
            "a header of a megabyte",
            ok("text/html", &format!("link: {}\r\n", "x".repeat(1 << 20)), ""),
        ),
    ];
    let mut sites = Vec::new();
    for (case, answer) in answers {
        let site = OddSite::sending(answer).await;
        sites.push((case, site.url("/"), Some(site)));
    }
    sites.push(("nobody listens", nobody, None));
    for (case, client_id, _site) in sites {
        let refusal = owner.ask(&client_id, &format!("{client_id}cb")).await;
        expect::page_error(&refusal, 400);
        assert_eq!(
            refusal.author_sentences(),
            [
                "The server at the client_id could not be reached: no connection, no valid certificate, or no answer in time."
            ],
            "{case}"
        );
        assert!(!refusal.text().to_ascii_lowercase().contains("ssh"), "{case}");
        assert!(!refusal.text().contains("os error"), "{case}");
    }
}

/// What the client wrote stands on the page as text, the advice included, and what cannot be a URI not at all.
#[tokio::test]
async fn nothing_of_the_clients_own_comes_out_as_markup() {
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    let page = r#"<link rel=redirect_uri href="/a?x='&y=1&lt;b&gt;"><link rel=redirect_uri href="/b?&amp;amp;'onx=1">"#;
    let site = ClientSite::answering(html_answer(page)).await;
    let client_id = site.url("/?a='&b=&lt;i&gt;");
    let redirect_uri = site.url("/never?'&c={{7*7}}".replace(['{', '}'], "(").as_str());
    let refusal = owner.ask(&client_id, &redirect_uri).await;
    expect::page_error(&refusal, 400);
    let facts = refusal.texts("section.author dd");
    assert!(facts.contains(&client_id) && facts.contains(&redirect_uri), "{facts:?}");
    assert!(
        !refusal.has("main link, main b, main i, main script, [onx]"),
        "{}",
        refusal.body
    );
    let href = redirect_uri.replace('&', "&amp;");
    assert_eq!(
        refusal.author_snippet(),
        Some(format!(r#"<link rel="redirect_uri" href="{href}">"#))
    );
    for hostile in [
        "\"><script>alert(1)</script>",
        "https://app.net/\"onx=1",
        "javascript:alert(1)",
        "https://app.net/<b>",
    ] {
        for request in [
            AuthorizationRequest::of(&site.client_id(), hostile),
            AuthorizationRequest::of(hostile, &site.url("/a")),
            AuthorizationRequest::of(&site.client_id(), &site.url("/a"))
                .with("state", hostile)
                .with("response_type", hostile),
        ] {
            let answer = owner.get_authorize(&request).await;
            assert!(!answer.has("main script, [onx], main b"), "{hostile}: {}", answer.body);
            assert!(!answer.body.contains(hostile), "{hostile}");
        }
    }
}
