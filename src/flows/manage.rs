//! A registration after it was made: managed by its client (RFC 7592), or by the operator.

use time::OffsetDateTime;

use crate::oauth::dialect::Dialect;
use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::oauth::registration::DynamicClient;
use crate::oauth::secret::{ClientSecret, Digest, RegistrationToken, Secret};
use crate::storage::clients::{self, RegisteredClient};
use crate::storage::{Store, Tx, consents, grants};

use super::register::{ClientInformation, described};
use super::{FlowError, Flows};

/// The same for an unknown client and for a wrong token: whether a client exists is nobody's business (RFC 7592 §2).
const REFUSED: ProtocolError = ProtocolError::new(
    ErrorCode::InvalidToken,
    "the registration access token is unknown, of another client, or ended",
);

/// What a client sends to replace its registration (RFC 7592 §2.2).
#[derive(Debug)]
pub struct Replacement {
    /// Everything it says of itself from now on. What it leaves out is gone.
    pub client: DynamicClient,
    /// The `client_id` in its request.
    pub id: Option<String>,
    /// The secret in its request, which must be the one it has. It does not choose another.
    pub secret: Option<Digest<ClientSecret>>,
}

impl Flows {
    /// The registration with this id, for whoever holds its registration access token.
    ///
    /// # Errors
    /// `invalid_token`.
    pub async fn registration(
        &self,
        id: &str,
        token: &Digest<RegistrationToken>,
    ) -> Result<RegisteredClient, FlowError> {
        let found = clients::find(self.store.reader(), id).await?;
        let managed = found.filter(|found| found.registration_token.as_ref() == Some(token));
        managed.ok_or_else(|| REFUSED.into())
    }

    /// Replaces a registration. People are asked again, since the client says something else of itself; what they gave it
    /// before stays as it was.
    ///
    /// # Errors
    /// `invalid_token`; `invalid_client_metadata` when id or secret are not its own, or when it would become public or
    /// confidential: what people gave to the one must not go to the other.
    pub async fn replace_registration(
        &self,
        id: &str,
        token: &Digest<RegistrationToken>,
        replacement: Replacement,
    ) -> Result<ClientInformation, FlowError> {
        const OTHER_ID: ProtocolError = ProtocolError::new(
            ErrorCode::InvalidClientMetadata,
            "client_id must be that of the registration",
        );
        const OTHER_SECRET: ProtocolError = ProtocolError::new(
            ErrorCode::InvalidClientMetadata,
            "client_secret is not that of the registration; leave it out",
        );
        const OTHER_KIND: ProtocolError = ProtocolError::new(
            ErrorCode::InvalidClientMetadata,
            "token_endpoint_auth_method cannot change between none and a secret; register anew",
        );
        let before = self.registration(id, token).await?;
        if replacement.id.as_deref() != Some(id) {
            return Err(OTHER_ID.into());
        }
        if replacement.secret.is_some() && replacement.secret != before.client.secret {
            return Err(OTHER_SECRET.into());
        }
        if replacement.client.registration.confidential != before.client.is_confidential() {
            return Err(OTHER_KIND.into());
        }
        let metadata = replacement.client.digest();
        let registered = RegisteredClient {
            registration_token: Some(token.clone()),
            created_at: before.created_at,
            approved_at: before.approved_at,
            ..described(replacement.client, id.to_owned(), before.client.secret)
        };
        if !clients::replace(self.store.writer(), &registered, metadata, token).await? {
            return Err(REFUSED.into());
        }
        Ok(ClientInformation {
            registered,
            secret: None,
            registration_token: None,
        })
    }

    /// Removes a registration, at the wish of whoever manages it.
    ///
    /// # Errors
    /// `invalid_token`.
    pub async fn end_registration(&self, id: &str, token: &Digest<RegistrationToken>) -> Result<(), FlowError> {
        let tx = self.store.begin().await?;
        if !clients::delete_managed(&*tx, id, token).await? {
            return Err(REFUSED.into());
        }
        end_all_to(&tx, id, self.now()).await?;
        Ok(tx.commit().await?)
    }
}

/// The registered clients, oldest first: those that the operator added, or those of every kind.
///
/// # Errors
/// Failures of ours only.
pub async fn list_clients(store: &Store, every_kind: bool) -> Result<Vec<RegisteredClient>, FlowError> {
    let kinds = if every_kind {
        &Dialect::ALL[..]
    } else {
        &[Dialect::Operator]
    };
    Ok(clients::list(store.reader(), kinds).await?)
}

/// The registered client with this id.
///
/// # Errors
/// Failures of ours only.
pub async fn find_client(store: &Store, id: &str) -> Result<Option<RegisteredClient>, FlowError> {
    Ok(clients::find(store.reader(), id).await?)
}

/// Gives a confidential client another secret, which ends the old one and nothing else. `None` when there is no such
/// client, or it is public.
///
/// # Errors
/// Failures of ours only.
pub async fn rotate_secret(store: &Store, id: &str) -> Result<Option<Secret<ClientSecret>>, FlowError> {
    let secret = Secret::<ClientSecret>::generate(&mut rand::rng());
    let replaced = clients::replace_secret(store.writer(), id, &secret.digest()).await?;
    Ok(replaced.then_some(secret))
}

/// Removes a client, and ends everything that was ever given to it. `false` when there was none.
///
/// # Errors
/// Failures of ours only; then nothing ended.
pub async fn remove_client(store: &Store, id: &str, now: OffsetDateTime) -> Result<bool, FlowError> {
    let tx = store.begin().await?;
    let removed = clients::delete(&*tx, id).await?;
    end_all_to(&tx, id, now).await?;
    tx.commit().await?;
    Ok(removed)
}

/// Ends what people gave to a client whose row is deleted already. Whoever was just saying yes held that row, and is seen
/// here; whoever says yes from now on finds it gone.
pub(crate) async fn end_all_to(tx: &Tx, id: &str, now: OffsetDateTime) -> Result<(), FlowError> {
    consents::forget_client(&**tx, id).await?;
    grants::revoke_all_to(&**tx, id, now).await?;
    Ok(())
}
