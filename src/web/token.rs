//! The token endpoint (RFC 6749 §3.2): a form or a JSON object in, RFC 6749 §5.1 out.

use actix_web::http::header;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};

use super::bearer::access_token;
use super::error::{BearerError, JsonError};
use super::params::from_body;
use super::{Web, client_auth};
use crate::oauth::token::{TokenRequest, TokenResponse};

/// POST: a code or a refresh token for tokens.
pub(super) async fn exchange(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, JsonError> {
    let params = from_body(&request, payload).await?;
    // What older clients do here; the revocation endpoint is where it lives today (IndieAuth, 2020 edition).
    if let (Some("revoke"), Some(token)) = (params.get("action"), params.get("token")) {
        web.flows.revoke_token(token).await?;
        return Ok(HttpResponse::Ok().json(json!({})));
    }
    let params = client_auth::public_client(&request, params)?;
    let response = match TokenRequest::parse(&params)? {
        TokenRequest::AuthorizationCode(redemption) => web.flows.exchange_code(&redemption).await?,
        TokenRequest::RefreshToken(refresh) => web.flows.refresh(&refresh).await?,
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::PRAGMA, "no-cache"))
        .json(body(&response)))
}

/// GET: what the token in the header is, the way resource servers asked before introspection (IndieAuth, 2020
/// edition). It says nothing about any other token.
pub(super) async fn check(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, BearerError> {
    let token = web.flows.check_token(&access_token(&request)?).await?;
    Ok(HttpResponse::Ok().json(token))
}

fn body(response: &TokenResponse) -> Map<String, Value> {
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    put("access_token", json!(response.tokens.access_token.expose()));
    put("token_type", json!("Bearer"));
    if let Some(life) = response.expires_in {
        put("expires_in", json!(life.as_secs()));
    }
    if let Some(token) = &response.tokens.refresh_token {
        put("refresh_token", json!(token.expose()));
    }
    put("scope", json!(response.scope.to_string()));
    put("me", json!(response.me));
    if let Some(profile) = &response.profile {
        put("profile", json!(profile));
    }
    put("created_at", json!(response.created_at.unix_timestamp()));
    body
}
