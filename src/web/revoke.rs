//! The revocation endpoint (RFC 7009, IndieAuth "Token Revocation"): whoever holds a token of a public client may end it,
//! and 200 also for a token that is unknown.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::error::JsonError;
use super::params::from_body;
use super::{Web, client_auth, dialects};
use crate::flows::clients::AuthenticatedClient;
use crate::oauth::error::ErrorCode;
use crate::oauth::params::Params;

/// POST.
pub(super) async fn revoke(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, JsonError> {
    let params = from_body(&request, payload).await?;
    end(&request, &web, &params).await
}

/// Ends the token of a request. Who names a client must be it; who names none may still hold a token of a public one.
pub(super) async fn end(request: &HttpRequest, web: &Web, params: &Params) -> Result<HttpResponse, JsonError> {
    let client = match client_auth::presented(request, params) {
        Ok(presented) => match web.flows.authenticate_client(&presented).await {
            Ok(client) => Some(client),
            Err(error) => {
                let named = web.flows.dialect_of(&presented).await?;
                return Err(dialects::not_authenticated_to_revoke(named, error));
            }
        },
        Err(error) if params.get("client_secret").is_some() || error.code == ErrorCode::InvalidClient => {
            return Err(error.into());
        }
        Err(_) => None,
    };
    let dialect = client.as_ref().map(AuthenticatedClient::dialect);
    let token = match params.require("token", "token is missing") {
        Err(_) if dialect.is_some_and(|dialect| dialect.rules().revokes_nothing) => None,
        token => Some(token?),
    };
    if let Some(token) = token {
        let revoked = web.flows.revoke_token(token, client.as_ref()).await;
        revoked.map_err(|error| dialects::not_revoked(dialect, error))?;
    }
    Ok(HttpResponse::Ok().json(json!({})))
}
