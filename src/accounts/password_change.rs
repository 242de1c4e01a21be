//! A person gives themselves another password.

use crate::failure::FlowError;
use crate::oauth::grant::Owner;
use crate::oauth::secret::{Digest, Secret, SessionKey};
use crate::password::Password;
use crate::storage::audit::{self, AuditEvent};
use crate::storage::{StorageError, sessions, users};

use super::Accounts;
use super::users::AccountError;

impl Accounts {
    /// Gives a person who knows their password another one. What the old one could have let in ends, as it does when
    /// somebody else sets it; only the session that asks goes on, with a new key.
    ///
    /// # Errors
    /// `WrongPassword`, also when the session ended meanwhile; `Password`, `Failed`.
    pub async fn change_password(
        &self,
        owner: &Owner,
        session: &Digest<SessionKey>,
        old: &str,
        new: &str,
    ) -> Result<Secret<SessionKey>, AccountError> {
        // The rules first: whoever types too short a new one is not told whether the old one was right.
        let new = Password::new(new).map_err(AccountError::Password)?;
        let verified = self.verified(owner.username.as_str(), old).await?;
        let (_, old_hash) = verified.ok_or(AccountError::WrongPassword)?;
        let new_hash = self.passwords.hash(new).await.map_err(FlowError::from)?;
        let key = Secret::generate(&mut rand::rng());
        let change = Change {
            owner,
            session,
            key: &key.digest(),
        };
        let changed = self.store_change(&change, &old_hash, &new_hash).await;
        match changed.map_err(FlowError::from)? {
            true => Ok(key),
            false => Err(AccountError::WrongPassword),
        }
    }

    async fn store_change(&self, change: &Change<'_>, old_hash: &str, new_hash: &str) -> Result<bool, StorageError> {
        let user_id = &change.owner.user_id;
        let tx = self.store.begin().await?;
        // Both may have gone while the passwords were hashed.
        if !users::hold_password(&*tx, user_id, old_hash).await?
            || !sessions::renew(&*tx, change.session, change.key, self.now()).await?
        {
            return Ok(false);
        }
        users::set_password(&*tx, user_id, new_hash).await?;
        sessions::delete_others_of(&*tx, user_id, change.key).await?;
        self.end_what_a_password_let_in(&*tx, user_id).await?;
        audit::insert_own(&*tx, AuditEvent::PasswordChanged, user_id, self.now()).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// Whose password changes, and what becomes of the session that asks.
struct Change<'a> {
    owner: &'a Owner,
    session: &'a Digest<SessionKey>,
    key: &'a Digest<SessionKey>,
}
