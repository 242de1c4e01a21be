//! Bodies in every encoding that clients send → [`Members`]. Each body is read here, within the same limits, so that what
//! cannot be read is refused in the right shape instead of the framework's plain text.
//!
//! Mastodon's libraries send forms, `multipart/form-data` or JSON to one and the same address, as they please; so all
//! three are read everywhere.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::Payload;
use futures_util::StreamExt;
use tokio::time::timeout;

use crate::oauth::error::ProtocolError;

mod json;
mod multipart;

/// No request of ours is larger.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Nor takes longer to arrive.
const BODY_TIME: Duration = Duration::from_secs(10);

pub(super) const TOO_LARGE: ProtocolError = ProtocolError::invalid_request("the request body is too large");
const UNREADABLE: ProtocolError = ProtocolError::invalid_request("the request body could not be read");
const MEDIA_TYPE: ProtocolError = ProtocolError::invalid_request(
    "the body must be application/x-www-form-urlencoded, multipart/form-data or application/json",
);
const SECRET_IN_QUERY: ProtocolError =
    ProtocolError::invalid_request("secrets belong in the body or in a header, not in the address");

/// What may never come in the query of a POST.
const SECRETS: [&str; 11] = [
    "access_token",
    "appSecret",
    "bearer_token",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "i",
    "password",
    "refresh_token",
    "token",
];

/// What a name stands for. Forms know texts only, JSON has types.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Member {
    Null,
    Boolean(bool),
    /// As it was written: no digit is lost.
    Number(String),
    Text(String),
    /// An array of strings.
    List(Vec<String>),
    /// An array of anything else.
    MixedList,
    Object,
}

impl Member {
    /// A string, or a number or a boolean as it is written: a form has no other way to say those.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Member::Text(text) | Member::Number(text) => Some(text),
            Member::Boolean(true) => Some("true"),
            Member::Boolean(false) => Some("false"),
            Member::Null | Member::List(_) | Member::MixedList | Member::Object => None,
        }
    }
}

/// Names and what they stand for, in the order of the request: repeated names are still in it.
pub(super) type Members = Vec<(String, Member)>;

/// The members of a POST: those in the query, then those in the body.
///
/// Some clients put everything into the address, as Rails lets them. What is no secret is read from there; a secret is
/// refused even when the body has it too, because addresses end in logs, histories and `Referer` headers (RFC 6749
/// §2.3.1, RFC 9700 §4.3.2), and a client that works does not get mended.
pub(super) async fn members(request: &HttpRequest, payload: Payload) -> Result<Members, ProtocolError> {
    let mut members = form(request.query_string().as_bytes());
    if members.iter().any(|(name, _)| is_secret(name)) {
        return Err(SECRET_IN_QUERY);
    }
    let body = read(payload).await?;
    members.extend(decode(content_type(request), body)?);
    Ok(members)
}

/// Reads a body and forgets it, for an endpoint that takes any.
pub(super) async fn ignore(payload: Payload) -> Result<(), ProtocolError> {
    read(payload).await.map(drop)
}

/// Reads a body, in bounds of size and time: a sender that dribbles must not hold a worker's memory for long.
pub(super) async fn read(payload: Payload) -> Result<Vec<u8>, ProtocolError> {
    timeout(BODY_TIME, read_all(payload)).await.unwrap_or(Err(UNREADABLE))
}

async fn read_all(mut payload: Payload) -> Result<Vec<u8>, ProtocolError> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| UNREADABLE)?;
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(TOO_LARGE);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// A list is a secret by the name before its brackets.
fn is_secret(name: &str) -> bool {
    let name = name.split('[').next().unwrap_or_default();
    SECRETS.contains(&name)
}

fn content_type(request: &HttpRequest) -> &str {
    let value = request.headers().get(header::CONTENT_TYPE);
    value.and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// An empty body says nothing, whatever it calls itself: libraries name a type for bodies that they do not have.
fn decode(content_type: &str, body: Vec<u8>) -> Result<Members, ProtocolError> {
    if body.is_empty() {
        return Ok(Members::new());
    }
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    match media_type.to_ascii_lowercase().as_str() {
        "application/x-www-form-urlencoded" => Ok(form(&body)),
        "application/json" => json::decode(&body),
        "multipart/form-data" => multipart::decode(content_type, body),
        _ => Err(MEDIA_TYPE),
    }
}

fn form(encoded: &[u8]) -> Members {
    url::form_urlencoded::parse(encoded)
        .map(|(name, value)| (name.into_owned(), Member::Text(value.into_owned())))
        .collect()
}

#[cfg(test)]
pub(super) mod tests;
