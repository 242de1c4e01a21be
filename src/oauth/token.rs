//! The token request and response (RFC 6749 §4.1.3, §5, §6), introspection (RFC 7662 §2.2), and the rule for refresh
//! tokens that come twice.

use std::time::Duration;

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::dialect::{AtToken, Dialect};
use super::error::{ErrorCode, ProtocolError};
use super::params::Params;
use super::person::ProfileInformation;
use super::profile::{ProfileUrl, Username};
use super::redemption::Redemption;
use super::scope::Scope;
use super::secret::{AccessToken, AuthorizationCode, Digest, RefreshToken, Secret, TokenAlias};

/// What somebody presents as an access token: the token itself, or the other word for it, whose letters have no case.
#[derive(Debug, Clone)]
pub struct PresentedToken {
    /// Its digest, if it is a token.
    pub digest: Digest<AccessToken>,
    /// Its digest, if it is the other word for one.
    pub alias: Digest<TokenAlias>,
}

impl PresentedToken {
    /// What is presented.
    pub fn of(text: &str) -> PresentedToken {
        PresentedToken {
            digest: Digest::of(text),
            alias: Digest::of(&text.to_ascii_lowercase()),
        }
    }
}

/// The other word for a token: the SHA-256 digest of the token and its client's secret, in lower-case hexadecimal (Misskey's
/// `i`).
pub fn alias(token: &str, client_secret: &str) -> String {
    let digest = Sha256::digest(format!("{token}{client_secret}").as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a client asks the token endpoint for.
#[derive(Debug)]
pub enum TokenRequest {
    /// Redeem a code (RFC 6749 §4.1.3).
    AuthorizationCode(CodeRedemption),
    /// Spend a refresh token (RFC 6749 §6).
    RefreshToken(RefreshRequest),
    /// A token for the client itself (RFC 6749 §4.4), with this scope.
    ClientCredentials(Option<String>),
}

impl TokenRequest {
    /// Reads a token request.
    ///
    /// # Errors
    /// `unsupported_grant_type` for grants that do not exist here, `invalid_request` for what is missing.
    pub fn parse(params: &Params) -> Result<TokenRequest, ProtocolError> {
        match params.require("grant_type", "grant_type is missing")? {
            "authorization_code" => CodeRedemption::parse(params).map(TokenRequest::AuthorizationCode),
            "refresh_token" => RefreshRequest::parse(params).map(TokenRequest::RefreshToken),
            "client_credentials" => Ok(TokenRequest::ClientCredentials(params.get("scope").map(str::to_owned))),
            _ => Err(ProtocolError::new(
                ErrorCode::UnsupportedGrantType,
                "grant_type must be authorization_code, refresh_token or client_credentials",
            )),
        }
    }
}

impl TokenRequest {
    /// Whether nothing is missing that a client of this kind must send.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn complete(&self, dialect: Dialect) -> Result<(), ProtocolError> {
        match self {
            TokenRequest::AuthorizationCode(redemption) => redemption.complete(dialect),
            TokenRequest::RefreshToken(_) | TokenRequest::ClientCredentials(_) => Ok(()),
        }
    }
}

/// A code with what proves that it is the sender's.
#[derive(Debug)]
pub struct CodeRedemption {
    /// The digest of the code.
    pub code: Digest<AuthorizationCode>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
}

impl CodeRedemption {
    /// Reads a redemption, at the token endpoint or at the authorization endpoint.
    ///
    /// # Errors
    /// `invalid_request` when the code is missing. Everything else that is missing or malformed fails as
    /// `invalid_grant` when it is compared, so that a failed try burns the code.
    pub fn parse(params: &Params) -> Result<CodeRedemption, ProtocolError> {
        let code = Digest::of(params.require("code", "code is missing")?);
        let owned = |name| params.get(name).map(str::to_owned);
        Ok(CodeRedemption {
            code,
            redirect_uri: owned("redirect_uri"),
            code_verifier: owned("code_verifier"),
        })
    }

    /// Whether nothing is missing that a client of this kind must send. What only its grant can ask for, the grant asks.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn complete(&self, dialect: Dialect) -> Result<(), ProtocolError> {
        match (&self.redirect_uri, dialect.rules().redirect_uri_at_token) {
            (None, AtToken::Required) => Err(ProtocolError::invalid_request("redirect_uri is missing")),
            _ => Ok(()),
        }
    }

    /// The part that the grant judges, sent by the client with this id.
    pub fn proof<'a>(&'a self, client_id: &'a str, with_secret: bool) -> Redemption<'a> {
        Redemption {
            client_id,
            with_secret,
            redirect_uri: self.redirect_uri.as_deref(),
            code_verifier: self.code_verifier.as_deref(),
        }
    }
}

/// A refresh token, and what is asked for it.
#[derive(Debug)]
pub struct RefreshRequest {
    /// The digest of the refresh token.
    pub refresh_token: Digest<RefreshToken>,
    /// A narrower scope for the new access token.
    pub scope: Option<Scope>,
}

impl RefreshRequest {
    fn parse(params: &Params) -> Result<RefreshRequest, ProtocolError> {
        Ok(RefreshRequest {
            refresh_token: Digest::of(params.require("refresh_token", "refresh_token is missing")?),
            scope: params.get("scope").map(Scope::parse).transpose()?,
        })
    }
}

/// What is known of a refresh token when it is presented.
#[derive(Debug, Clone, Copy)]
pub struct RefreshUse {
    /// When it lapses.
    pub expires_at: OffsetDateTime,
    /// When it was first spent.
    pub redeemed_at: Option<OffsetDateTime>,
    /// One of the tokens it was exchanged for has been used.
    pub successor_used: bool,
}

/// What happens to a presented refresh token (decision 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshVerdict {
    /// It is spent for a new pair.
    Rotate,
    /// The answer to its first use was probably lost: a new pair replaces the unused one.
    Retry,
    /// Two parties hold it: everything it ever gave is revoked (RFC 9700 §4.14.2).
    Revoke,
    /// It lapsed.
    Lapsed,
}

impl RefreshUse {
    /// Judges a presented refresh token at `now`.
    pub fn judge(&self, now: OffsetDateTime, grace: Duration) -> RefreshVerdict {
        match self.redeemed_at {
            Some(first) if now >= first + grace || self.successor_used => RefreshVerdict::Revoke,
            Some(_) => RefreshVerdict::Retry,
            None if now >= self.expires_at => RefreshVerdict::Lapsed,
            None => RefreshVerdict::Rotate,
        }
    }
}

/// The tokens of a successful answer, in clear text for the only time.
#[derive(Debug)]
pub struct TokenPair {
    /// The access token.
    pub access_token: Secret<AccessToken>,
    /// The refresh token, for clients that refresh.
    pub refresh_token: Option<Secret<RefreshToken>>,
}

/// A successful answer of the token endpoint (RFC 6749 §5.1, IndieAuth "Access Token Response").
#[derive(Debug)]
pub struct TokenResponse {
    /// The tokens.
    pub tokens: TokenPair,
    /// What the access token may be used for; always sent.
    pub scope: Scope,
    /// Life of the access token; `None` until revoked.
    pub expires_in: Option<Duration>,
    /// Who approved; nobody, of a client's own token.
    pub me: Option<ProfileUrl>,
    /// Their name, for clients whose dialect tells it.
    pub username: Option<Username>,
    /// What the `profile` scope tells.
    pub profile: Option<ProfileInformation>,
    /// When the access token was made (Mastodon's clients read it, others ignore it).
    pub created_at: OffsetDateTime,
}

/// An answer that names the person and gives no token (IndieAuth "Profile URL Response").
#[derive(Debug, Serialize)]
pub struct ProfileResponse {
    /// Who approved.
    pub me: ProfileUrl,
    /// What the `profile` scope tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<ProfileInformation>,
}

/// What a resource server learns of a token (RFC 7662 §2.2, IndieAuth "Access Token Verification Response").
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum IntrospectionResponse {
    /// The token holds.
    Active(Box<ActiveToken>),
    /// It does not, and nothing more is said (RFC 7662 §2.2).
    Inactive {
        /// Always false.
        active: bool,
    },
}

impl IntrospectionResponse {
    /// The answer for every token that does not hold.
    pub const INACTIVE: IntrospectionResponse = IntrospectionResponse::Inactive { active: false };
}

/// The members of an active token.
#[derive(Debug, Serialize)]
pub struct ActiveToken {
    /// Always true.
    pub active: bool,
    /// Who approved; nobody, of a client's own token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub me: Option<ProfileUrl>,
    /// The id of their account: the same for ever, whatever address they are known by (RFC 7662 §2.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// Whose token it is.
    pub client_id: String,
    /// What it may be used for, as it was granted.
    pub scope: String,
    /// The same with every name that it includes, for resource servers that compare names and know no hierarchy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope_expanded: Option<String>,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// The name the person signs in with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Which kind of client it is, for resource servers that answer each in its own dialect.
    pub dialect: &'static str,
    /// Who issued it.
    pub iss: String,
    /// When it was issued, in seconds since 1970.
    pub iat: i64,
    /// When it ends, in seconds since 1970; absent until revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn parse(raw: &str) -> Result<TokenRequest, ErrorCode> {
        TokenRequest::parse(&Params::parse(raw.as_bytes()).unwrap()).map_err(|error| error.code)
    }

    #[test]
    fn grants_that_do_not_exist_are_named_so() {
        assert_eq!(parse("code=x").unwrap_err(), ErrorCode::InvalidRequest);
        for grant_type in ["password", "implicit", "ticket"] {
            let refused = parse(&format!("grant_type={grant_type}")).unwrap_err();
            assert_eq!(refused, ErrorCode::UnsupportedGrantType, "{grant_type}");
        }
    }

    #[test]
    fn a_code_redemption_needs_a_code_and_leaves_the_rest_to_the_grant() {
        assert_eq!(
            parse("grant_type=authorization_code&client_id=x").unwrap_err(),
            ErrorCode::InvalidRequest
        );
        assert!(parse("grant_type=authorization_code&code=x").is_ok());
    }

    /// Misskey's own rule, with a token and a secret of its form.
    #[test]
    fn the_other_word_for_a_token_is_made_of_it_and_of_the_secret() {
        assert_eq!(
            alias("0123456789abcdef0123456789abcdef", "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"),
            "a0f5f8bc88a65a46a758d6abee5f5b89ef74454073406e2b97323d7348317471"
        );
    }

    #[test]
    fn the_other_word_for_a_token_has_no_case_and_the_token_has() {
        let (upper, lower) = (PresentedToken::of("ABC"), PresentedToken::of("abc"));
        assert!(upper.alias == lower.alias && upper.digest != lower.digest);
    }

    #[test]
    fn refresh_survives_a_lost_answer_and_catches_theft() {
        let start = datetime!(2026-11-22 12:00 UTC);
        let grace = Duration::from_secs(60);
        let judge = |redeemed: Option<u64>, successor_used, now: u64| {
            RefreshUse {
                expires_at: start + Duration::from_secs(1000),
                redeemed_at: redeemed.map(|at| start + Duration::from_secs(at)),
                successor_used,
            }
            .judge(start + Duration::from_secs(now), grace)
        };
        assert_eq!(judge(None, false, 999), RefreshVerdict::Rotate);
        assert_eq!(judge(None, false, 1000), RefreshVerdict::Lapsed);
        assert_eq!(judge(Some(10), false, 69), RefreshVerdict::Retry);
        assert_eq!(judge(Some(10), false, 70), RefreshVerdict::Revoke);
        assert_eq!(judge(Some(10), true, 11), RefreshVerdict::Revoke);
    }
}
