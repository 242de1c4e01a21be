//! What clients publish, in every form they publish it, and what a person then reads on the consent page.

use crate::harness::asking::answer_of;
use crate::harness::client_site::{SiteAnswer, html_answer};
use crate::harness::{AuthorizationRequest, ClientSite, TestApp, expect};

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
