//! The JSON document a client publishes at its own address.
//!
//! Client id metadata document -01 §4 and §4.1; IndieAuth "Client Metadata" (11 July 2024); RFC 7591 §2 for the names.

use serde_json::{Map, Value};
use url::Url;

use super::json;
use super::listed::{Listed, MAX_LISTED};
use super::refusal::{Refusal, Step};
use crate::oauth::client::{ClientUrl, DisplayMetadata, HttpLoopback, display_name};

/// What a document or page says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Described {
    pub(crate) display: DisplayMetadata,
    pub(crate) redirect_uris: Listed,
    pub(crate) refreshes: bool,
}

/// Reads the document found at `id`. Members it does not know are left alone; those it knows must be right.
pub(crate) fn parse(text: &[u8], id: &ClientUrl) -> Result<Described, Refusal> {
    let document = match json::parse(text) {
        Ok(Value::Object(document)) => document,
        Ok(_) => {
            return Err(malformed(
                "the client's document is not a JSON object",
                "another JSON value",
            ));
        }
        Err(reason) => {
            return Err(malformed("the client's document is not valid JSON", reason.as_str()).with_fact(&reason));
        }
    };
    check_client_id(&document, id)?;
    check_no_shared_secret(&document)?;
    let (client_uri, foreign_client_uri) = client_uri(&document, id);
    Ok(Described {
        display: DisplayMetadata {
            name: text_of(&document, "client_name").and_then(display_name),
            logo_uri: text_of(&document, "logo_uri").and_then(|logo| web_address(logo, id.url())),
            client_uri,
            foreign_client_uri,
        },
        redirect_uris: redirect_uris(&document, id)?,
        refreshes: has_refresh_grant(&document),
    })
}

/// The address of something to show, made absolute; only `http` and `https` ones.
pub(crate) fn web_address(text: &str, base: &Url) -> Option<String> {
    let url = base.join(text.trim()).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.as_str().len() <= MAX_SHOWN_BYTES).then(|| url.into())
}

const MAX_SHOWN_BYTES: usize = 2048;

fn malformed(public: &'static str, detail: impl Into<String>) -> Refusal {
    Refusal::new(Step::Document, public, detail).with_status(200)
}

fn text_of<'a>(document: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    document.get(name).and_then(Value::as_str)
}

/// The document must name its own address, so that no server hosts another one's client. Deviation: -01 §4 asks for a
/// simple string comparison; here the spellings that are one `client_id` (a missing path, the case of the host;
/// IndieAuth "URL Canonicalization") match, because an author who writes one of them means this client and no other.
fn check_client_id(document: &Map<String, Value>, id: &ClientUrl) -> Result<(), Refusal> {
    let Some(said) = text_of(document, "client_id") else {
        return Err(
            Refusal::new(Step::ClientIdMismatch, "the client's document has no client_id", "").with_status(200),
        );
    };
    // Whether `http` is allowed at all was decided when `id` was read.
    if ClientUrl::parse(said, HttpLoopback::Allowed).is_ok_and(|said| said == *id) {
        return Ok(());
    }
    Err(Refusal::new(
        Step::ClientIdMismatch,
        "the client_id inside the client's document is not the address it was fetched from",
        format!("document says {said:?}"),
    )
    .with_status(200)
    .with_fact(said))
}

/// A document that anyone can read holds no secret (-01 §4.1). RFC 7591 reads a missing method as
/// `client_secret_basic`; here it can only mean `none`.
fn check_no_shared_secret(document: &Map<String, Value>) -> Result<(), Refusal> {
    for member in ["client_secret", "client_secret_expires_at"] {
        if document.contains_key(member) {
            return Err(Refusal::new(
                Step::SharedSecret,
                "the client's document has a client secret, which a public document cannot keep",
                member,
            )
            .with_status(200)
            .with_fact(member));
        }
    }
    match document.get("token_endpoint_auth_method") {
        None => Ok(()),
        Some(Value::String(method)) if method == "none" => Ok(()),
        Some(Value::String(method)) if method.starts_with("client_secret") => Err(Refusal::new(
            Step::SharedSecret,
            "the client's document asks for authentication with a shared secret",
            method,
        )
        .with_status(200)
        .with_fact(method)),
        // Not silently public instead: such a client counts on its key being asked for (-01 §6.2).
        Some(other) => Err(malformed(
            "the client's document asks for a token endpoint authentication method other than none",
            other.to_string(),
        )
        .with_fact(&other.to_string())),
    }
}

fn redirect_uris(document: &Map<String, Value>, id: &ClientUrl) -> Result<Listed, Refusal> {
    let wrong = |detail: &str| {
        Err(Refusal::new(
            Step::RedirectUris,
            "redirect_uris in the client's document is not a list of one to fifty strings",
            detail,
        )
        .with_status(200)
        .with_fact(detail))
    };
    let entries = match document.get("redirect_uris") {
        None => return Ok(Listed::default()),
        Some(Value::Array(entries)) => entries,
        Some(other) => return wrong(&format!("{other:.40}")),
    };
    let texts: Option<Vec<&str>> = entries.iter().map(Value::as_str).collect();
    match texts {
        Some(texts) if !texts.is_empty() && texts.len() <= MAX_LISTED => Ok(Listed::resolve(texts, id.url())),
        Some(texts) => wrong(&format!("{} entries", texts.len())),
        None => wrong("an entry is not a string"),
    }
}

/// The home page is shown only where the client id proves it: same origin, and a parent on a segment boundary.
/// IndieAuth asks for the prefix and -01 does not, so a foreign one does not refuse the client; it is not shown.
fn client_uri(document: &Map<String, Value>, id: &ClientUrl) -> (Option<String>, bool) {
    let Some(said) = text_of(document, "client_uri") else {
        return (None, false);
    };
    match id.url().join(said) {
        Ok(url) if is_parent(&url, id) => (Some(url.into()), false),
        _ => (None, true),
    }
}

fn is_parent(url: &Url, id: &ClientUrl) -> bool {
    let (parent, child) = (url.path(), id.url().path());
    let on_boundary = child
        .strip_prefix(parent)
        .is_some_and(|rest| rest.is_empty() || parent.ends_with('/') || rest.starts_with('/'));
    let same_query = url.query().is_none() || parent == child && url.query() == id.url().query();
    id.same_origin(url) && on_boundary && same_query && url.fragment().is_none() && has_no_user(url)
}

fn has_no_user(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}

fn has_refresh_grant(document: &Map<String, Value>) -> bool {
    document
        .get("grant_types")
        .and_then(Value::as_array)
        .is_some_and(|types| types.iter().any(|kind| kind == "refresh_token"))
}

#[cfg(test)]
mod tests;
