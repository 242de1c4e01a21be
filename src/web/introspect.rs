//! The introspection endpoint (RFC 7662): for resource servers that the operator added, and for clients about their own
//! tokens.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::client_auth::{Candidate, authorization, credentials};
use super::error::JsonError;
use super::params::from_body;
use super::rate_limit::Limit;
use super::{Web, address};
use crate::flows::FlowError;
use crate::flows::introspect::{Caller, CallerCredentials, Question};
use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::oauth::params::Params;
use crate::oauth::secret::{ClientSecret, Digest};
use crate::oauth::token::PresentedToken;

/// POST. The caller is checked before the request is read any further: without credentials nothing is told.
pub(super) async fn introspect(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, JsonError> {
    let params = from_body(&request, payload).await?;
    let caller = admit(&request, &web, &params).await?;
    let token = PresentedToken::of(params.require("token", "token is missing")?);
    let answer = match caller {
        Caller::ResourceServer => {
            let wants = |name| params.get(name) == Some("true");
            let question = Question {
                expand: wants("expand"),
                client_credentials: wants("client_credentials"),
            };
            web.flows.introspect(&token, &question).await?
        }
        Caller::Client(id) => web.flows.introspect_own(&token, &id).await?,
    };
    Ok(HttpResponse::Ok().json(answer))
}

/// Lets a caller in. The questions of a resource server are not counted, since it asks from one address for everybody;
/// those of a client are, and so are tries without good credentials.
async fn admit(request: &HttpRequest, web: &Web, params: &Params) -> Result<Caller, JsonError> {
    let admitted = match callers(request, params) {
        Ok(candidates) => authenticate(web, &candidates).await,
        Err(refused) => Err(refused.into()),
    };
    if matches!(admitted, Ok(Caller::Client(_)) | Err(FlowError::Protocol(_))) {
        let from = address::of(request, &web.trusted_proxies);
        web.limits.check(Limit::Token, from).map_err(JsonError::too_many)?;
    }
    Ok(admitted?)
}

/// The first candidate that proves itself is let in.
async fn authenticate(web: &Web, candidates: &[CallerCredentials]) -> Result<Caller, FlowError> {
    let mut refused = NOBODY;
    for candidate in candidates {
        match web.flows.authenticate_caller(candidate).await {
            Err(FlowError::Protocol(error)) => refused = error,
            decided => return decided,
        }
    }
    Err(refused.into())
}

const NOBODY: ProtocolError = ProtocolError::new(
    ErrorCode::InvalidClient,
    "introspection needs the credentials of a resource server",
);

/// Who asks: more than one where a Basic header can be read in two ways.
fn callers(request: &HttpRequest, params: &Params) -> Result<Vec<CallerCredentials>, ProtocolError> {
    let Some(found) = credentials(request, params)? else {
        let secret = authorization(request, "bearer").ok_or(NOBODY)?;
        return Ok(vec![CallerCredentials::Bearer(PresentedToken::of(secret))]);
    };
    let resource = |candidate: &Candidate| CallerCredentials::Client {
        id: candidate.id.clone(),
        secret: *Digest::<ClientSecret>::of(&candidate.secret).as_bytes(),
    };
    Ok(found.candidates().iter().map(resource).collect())
}
