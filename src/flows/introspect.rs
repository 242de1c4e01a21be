//! Whether a token holds: for resource servers (RFC 7662), for the token's own holder (RFC 6750, IndieAuth "Profile
//! Information" and the token check of its 2020 edition).

use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::oauth::profile::ProfileInformation;
use crate::oauth::secret::{AccessToken, Digest, ResourceServerSecret, Secret, random_id};
use crate::oauth::token::{ActiveToken, IntrospectionResponse};
use crate::storage::Store;
use crate::storage::resource_servers::{self, ResourceServer};
use crate::storage::tokens::{self, LiveAccessToken};
use time::OffsetDateTime;

use super::{FlowError, Flows};

/// What a resource server proves itself with.
#[derive(Debug)]
pub enum ResourceCredentials {
    /// Its id and secret.
    Client {
        /// The id.
        id: String,
        /// The digest of the secret.
        secret: Digest<ResourceServerSecret>,
    },
    /// Its secret alone, as a bearer token.
    Bearer(Digest<ResourceServerSecret>),
}

impl Flows {
    /// Lets a resource server in.
    ///
    /// # Errors
    /// `invalid_client`, the same for an unknown id and a wrong secret.
    pub async fn authenticate_resource(&self, credentials: &ResourceCredentials) -> Result<(), FlowError> {
        const REFUSED: ProtocolError = ProtocolError::new(
            ErrorCode::InvalidClient,
            "introspection needs the credentials of a resource server",
        );
        let known = match credentials {
            ResourceCredentials::Client { id, secret } => {
                let found = resource_servers::find(self.store.reader(), id).await?;
                found.is_some_and(|resource| resource.secret.matches(secret))
            }
            ResourceCredentials::Bearer(secret) => resource_servers::find_by_secret(self.store.reader(), secret)
                .await?
                .is_some(),
        };
        if known { Ok(()) } else { Err(REFUSED.into()) }
    }

    /// What a resource server learns of a token.
    ///
    /// # Errors
    /// Failures of ours only; a token that does not hold is an answer.
    pub async fn introspect(&self, token: &Digest<AccessToken>) -> Result<IntrospectionResponse, FlowError> {
        let Some(live) = self.used(token).await? else {
            return Ok(IntrospectionResponse::INACTIVE);
        };
        Ok(IntrospectionResponse::Active(self.describe(live)))
    }

    /// What a token says to whoever holds it.
    ///
    /// # Errors
    /// `invalid_token`.
    pub async fn check_token(&self, token: &Digest<AccessToken>) -> Result<ActiveToken, FlowError> {
        let live = self.used(token).await?.ok_or(INVALID_TOKEN)?;
        Ok(self.describe(live))
    }

    /// The profile of the person behind a token.
    ///
    /// # Errors
    /// `invalid_token`; `insufficient_scope` without `profile`.
    pub async fn userinfo(&self, token: &Digest<AccessToken>) -> Result<ProfileInformation, FlowError> {
        const NOT_GRANTED: ProtocolError =
            ProtocolError::new(ErrorCode::InsufficientScope, "the token needs the scope profile");
        let live = self.used(token).await?.ok_or(INVALID_TOKEN)?;
        let profile = ProfileInformation::granted(&live.scope, &live.username, &live.me);
        profile.ok_or_else(|| NOT_GRANTED.into())
    }

    async fn used(&self, token: &Digest<AccessToken>) -> Result<Option<LiveAccessToken>, FlowError> {
        let now = self.now();
        let found = tokens::find_access(self.store.reader(), token, now).await?;
        if let Some(live) = &found {
            self.uses.note(token, live, now);
        }
        Ok(found)
    }

    fn describe(&self, live: LiveAccessToken) -> ActiveToken {
        ActiveToken {
            active: true,
            me: live.me,
            client_id: live.client_id,
            scope: live.scope.to_string(),
            token_type: "Bearer",
            username: live.username.as_str().to_owned(),
            iss: self.policy.issuer.as_str().to_owned(),
            iat: live.issued_at.unix_timestamp(),
            exp: live.expires_at.map(|end| end.unix_timestamp()),
        }
    }
}

const INVALID_TOKEN: ProtocolError = ProtocolError::new(
    ErrorCode::InvalidToken,
    "the access token is unknown, lapsed or revoked",
);

/// Lets a program in from now on. Gives its id and secret, or nothing when the name is taken.
///
/// # Errors
/// Failures of ours only.
pub async fn add_resource_server(
    store: &Store,
    name: &str,
    now: OffsetDateTime,
) -> Result<Option<(String, Secret<ResourceServerSecret>)>, FlowError> {
    let secret = Secret::generate(&mut rand::rng());
    let resource = ResourceServer {
        id: format!("rs_{}", random_id(&mut rand::rng())),
        name: name.to_owned(),
        secret: secret.digest(),
    };
    let added = resource_servers::insert(store.writer(), &resource, now).await?;
    Ok(added.then_some((resource.id, secret)))
}
