//! A person gives themselves another password.

use crate::failure::FlowError;
use crate::oauth::grant::Owner;
use crate::oauth::secret::{Digest, Secret, SessionKey};
use crate::password::Password;
use crate::storage::audit::{self, AuditEvent};
use crate::storage::{StorageError, sessions, users};

use super::Accounts;
use super::confirm::{Shown, Unproven};
use super::second_step::Proof;
use super::users::AccountError;

impl Accounts {
    /// Gives a person who proves who they are another password. What the old one could have let in ends, as it does when
    /// somebody else sets it; only the session that asks goes on, with a new key.
    ///
    /// # Errors
    /// `Unproven`, `Password`, `Failed`.
    pub async fn change_password(
        &self,
        owner: &Owner,
        session: &Digest<SessionKey>,
        shown: Shown<'_>,
        new: &str,
    ) -> Result<Secret<SessionKey>, AccountError> {
        // The rules first: whoever types too short a new one is not told whether the old one was right.
        let new = Password::new(new).map_err(AccountError::Password)?;
        let verified = self.verified(owner.username.as_str(), shown.password).await?;
        let (_, old_hash) = verified.ok_or(AccountError::Unproven(Unproven::WrongPassword))?;
        let new_hash = self.passwords.hash(new).await.map_err(FlowError::from)?;
        let key = Secret::generate(&mut rand::rng());
        let change = Change {
            owner,
            session,
            key: &key.digest(),
            proof: shown.proof,
        };
        let changed = self.store_change(&change, &old_hash, &new_hash).await;
        changed.map_err(FlowError::from)?.map_err(AccountError::Unproven)?;
        Ok(key)
    }

    async fn store_change(
        &self,
        change: &Change<'_>,
        old_hash: &str,
        new_hash: &str,
    ) -> Result<Result<(), Unproven>, StorageError> {
        let (owner, now) = (change.owner, self.now());
        let user_id = &owner.user_id;
        let tx = self.store.begin().await?;
        let proven = self.prove(&*tx, owner, change.session, old_hash, change.proof).await?;
        if let Err(unproven) = proven {
            tx.commit().await?;
            return Ok(Err(unproven));
        }
        if !sessions::renew_proven(&*tx, change.session, change.key, now).await? {
            return Ok(Err(Unproven::SignedOut));
        }
        users::set_password(&*tx, user_id, new_hash).await?;
        sessions::delete_others_of(&*tx, user_id, change.key).await?;
        self.end_what_a_password_let_in(&*tx, user_id).await?;
        audit::insert_own(&*tx, AuditEvent::PasswordChanged, user_id, now).await?;
        tx.commit().await?;
        Ok(Ok(()))
    }
}

/// Whose password changes, what becomes of the session that asks, and what is shown besides the old password.
struct Change<'a> {
    owner: &'a Owner,
    session: &'a Digest<SessionKey>,
    key: &'a Digest<SessionKey>,
    proof: Proof<'a>,
}
