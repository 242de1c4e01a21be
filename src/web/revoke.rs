//! The revocation endpoint (RFC 7009, IndieAuth "Token Revocation"): whoever holds a token of a public client may end it,
//! and 200 also for a token that is unknown.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::error::JsonError;
use super::params::from_body;
use super::{Web, client_auth};
use crate::flows::FlowError;
use crate::flows::clients::{AuthenticatedClient, PresentedClient};
use crate::flows::revoke::NOT_YOURS;
use crate::oauth::dialect::Dialect;
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
            Err(error) => return Err(not_authenticated(web, &presented, error).await),
        },
        Err(error) if params.get("client_secret").is_some() || error.code == ErrorCode::InvalidClient => {
            return Err(error.into());
        }
        Err(_) => None,
    };
    // Whoever names no client can be refused the token of a confidential one only; Doorkeeper's words are for all of them.
    let dialect = client.as_ref().map_or(Dialect::Mastodon, AuthenticatedClient::dialect);
    let token = match params.require("token", "token is missing") {
        Err(_) if client.is_some() && dialect.rules().revokes_nothing => None,
        token => Some(token?),
    };
    if let Some(token) = token {
        let revoked = web.flows.revoke_token(token, client.as_ref()).await;
        revoked.map_err(|error| JsonError::spoken(dialect, error))?;
    }
    Ok(HttpResponse::Ok().json(json!({})))
}

/// A client that has not proved itself: to Mastodon's, the token is not theirs to revoke.
async fn not_authenticated(web: &Web, presented: &[PresentedClient], error: FlowError) -> JsonError {
    match (web.flows.dialect_of(presented).await, &error) {
        (Ok(Some(Dialect::Mastodon)), FlowError::Protocol(_)) => JsonError::spoken(Dialect::Mastodon, NOT_YOURS.into()),
        _ => error.into(),
    }
}
