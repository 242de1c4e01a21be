//! How a caller authenticates: `Authorization: Basic`, the body, or not at all (RFC 6749 §2.3). An `Authorization` header of
//! another scheme is no attempt: Mastodon.py and megalodon send the bearer token that they hold to every address.

use actix_web::HttpRequest;
use actix_web::http::header;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::flows::clients::PresentedClient;
use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::oauth::params::Params;
use crate::oauth::secret::Digest;

/// An id with its secret. The secret does not show itself: there is no `Debug`.
#[derive(PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) id: String,
    pub(super) secret: String,
}

/// What a caller authenticates with: one candidate, or two where a Basic header can be read in two ways.
pub(super) struct Credentials(Vec<Candidate>);

impl Credentials {
    /// The readings, raw before decoded. The caller is whoever one of them proves.
    pub(super) fn candidates(&self) -> &[Candidate] {
        &self.0
    }

    /// The readings, for flows.
    pub(super) fn presented(&self) -> Vec<PresentedClient> {
        let reading = |one: &Candidate| PresentedClient {
            id: one.id.clone(),
            secret: Some(Digest::of(&one.secret)),
        };
        self.0.iter().map(reading).collect()
    }

    /// Without the readings that this refuses, if one is left.
    fn only(mut self, holds: impl Fn(&Candidate) -> bool) -> Option<Credentials> {
        self.0.retain(holds);
        (!self.0.is_empty()).then_some(self)
    }
}

const MALFORMED: ProtocolError = ProtocolError::new(
    ErrorCode::InvalidClient,
    "the Authorization header is not a readable Basic header",
);
const TWICE: ProtocolError =
    ProtocolError::invalid_request("the credentials in the Authorization header and in the body are not the same");
const OTHER_CLIENT: ProtocolError =
    ProtocolError::invalid_request("client_id and the Authorization header name different clients");

/// The credentials of a request, if it has any. An empty secret counts as none: libraries send it for public clients.
///
/// Deviation: RFC 6749 §2.3 allows one method only. Some libraries fill both from the same settings, which harms nobody as
/// long as both say the same; then it is also clear how the header was meant.
pub(super) fn credentials(request: &HttpRequest, params: &Params) -> Result<Option<Credentials>, ProtocolError> {
    let in_header = named_in_header(request, params)?.and_then(|found| found.only(|one| !one.secret.is_empty()));
    let in_body = params.get("client_secret").map(|secret| Candidate {
        id: params.get("client_id").unwrap_or_default().to_owned(),
        secret: secret.to_owned(),
    });
    match (in_header, in_body) {
        (Some(header), Some(body)) => header.only(|one| *one == body).ok_or(TWICE).map(Some),
        (Some(header), None) => Ok(Some(header)),
        (None, body) => Ok(body.map(|body| Credentials(vec![body]))),
    }
}

/// The Basic header, for endpoints that know no other method. `None` when there is none; an empty secret is an attempt.
pub(super) fn basic_only(request: &HttpRequest) -> Result<Option<Credentials>, ProtocolError> {
    authorization(request, "basic").map(basic).transpose()
}

/// Who a client says it is, in every reading, for [`crate::flows::Flows::authenticate_client`]. A public client names
/// itself in the body, or in a Basic header with an empty secret.
pub(super) fn presented(request: &HttpRequest, params: &Params) -> Result<Vec<PresentedClient>, ProtocolError> {
    const NOBODY: ProtocolError = ProtocolError::invalid_request("client_id is missing");
    if let Some(found) = credentials(request, params)? {
        return Ok(found.presented());
    }
    // The last reading is the one that the RFC means.
    let named = named_in_header(request, params)?.and_then(|mut found| found.0.pop());
    let named = named.map(|named| named.id).filter(|id| !id.is_empty());
    let id = named
        .or_else(|| params.get("client_id").map(str::to_owned))
        .ok_or(NOBODY)?;
    Ok(vec![PresentedClient { id, secret: None }])
}

/// Whom the Basic header names. A `client_id` beside it must be the same: two readers of one request might otherwise each
/// believe in another client (attack case RD-11). A header that says nothing is none.
fn named_in_header(request: &HttpRequest, params: &Params) -> Result<Option<Credentials>, ProtocolError> {
    let named = basic_only(request)?.and_then(|found| found.only(|one| !(one.id.is_empty() && one.secret.is_empty())));
    match (named, params.get("client_id")) {
        (Some(named), Some(client_id)) => named.only(|one| one.id == client_id).ok_or(OTHER_CLIENT).map(Some),
        (named, _) => Ok(named),
    }
}

/// The value of an `Authorization` header of this scheme (RFC 9110 §11.1: schemes have no case).
pub(super) fn authorization<'a>(request: &'a HttpRequest, scheme: &str) -> Option<&'a str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (given, rest) = value.split_once(' ')?;
    given.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

/// RFC 6749 §2.3.1: both halves are form-encoded before they are joined. What was written for Doorkeeper or FoundKey joins
/// them as they are, and a `+` or `%` in a secret cannot tell which was meant; so both readings count.
///
/// The id of a URL client has colons of its own; with an empty secret it is still clear what they mean.
fn basic(encoded: &str) -> Result<Credentials, ProtocolError> {
    let decoded = BASE64_STANDARD
        .decode(encoded)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let text = decoded.filter(|text| !text.contains('\0')).ok_or(MALFORMED)?;
    let is_url = |id: &&str| id.starts_with("https://") || id.starts_with("http://");
    let raw = match text.strip_suffix(':').filter(is_url) {
        Some(id) => return Ok(Credentials(vec![candidate(id, "")])),
        None => {
            let (id, secret) = text.split_once(':').ok_or(MALFORMED)?;
            candidate(id, secret)
        }
    };
    let decoded = candidate(&form_decoded(&raw.id), &form_decoded(&raw.secret));
    let another = decoded != raw && !decoded.id.contains('\0') && !decoded.secret.contains('\0');
    let mut readings = vec![raw];
    readings.extend(another.then_some(decoded));
    Ok(Credentials(readings))
}

fn candidate(id: &str, secret: &str) -> Candidate {
    Candidate {
        id: id.to_owned(),
        secret: secret.to_owned(),
    }
}

fn form_decoded(half: &str) -> String {
    let pair = format!("x={}", half.replace('&', "%26"));
    let mut pairs = url::form_urlencoded::parse(pair.as_bytes());
    pairs.next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
