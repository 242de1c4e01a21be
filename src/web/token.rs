//! The token endpoint (RFC 6749 §3.2): a form or a JSON object in, RFC 6749 §5.1 out.

use actix_web::http::header;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::bearer::access_token;
use super::error::{BearerError, JsonError};
use super::params::from_body;
use super::{Web, client_auth, dialects, revoke};
use crate::flows::FlowError;
use crate::oauth::params::Params;
use crate::oauth::token::TokenRequest;

/// POST: a code or a refresh token for tokens.
pub(super) async fn exchange(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, JsonError> {
    let params = from_body(&request, payload).await?;
    // What older clients do here; the revocation endpoint is where it lives today (IndieAuth, 2020 edition).
    if let (Some("revoke"), Some(_)) = (params.get("action"), params.get("token")) {
        return revoke::end(&request, &web, &params).await;
    }
    match give(&request, &web, &params).await {
        Err(JsonError::Refused(error)) => Err(in_own_words(&request, &web, &params, error).await),
        answered => answered,
    }
}

async fn give(request: &HttpRequest, web: &Web, params: &Params) -> Result<HttpResponse, JsonError> {
    // Judged in this order: what is asked, who asks, whether they may.
    let asked = TokenRequest::parse(params)?;
    let presented = client_auth::presented(request, params)?;
    let client = web.flows.authenticate_client(&presented).await?;
    let dialect = client.dialect();
    let answer = match asked {
        TokenRequest::AuthorizationCode(redemption) => web.flows.exchange_code(&redemption, &client).await,
        TokenRequest::RefreshToken(refresh) => web.flows.refresh(&refresh, &client).await,
        TokenRequest::ClientCredentials(scope) => web.flows.client_credentials(scope.as_deref(), &client).await,
    };
    let response = answer?;
    Ok(HttpResponse::Ok()
        .insert_header((header::PRAGMA, "no-cache"))
        .json(dialects::token_body(dialect, &response)))
}

/// A refusal in the words of the client that the request names, although it may have proved nothing: kinds are no secret.
async fn in_own_words(request: &HttpRequest, web: &Web, params: &Params, error: FlowError) -> JsonError {
    let Ok(presented) = client_auth::presented(request, params) else {
        return error.into();
    };
    let Ok(Some(dialect)) = web.flows.dialect_of(&presented).await else {
        return error.into();
    };
    let asked = TokenRequest::parse(params);
    match asked.and_then(|asked| asked.complete(dialect)) {
        // What is missing is told before what is wrong, the client's secret included.
        Err(missing) => JsonError::spoken(dialect, missing.into()),
        Ok(()) => JsonError::spoken(dialect, error),
    }
}

/// GET: what the token in the header is, the way resource servers asked before introspection (IndieAuth, 2020
/// edition). It says nothing about any other token, and a client's own is not good here: it has nobody behind it.
pub(super) async fn check(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, BearerError> {
    let token = web.flows.check_token(&access_token(&request)?).await?;
    Ok(HttpResponse::Ok().json(token))
}
