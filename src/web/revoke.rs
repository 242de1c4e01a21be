//! The revocation endpoint (RFC 7009, IndieAuth "Token Revocation"): no authentication, since whoever holds a token may
//! end it, and 200 also for a token that is unknown.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::Web;
use super::error::JsonError;
use super::params::from_body;

/// POST.
pub(super) async fn revoke(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, JsonError> {
    let params = from_body(&request, payload).await?;
    web.flows
        .revoke_token(params.require("token", "token is missing")?)
        .await?;
    Ok(HttpResponse::Ok().json(json!({})))
}
