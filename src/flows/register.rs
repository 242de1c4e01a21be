//! A client is registered: by itself, where the operator lets it (RFC 7591 and the dialects), or by the operator.

use time::OffsetDateTime;

use crate::oauth::registration::Registration;
use crate::oauth::secret::{ClientSecret, Secret, random_id};
use crate::storage::Store;
use crate::storage::clients::{self, RegisteredClient};

use super::{FlowError, Flows};

/// A new client, with its secret in clear text for the only time.
#[derive(Debug)]
pub struct Registered {
    /// The client.
    pub registered: RegisteredClient,
    /// Its secret, if it is confidential.
    pub secret: Option<Secret<ClientSecret>>,
}

impl Flows {
    /// Registers a client. Whether it may is asked before, by the endpoint it came to.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn register(&self, registration: Registration) -> Result<Registered, FlowError> {
        register(&self.store, registration, self.now()).await
    }
}

/// Registers a client.
///
/// # Errors
/// Failures of ours only.
pub async fn register(store: &Store, registration: Registration, now: OffsetDateTime) -> Result<Registered, FlowError> {
    let secret = registration
        .confidential
        .then(|| Secret::<ClientSecret>::generate(&mut rand::rng()));
    let description = registration.description.clone();
    let registered = RegisteredClient {
        // Letters and digits, never the look of a URL (decision 4).
        client: registration.client(random_id(&mut rand::rng()), secret.as_ref().map(Secret::digest)),
        description,
        registration_token: None,
        created_at: now,
        approved_at: None,
    };
    clients::insert(store.writer(), &registered, None).await?;
    Ok(Registered { registered, secret })
}
