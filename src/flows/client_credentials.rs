//! A client asks for a token of its own, for nobody in particular (RFC 6749 §4.4): Mastodon's apps do before anybody has
//! signed in.

use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::oauth::secret::Secret;
use crate::oauth::token::{TokenPair, TokenResponse};
use crate::storage::client_tokens;

use super::clients::AuthenticatedClient;
use super::{FlowError, Flows};

impl Flows {
    /// Gives a confidential client a token of its own, if its kind may have one.
    ///
    /// # Errors
    /// `unsupported_grant_type`, `unauthorized_client`, `invalid_scope`.
    pub async fn client_credentials(
        &self,
        scope: Option<&str>,
        client: &AuthenticatedClient,
    ) -> Result<TokenResponse, FlowError> {
        // To clients that are known by their address this grant does not exist, as at Misskey.
        const NOT_HERE: ProtocolError = ProtocolError::new(
            ErrorCode::UnsupportedGrantType,
            "a client that is known by its address cannot have a token of its own",
        );
        const NOT_YOURS: ProtocolError = ProtocolError::new(
            ErrorCode::UnauthorizedClient,
            "this client cannot have a token of its own",
        );
        let AuthenticatedClient::Registered(client) = client else {
            return Err(NOT_HERE.into());
        };
        if !client.dialect.rules().client_credentials || !client.is_confidential() {
            return Err(NOT_YOURS.into());
        }
        let scope = client.requested_scope(scope, &self.policy)?;
        let now = self.now();
        let access_token = Secret::generate(&mut rand::rng());
        let tx = self.store.begin().await?;
        client_tokens::insert(&*tx, &access_token.digest(), client.id.as_str(), &scope, now).await?;
        tx.commit().await?;
        Ok(TokenResponse {
            tokens: TokenPair {
                access_token,
                refresh_token: None,
            },
            scope,
            expires_in: None,
            me: None,
            username: None,
            profile: None,
            created_at: now,
        })
    }
}
