//! From an address somebody typed to the authorization server that speaks for it ("Discovery by Clients").

use anyhow::{Context, Result, ensure};
use reqwest::Client;
use reqwest::header::{CONTENT_TYPE, LINK};
use scraper::{Html, Selector};
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::{Host, Url};

use crate::http::{self, Answer};

/// What an app needs to know of a server ("IndieAuth Server Metadata").
#[derive(Clone, Serialize, Deserialize)]
pub struct Server {
    pub issuer: Option<String>,
    pub authorization_endpoint: Url,
    pub token_endpoint: Option<Url>,
    pub userinfo_endpoint: Option<Url>,
    pub revocation_endpoint: Option<Url>,
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

/// Reads what was typed: `example.com` means `https://example.com/` ("User Profile URL", "URL Canonicalization").
pub fn profile_url(typed: &str) -> Result<Url> {
    let typed = typed.trim();
    let has_scheme = typed.contains("://");
    let parsed = if has_scheme {
        Url::parse(typed)
    } else {
        Url::parse(&format!("http://{typed}"))
    };
    let mut url = parsed.with_context(|| format!("“{typed}” is not a web address"))?;
    ensure!(
        matches!(url.scheme(), "http" | "https"),
        "a web address starts with https:// or http://"
    );
    ensure!(
        url.username().is_empty() && url.password().is_none(),
        "a profile address has no user name or password"
    );
    ensure!(url.fragment().is_none(), "a profile address has no part after #");
    if is_loopback(&url) {
        return Ok(url); // A server under development: it has a port, and no https.
    }
    ensure!(
        url.port().is_none() && url.domain().is_some(),
        "a profile address is a name without a port"
    );
    if !has_scheme {
        url.set_scheme("https").ok().context("this address cannot use https")?;
    }
    Ok(url)
}

/// Finds the server of a profile address, and the addresses passed on the way to its page.
pub async fn discover(client: &Client, me: &Url) -> Result<(Server, Vec<Url>)> {
    let (page, visited) = http::read(client, me.clone()).await?;
    let link = |rel| find_link(&page, visited.last().unwrap_or(me), rel);
    let server: Server = match link("indieauth-metadata") {
        Some(url) => read_metadata(client, url).await?,
        // Servers from before 2022 name their endpoints on the page itself.
        None => serde_json::from_value(json!({
            "authorization_endpoint": link("authorization_endpoint"),
            "token_endpoint": link("token_endpoint"),
        }))
        .ok()
        .with_context(|| format!("the page {me} does not say which server signs its owner in"))?,
    };
    let endpoints = [
        &server.token_endpoint,
        &server.userinfo_endpoint,
        &server.revocation_endpoint,
    ];
    for endpoint in endpoints.into_iter().flatten().chain([&server.authorization_endpoint]) {
        let is_safe = endpoint.scheme() == "https" || is_loopback(endpoint);
        ensure!(is_safe, "the server's endpoint {endpoint} is not protected by https");
    }
    Ok((server, visited))
}

async fn read_metadata(client: &Client, url: Url) -> Result<Server> {
    let (answer, _) = http::read(client, url.clone()).await?;
    let server: Server = answer
        .json()
        .with_context(|| format!("reading the metadata at {url}"))?;
    let issuer = server.issuer.as_deref().unwrap_or_default();
    ensure!(
        issuer_owns(issuer, &url),
        "the metadata at {url} belongs to another issuer: “{issuer}”"
    );
    Ok(server)
}

/// "Issuer Identifier": a prefix of the metadata's address. `https://a.example` is a prefix of `https://a.example.evil/`
/// too, so the origins are compared as well.
fn issuer_owns(issuer: &str, metadata_url: &Url) -> bool {
    let same_origin = Url::parse(issuer).is_ok_and(|issuer| issuer.origin() == metadata_url.origin());
    same_origin && metadata_url.as_str().starts_with(issuer)
}

/// The first `Link` header with this relation, else the first `<link>` element, resolved against the page's address.
fn find_link(page: &Answer, base: &Url, rel: &str) -> Option<Url> {
    let headers = page
        .headers
        .get_all(LINK)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    let mut links = headers.flat_map(|value| split_outside(value, ','));
    let media_type = page.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    match links.find_map(|link| link_target(link, rel)) {
        Some(target) => base.join(target).ok(),
        None if media_type.unwrap_or_default().contains("html") => base.join(&link_element(&page.body, rel)?).ok(),
        None => None,
    }
}

/// The target of one link, `<target>; rel="a b"; title="x"`, if it has this relation (RFC 8288 §3).
fn link_target<'a>(link: &'a str, rel: &str) -> Option<&'a str> {
    let mut parts = split_outside(link, ';').into_iter().map(str::trim);
    let target = parts.next()?.strip_prefix('<')?.strip_suffix('>')?;
    let mut parameters = parts.filter_map(|part| part.split_once('='));
    let (_, rels) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("rel"))?;
    has_token(rels.trim().trim_matches('"'), rel).then_some(target.trim())
}

fn link_element(html: &str, rel: &str) -> Option<String> {
    let links = Selector::parse("link[rel][href]").ok()?;
    let document = Html::parse_document(html);
    let mut links = document.select(&links);
    let link = links.find(|link| has_token(link.attr("rel").unwrap_or_default(), rel))?;
    link.attr("href").map(str::to_owned)
}

/// Splits where the separator stands outside `"…"` and `<…>`.
fn split_outside(text: &str, separator: char) -> Vec<&str> {
    let (mut quoted, mut bracketed) = (false, false);
    let is_split = |c| {
        match c {
            '"' => quoted = !quoted,
            '<' | '>' if !quoted => bracketed = c == '<',
            _ => {}
        }
        c == separator && !quoted && !bracketed
    };
    text.split(is_split).collect()
}

fn has_token(tokens: &str, wanted: &str) -> bool {
    tokens
        .split_ascii_whitespace()
        .any(|token| token.eq_ignore_ascii_case(wanted))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_address_becomes_a_profile_url() {
        for (typed, url) in [
            ("example.com", "https://example.com/"),
            (" Example.COM/Alice ", "https://example.com/Alice"),
            ("http://example.com", "http://example.com/"),
            ("https://example.com/users?id=100", "https://example.com/users?id=100"),
            ("localhost:8080/alice", "http://localhost:8080/alice"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080/"),
        ] {
            assert_eq!(profile_url(typed).unwrap().as_str(), url);
        }
    }

    #[test]
    fn what_cannot_be_a_profile_url_is_refused() {
        for typed in [
            "",
            "https://",
            "mailto:user@example.com",
            "user@example.com",
            "https://user:pass@example.com/",
            "https://example.com/#me",
            "https://example.com:8443/",
            "https://172.28.92.51/",
            "ftp://example.com/",
            "javascript:alert(1)",
        ] {
            assert!(profile_url(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn a_link_header_is_read_with_its_quotes_and_commas() {
        let header = r#"</a,b>; rel=other, </meta>; title="x, y; rel=no"; REL="me IndieAuth-Metadata", </2>; rel=indieauth-metadata"#;
        let found = |rel| {
            split_outside(header, ',')
                .into_iter()
                .find_map(|link| link_target(link, rel))
        };
        assert_eq!(found("indieauth-metadata"), Some("/meta"));
        assert_eq!(found("other"), Some("/a,b"));
        assert_eq!(found("no"), None);
    }

    #[test]
    fn the_first_link_element_counts_and_a_comment_does_not() {
        let html = "<!-- <link rel=a href=/0> --><link rel='b A' href=/1><link rel=a href=/2><a rel=c href=/3></a>";
        assert_eq!(link_element(html, "a").as_deref(), Some("/1"));
        assert_eq!(link_element(html, "c"), None);
    }

    #[test]
    fn the_issuer_is_a_prefix_on_the_same_origin() {
        let url = Url::parse("https://a.example/wp/metadata").unwrap();
        assert!(issuer_owns("https://a.example", &url));
        assert!(issuer_owns("https://a.example/wp", &url));
        assert!(!issuer_owns("https://a.example/other", &url));
        assert!(!issuer_owns(
            "https://a.example",
            &Url::parse("https://a.example.evil/").unwrap()
        ));
        assert!(!issuer_owns("", &url));
    }
}
