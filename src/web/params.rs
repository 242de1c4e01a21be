//! Query, form body or JSON body → [`Params`]. Every body goes through here, so that what cannot be read is refused in
//! the right shape instead of the framework's plain text.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::Payload;
use futures_util::StreamExt;
use tokio::time::timeout;

use crate::oauth::error::ProtocolError;
use crate::oauth::params::Params;

/// No request of ours is larger.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Nor takes longer to arrive.
const BODY_TIME: Duration = Duration::from_secs(10);

const TOO_LARGE: ProtocolError = ProtocolError::invalid_request("the request body is too large");
const UNREADABLE: ProtocolError = ProtocolError::invalid_request("the request body could not be read");
const NOT_JSON: ProtocolError = ProtocolError::invalid_request("the body is not a JSON object of strings");
const IN_QUERY: ProtocolError =
    ProtocolError::invalid_request("parameters of this endpoint belong in the body, not in the address");
const MEDIA_TYPE: ProtocolError =
    ProtocolError::invalid_request("the body must be application/x-www-form-urlencoded or application/json");

/// The parameters in the query of a GET.
pub(super) fn from_query(request: &HttpRequest) -> Result<Params, ProtocolError> {
    Params::parse(request.query_string().as_bytes())
}

/// The parameters in the body of a POST, form or JSON. None may come in the query: addresses end in logs (RFC 6749
/// §2.3.1), and the two could contradict each other (attack case RD-11).
pub(super) async fn from_body(request: &HttpRequest, payload: Payload) -> Result<Params, ProtocolError> {
    if !request.query_string().is_empty() {
        return Err(IN_QUERY);
    }
    let media_type = media_type(request);
    let body = read(payload).await?;
    match media_type.as_str() {
        "application/json" => serde_json::from_slice(&body).map_err(|_| NOT_JSON),
        "application/x-www-form-urlencoded" => Params::parse(&body),
        "" if body.is_empty() => Ok(Params::default()),
        _ => Err(MEDIA_TYPE),
    }
}

fn media_type(request: &HttpRequest) -> String {
    let value = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Reads a body, in bounds of size and time: a sender that dribbles must not hold a worker's memory for long.
async fn read(payload: Payload) -> Result<Vec<u8>, ProtocolError> {
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

/// The fields of one of our own forms. Unlike protocol parameters a name may come several times: ticked boxes.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a form that one of our pages posts.
    pub(super) async fn read(payload: Payload) -> Result<Form, ProtocolError> {
        let body = read(payload).await?;
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
        // No row can have it (PostgreSQL), and nobody types it.
        if fields.iter().any(|(_, value)| value.contains('\0')) {
            return Err(UNREADABLE);
        }
        Ok(Form(fields))
    }

    /// The first value of a field, or nothing.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }

    /// Every value of a field.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        self.0
            .iter()
            .filter(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
            .collect()
    }
}
