//! What clients publish, in every form they publish it, and what a person then reads on the consent page.

use crate::harness::asking::{UNLISTED, answer_of};
use crate::harness::client_site::{SiteAnswer, html_answer};
use crate::harness::odd_site::{Names, SecureSite, ok};
use crate::harness::{AuthorizationRequest, ClientSite, Options, TestApp, expect};

/// A page met in the wild (W1 to W8), and what it gives: name, listed redirect URIs, and one that is accepted.
struct Met {
    shape: &'static str,
    page: &'static str,
    name: Option<&'static str>,
    listed: &'static [&'static str],
    accepted: &'static str,
}

const MET: [Met; 8] = [
    Met {
        shape: "W1",
        page: "<!-- (required) -->\n<link rel='redirect_uri' href='/redirect'>\n<div class='h-app'>\n\t<a href=\"/\" class=\"u-url p-name\">My App</a>\n</div>\n",
        name: Some("My App"),
        listed: &["{base}/redirect"],
        accepted: "{base}/redirect",
    },
    Met {
        shape: "W2",
        page: "<!DOCTYPE html>\n<link rel=\"redirect_uri\" href=\"/redirect\" />\n<div class=\"h-app\"><a href=\"/\" class=\"u-url p-name\">Misklient\n",
        name: Some("Misklient"),
        listed: &["{base}/redirect"],
        accepted: "{base}/redirect",
    },
    Met {
        shape: "W3",
        page: "<!DOCTYPE html>\n<link rel=\"redirect_uri\" href=\"/redirect\" />\n<div class=\"h-app\"><div class=\"p-name\">Misklient\n",
        name: Some("Misklient"),
        listed: &["{base}/redirect"],
        accepted: "{base}/redirect",
    },
    Met {
        shape: "W4",
        page: "<!DOCTYPE html><html><head><link rel='redirect_uri' href='https://forward.app.net/back.html'></head><body><div class='h-app'><a href='{base}/' class='u-url p-name'>A Phone App</a></div></body></html>",
        name: Some("A Phone App"),
        listed: &["https://forward.app.net/back.html"],
        accepted: "https://forward.app.net/back.html",
    },
    Met {
        shape: "W5",
        page: "<html><head><link rel=\"redirect_uri\" href=\"yourscheme://oauth/callback\"></head><body><div class='h-app'><a href='/' class='u-url p-name'>A Phone App</a></div></body></html>",
        name: Some("A Phone App"),
        listed: &["yourscheme://oauth/callback"],
        accepted: "yourscheme://oauth/callback",
    },
    Met {
        shape: "W6",
        page: "<html><head><title>Bridge</title><link rel=\"redirect_uri\" href=\"{base}/auth/callback\"></head></html>",
        name: None,
        listed: &["{base}/auth/callback"],
        accepted: "{base}/auth/callback",
    },
    Met {
        shape: "W7",
        page: "<link rel=redirect_uri href=/cb><div class=h-app><p class=p-name>The Site</p><a class=u-url href='https://www.other.net/'>www.other.net</a></div>",
        name: None,
        listed: &["{base}/cb"],
        accepted: "{base}/cb",
    },
    Met {
        shape: "W8",
        page: "<section class='h-app' hidden><img class=u-logo src='https://cdn.other.net/logo.svg' alt=''><a class='u-url p-name' href=''>The Hub</a></section>",
        name: Some("The Hub"),
        listed: &[],
        accepted: "{base}/anywhere/on/it",
    },
];

#[tokio::test]
async fn pages_met_in_the_wild_are_understood() {
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    for Met {
        shape,
        page,
        name,
        listed,
        accepted,
    } in MET
    {
        let site = ClientSite::answering(html_answer(page)).await;
        let own = |text: &str| text.replace("{base}", &site.url(""));
        let question = owner.ask(&site.client_id(), &own(accepted)).await;
        assert!(question.is_question(), "{shape}: {}", question.text());
        assert_eq!(question.name_shown().as_deref(), name, "{shape}");
        assert_eq!(question.host_shown(), format!("127.0.0.1:{}", site.port()), "{shape}");
        let listed: Vec<String> = listed.iter().map(|uri| own(uri)).collect();
        assert_eq!(owner.found_at(&site.client_id()).await, listed, "{shape}");
    }
}

/// W4 and W5: where the answer leaves the client's own host, or the web, the person is told.
#[tokio::test]
async fn an_answer_that_goes_elsewhere_is_pointed_out() {
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    for (shape, listed, warning) in [
        (
            "W4",
            "https://forward.app.net/back.html",
            "The answer goes to another address",
        ),
        (
            "W5",
            "yourscheme://oauth/callback",
            "The answer goes to an app on this device",
        ),
        ("same host", "{base}/cb", "The answer goes to a program on this device"),
    ] {
        let page = format!("<link rel=redirect_uri href='{listed}'>");
        let site = ClientSite::answering(html_answer(&page)).await;
        let redirect_uri = listed.replace("{base}", &site.url(""));
        let question = owner.ask(&site.client_id(), &redirect_uri).await;
        assert_eq!(question.warnings(), [warning], "{shape}");
        assert!(question.text().contains(&redirect_uri), "{shape}");
    }
}

/// W6: `no-store` is obeyed.
#[tokio::test]
async fn w6_what_must_not_be_stored_is_fetched_each_time() {
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    let page = html_answer("<title>Bridge</title><link rel=\"redirect_uri\" href=\"/cb\">");
    let site = ClientSite::answering(page.with("cache-control", "no-store")).await;
    for fetches in 1..=3 {
        let question = owner.ask(&site.client_id(), &site.url("/cb")).await;
        assert!(question.is_question(), "{}", question.text());
        assert_eq!(site.hits(), fetches);
    }
}

/// W9: listed without a port, asked for with a random one; on the GET and on the consent POST.
#[tokio::test]
async fn w9_a_program_on_a_random_port_gets_its_answer() {
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    let site = ClientSite::with_document(
        r#"{"client_id":"{base}/","client_name":"A Program","redirect_uris":["http://localhost/callback","http://127.0.0.1/callback"],"token_endpoint_auth_method":"none","grant_types":["authorization_code","refresh_token"]}"#,
    )
    .await;
    for redirect_uri in [
        "http://localhost:58135/callback",
        "http://127.0.0.1:58136/callback",
        "http://localhost/callback",
    ] {
        let request = AuthorizationRequest::of(&site.client_id(), redirect_uri);
        let question = owner.consent_page(&request).await;
        assert_eq!(question.name_shown().as_deref(), Some("A Program"), "{redirect_uri}");
        assert_eq!(
            question.warnings(),
            ["The answer goes to a program on this device"],
            "{redirect_uri}"
        );
        let back = owner
            .submit(&question.form("/consent/").set("decision", "approve"))
            .await;
        let expected = format!("{redirect_uri}?code=");
        assert!(
            back.location().starts_with(&expected),
            "{redirect_uri}: {}",
            back.location()
        );
    }
    for redirect_uri in [
        "http://localhost:58135/callback2",
        "http://[::1]:58135/callback",
        "https://localhost:58135/callback",
    ] {
        expect::page_error(&owner.ask(&site.client_id(), redirect_uri).await, 400);
    }
}

/// Kinds of answer, places to publish in, and both: what is found, in order, and the name that is shown.
#[tokio::test]
async fn every_place_to_publish_counts_alone_and_with_others() {
    const DOCUMENT: &str = r#"{"client_id":"{base}/","client_name":"By Document","redirect_uris":["/d1","{base}/d2"]}"#;
    const BARE_DOCUMENT: &str = r#"{"client_id":"{base}/"}"#;
    const APP: &str = "<div class=h-app><a class='u-url p-name' href=/>By Page</a></div>";
    let linked = |page: &str| {
        html_answer(&format!(
            "<link rel=redirect_uri href=/p1><link rel=redirect_uri href=p2>{page}"
        ))
    };
    let header = |answer: SiteAnswer| answer.with("link", r#"</h1>; rel="redirect_uri", <h2>; rel=redirect_uri"#);
    let json = |kind: &str, body: &str| answer_of(kind, body);
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    for (case, answer, name, found) in [
        (
            "JSON",
            json("application/json", DOCUMENT),
            Some("By Document"),
            &["/d1", "/d2"][..],
        ),
        (
            "JSON, with parameter",
            json("application/json; charset=utf-8", DOCUMENT),
            Some("By Document"),
            &["/d1", "/d2"],
        ),
        (
            "JSON of another name",
            json("application/vnd.x+json", DOCUMENT),
            Some("By Document"),
            &["/d1", "/d2"],
        ),
        (
            "JSON, upper case",
            json("Application/Client-ID-Metadata+JSON", DOCUMENT),
            Some("By Document"),
            &["/d1", "/d2"],
        ),
        (
            "JSON and Link",
            header(json("application/json", DOCUMENT)),
            Some("By Document"),
            &["/h1", "/h2", "/d1", "/d2"],
        ),
        (
            "JSON without list, and Link",
            header(json("application/json", BARE_DOCUMENT)),
            None,
            &["/h1", "/h2"],
        ),
        ("link elements", linked(""), None, &["/p1", "/p2"]),
        ("link elements and h-app", linked(APP), Some("By Page"), &["/p1", "/p2"]),
        (
            "link elements and h-x-app",
            linked(&APP.replace("h-app", "h-x-app")),
            Some("By Page"),
            &["/p1", "/p2"],
        ),
        ("h-app", html_answer(APP), Some("By Page"), &[]),
        (
            "Link and h-app",
            header(html_answer(APP)),
            Some("By Page"),
            &["/h1", "/h2"],
        ),
        (
            "Link, elements, h-app",
            header(linked(APP)),
            Some("By Page"),
            &["/h1", "/h2", "/p1", "/p2"],
        ),
        ("XHTML", answer_of("application/xhtml+xml", APP), Some("By Page"), &[]),
        ("Link on an empty page", header(html_answer("")), None, &["/h1", "/h2"]),
        (
            "Link on an image",
            header(answer_of("image/png", "x")),
            None,
            &["/h1", "/h2"],
        ),
        (
            "two Link headers",
            header(html_answer("")).with("link", "</h3>; rel=redirect_uri, </h1>; rel=redirect_uri"),
            None,
            &["/h1", "/h2", "/h3"],
        ),
    ] {
        let site = ClientSite::answering(answer).await;
        assert_eq!(
            owner.found_at(&site.client_id()).await,
            found.iter().map(|path| site.url(path)).collect::<Vec<_>>(),
            "{case}"
        );
        for path in if found.is_empty() { &["/own"][..] } else { found } {
            let question = owner.ask(&site.client_id(), &site.url(path)).await;
            assert!(question.is_question(), "{case}, {path}: {}", question.text());
            assert_eq!(question.name_shown().as_deref(), name, "{case}, {path}");
        }
    }
}

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

/// The home page an app names is a link only where its own address proves it (IndieAuth "Client Information
/// Discovery"); otherwise a warning stands in its place. Shown over `https` only, so this site has a certificate.
#[tokio::test]
async fn client_uri_is_shown_under_the_client_id_and_nowhere_else() {
    const WARNING: &str = "The app names a website elsewhere";
    for (case, client_uri, shown, warns) in [
        ("its origin", "{base}/", Some("{base}/"), false),
        ("a parent", "{base}/apps", Some("{base}/apps"), false),
        ("itself", "{base}/apps/one", Some("{base}/apps/one"), false),
        ("relative", "/apps", Some("{base}/apps"), false),
        ("another host", "https://other.net/", None, true),
        ("a host that begins so", "{base}.evil.net/", None, true),
        ("a path that begins so", "{base}/app", None, true),
        ("a sibling", "{base}/apps/two", None, true),
        ("plain http", "http://app.net/", None, true),
        ("javascript", "javascript:alert(1)", None, true),
        ("with a user", "https://app.net@other.net/", None, true),
    ] {
        let base = |port: u16| format!("https://app.net:{port}");
        let secure = SecureSite::start("app.net", None, |port| {
            let document = r#"{"client_id":"{base}/apps/one","client_uri":"CLIENT_URI","redirect_uris":["{base}/cb"]}"#;
            let document = document
                .replace("CLIENT_URI", client_uri)
                .replace("{base}", &base(port));
            ok("application/json", "", &document)
        })
        .await;
        let base = base(secure.site.port());
        let options = Options {
            roots: secure.roots.clone(),
            ..Options::default().resolver(Names::of(&[("app.net", &["127.0.0.1"])]))
        };
        let app = options.start().await;
        let owner = app.owner("alice").await;
        let question = owner.ask(&format!("{base}/apps/one"), &format!("{base}/cb")).await;
        assert!(question.is_question(), "{case}: {}", question.text());
        let links = question.texts("dl.facts a");
        let expected: Vec<String> = shown.iter().map(|shown| shown.replace("{base}", &base)).collect();
        assert_eq!(links, expected, "{case}");
        assert_eq!(question.warnings().contains(&WARNING.to_owned()), warns, "{case}");
        if warns {
            let said = client_uri.replace("{base}", &base);
            assert!(!question.has(&format!("a[href='{said}']")), "{case}");
        }
    }
}

/// A refused list of redirect URIs must not send anything there, also not after a yes that was meant for another.
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
