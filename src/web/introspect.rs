//! The introspection endpoint (RFC 7662): for resource servers that the operator added.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::client_auth::{authorization, credentials};
use super::error::JsonError;
use super::params::from_body;
use super::rate_limit::Limit;
use super::{Web, address};
use crate::flows::FlowError;
use crate::flows::introspect::ResourceCredentials;
use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::oauth::params::Params;
use crate::oauth::secret::Digest;

/// POST. The caller is checked before the request is read any further: without credentials nothing is told.
pub(super) async fn introspect(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, JsonError> {
    let params = from_body(&request, payload).await?;
    admit(&request, &web, &params).await?;
    let token = params.require("token", "token is missing")?;
    Ok(HttpResponse::Ok().json(web.flows.introspect(&Digest::of(token)).await?))
}

/// Lets a resource server in. Its own questions are not counted, since it asks from one address for everybody; tries
/// without good credentials are.
async fn admit(request: &HttpRequest, web: &Web, params: &Params) -> Result<(), JsonError> {
    let admitted = match caller(request, params) {
        Ok(credentials) => web.flows.authenticate_resource(&credentials).await,
        Err(refused) => Err(refused.into()),
    };
    if matches!(admitted, Err(FlowError::Protocol(_))) {
        let from = address::of(request, &web.trusted_proxies);
        web.limits.check(Limit::Token, from).map_err(JsonError::too_many)?;
    }
    Ok(admitted?)
}

fn caller(request: &HttpRequest, params: &Params) -> Result<ResourceCredentials, ProtocolError> {
    const NOBODY: ProtocolError = ProtocolError::new(
        ErrorCode::InvalidClient,
        "introspection needs the credentials of a resource server",
    );
    match credentials(request, params)? {
        Some(found) => Ok(ResourceCredentials::Client {
            id: found.id,
            secret: Digest::of(&found.secret),
        }),
        None => authorization(request, "bearer")
            .map(|secret| ResourceCredentials::Bearer(Digest::of(secret)))
            .ok_or(NOBODY),
    }
}
