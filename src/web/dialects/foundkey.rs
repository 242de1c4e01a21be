//! FoundKey's OAuth, where it is not simply ours under another path: its token endpoint, and the words of its refusals.

use actix_web::http::{StatusCode, header};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, Payload, ServiceConfig, resource};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use crate::flows::FlowError;
use crate::flows::clients::AuthenticatedClient;
use crate::oauth::dialect::Dialect;
use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::oauth::params::Params;
use crate::oauth::pkce::MALFORMED_VERIFIER;
use crate::oauth::redemption::{MISSING_VERIFIER, OTHER_REDIRECT_URI, OTHER_VERIFIER, UNASKED_VERIFIER};
use crate::oauth::token::{CodeRedemption, TokenResponse};
use crate::web::client_auth::basic_only;
use crate::web::error::{JsonError, only, only_json};
use crate::web::params::from_body;
use crate::web::paths::APP_SESSION;
use crate::web::rate_limit::{Limit, limit_json, limit_page};
use crate::web::{Web, authorize, headers};

/// Adds the routes.
pub(in crate::web) fn routes(app: &mut ServiceConfig) {
    app.service(
        resource(APP_SESSION)
            .route(web::get().to(authorize::start).wrap(limit_page(Limit::Authorize)))
            .default_service(only("GET")),
    )
    .service(
        resource("/api/auth/session/oauth")
            .wrap(limit_json(Limit::Token))
            .wrap(from_fn(|request, next| headers::cors("POST, OPTIONS", request, next)))
            .route(web::post().to(exchange))
            .default_service(only_json("POST, OPTIONS")),
    );
}

const INCOMPLETE: ProtocolError = ProtocolError::invalid_request("grant_type or code is missing");
const ONLY_CODES: ProtocolError = ProtocolError::new(
    ErrorCode::UnsupportedGrantType,
    "only authorization_code grants are supported",
);
const BASIC_REQUIRED: ProtocolError =
    ProtocolError::new(ErrorCode::InvalidClient, "HTTP Basic Authentication required");
const NOT_AUTHENTICATED: ProtocolError = ProtocolError::new(ErrorCode::InvalidClient, "authentication failed");

/// POST: a code, or the token of an answered session, for a key.
async fn exchange(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, JsonError> {
    let told = |error| JsonError::spoken(Dialect::MisskeyApp, error);
    let params = from_body(&request, payload).await.map_err(|error| told(error.into()))?;
    let response = redeem(&request, &web, &params).await.map_err(told)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::PRAGMA, "no-cache"))
        .json(super::token_body(Dialect::MisskeyApp, &response)))
}

async fn redeem(request: &HttpRequest, web: &Web, params: &Params) -> Result<TokenResponse, FlowError> {
    let (Some(grant_type), Some(_)) = (params.get("grant_type"), params.get("code")) else {
        return Err(INCOMPLETE.into());
    };
    if grant_type != "authorization_code" {
        return Err(ONLY_CODES.into());
    }
    let client = authenticated(request, web).await?;
    web.flows.exchange_code(&CodeRedemption::parse(params)?, &client).await
}

/// The app that its Basic header proves. Nothing else is looked at, and no other kind of client has an account here.
async fn authenticated(request: &HttpRequest, web: &Web) -> Result<AuthenticatedClient, FlowError> {
    let readings = basic_only(request)
        .map_err(|_| NOT_AUTHENTICATED)?
        .ok_or(BASIC_REQUIRED)?;
    match web.flows.authenticate_client(&readings.presented()).await {
        Ok(client) if client.dialect() == Dialect::MisskeyApp => Ok(client),
        Ok(_) | Err(FlowError::Protocol(_)) => Err(NOT_AUTHENTICATED.into()),
        Err(failed) => Err(failed),
    }
}

/// A refusal of a token endpoint, in FoundKey's words.
pub(super) fn refusal(error: &ProtocolError) -> HttpResponse {
    let mut answer = HttpResponse::build(match error.code {
        ErrorCode::InvalidClient => StatusCode::UNAUTHORIZED,
        _ => StatusCode::BAD_REQUEST,
    });
    if error.code == ErrorCode::InvalidClient {
        answer.insert_header((header::WWW_AUTHENTICATE, "Basic"));
    }
    answer.insert_header((header::PRAGMA, "no-cache"));
    let code = error.code.as_str();
    answer.json(match description(error) {
        Some(description) => json!({ "error": code, "error_description": description }),
        None => json!({ "error": code }),
    })
}

/// `None` where FoundKey says nothing more.
fn description(error: &ProtocolError) -> Option<&'static str> {
    match (error.code, *error) {
        (_, OTHER_REDIRECT_URI) => Some("Mismatched redirect_uri"),
        (_, OTHER_VERIFIER) => Some("invalid PKCE code_verifier"),
        // It is missing, too short, or there is nothing that it could prove.
        (_, MISSING_VERIFIER | MALFORMED_VERIFIER | UNASKED_VERIFIER) => Some("invalid or missing PKCE code_verifier"),
        (_, INCOMPLETE) | (ErrorCode::InvalidGrant, _) => None,
        (ErrorCode::UnsupportedGrantType, _) => Some(ONLY_CODES.description),
        _ => Some(error.description),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_fault_of_the_verifier_is_told_as_one() {
        let other = ProtocolError::invalid_grant("something else");
        assert_eq!(description(&other), None);
        for error in [MALFORMED_VERIFIER, MISSING_VERIFIER, UNASKED_VERIFIER] {
            assert_eq!(description(&error), Some("invalid or missing PKCE code_verifier"));
        }
    }
}
