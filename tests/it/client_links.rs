//! Which redirect URIs a page publishes, and which only look so.

use crate::harness::asking::{UNLISTED, answer_of};
use crate::harness::client_site::html_answer;
use crate::harness::{ClientSite, TestApp, expect};

/// What is listed relative to the page, to its path, or to a `<base>` of its own origin.
#[tokio::test]
async fn relative_addresses_are_resolved_against_the_page() {
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    let link = |href: &str| format!("<link rel=redirect_uri href='{href}'>");
    for (case, page, found) in [
        ("beside", link("cb"), "{base}/deep/cb"),
        ("above", link("../cb"), "{base}/cb"),
        ("root", link("/cb"), "{base}/cb"),
        ("query", link("?cb"), "{base}/deep/id?cb"),
        (
            "other host",
            link("//other.net/cb").replace("//", "https://"),
            "https://other.net/cb",
        ),
        ("base", "<base href=/x/>".to_owned() + &link("cb"), "{base}/x/cb"),
        (
            "base, relative",
            "<base href=x/>".to_owned() + &link("cb"),
            "{base}/deep/x/cb",
        ),
        (
            "base, absolute",
            "<base href='{base}/y/'>".to_owned() + &link("cb"),
            "{base}/y/cb",
        ),
        (
            "base, second",
            "<base href=/x/><base href=/y/>".to_owned() + &link("cb"),
            "{base}/x/cb",
        ),
        (
            "base, foreign",
            "<base href='https://evil.net/'>".to_owned() + &link("cb"),
            "{base}/deep/cb",
        ),
        (
            "base, other port",
            "<base href='http://127.0.0.1:1/'>".to_owned() + &link("cb"),
            "{base}/deep/cb",
        ),
        (
            "base, in template",
            "<template><base href=/x/></template>".to_owned() + &link("cb"),
            "{base}/deep/cb",
        ),
    ] {
        let site = ClientSite::answering(html_answer(&page)).await;
        let client_id = site.url("/deep/id");
        assert_eq!(
            owner.found_at(&client_id).await,
            [found.replace("{base}", &site.url(""))],
            "{case}"
        );
    }
    let site = ClientSite::start().await;
    let client_id = site.url("/deep/id.json");
    let document = r#"{"client_id":"{base}/deep/id.json","redirect_uris":["cb","../cb","/x/cb"]}"#;
    site.publish(answer_of("application/json", document).with("link", "<header>; rel=redirect_uri"));
    let expected = ["/deep/header", "/deep/cb", "/cb", "/x/cb"].map(|path| site.url(path));
    assert_eq!(owner.found_at(&client_id).await, expected);
}

/// MD-15 and the like: only a `link` element of the page itself publishes. A page that lists nothing permits its own
/// origin alone.
#[tokio::test]
async fn md15_what_only_looks_like_a_link_publishes_nothing() {
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    let link = "<link rel=redirect_uri href='https://evil.net/cb'>";
    for (case, page) in [
        ("comment", format!("<!-- {link} -->")),
        ("template", format!("<template>{link}</template>")),
        (
            "template in template",
            format!("<template><div><template>{link}</template></div></template>"),
        ),
        ("noscript", format!("<noscript>{link}</noscript>")),
        ("noscript in head", format!("<head><noscript>{link}</noscript></head>")),
        ("script", format!("<script>{link}</script>")),
        ("style", format!("<style>{link}</style>")),
        ("textarea", format!("<textarea>{link}</textarea>")),
        ("title", format!("<title>{link}</title>")),
        ("svg", format!("<svg>{link}</link></svg>")),
        ("attribute", format!("<p title=\"{link}\">")),
        ("entity", link.replace('<', "&lt;")),
        ("another element", link.replace("<link", "<a")),
        ("another relation", link.replace("redirect_uri", "redirect_uris")),
        ("rev", link.replace("rel", "rev")),
    ] {
        let site = ClientSite::answering(html_answer(&page)).await;
        let refusal = owner.ask(&site.client_id(), "https://evil.net/cb").await;
        expect::page_error(&refusal, 400);
        assert_eq!(refusal.texts(".found"), ["None."], "{case}");
        let question = owner.ask(&site.client_id(), &site.url("/cb")).await;
        assert!(question.is_question(), "{case}: {}", question.text());
    }
}

/// MD-18: a `Link` header is parsed within limits.
#[tokio::test]
async fn md18_link_headers_are_read_as_far_as_they_make_sense() {
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    let thousand: Vec<String> = (0..1000).map(|n| format!("</{n}>; rel=redirect_uri")).collect();
    let fifty: Vec<String> = (0..50).map(|n| format!("/{n}")).collect();
    let one = |path: &str| vec![path.to_owned()];
    for (case, header, found) in [
        ("thousand", thousand.join(", "), fifty),
        (
            "list of relations",
            r#"</a>; rel="me redirect_uri	self""#.to_owned(),
            one("/a"),
        ),
        ("upper case", "</a> ; REL = REDIRECT_URI".to_owned(), one("/a")),
        ("unclosed quote", r#"</a>; rel="redirect_uri"#.to_owned(), one("/a")),
        (
            "comma in quotes",
            r#"</a>; title="x, <y>; rel=z"; rel=redirect_uri"#.to_owned(),
            one("/a"),
        ),
        (
            "escaped quotes",
            r#"</a>; title="say \"redirect_uri\""; rel=me, </b>; rel=redirect_uri"#.to_owned(),
            one("/b"),
        ),
        ("junk before", "junk, </b>; rel=redirect_uri".to_owned(), one("/b")),
        (
            "another anchor",
            r#"</a>; anchor="/x"; rel=redirect_uri, </b>; rel=redirect_uri"#.to_owned(),
            one("/b"),
        ),
        ("second rel", "</a>; rel=me; rel=redirect_uri".to_owned(), Vec::new()),
        ("unclosed target", "</a; rel=redirect_uri".to_owned(), Vec::new()),
        ("another relation", "</a>; rel=redirect_uris".to_owned(), Vec::new()),
    ] {
        let site = ClientSite::answering(html_answer("").with("link", &header)).await;
        let found: Vec<String> = found.iter().map(|path| site.url(path)).collect();
        assert_eq!(owner.found_at(&site.client_id()).await, found, "{case}");
    }
}

/// Decision 9: once something is listed, only the list counts.
#[tokio::test]
async fn a_page_that_lists_something_permits_nothing_else_not_even_its_own_origin() {
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    let site = ClientSite::start().await;
    for redirect_uri in [
        site.url("/other"),
        site.url("/"),
        site.url("/redirect/"),
        UNLISTED.to_owned(),
    ] {
        expect::page_error(&owner.ask(&site.client_id(), &redirect_uri).await, 400);
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
