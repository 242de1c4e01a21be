//! Client metadata as a client sends it by itself (RFC 7591 §2), and what of it is registered (RFC 7591 §3.2.1: what a
//! server replaces or leaves out, its answer says).

use sha2::{Digest as _, Sha256};

use super::{Registration, web_address};
use crate::oauth::client::{DisplayMetadata, display_name};
use crate::oauth::dialect::Dialect;
use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::oauth::redirect_uri::{RedirectTarget, RedirectUri};
use crate::oauth::scope::{Scope, ScopeCatalog};

/// More places than any app has for its answers.
const MAX_REDIRECT_URIS: usize = 32;

/// How a client proves itself at the token endpoint (RFC 7591 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthMethod {
    /// It is public, and gets no secret.
    Nothing,
    /// In the `Authorization` header.
    ClientSecretBasic,
    /// In the body.
    ClientSecretPost,
}

impl AuthMethod {
    const ALL: [AuthMethod; 3] = [
        AuthMethod::Nothing,
        AuthMethod::ClientSecretBasic,
        AuthMethod::ClientSecretPost,
    ];

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            AuthMethod::Nothing => "none",
            AuthMethod::ClientSecretBasic => "client_secret_basic",
            AuthMethod::ClientSecretPost => "client_secret_post",
        }
    }

    /// Reads the wire name. Methods with keys (`private_key_jwt`) do not exist here.
    pub fn parse(text: &str) -> Option<AuthMethod> {
        AuthMethod::ALL.into_iter().find(|method| method.as_str() == text)
    }
}

/// What kind of program a client says it is (OpenID Connect Dynamic Client Registration 1.0 §2, and MCP).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApplicationType {
    /// A web site: its answers go to `https` addresses only.
    Web,
    /// A program on a device: they may also go to a loopback address or to a scheme of its own (RFC 8252 §7).
    Native,
}

impl ApplicationType {
    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            ApplicationType::Web => "web",
            ApplicationType::Native => "native",
        }
    }

    /// Reads the wire name.
    pub fn parse(text: &str) -> Option<ApplicationType> {
        [ApplicationType::Web, ApplicationType::Native]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// The members of a registration request that this server has a use for. All others are ignored (RFC 7591 §2), those in
/// other languages (`client_name#ja`) among them.
#[derive(Debug, Clone, Default)]
pub struct ClientMetadata<'a> {
    /// `redirect_uris`.
    pub redirect_uris: Option<Vec<&'a str>>,
    /// `token_endpoint_auth_method`; `client_secret_basic` when it is left out (RFC 7591 §2).
    pub token_endpoint_auth_method: Option<&'a str>,
    /// `grant_types`; `authorization_code` when it is left out.
    pub grant_types: Option<Vec<&'a str>>,
    /// `response_types`; `code` when it is left out.
    pub response_types: Option<Vec<&'a str>>,
    /// `client_name`.
    pub client_name: Option<&'a str>,
    /// `client_uri`.
    pub client_uri: Option<&'a str>,
    /// `logo_uri`.
    pub logo_uri: Option<&'a str>,
    /// `scope`.
    pub scope: Option<&'a str>,
    /// `application_type`. Without it a client may have every kind of redirect URI: most programs on a device leave it out.
    pub application_type: Option<&'a str>,
}

/// A client of RFC 7591, as it is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DynamicClient {
    /// What every kind of client has.
    pub registration: Registration,
    /// How it proves itself.
    pub auth_method: AuthMethod,
    /// What kind of program it says it is.
    pub application_type: Option<ApplicationType>,
}

impl ClientMetadata<'_> {
    /// What is registered of this.
    ///
    /// # Errors
    /// `invalid_redirect_uri`, `invalid_client_metadata` (RFC 7591 §3.2.2).
    pub fn check(&self, scopes: &ScopeCatalog) -> Result<DynamicClient, ProtocolError> {
        let application_type = self
            .application_type
            .map(|kind| ApplicationType::parse(kind).ok_or(APPLICATION_TYPE));
        let application_type = application_type.transpose()?;
        let redirect_uris = redirect_uris(self.redirect_uris.as_deref().unwrap_or_default(), application_type)?;
        let method = self.token_endpoint_auth_method.unwrap_or("client_secret_basic");
        let auth_method = AuthMethod::parse(method).ok_or(AUTH_METHOD)?;
        // Grants and response types that do not exist here are left out rather than refused: apps list whatever they
        // could do with some server, and the answer tells them what they can do with this one (attack case DR-04).
        let grants = self.grant_types.as_deref().unwrap_or(&["authorization_code"]);
        if !grants.contains(&"authorization_code") {
            return Err(GRANT_TYPES);
        }
        if !self
            .response_types
            .as_deref()
            .is_none_or(|types| types.contains(&"code"))
        {
            return Err(RESPONSE_TYPES);
        }
        let display = DisplayMetadata {
            name: self.client_name.and_then(display_name),
            logo_uri: address(self.logo_uri, LOGO_URI)?,
            client_uri: address(self.client_uri, CLIENT_URI)?,
            foreign_client_uri: false,
        };
        let registration = Registration {
            dialect: Dialect::Rfc7591,
            display,
            description: None,
            redirect_uris,
            scope: self.known_scope(scopes)?,
            confidential: auth_method != AuthMethod::Nothing,
            refreshes: grants.contains(&"refresh_token"),
        };
        Ok(DynamicClient {
            registration,
            auth_method,
            application_type,
        })
    }

    /// The names that exist here. None at all would be read as every name, so it is who the person is instead (RFC 7591 §2
    /// lets a server replace what it cannot have; the answer says so).
    fn known_scope(&self, scopes: &ScopeCatalog) -> Result<Scope, ProtocolError> {
        let Some(raw) = self.scope.filter(|raw| !raw.trim().is_empty()) else {
            return Ok(Scope::default());
        };
        let asked = Scope::parse(raw).map_err(|_| SCOPE_MALFORMED)?;
        let vocabulary = Dialect::Rfc7591.rules().vocabulary;
        let known = asked.narrowed(|token| scopes.speaks(token.as_str(), vocabulary));
        if known.is_empty() {
            Scope::parse("profile")
        } else {
            Ok(known)
        }
    }
}

impl DynamicClient {
    /// What recognises the same registration when it comes again. Only that of a public client is: a secret belongs to
    /// one registrant alone.
    pub fn digest(&self) -> Option<[u8; 32]> {
        let of = &self.registration;
        let or_none = |text: &Option<String>| text.clone().unwrap_or("\0".to_owned());
        let uris: Vec<&str> = of.redirect_uris.iter().map(RedirectUri::as_str).collect();
        // None of the parts can hold a line feed, and only the last has more than one line.
        let said = [
            or_none(&of.display.name),
            or_none(&of.display.logo_uri),
            or_none(&of.display.client_uri),
            of.scope.to_string(),
            of.refreshes.to_string(),
            self.application_type.map_or("\0", ApplicationType::as_str).to_owned(),
            uris.join("\n"),
        ];
        (!of.confidential).then(|| Sha256::digest(said.join("\n").as_bytes()).into())
    }
}

fn redirect_uris(listed: &[&str], kind: Option<ApplicationType>) -> Result<Vec<RedirectUri>, ProtocolError> {
    let refuse = |description| Err(ProtocolError::new(ErrorCode::InvalidRedirectUri, description));
    if listed.is_empty() {
        return refuse("redirect_uris is missing; the authorization code goes to one of them");
    }
    if listed.len() > MAX_REDIRECT_URIS {
        return refuse("redirect_uris has more than 32 addresses");
    }
    let mut kept: Vec<RedirectUri> = Vec::new();
    for raw in listed {
        let malformed = |error: ProtocolError| ProtocolError::new(ErrorCode::InvalidRedirectUri, error.description);
        let uri = RedirectUri::parse(raw).map_err(malformed)?;
        match (uri.target(), kind) {
            (RedirectTarget::OutOfBand, _) => {
                return refuse("an answer cannot be shown on a page to this kind of client");
            }
            (RedirectTarget::Loopback | RedirectTarget::PrivateUse, Some(ApplicationType::Web)) => {
                return refuse("with application_type web every redirect URI must be https and not on a loopback host");
            }
            _ if !kept.contains(&uri) => kept.push(uri),
            _ => {}
        }
    }
    Ok(kept)
}

/// An address that may be shown. Libraries send an empty text for none.
fn address(raw: Option<&str>, refused: ProtocolError) -> Result<Option<String>, ProtocolError> {
    let given = raw.filter(|raw| !raw.is_empty());
    given.map(|raw| web_address(raw).ok_or(refused)).transpose()
}

const APPLICATION_TYPE: ProtocolError = ProtocolError::new(
    ErrorCode::InvalidClientMetadata,
    "application_type must be web or native",
);
const AUTH_METHOD: ProtocolError = ProtocolError::new(
    ErrorCode::InvalidClientMetadata,
    "token_endpoint_auth_method must be none, client_secret_basic or client_secret_post",
);
const GRANT_TYPES: ProtocolError = ProtocolError::new(
    ErrorCode::InvalidClientMetadata,
    "grant_types must have authorization_code, and may have refresh_token",
);
const RESPONSE_TYPES: ProtocolError =
    ProtocolError::new(ErrorCode::InvalidClientMetadata, "response_types must have code");
const CLIENT_URI: ProtocolError = ProtocolError::new(
    ErrorCode::InvalidClientMetadata,
    "client_uri is not an address on the web",
);
const LOGO_URI: ProtocolError = ProtocolError::new(
    ErrorCode::InvalidClientMetadata,
    "logo_uri is not an address on the web",
);
const SCOPE_MALFORMED: ProtocolError = ProtocolError::new(ErrorCode::InvalidClientMetadata, "scope is malformed");
