//! A client gives a token back (RFC 7009, IndieAuth "Token Revocation").

use crate::oauth::grant::RevokedBecause;
use crate::oauth::secret::Digest;
use crate::storage::grants;
use crate::storage::tokens;

use super::{FlowError, Flows};

impl Flows {
    /// Ends a token. One that is unknown has ended already. A refresh token takes everything its approval gave along
    /// (RFC 7009 §2.1), and so does the only token of a client that does not refresh.
    ///
    /// # Errors
    /// Failures of ours only: success is never claimed for a token that may still hold.
    pub async fn revoke_token(&self, presented: &str) -> Result<(), FlowError> {
        let now = self.now();
        let access = Digest::of(presented);
        let grant_id = match tokens::find_access(self.store.reader(), &access, now).await? {
            Some(live) if live.refreshes => return Ok(tokens::delete_access(self.store.writer(), &access).await?),
            Some(live) => live.grant_id,
            None => match tokens::find_refresh(self.store.reader(), &Digest::of(presented)).await? {
                Some(stored) => stored.grant_id,
                None => return Ok(()),
            },
        };
        grants::revoke(self.store.writer(), &grant_id, RevokedBecause::Client, now).await?;
        Ok(())
    }
}
