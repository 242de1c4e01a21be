//! A client introduces itself before it asks for anything (RFC 7591 §2, and the registration calls of the dialects, which
//! are translated into this in `src/web/dialects`).

use super::client::{Client, ClientId, DescribedBy, DisplayMetadata, RedirectUris};
use super::dialect::Dialect;
use super::redirect_uri::RedirectUri;
use super::scope::Scope;
use super::secret::{ClientSecret, Digest};

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
    /// What it may ask for.
    pub scope: Scope,
    /// It gets a secret (RFC 6749 §2.1).
    pub confidential: bool,
    /// It declares the `refresh_token` grant.
    pub refreshes: bool,
}

impl Registration {
    /// The client this becomes.
    pub fn client(self, id: String, secret: Option<Digest<ClientSecret>>) -> Client {
        Client {
            id: ClientId::Registered(id),
            dialect: self.dialect,
            display: self.display,
            redirect_uris: RedirectUris::Published(self.redirect_uris),
            refreshes: self.refreshes,
            described_by: DescribedBy::Registration,
            secret,
            scope: Some(self.scope),
        }
    }
}
