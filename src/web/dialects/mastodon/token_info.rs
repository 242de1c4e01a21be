//! `GET /oauth/token/info`: what a token says to whoever holds it, in Doorkeeper's words.

use actix_web::http::{StatusCode, header};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::challenge;
use crate::flows::FlowError;
use crate::oauth::error::ErrorCode;
use crate::web::Web;
use crate::web::bearer::access_token;
use crate::web::error::{BearerError, JsonError};

/// GET.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, JsonError> {
    let checked = match access_token(&request) {
        Ok(token) => web.flows.token_info(&token).await,
        Err(BearerError::NoToken) => return Ok(invalid()),
        Err(BearerError::Refused(error) | BearerError::Spoken(_, error)) => Err(error),
    };
    match checked {
        Ok((token, left)) => Ok(HttpResponse::Ok().json(json!({
            // An address, where Doorkeeper has the number of a row: it names the person and counts nobody.
            "resource_owner_id": token.me,
            "scope": token.scope.split_whitespace().collect::<Vec<_>>(),
            "expires_in": left.map(|left| left.as_secs()),
            "application": { "uid": token.client_id },
            "created_at": token.iat,
        }))),
        Err(FlowError::Protocol(error)) if error.code == ErrorCode::InvalidToken => Ok(invalid()),
        Err(error) => Err(error.into()),
    }
}

fn invalid() -> HttpResponse {
    const SENTENCE: &str = "The access token is invalid";
    let code = ErrorCode::InvalidToken.as_str();
    HttpResponse::build(StatusCode::UNAUTHORIZED)
        .insert_header((header::WWW_AUTHENTICATE, challenge(code, SENTENCE)))
        .json(json!({ "error": code, "error_description": SENTENCE }))
}
