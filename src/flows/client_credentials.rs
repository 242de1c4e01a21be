//! A client asks for a token of its own, for nobody in particular (RFC 6749 §4.4): Mastodon's apps do before anybody has
//! signed in.

use crate::oauth::dialect::ClientCredentials;
use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::oauth::secret::Secret;
use crate::oauth::token::{TokenPair, TokenResponse};
use crate::storage::client_tokens::{self, ClientToken};

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
        const UNSUPPORTED: ProtocolError = ProtocolError::new(
            ErrorCode::UnsupportedGrantType,
            "this kind of client cannot have a token of its own",
        );
        const UNAUTHORIZED: ProtocolError = ProtocolError::new(
            ErrorCode::UnauthorizedClient,
            "this client cannot have a token of its own",
        );
        let client = match (client, client.dialect().rules().client_credentials) {
            (_, ClientCredentials::Unsupported) => return Err(UNSUPPORTED.into()),
            (AuthenticatedClient::Registered(client), ClientCredentials::Given) if client.is_confidential() => client,
            _ => return Err(UNAUTHORIZED.into()),
        };
        let scope = client.requested_scope(scope, &self.policy)?;
        let (now, cap) = (self.now(), self.policy.token_cap(client.dialect));
        let access_token = Secret::generate(&mut rand::rng());
        let tx = self.store.begin().await?;
        let token = ClientToken {
            client_id: client.id.as_str().to_owned(),
            dialect: client.dialect,
            scope,
            issued_at: now,
            expires_at: cap.map(|cap| now + cap),
        };
        client_tokens::insert(&*tx, &access_token.digest(), &token).await?;
        tx.commit().await?;
        Ok(TokenResponse {
            tokens: TokenPair {
                access_token,
                refresh_token: None,
            },
            scope: token.scope,
            expires_in: cap,
            me: None,
            username: None,
            profile: None,
            created_at: now,
        })
    }
}
