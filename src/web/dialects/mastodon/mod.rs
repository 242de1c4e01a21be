//! Mastodon's wire shapes (Doorkeeper's, where Mastodon leaves them alone).

use actix_web::guard::{GuardContext, fn_guard};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, ServiceConfig, resource};
use actix_web::{HttpResponse, HttpResponseBuilder};
use serde_json::json;

use crate::flows::introspect::{EXPIRED_TOKEN, REVOKED_TOKEN};
use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::web::Web;
use crate::web::error::{only, only_json};
use crate::web::headers::cors;
use crate::web::paths::APPS;
use crate::web::rate_limit::{Limit, limit_as, limit_json};
use crate::web::visit::see_other;

mod apps;
mod register;
mod token_info;

/// What only Mastodon's clients call.
pub(in crate::web) fn routes(app: &mut ServiceConfig) {
    app.service(
        resource("/api/v1/apps")
            .guard(fn_guard(is_open))
            .wrap(from_fn(|request, next| cors("POST, OPTIONS", request, next)))
            .route(
                web::post()
                    .to(register::register)
                    .wrap(limit_as(Limit::Registration, too_many)),
            )
            .default_service(only_json("POST, OPTIONS")),
    )
    .service(
        // Behind a closed door, too: who is registered stays so.
        resource("/api/v1/apps/verify_credentials")
            .wrap(limit_json(Limit::Token))
            .wrap(from_fn(|request, next| cors("GET, OPTIONS", request, next)))
            .route(web::get().to(apps::verify_credentials))
            .default_service(only_json("GET, OPTIONS")),
    )
    .service(
        resource("/oauth/token/info")
            .wrap(limit_json(Limit::Token))
            .route(web::get().to(token_info::show))
            .default_service(only_json("GET")),
    )
    // Doorkeeper's own administration of apps, which Mastodon has switched off.
    .service(
        resource(["/oauth/applications", "/oauth/applications/{rest:.*}"])
            .default_service(web::to(|| async { HttpResponse::Forbidden().finish() })),
    )
    .service(
        resource("/oauth/authorized_applications")
            .route(web::get().to(|| async { see_other(APPS) }))
            .default_service(only("GET")),
    );
}

/// Adds what answers below Mastodon's API where nothing else does, in its words: its clients read `error` as a text.
pub(in crate::web) fn unknown(app: &mut ServiceConfig) {
    const METHODS: &str = "GET, POST, PUT, PATCH, DELETE, OPTIONS";
    app.service(
        resource(["/api/v1/{rest:.*}", "/api/v2/{rest:.*}"])
            .wrap(from_fn(|request, next| cors(METHODS, request, next)))
            .default_service(web::to(|| async {
                HttpResponse::NotFound().json(json!({ "error": "Not Found" }))
            })),
    );
}

/// Whether apps may register so. If not, the address is like any other that does not exist.
fn is_open(request: &GuardContext<'_>) -> bool {
    request
        .app_data::<Data<Web>>()
        .is_some_and(|web| web.policy().instance.registration.mastodon)
}

fn too_many(answer: &mut HttpResponseBuilder) -> HttpResponse {
    answer.json(json!({ "error": "Too many requests" }))
}

/// A refusal of the token and revocation endpoints. Doorkeeper challenges for a bearer token, whatever went wrong, and its
/// clients look for its very words.
pub(super) fn refusal(error: &ProtocolError) -> HttpResponse {
    let code = error.code.as_str();
    let description = description(error);
    let body = json!({ "error": code, "error_description": description });
    let status = match error.code {
        ErrorCode::InvalidClient | ErrorCode::InvalidToken => StatusCode::UNAUTHORIZED,
        // Only the revocation endpoint says so, without a challenge.
        ErrorCode::UnauthorizedClient => return HttpResponse::Forbidden().json(body),
        _ => StatusCode::BAD_REQUEST,
    };
    HttpResponse::build(status)
        .insert_header((header::WWW_AUTHENTICATE, challenge(code, &description)))
        .insert_header((header::PRAGMA, "no-cache"))
        .json(body)
}

fn description(error: &ProtocolError) -> String {
    match (error.code, error.description.strip_suffix(" is missing")) {
        (ErrorCode::InvalidRequest, Some(parameter)) => return format!("Missing required parameter: {parameter}."),
        (ErrorCode::InvalidGrant, _) => {
            "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in \
             the authorization request, or was issued to another client."
        }
        (ErrorCode::InvalidScope, _) => "The requested scope is invalid, unknown, or malformed.",
        (ErrorCode::UnsupportedGrantType, _) => {
            "The authorization grant type is not supported by the authorization server."
        }
        _ => error.description,
    }
    .to_owned()
}

fn challenge(code: &str, description: &str) -> String {
    format!(r#"Bearer realm="Doorkeeper", error="{code}", error_description="{description}""#)
}

/// A refusal of a protected route: a sentence, and no code in the body.
pub(super) fn bearer_refusal(error: &ProtocolError) -> HttpResponse {
    let (status, sentence) = match error.code {
        ErrorCode::InvalidToken => (StatusCode::UNAUTHORIZED, no_token(error)),
        ErrorCode::InsufficientScope => (StatusCode::FORBIDDEN, "This action is outside the authorized scopes"),
        ErrorCode::InvalidRequest => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "This method requires an authenticated user",
        ),
        _ => (StatusCode::UNAUTHORIZED, INVALID),
    };
    refused_token(status, error.code, sentence)
}

const INVALID: &str = "The access token is invalid";
const REVOKED: &str = "The access token was revoked";
const EXPIRED: &str = "The access token expired";

fn no_token(error: &ProtocolError) -> &'static str {
    match *error {
        REVOKED_TOKEN => REVOKED,
        EXPIRED_TOKEN => EXPIRED,
        _ => INVALID,
    }
}

fn refused_token(status: StatusCode, code: ErrorCode, sentence: &str) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::WWW_AUTHENTICATE, challenge(code.as_str(), sentence)))
        .json(json!({ "error": sentence }))
}
