//! How clients find this server from a person's address (R11 to R16), and who may ask from another site.

use reqwest::{Method, StatusCode};

use crate::harness::TestApp;
use crate::harness::actors::Answer;

const METADATA: &str = "/.well-known/oauth-authorization-server";

fn links(answer: &Answer) -> Vec<String> {
    let links = answer.headers.get_all("link").iter();
    links.map(|link| link.to_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_profile_page_leads_to_this_server() {
    let app = TestApp::start().await;
    let page = app.owner("alice").await.get("/@alice").await;
    let metadata = format!("{}{METADATA}", app.issuer);
    let authorize = format!("{}/oauth/authorize", app.issuer);
    let token = format!("{}/oauth/token", app.issuer);
    let expected = [
        ("indieauth-metadata", &metadata),
        ("authorization_endpoint", &authorize),
        ("token_endpoint", &token),
    ];
    assert_eq!(
        links(&page),
        expected.map(|(rel, target)| format!(r#"<{target}>; rel="{rel}""#))
    );
    for (rel, target) in expected {
        assert!(
            page.has(&format!(r#"head link[rel="{rel}"][href="{target}"]"#)),
            "{rel}"
        );
    }
}

#[tokio::test]
async fn head_says_what_get_says() {
    let app = TestApp::start().await;
    let alice = app.owner("alice").await;
    for path in ["/@alice", METADATA, "/"] {
        let get = alice.get(path).await;
        let head = alice.send(alice.request(Method::HEAD, path)).await;
        assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));
        let comparable = |answer: &Answer| {
            let mut headers = answer.headers.clone();
            headers.remove("date");
            headers
        };
        assert_eq!(comparable(&head), comparable(&get), "{path}");
    }
}

#[tokio::test]
async fn nobody_has_no_profile_page() {
    let app = TestApp::start().await;
    app.owner("alice").await;
    for path in ["/@bob", "/@", "/@alice/x", "/@%61lice%00"] {
        let answer = app.visitor().get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(links(&answer), Vec::<String>::new());
    }
}

#[tokio::test]
async fn an_address_typed_with_a_capital_or_a_slash_leads_to_the_page() {
    let app = TestApp::start().await;
    app.owner("alice").await;
    for path in ["/@Alice", "/@alice/"] {
        let answer = app.visitor().get(path).await;
        assert_eq!(
            (answer.status, answer.location()),
            (StatusCode::PERMANENT_REDIRECT, "/@alice"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_token_names_an_address_that_leads_to_the_metadata_of_its_issuer() {
    let app = TestApp::start().await;
    let alice = app.owner("alice").await;
    let site = crate::harness::ClientSite::start().await;
    let token = alice.tokens(&crate::harness::AuthorizationRequest::valid(&site)).await;
    let page = alice.get(token["me"].as_str().unwrap()).await;
    let link = links(&page)[0].clone();
    let address = link.trim_start_matches('<').split('>').next().unwrap();
    assert!(address.starts_with(&app.issuer));
    let metadata = alice.get(address).await;
    assert_eq!(metadata.header("content-type"), "application/json");
    assert_eq!(metadata.json()["issuer"], app.issuer);
    assert_eq!(
        metadata.json()["authorization_endpoint"],
        format!("{}/oauth/authorize", app.issuer)
    );
}

/// Every endpoint, and the methods that scripts of other sites may use on it.
const ENDPOINTS: [(&str, &str); 13] = [
    ("/.well-known/openid-configuration", "GET, HEAD, OPTIONS"),
    (METADATA, "GET, HEAD, OPTIONS"),
    ("/oauth/token", "GET, POST, OPTIONS"),
    ("/oauth/revoke", "POST, OPTIONS"),
    ("/oauth/userinfo", "GET, POST, OPTIONS"),
    ("/oauth/introspect", ""),
    ("/oauth/authorize", ""),
    ("/consent/x", ""),
    ("/sign-in", ""),
    ("/sign-out", ""),
    ("/set-up", ""),
    ("/apps", ""),
    ("/apps/revoke", ""),
];

#[tokio::test]
async fn scripts_of_other_sites_may_call_what_apps_call_and_nothing_else() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    for (path, methods) in ENDPOINTS {
        let origin = if methods.is_empty() { "" } else { "*" };
        for method in [Method::GET, Method::POST] {
            let request = visitor
                .request(method.clone(), path)
                .header("origin", "https://app.net");
            let answer = visitor.send(request).await;
            assert_eq!(answer.header("access-control-allow-origin"), origin, "{method} {path}");
            assert_eq!(answer.header("access-control-allow-credentials"), "");
        }
    }
}

#[tokio::test]
async fn preflight_requests_are_answered_where_scripts_may_call() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    for (path, methods) in ENDPOINTS {
        let request = visitor
            .request(Method::OPTIONS, path)
            .header("origin", "https://app.net")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,x-requested-with");
        let answer = visitor.send(request).await;
        assert_eq!(answer.header("access-control-allow-methods"), methods, "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        if methods.is_empty() {
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
            continue;
        }
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{path}");
        assert_eq!(
            answer.header("access-control-allow-headers"),
            "authorization,x-requested-with"
        );
    }
}
