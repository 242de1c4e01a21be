//! A client gives a token back (RFC 7009, IndieAuth "Token Revocation").

use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::oauth::grant::RevokedBecause;
use crate::oauth::secret::Digest;
use crate::oauth::token::PresentedToken;
use crate::storage::{client_tokens, grants, tokens};

use super::Flows;
use super::clients::AuthenticatedClient;
use super::introspect::NotTold;

impl Flows {
    /// Ends a token. One that is unknown has ended already. A refresh token takes everything its approval gave along
    /// (RFC 7009 §2.1), and so does the only token of a client that does not refresh.
    ///
    /// Whoever holds a token of a public client may end it. One of a confidential client only the client itself can
    /// (RFC 7009 §2.1), and `client` is who has shown that it is it.
    ///
    /// # Errors
    /// `unauthorized_client`. Success is never claimed for a token that may still hold.
    pub async fn revoke_token(&self, presented: &str, client: Option<&AuthenticatedClient>) -> Result<(), NotTold> {
        let now = self.now();
        let token = PresentedToken::of(presented);
        if let Some(live) = tokens::find_access_to_end(self.store.reader(), &token, now).await? {
            permit(&live.client_id, live.client_is_confidential, client)
                .map_err(|error| NotTold::to(live.dialect, error))?;
            if live.refreshes {
                return Ok(tokens::delete_access(self.store.writer(), &live.digest).await?);
            }
            grants::revoke(self.store.writer(), &live.grant_id, RevokedBecause::Client, now).await?;
        } else if let Some(stored) = tokens::find_refresh_to_end(self.store.reader(), &Digest::of(presented)).await? {
            permit(&stored.client_id, stored.client_is_confidential, client)
                .map_err(|error| NotTold::to(stored.dialect, error))?;
            grants::revoke(self.store.writer(), &stored.grant_id, RevokedBecause::Client, now).await?;
        } else if let Some(own) = client_tokens::find(self.store.reader(), &token.digest, now).await? {
            permit(&own.client_id, true, client).map_err(|error| NotTold::to(own.dialect, error))?;
            client_tokens::delete(self.store.writer(), &token.digest).await?;
        }
        Ok(())
    }
}

/// Mastodon's words, which its clients may look for.
pub const NOT_YOURS: ProtocolError = ProtocolError::new(
    ErrorCode::UnauthorizedClient,
    "You are not authorized to revoke this token",
);

fn permit(owner: &str, is_confidential: bool, client: Option<&AuthenticatedClient>) -> Result<(), ProtocolError> {
    match client {
        Some(client) if client.id() == owner => Ok(()),
        None if !is_confidential => Ok(()),
        _ => Err(NOT_YOURS),
    }
}
