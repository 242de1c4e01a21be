//! Who a client is: found by its id, and believed when it shows its secret (RFC 6749 §2.3, §3.2.1).

use crate::oauth::client::{Client, ClientId, HttpLoopback};
use crate::oauth::dialect::Dialect;
use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::oauth::grant::Owner;
use crate::oauth::secret::{ClientSecret, Digest};
use crate::storage::clients::{self, RegisteredClient};
use crate::storage::grants;

use super::{FlowError, Flows};

/// Who a caller says it is, and what it shows for it.
#[derive(Debug, Clone)]
pub struct PresentedClient {
    /// Its `client_id`.
    pub id: String,
    /// The digest of what it shows as its secret.
    pub secret: Option<Digest<ClientSecret>>,
}

/// A client that is who it says it is: it has shown its secret, or has none to show.
#[derive(Debug, Clone)]
pub enum AuthenticatedClient {
    /// Known by its address. Public: what it proves, it proves by PKCE.
    Url(ClientId),
    /// Registered here.
    Registered(Box<Client>),
}

impl AuthenticatedClient {
    /// Its identity.
    pub fn id(&self) -> &str {
        match self {
            AuthenticatedClient::Url(id) => id.as_str(),
            AuthenticatedClient::Registered(client) => client.id.as_str(),
        }
    }

    /// Whether it has a secret, which it has then shown.
    pub fn has_shown_secret(&self) -> bool {
        match self {
            AuthenticatedClient::Url(_) => false,
            AuthenticatedClient::Registered(client) => client.is_confidential(),
        }
    }

    /// Which kind of client it is.
    pub fn dialect(&self) -> Dialect {
        match self {
            AuthenticatedClient::Url(_) => Dialect::IndieAuth,
            AuthenticatedClient::Registered(client) => client.dialect,
        }
    }
}

/// A deleted client is told the same; Elk reads these very words and registers again.
const REFUSED: ProtocolError = ProtocolError::new(
    ErrorCode::InvalidClient,
    "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.",
);
const URL_WITH_SECRET: ProtocolError = ProtocolError::new(
    ErrorCode::InvalidClient,
    "a client that is known by its address has no secret; send client_id without client_secret",
);

impl Flows {
    /// The registered client with this id.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn registered_client(&self, id: &str) -> Result<Option<RegisteredClient>, FlowError> {
        Ok(clients::find(self.store.reader(), id).await?)
    }

    /// The registered client with this id, if it ever asked this person for anything.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn client_known_to(&self, owner: &Owner, id: &str) -> Result<Option<RegisteredClient>, FlowError> {
        let Some(found) = self.registered_client(id).await? else {
            return Ok(None);
        };
        let known = grants::is_known_to(self.store.reader(), &owner.user_id, id).await?;
        Ok(known.then_some(found))
    }

    /// Which kind of client somebody says they are, believed or not.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn dialect_of(&self, readings: &[PresentedClient]) -> Result<Option<Dialect>, FlowError> {
        for presented in readings {
            match ClientId::parse(&presented.id, HttpLoopback::Allowed) {
                Ok(ClientId::Url(_)) => return Ok(Some(Dialect::IndieAuth)),
                Ok(ClientId::Registered(id)) => {
                    if let Some(found) = clients::find(self.store.reader(), &id).await? {
                        return Ok(Some(found.client.dialect));
                    }
                }
                Ok(ClientId::Unregistered(_)) | Err(_) => {}
            }
        }
        Ok(None)
    }

    /// Believes a caller, in the first reading of its credentials that holds (a Basic header may be form-encoded or
    /// not).
    ///
    /// # Errors
    /// `invalid_client`, the same for an unknown id and a wrong, missing or superfluous secret.
    pub async fn authenticate_client(&self, readings: &[PresentedClient]) -> Result<AuthenticatedClient, FlowError> {
        let mut refusal = REFUSED;
        for presented in readings {
            match ClientId::parse(&presented.id, HttpLoopback::Allowed) {
                Ok(ClientId::Url(_)) if presented.secret.is_some() => refusal = URL_WITH_SECRET,
                Ok(id @ ClientId::Url(_)) => return Ok(AuthenticatedClient::Url(id)),
                Ok(ClientId::Registered(id)) => {
                    let found = clients::find(self.store.reader(), &id).await?;
                    if let Some(found) = found.filter(|found| found.client.secret == presented.secret) {
                        return Ok(AuthenticatedClient::Registered(Box::new(found.client)));
                    }
                }
                Ok(ClientId::Unregistered(_)) | Err(_) => {}
            }
        }
        Err(refusal.into())
    }
}
