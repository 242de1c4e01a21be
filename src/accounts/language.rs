//! The language that a person chose for these pages: it goes with them from browser to browser.

use crate::failure::FlowError;
use crate::oauth::grant::Owner;
use crate::oauth::secret::{Digest, SessionKey};
use crate::storage::{sessions, users};

use super::Accounts;

impl Accounts {
    /// Writes it down.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn choose_language(&self, owner: &Owner, tag: &str) -> Result<(), FlowError> {
        Ok(users::set_language(self.store.writer(), &owner.user_id, tag).await?)
    }

    /// What the person behind a session chose, if they did.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn language_of(&self, session: &Digest<SessionKey>) -> Result<Option<String>, FlowError> {
        Ok(sessions::language(self.store.reader(), session).await?)
    }
}
