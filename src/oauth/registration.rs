//! A client introduces itself before it asks for anything (RFC 7591 §2, and the registration calls of the dialects, which
//! are translated into this in `src/web/dialects`).

use url::Url;

use super::client::{Client, ClientId, DescribedBy, DisplayMetadata, RedirectUris};
use super::dialect::Dialect;
use super::redirect_uri::RedirectUri;
use super::scope::Scope;
use super::secret::{ClientSecret, Digest};
use super::uri::{RawUri, has_plain_characters};

mod metadata;

pub use metadata::{ApplicationType, AuthMethod, ClientMetadata, DynamicClient};

/// What a client wants to be known as. Every value has passed its own checks; what the names mean to the server is
/// decided when it asks for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Which kind of client it becomes.
    pub dialect: Dialect,
    /// Name, logo and home page, as it says.
    pub display: DisplayMetadata,
    /// What it says of itself in a sentence or two (Misskey's `description`).
    pub description: Option<String>,
    /// Where its answers may go.
    pub redirect_uris: Vec<RedirectUri>,
    /// What it may ask for. Empty for one of RFC 7591 that did not say: it may ask for everything.
    pub scope: Scope,
    /// It gets a secret (RFC 6749 §2.1).
    pub confidential: bool,
    /// It declares the `refresh_token` grant.
    pub refreshes: bool,
}

impl Registration {
    /// The client this becomes.
    pub fn client(self, id: String, secret: Option<Digest<ClientSecret>>) -> Client {
        let everything = self.dialect == Dialect::Rfc7591 && self.scope.is_empty();
        Client {
            id: ClientId::Registered(id),
            dialect: self.dialect,
            display: self.display,
            redirect_uris: RedirectUris::Published(self.redirect_uris),
            refreshes: self.refreshes,
            described_by: DescribedBy::Registration,
            secret,
            scope: (!everything).then_some(self.scope),
        }
    }
}

/// No address that a client gives of itself is longer.
const MAX_ADDRESS_BYTES: usize = 2048;

/// A client's claim about an address on the web: its home page or its logo. `None` for anything that is no plain `http` or
/// `https` address.
pub fn web_address(raw: &str) -> Option<String> {
    let parts = RawUri::split(raw)?;
    let url = Url::parse(raw).ok()?;
    let plain = raw.len() <= MAX_ADDRESS_BYTES && has_plain_characters(raw) && !parts.has_userinfo();
    let web = matches!(parts.scheme, "https" | "http") && parts.host_is_written_plainly(&url);
    (plain && web).then(|| raw.to_owned())
}

#[cfg(test)]
mod tests;
