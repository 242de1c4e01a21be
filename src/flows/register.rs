//! A client is registered: by itself, where the operator lets it (RFC 7591 and the dialects), or by the operator.

use time::OffsetDateTime;

use crate::oauth::registration::{DynamicClient, Registration};
use crate::oauth::secret::{ClientSecret, Digest, RegistrationToken, Secret, random_id};
use crate::storage::Store;
use crate::storage::clients;
pub use crate::storage::clients::RegisteredClient;

use super::{FlowError, Flows};

/// A new client, with its secret in clear text for the only time.
#[derive(Debug)]
pub struct Registered {
    /// The client.
    pub registered: RegisteredClient,
    /// Its secret, if it is confidential.
    pub secret: Option<Secret<ClientSecret>>,
}

/// What a client of RFC 7591 is told of its registration.
#[derive(Debug)]
pub struct ClientInformation {
    /// The client.
    pub registered: RegisteredClient,
    /// Its secret, if it just got one.
    pub secret: Option<Secret<ClientSecret>>,
    /// What it manages its registration with, if it just got that.
    pub registration_token: Option<Secret<RegistrationToken>>,
}

impl Flows {
    /// Registers a client. Whether it may is asked before, by the endpoint it came to.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn register(&self, registration: Registration) -> Result<Registered, FlowError> {
        register(&self.store, registration, self.now()).await
    }

    /// Registers a client of RFC 7591, or recognises a public one that registered before (attack case DR-01).
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn register_dynamic(&self, asked: DynamicClient) -> Result<ClientInformation, FlowError> {
        let now = self.now();
        let metadata = asked.digest();
        if let Some(metadata) = &metadata
            && let Some(registered) = clients::share(self.store.writer(), metadata, now).await?
        {
            return Ok(ClientInformation {
                registered,
                secret: None,
                registration_token: None,
            });
        }
        let confidential = asked.registration.confidential;
        let secret = confidential.then(|| Secret::<ClientSecret>::generate(&mut rand::rng()));
        let token = Secret::<RegistrationToken>::generate(&mut rand::rng());
        let id = random_id(&mut rand::rng());
        let registered = RegisteredClient {
            registration_token: Some(token.digest()),
            created_at: now,
            ..described(asked, id, secret.as_ref().map(Secret::digest))
        };
        clients::insert(self.store.writer(), &registered, metadata).await?;
        Ok(ClientInformation {
            registered,
            secret,
            registration_token: Some(token),
        })
    }
}

/// The client that `asked` becomes, without what only a row knows.
pub(super) fn described(asked: DynamicClient, id: String, secret: Option<Digest<ClientSecret>>) -> RegisteredClient {
    RegisteredClient {
        auth_method: Some(asked.auth_method),
        application_type: asked.application_type,
        ..unmanaged(asked.registration, id, secret, OffsetDateTime::UNIX_EPOCH)
    }
}

fn unmanaged(
    registration: Registration,
    id: String,
    secret: Option<Digest<ClientSecret>>,
    created_at: OffsetDateTime,
) -> RegisteredClient {
    RegisteredClient {
        description: registration.description.clone(),
        client: registration.client(id, secret),
        auth_method: None,
        application_type: None,
        registration_token: None,
        created_at,
        approved_at: None,
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
    // Letters and digits, never the look of a URL (decision 4).
    let id = random_id(&mut rand::rng());
    let registered = unmanaged(registration, id, secret.as_ref().map(Secret::digest), now);
    clients::insert(store.writer(), &registered, None).await?;
    Ok(Registered { registered, secret })
}
