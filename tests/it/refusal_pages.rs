//! What a page that refuses says: to the person whose turn it is, to the author of the app what to mend.

use crate::harness::asking::answer_of;
use crate::harness::client_site::{SiteAnswer, html_answer};
use crate::harness::odd_site::{OddSite, ok};
use crate::harness::{AuthorizationRequest, ClientSite, TestApp, expect};

const STATUS: &str = "The server at the client_id did not answer with status 200. Redirects are not followed.";
const BOT_CHECK: &str = "A bot check answered in place of the app. Let plain GET requests to the client_id pass.";
const MEDIA_TYPE: &str = "The client_id leads to something that is neither an HTML page nor a JSON document.";
const SIZE: &str = "The document at the client_id is too large.";
const DOCUMENT: &str = "The JSON document at the client_id is not a valid client metadata document.";
const LIST: &str = "The app’s list of redirect URIs is missing, empty or has an entry that cannot be used.";

/// An answer, the sentence for the author, what `What happened` contains, the status shown, and whether there is advice
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
            STATUS,
            "client_id must be the final address",
            "301",
            false,
        ),
        (
            "302",
            redirect(302),
            STATUS,
            "client_id must be the final address",
            "302",
            false,
        ),
        (
            "308",
            redirect(308),
            STATUS,
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
            "200",
            true,
        ),
        (
            "text",
            answer_of("text/plain", "hello"),
            MEDIA_TYPE,
            "neither a JSON document nor an HTML page",
            "200",
            true,
        ),
        (
            "JSON as text",
            answer_of("text/json", "{}"),
            MEDIA_TYPE,
            "neither a JSON document nor an HTML page",
            "200",
            true,
        ),
        (
            "an image",
            answer_of("image/svg+xml", "<svg/>"),
            MEDIA_TYPE,
            "neither a JSON document",
            "200",
            true,
        ),
        (
            "another Link",
            answer_of("text/plain", "").with("link", "</x>; rel=me"),
            MEDIA_TYPE,
            "neither",
            "200",
            true,
        ),
        ("5 KiB of JSON and more", large, SIZE, "is too large", "200", false),
        (
            "256 KiB of HTML and more",
            html_answer(&" ".repeat(256 * 1024 + 1)),
            SIZE,
            "is too large",
            "200",
            false,
        ),
        (
            "compressed",
            html_answer("x").with("content-encoding", "gzip"),
            MEDIA_TYPE,
            "a compressed answer",
            "200",
            false,
        ),
        (
            "a forbidden scheme",
            html_answer("<link rel=redirect_uri href='javascript:alert(1)'>"),
            LIST,
            "none of the redirect URIs",
            "200",
            true,
        ),
        (
            "a fragment",
            html_answer("").with("link", "</cb#x>; rel=redirect_uri"),
            LIST,
            "none of the redirect URIs",
            "200",
            true,
        ),
    ];
    for (case, answer, sentence, happened, status, advises) in cases {
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
        assert!(facts.contains(&status.to_owned()), "{case}: {facts:?}");
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

/// RD-22 and RD-05: no match, and the page says how the two differ.
#[tokio::test]
async fn rd22_a_near_miss_is_refused_and_explained() {
    const SLASH: &str = "It differs from a listed one only in the slash at the end.";
    const CASE: &str = "It differs from a listed one only in upper and lower case.";
    const PORT: &str = "It differs from a listed one only in the port.";
    const DEFAULT_PORT: &str = "It differs from a listed one only in naming the standard port (:443 or :80).";
    const SCHEME: &str = "It differs from a listed one only in http and https.";
    const QUERY: &str = "It differs from a listed one only in the part after the question mark.";
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    for (listed, requested, sentence) in [
        ("https://app.net/cb", "https://app.net/cb/", Some(SLASH)),
        ("https://app.net/cb/", "https://app.net/cb", Some(SLASH)),
        ("https://app.net", "https://app.net/", Some(SLASH)),
        ("https://app.net/cb", "https://app.net/CB", Some(CASE)),
        ("https://app.net/cb", "https://APP.net/cb", Some(CASE)),
        ("https://app.net/cb", "https://app.net:8443/cb", Some(PORT)),
        ("https://app.net/cb", "https://app.net:443/cb", Some(DEFAULT_PORT)),
        ("https://app.net:443/cb", "https://app.net/cb", Some(DEFAULT_PORT)),
        ("https://localhost/cb", "http://localhost/cb", Some(SCHEME)),
        ("https://app.net/cb?a=1", "https://app.net/cb?a=2", Some(QUERY)),
        ("https://app.net/cb", "https://app.net/cb?a=1", Some(QUERY)),
        ("https://app.net/c%62", "https://app.net/cb", None),
        ("https://app.net/cb", "https://appXnet/cb", None),
        ("https://app.net/cb", "https://app.net.evil.net/cb", None),
        ("https://app.net/cb", "https://app.net/cb//", None),
        ("https://app.net/cb", "https://app.net/cb;x", None),
        ("https://app.net/.*", "https://app.net/cb", None),
        ("yourscheme://cb", "yourscheme://other", None),
    ] {
        let case = format!("{requested} for {listed}");
        let site = ClientSite::answering(html_answer(&format!("<link rel=redirect_uri href='{listed}'>"))).await;
        let refusal = owner.ask(&site.client_id(), requested).await;
        expect::page_error(&refusal, 400);
        let sentences = refusal.author_sentences();
        assert_eq!(
            sentences[0],
            "The redirect_uri of the request is not on the app’s list. They are compared character by character.",
            "{case}"
        );
        assert_eq!(
            refusal.texts("section.author strong"),
            sentence.map_or(Vec::new(), |said| vec![said.to_owned()]),
            "{case}"
        );
        assert_eq!(refusal.texts(".found bdi"), [listed], "{case}");
        let snippet = format!(r#"<link rel="redirect_uri" href="{requested}">"#);
        assert_eq!(refusal.author_snippet(), Some(snippet), "{case}");
        assert!(
            owner.ask(&site.client_id(), listed).await.is_question(),
            "{case}: the listed one"
        );
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
    assert_eq!(
        refusal.author_snippet(),
        Some(format!(r#"<link rel="redirect_uri" href="{redirect_uri}">"#))
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
