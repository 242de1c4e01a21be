//! Mastodon's wire shapes (Doorkeeper's, where Mastodon leaves them alone).

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use serde_json::json;

use crate::oauth::error::{ErrorCode, ProtocolError};

/// A refusal of the token endpoint. Doorkeeper challenges for a bearer token, whatever went wrong, and its clients look
/// for its very words.
pub(super) fn refusal(error: &ProtocolError) -> HttpResponse {
    let status = match error.code {
        ErrorCode::InvalidClient | ErrorCode::InvalidToken => StatusCode::UNAUTHORIZED,
        ErrorCode::UnauthorizedClient => StatusCode::FORBIDDEN,
        _ => StatusCode::BAD_REQUEST,
    };
    let description = match error.code {
        ErrorCode::InvalidGrant => {
            "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in \
             the authorization request, or was issued to another client."
        }
        ErrorCode::InvalidScope => "The requested scope is invalid, unknown, or malformed.",
        ErrorCode::UnsupportedGrantType => "The authorization grant type is not supported by the authorization server.",
        _ => error.description,
    };
    let code = error.code.as_str();
    let challenge = format!(r#"Bearer realm="Doorkeeper", error="{code}", error_description="{description}""#);
    HttpResponse::build(status)
        .insert_header((header::WWW_AUTHENTICATE, challenge))
        .insert_header((header::PRAGMA, "no-cache"))
        .json(json!({ "error": code, "error_description": description }))
}
