//! The access token of a protected route (RFC 6750 §2.1): in the `Authorization` header only. A token in an address
//! would end in logs (RFC 9700 §4.3.2), so one found there is refused rather than overlooked.

use actix_web::HttpRequest;

use super::client_auth::authorization;
use super::error::BearerError;
use crate::oauth::error::ProtocolError;
use crate::oauth::secret::{AccessToken, Digest};

/// The token of a request.
pub(super) fn access_token(request: &HttpRequest) -> Result<Digest<AccessToken>, BearerError> {
    const IN_QUERY: ProtocolError =
        ProtocolError::invalid_request("the access token belongs in the Authorization header");
    let in_query =
        url::form_urlencoded::parse(request.query_string().as_bytes()).any(|(name, _)| name == "access_token");
    if in_query {
        return Err(BearerError::Refused(IN_QUERY.into()));
    }
    authorization(request, "bearer")
        .map(Digest::of)
        .ok_or(BearerError::NoToken)
}
