//! Another password, through the link that an operator made. It does what [`Accounts::set_password`] does, and leaves the
//! second step as it is.

use crate::failure::FlowError;
use crate::oauth::profile::Username;
use crate::oauth::secret::{Digest, PasswordLinkToken};
use crate::password::Password;
use crate::storage::audit::{self, AuditEvent};
use crate::storage::{StorageError, password_links, people, sessions, users};

use super::Accounts;
use super::users::AccountError;

impl Accounts {
    /// Whose password a link changes, while it works.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn password_link_of(&self, token: &Digest<PasswordLinkToken>) -> Result<Option<Username>, FlowError> {
        let Some(user_id) = password_links::find(self.store.reader(), token, self.now()).await? else {
            return Ok(None);
        };
        let user = users::find(self.store.reader(), &user_id).await?;
        Ok(user.map(|user| user.username))
    }

    /// Spends a link for another password. Every browser is signed out, every app loses its access.
    ///
    /// # Errors
    /// `LinkSpent`, `Password`, `Failed`.
    pub async fn use_password_link(
        &self,
        token: &Digest<PasswordLinkToken>,
        password: &str,
    ) -> Result<Username, AccountError> {
        let password = Password::new(password).map_err(AccountError::Password)?;
        // Before the password is hashed: a link that is spent must not cost a processor.
        let username = self.password_link_of(token).await?.ok_or(AccountError::LinkSpent)?;
        let hash = self.passwords.hash(password).await.map_err(FlowError::from)?;
        let spent = self.spend_password_link(token, &hash).await.map_err(FlowError::from)?;
        spent.then_some(username).ok_or(AccountError::LinkSpent)
    }

    async fn spend_password_link(&self, token: &Digest<PasswordLinkToken>, hash: &str) -> Result<bool, StorageError> {
        let now = self.now();
        let tx = self.store.begin().await?;
        let Some(user_id) = password_links::find(&*tx, token, now).await? else {
            return Ok(false);
        };
        // In the order in which others take them; who is shut out gets no other password by a link.
        if !people::hold_admitted(&*tx, &user_id).await? || !password_links::spend(&*tx, token, now).await? {
            return Ok(false);
        }
        users::set_password(&*tx, &user_id, hash).await?;
        sessions::delete_all_of(&*tx, &user_id).await?;
        self.end_what_a_password_let_in(&*tx, &user_id).await?;
        audit::insert_own(&*tx, AuditEvent::PasswordLinkUsed, &user_id, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}
