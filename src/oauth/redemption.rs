//! Whether a code may be spent (RFC 6749 §4.1.3, §10.5; RFC 7636 §4.6): who proves what, in which order, and what becomes
//! of the code when they do not.

use time::OffsetDateTime;

use super::dialect::AtToken;
use super::error::ProtocolError;
use super::grant::{Approval, Grant, Stage};
use super::pkce::CodeVerifier;

/// What a client sends to redeem a code.
#[derive(Debug)]
pub struct Redemption<'a> {
    /// Who it is: it has proved that, if it has a secret.
    pub client_id: &'a str,
    /// It has a secret, and has shown it.
    pub with_secret: bool,
    /// The redirect URI of the request.
    pub redirect_uri: Option<&'a str>,
    /// The verifier.
    pub code_verifier: Option<&'a str>,
}

/// What a client is told of another one's code.
pub const OTHER_CLIENT: ProtocolError = ProtocolError::invalid_grant("the code was issued to another client_id");

/// What a client is told of a redirect URI that is another one, or missing.
pub const OTHER_REDIRECT_URI: ProtocolError =
    ProtocolError::invalid_grant("redirect_uri is not that of the authorization request");

/// What a client is told of a verifier that is not that of its challenge.
pub const OTHER_VERIFIER: ProtocolError = ProtocolError::invalid_grant("code_verifier does not match code_challenge");

/// What a client is told of a verifier that is missing.
pub const MISSING_VERIFIER: ProtocolError = ProtocolError::invalid_grant("code_verifier is missing");

/// What a client is told of a verifier for which there is no challenge.
pub const UNASKED_VERIFIER: ProtocolError =
    ProtocolError::invalid_grant("code_verifier was sent, but the request had no PKCE");

/// What a client is told of a code that does not hold, whatever the reason.
pub const UNKNOWN_CODE: ProtocolError = ProtocolError::invalid_grant("the code is unknown, lapsed or used");

/// What a client is told of a code whose person chose an address that is not proved to be theirs any more.
pub const UNPROVED_ADDRESS: ProtocolError =
    ProtocolError::invalid_grant("the address that the resource owner chose is not proved any more");

/// Why a code is not redeemed, which decides what happens to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotRedeemed {
    /// Another client's code, or a request that is not whole. Nothing changes: a stranger must not be able to spoil it.
    Stranger(ProtocolError),
    /// The right client failed to prove possession: the code is burnt.
    Burn(ProtocolError),
    /// The code was proven and used before: what it gave is revoked (RFC 6749 §4.1.2).
    Reuse(ProtocolError),
    /// It lapsed, or its approval was withdrawn.
    Lapsed(ProtocolError),
}

impl NotRedeemed {
    /// What the client is told.
    pub fn error(self) -> ProtocolError {
        match self {
            NotRedeemed::Stranger(error)
            | NotRedeemed::Burn(error)
            | NotRedeemed::Reuse(error)
            | NotRedeemed::Lapsed(error) => error,
        }
    }
}

impl Grant {
    /// Whether `redemption` may spend this grant's code now. Possession is proven first, reuse punished last: a thief
    /// who only saw the code cannot revoke the honest client's tokens.
    ///
    /// # Errors
    /// `invalid_grant`, wrapped in what is to happen to the code.
    pub fn redeem(&self, redemption: &Redemption<'_>, now: OffsetDateTime) -> Result<&Approval, NotRedeemed> {
        if redemption.client_id != self.client.id.as_str() {
            return Err(NotRedeemed::Stranger(OTHER_CLIENT));
        }
        // Nobody becomes public to redeem what a confidential client was given.
        if self.client.confidential && !redemption.with_secret {
            return Err(NotRedeemed::Stranger(OTHER_CLIENT));
        }
        self.check_redirect_uri(redemption.redirect_uri)?;
        self.check_verifier(redemption.code_verifier)?;
        self.spendable(now)
    }

    /// Whether the session this grant belongs to may be spent now, by the client with this id. It has no redirect URI and
    /// no verifier: its app made the session itself, and has shown its secret or the session. One that was opened with a
    /// challenge is spent at the token endpoint, with the verifier.
    ///
    /// # Errors
    /// As [`Grant::redeem`].
    pub fn redeem_session(&self, client_id: &str, now: OffsetDateTime) -> Result<&Approval, NotRedeemed> {
        let proves_enough = self.session.is_some() && self.code_challenge.is_none();
        if !proves_enough || client_id != self.client.id.as_str() {
            return Err(NotRedeemed::Stranger(UNKNOWN_CODE));
        }
        // Its app may just ask twice: it has proved nothing by which a thief could be told apart.
        self.spendable(now)
            .map_err(|refused| NotRedeemed::Lapsed(refused.error()))
    }

    fn spendable(&self, now: OffsetDateTime) -> Result<&Approval, NotRedeemed> {
        match &self.stage {
            Stage::Redeemed(..) => Err(NotRedeemed::Reuse(UNKNOWN_CODE)),
            Stage::Pending | Stage::Denied => Err(NotRedeemed::Lapsed(UNKNOWN_CODE)),
            Stage::Approved(approval) if now >= approval.code_expires_at || self.revoked_at.is_some() => {
                Err(NotRedeemed::Lapsed(UNKNOWN_CODE))
            }
            Stage::Approved(approval) => Ok(approval),
        }
    }

    fn check_redirect_uri(&self, redirect_uri: Option<&str>) -> Result<(), NotRedeemed> {
        const MISSING: ProtocolError = ProtocolError::invalid_request("redirect_uri is missing");
        match (redirect_uri, self.client.dialect.rules().redirect_uri_at_token) {
            (Some(sent), _) if sent == self.redirect_uri.as_str() => Ok(()),
            (None, AtToken::Optional) => Ok(()),
            (None, AtToken::Required) => Err(NotRedeemed::Stranger(MISSING)),
            _ => Err(NotRedeemed::Burn(OTHER_REDIRECT_URI)),
        }
    }

    /// A verifier where there was no challenge is as wrong as none where there was one: it is the sign of a request
    /// whose challenge was cut out on the way (IndieAuth "Redeeming the Authorization Code").
    fn check_verifier(&self, code_verifier: Option<&str>) -> Result<(), NotRedeemed> {
        const MISSING: ProtocolError = ProtocolError::invalid_request("code_verifier is missing");
        let burn = |error| Err(NotRedeemed::Burn(error));
        let at_token = self.client.dialect.rules().redirect_uri_at_token;
        match (&self.code_challenge, code_verifier) {
            (None, None) => Ok(()),
            (None, Some(_)) => burn(UNASKED_VERIFIER),
            (Some(_), None) if at_token == AtToken::Required => Err(NotRedeemed::Stranger(MISSING)),
            (Some(_), None) => burn(MISSING_VERIFIER),
            (Some(challenge), Some(raw)) => match CodeVerifier::parse(raw) {
                Ok(verifier) if verifier.matches(challenge) => Ok(()),
                Ok(_) => burn(OTHER_VERIFIER),
                Err(malformed) => burn(malformed),
            },
        }
    }
}
