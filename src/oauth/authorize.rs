//! The authorization request, check by check (RFC 6749 §4.1.1, RFC 7636 §4.3, IndieAuth "Authorization Request").
//!
//! [`identify`] reads what decides *where an error may go*: its failures are pages. Between the two stands the redirect
//! URI check, which makes a [`ReturnAddress`]. [`validate`] reads the rest: its failures travel back to the client.

use time::Date;

use super::client::{Client, ClientId};
use super::error::{ErrorCode, ProtocolError};
use super::params::Params;
use super::pkce::CodeChallenge;
use super::policy::{Issuer, Policy};
use super::profile::ProfileUrl;
use super::redirect_uri::RedirectUri;
use super::return_address::ReturnAddress;
use super::scope::Scope;

/// Longest `state`, in bytes: it has to fit into an address with everything else.
const MAX_STATE_BYTES: usize = 2048;

/// Longest `me`, in bytes, that is kept as a hint.
const MAX_ME_BYTES: usize = 500;

const NO_REDIRECT_URI: ProtocolError = ProtocolError::invalid_request("redirect_uri is missing");

/// Who asks, and where they want the answer: well-formed, but not yet believed.
#[derive(Debug, Clone)]
pub struct Identified {
    /// Who asks.
    pub client_id: ClientId,
    /// Where the answer should go. A registered client with one redirect URI may leave it out, if its kind does.
    pub redirect_uri: Option<RedirectUri>,
    state: Option<String>,
    me: Option<String>,
}

/// Reads who asks.
///
/// # Errors
/// `invalid_request`, to be shown on a page: no address to return to is known yet (RFC 6749 §3.1.2.4, §4.1.2.1).
pub fn identify(params: &Params, policy: &Policy) -> Result<Identified, ProtocolError> {
    let client_id = params.require("client_id", "client_id is missing")?;
    let client_id = ClientId::parse(client_id, policy.http_loopback);
    let redirect_uri = params.get("redirect_uri");
    if redirect_uri.is_none() && !matches!(client_id, Ok(ClientId::Registered(_))) {
        return Err(NO_REDIRECT_URI);
    }
    Ok(Identified {
        client_id: client_id?,
        redirect_uri: redirect_uri.map(RedirectUri::parse).transpose()?,
        state: params.get("state").map(str::to_owned),
        me: params.get("me").map(str::to_owned),
    })
}

impl Identified {
    /// The client's own word.
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// Which address the client wants to know the person by: what they typed there. It is only a hint, so what is no
    /// address is left out (IndieAuth "Authorization Request").
    pub fn me(&self, issuer: &Issuer) -> Option<ProfileUrl> {
        let typed = self.me.as_deref().filter(|me| me.len() <= MAX_ME_BYTES)?;
        ProfileUrl::typed(typed, issuer)
    }

    /// The place to return to, once `client` is found to permit it. From here on errors travel to the client.
    ///
    /// # Errors
    /// `invalid_request`, to be shown on a page.
    pub fn return_address(&self, client: &Client, issuer: &Issuer) -> Result<ReturnAddress, ProtocolError> {
        let redirect_uri = match &self.redirect_uri {
            Some(redirect_uri) => redirect_uri,
            None if client.dialect.rules().redirect_uri_is_optional => {
                client.only_redirect_uri().ok_or(NO_REDIRECT_URI)?
            }
            None => return Err(NO_REDIRECT_URI),
        };
        client.permits(redirect_uri)?;
        Ok(ReturnAddress::verified(
            redirect_uri.clone(),
            self.state.clone(),
            issuer.clone(),
        ))
    }
}

/// What is asked for, by a client whose request holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// The known part of the requested scope. Empty: the client only learns who the person is.
    pub scope: Scope,
    /// What the code's verifier must hash to; absent only under the compatibility rule of decision 8.
    pub code_challenge: Option<CodeChallenge>,
}

/// Reads what is asked for. The order of the checks is part of the contract, and a test pins it.
///
/// # Errors
/// `unsupported_response_type`, `invalid_scope` or `invalid_request`, to be returned to the client.
pub fn validate(
    params: &Params,
    client: &Client,
    policy: &Policy,
    today: Date,
) -> Result<AuthorizationRequest, ProtocolError> {
    check_state(params)?;
    check_response_type(params)?;
    check_response_mode(params)?;
    let scope = client.requested_scope(params.get("scope"), policy)?;
    let code_challenge = match params.get("code_challenge") {
        Some(raw) => Some(CodeChallenge::parse(raw)?),
        None if client.is_confidential() && client.dialect.rules().pkce_is_optional => None,
        None if policy.permits_without_pkce(&client.id, today) => None,
        None => {
            return Err(ProtocolError::invalid_request(
                "code_challenge is missing; PKCE is required",
            ));
        }
    };
    check_code_challenge_method(params, code_challenge.is_some())?;
    Ok(AuthorizationRequest { scope, code_challenge })
}

fn check_state(params: &Params) -> Result<(), ProtocolError> {
    match params.get("state") {
        Some(state) if state.len() > MAX_STATE_BYTES => {
            Err(ProtocolError::invalid_request("state is longer than 2048 bytes"))
        }
        _ => Ok(()),
    }
}

/// The implicit and hybrid types do not exist here (RFC 9700 §2.1.2).
fn check_response_type(params: &Params) -> Result<(), ProtocolError> {
    const UNSUPPORTED: ProtocolError =
        ProtocolError::new(ErrorCode::UnsupportedResponseType, "response_type must be code");
    match params.require("response_type", "response_type is missing; it must be code")? {
        "code" => Ok(()),
        _ => Err(UNSUPPORTED),
    }
}

fn check_response_mode(params: &Params) -> Result<(), ProtocolError> {
    match params.get("response_mode") {
        None | Some("query") => Ok(()),
        Some(_) => Err(ProtocolError::invalid_request("response_mode must be query")),
    }
}

/// Left out, the method would mean `plain` (RFC 7636 §4.3).
fn check_code_challenge_method(params: &Params, has_challenge: bool) -> Result<(), ProtocolError> {
    match params.get("code_challenge_method") {
        Some("S256") => Ok(()),
        None if !has_challenge => Ok(()),
        _ => Err(ProtocolError::invalid_request("code_challenge_method must be S256")),
    }
}

#[cfg(test)]
mod tests;
