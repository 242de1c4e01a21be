//! What a client's host answered: status, kind, and no more bytes than the kind may have.

use futures_util::StreamExt;
use reqwest::header::{
    AGE, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, DATE, EXPIRES, HeaderMap, HeaderName, LINK, SERVER,
    TRANSFER_ENCODING,
};
use reqwest::{Response, StatusCode};

use super::freshness::CacheHeaders;
use super::refusal::{Refusal, Source, Step, chain};
use super::setup::FetchLimits;

/// A complete answer with status 200.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// What it is.
    pub body: Body,
    /// The values of its `Link` headers, in order.
    pub links: Vec<String>,
    /// What it says about being kept.
    pub caching: CacheHeaders,
    /// It came from inside the operator's network.
    pub internal: bool,
}

/// The kinds of answer that mean something here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// `application/json` or `application/…+json`.
    Json(Vec<u8>),
    /// `text/html` or `application/xhtml+xml`.
    Html(Vec<u8>),
    /// `image/…`, but for SVG, where a picture was asked for.
    Picture(Vec<u8>),
    /// Any other media type. Only the headers count; the body was not read.
    Other(String),
}

impl Body {
    /// What it is as a description of a client; `None` for what was not read.
    pub(crate) fn source(&self) -> Option<Source> {
        match self {
            Body::Json(_) => Some(Source::Document),
            Body::Html(_) => Some(Source::Page),
            Body::Picture(_) | Body::Other(_) => None,
        }
    }
}

/// What a fetch is for, and so which kinds of answer are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// What a client says about itself.
    Client,
    /// A logo. It may be `inside` the operator's network only when its client is there as well.
    Picture {
        /// Whether it may.
        inside: bool,
    },
    /// What a person's own page links to. A long page is read as far as its links may be.
    Address,
}

/// How much of an error page is searched for the marks of a challenge.
const MAX_CHALLENGE_BYTES: usize = 16 * 1024;

/// Reads an answer whose headers have come. The caller sets the deadline.
pub(crate) async fn read(
    response: Response,
    wanted: Wanted,
    limits: &FetchLimits,
    internal: bool,
) -> Result<Fetched, Refusal> {
    let status = response.status();
    if status != StatusCode::OK {
        return Err(refused_status(response).await);
    }
    check_encoding(response.headers())?;
    let links = values(response.headers(), &LINK);
    let caching = CacheHeaders {
        cache_control: values(response.headers(), &CACHE_CONTROL),
        age: values(response.headers(), &AGE).into_iter().next(),
        expires: values(response.headers(), &EXPIRES).into_iter().next(),
        date: values(response.headers(), &DATE).into_iter().next(),
    };
    let body = match (wanted, Media::of(response.headers())) {
        (Wanted::Client, Media::Json) => Body::Json(whole_body(response, limits.json_bytes).await?),
        (Wanted::Client, Media::Html) => Body::Html(whole_body(response, limits.html_bytes).await?),
        (Wanted::Picture { .. }, Media::Other(name)) if is_picture(&name) => {
            Body::Picture(whole_body(response, limits.picture_bytes).await?)
        }
        (Wanted::Address, Media::Html) => Body::Html(first_bytes(response, limits.html_bytes).await?),
        (_, Media::Other(name)) => Body::Other(name),
        (Wanted::Picture { .. } | Wanted::Address, other) => Body::Other(format!("{other:?}")),
    };
    Ok(Fetched {
        body,
        links,
        caching,
        internal,
    })
}

#[derive(Debug, PartialEq, Eq)]
enum Media {
    Json,
    Html,
    Other(String),
}

impl Media {
    fn of(headers: &HeaderMap) -> Media {
        let whole = values(headers, &CONTENT_TYPE).into_iter().next().unwrap_or_default();
        let essence = whole.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let json_suffix = essence
            .strip_prefix("application/")
            .and_then(|subtype| subtype.strip_suffix("+json"))
            .is_some_and(|name| !name.is_empty());
        match essence.as_str() {
            "application/json" => Media::Json,
            "text/html" | "application/xhtml+xml" => Media::Html,
            _ if json_suffix => Media::Json,
            _ => Media::Other(essence),
        }
    }
}

/// SVG is a program that draws.
fn is_picture(media_type: &str) -> bool {
    media_type.starts_with("image/") && !media_type.starts_with("image/svg")
}

/// A compressed answer to a request for `identity` is refused unread: a few kilobytes can unfold to gigabytes.
fn check_encoding(headers: &HeaderMap) -> Result<(), Refusal> {
    let plain = |value: &String| matches!(value.trim().to_ascii_lowercase().as_str(), "" | "identity");
    let chunked = |value: &String| value.trim().eq_ignore_ascii_case("chunked");
    let (content, transfer) = (values(headers, &CONTENT_ENCODING), values(headers, &TRANSFER_ENCODING));
    if content.iter().all(plain) && transfer.iter().all(|value| plain(value) || chunked(value)) {
        return Ok(());
    }
    let fact = [content.as_slice(), transfer.as_slice()].concat().join(", ");
    Err(Refusal::new(
        Step::Encoding,
        "the client's host sent a compressed answer although none was asked for",
        format!("content-encoding {content:?}, transfer-encoding {transfer:?}"),
    )
    .with_status(200)
    .with_fact(&fact))
}

/// The body, counted while it streams: `Content-Length` is only the sender's word.
async fn whole_body(response: Response, cap: usize) -> Result<Vec<u8>, Refusal> {
    let too_large = |detail: String| {
        let refusal = Refusal::new(Step::Size, "the client's document or page is too large", detail);
        Err(refusal.with_status(200).with_fact(&format!("{cap} bytes")))
    };
    if let Some(announced) = response.content_length().filter(|length| *length > cap as u64) {
        return too_large(format!("announced {announced} bytes, at most {cap}"));
    }
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| broken(&error))?;
        if body.len() + chunk.len() > cap {
            return too_large(format!("more than {cap} bytes"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn broken(error: &reqwest::Error) -> Refusal {
    Refusal::new(
        Step::Connect,
        "the connection broke before the client's answer was complete",
        chain(error),
    )
    .with_status(200)
}

/// The body, or its beginning when it is longer.
async fn first_bytes(response: Response, cap: usize) -> Result<Vec<u8>, Refusal> {
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    while body.len() < cap
        && let Some(chunk) = chunks.next().await
    {
        body.extend_from_slice(&chunk.map_err(|error| broken(&error))?);
    }
    body.truncate(cap);
    Ok(body)
}

/// Which refusal a status other than 200 is.
async fn refused_status(response: Response) -> Refusal {
    let status = response.status();
    let headers = response.headers().clone();
    let said = format!(
        "{status}, {:?}, server {:?}",
        Media::of(&headers),
        values(&headers, &SERVER)
    );
    let may_be_challenge = matches!(status.as_u16(), 403 | 429 | 503) && Media::of(&headers) == Media::Html;
    let refusal = if may_be_challenge && (has_challenge_headers(&headers) || has_challenge_title(response).await) {
        Refusal::new(
            Step::BotCheck,
            "a bot check answered in place of the client; its host must let this server read the page",
            said,
        )
    } else if status.is_redirection() {
        Refusal::new(
            Step::Redirect,
            "the client's host answered with a redirect; client_id must be the final address",
            said,
        )
    } else {
        Refusal::new(Step::Status, "the client's host did not answer with status 200", said)
    };
    refusal.with_status(status.as_u16())
}

fn has_challenge_headers(headers: &HeaderMap) -> bool {
    let servers = ["cloudflare", "ddos-guard", "sucuri", "akamaighost", "imperva"];
    let guarded = values(headers, &SERVER)
        .iter()
        .any(|value| servers.iter().any(|name| value.to_ascii_lowercase().contains(name)));
    guarded || headers.contains_key("cf-mitigated") || headers.contains_key("x-sucuri-id")
}

async fn has_challenge_title(response: Response) -> bool {
    let mut page = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(Ok(chunk)) = chunks.next().await {
        page.extend_from_slice(&chunk[..chunk.len().min(MAX_CHALLENGE_BYTES - page.len())]);
        if page.len() >= MAX_CHALLENGE_BYTES {
            break;
        }
    }
    is_challenge_title(&String::from_utf8_lossy(&page))
}

fn is_challenge_title(page: &str) -> bool {
    let page = page.to_ascii_lowercase();
    let title = page
        .split_once("<title")
        .and_then(|(_, rest)| rest.split_once("</title"))
        .map_or("", |(title, _)| title);
    let marks = [
        "just a moment",
        "attention required",
        "checking your browser",
        "challenge",
        "captcha",
        "are you human",
        "are you a robot",
        "bot check",
        "bot verification",
        "ddos",
        "security check",
    ];
    marks.iter().any(|mark| title.contains(mark))
}

/// All values of a header as text; what is not UTF-8 is replaced, not refused.
fn values(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    headers
        .get_all(name)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media(content_type: &'static str) -> Media {
        let value = reqwest::header::HeaderValue::from_static(content_type);
        Media::of(&HeaderMap::from_iter([(CONTENT_TYPE, value)]))
    }

    #[test]
    fn media_types_are_told_apart_without_their_parameters() {
        for json in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/client-id-metadata+json",
        ] {
            assert_eq!(media(json), Media::Json, "{json}");
        }
        for html in ["text/html", "TEXT/HTML;charset=UTF-8", "application/xhtml+xml"] {
            assert_eq!(media(html), Media::Html, "{html}");
        }
        for other in [
            "",
            "text/plain",
            "text/json",
            "application/+json",
            "image/svg+xml",
            "image/x+json",
        ] {
            assert!(matches!(media(other), Media::Other(_)), "{other}");
        }
        assert_eq!(Media::of(&HeaderMap::new()), Media::Other(String::new()));
    }

    #[test]
    fn svg_is_no_picture() {
        for media_type in ["image/png", "image/jpeg", "image/webp", "image/x-whatever"] {
            assert!(is_picture(media_type), "{media_type}");
        }
        for media_type in [
            "image/svg+xml",
            "image/svg",
            "",
            "image",
            "text/html",
            "application/octet-stream",
        ] {
            assert!(!is_picture(media_type), "{media_type}");
        }
    }

    #[test]
    fn titles_of_challenges_are_known() {
        assert!(is_challenge_title("<html><TITLE>Just a moment...</TITLE>"));
        assert!(is_challenge_title("<title lang=en>Security challenge</title>"));
        assert!(!is_challenge_title("<title>403 Forbidden</title><p>challenge"));
        assert!(!is_challenge_title("<title>challenge"));
    }
}
