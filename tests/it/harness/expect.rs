//! Expectations in the words of the RFCs.

use reqwest::StatusCode;
use vestibule::oauth::error::ErrorCode;

use super::actors::{Answer, AuthorizationRequest};

/// An error that travelled back to the client: `error`, `state` and `iss` (RFC 6749 §4.1.2.1, RFC 9207 §2).
#[track_caller]
pub fn redirect_error(answer: &Answer, code: ErrorCode, request: &AuthorizationRequest, issuer: &str) {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
    assert!(
        answer.location().starts_with(request.get("redirect_uri")),
        "{}",
        answer.location()
    );
    assert_eq!(
        answer.location_param("error").as_deref(),
        Some(code.as_str()),
        "{}",
        answer.location()
    );
    let state = Some(request.get("state")).filter(|state| !state.is_empty());
    assert_eq!(answer.location_param("state").as_deref(), state);
    assert_eq!(answer.location_param("iss").as_deref(), Some(issuer));
    assert_eq!(answer.location_param("code"), None);
}

/// A page for people: HTML with that status, and no redirect.
#[track_caller]
pub fn page_error(answer: &Answer, status: u16) {
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    assert!(answer.header("content-type").starts_with("text/html"), "{answer:?}");
    assert_eq!(answer.header("location"), "");
}

/// An error of an endpoint that programs call (RFC 6749 §5.2).
#[track_caller]
pub fn json_error(answer: &Answer, status: u16, code: ErrorCode) {
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/json", "{answer:?}");
    assert!(answer.header("cache-control").contains("no-store"), "{answer:?}");
    assert_eq!(answer.json()["error"], code.as_str(), "{answer:?}");
    assert!(answer.json()["error_description"].is_string(), "{answer:?}");
}
