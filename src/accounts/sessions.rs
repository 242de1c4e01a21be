//! Sign-in, and the session that a browser holds afterwards.

use time::Duration;

use crate::flows::FlowError;
use crate::oauth::grant::Owner;
use crate::oauth::profile::Username;
use crate::oauth::secret::{Digest, Secret, SessionKey};
use crate::password::Password;
use crate::storage::{sessions, users};

use super::Accounts;

/// A session's use is written down at most this often.
const RESOLUTION: Duration = Duration::HOUR;

impl Accounts {
    /// Checks name and password. `None` for an unknown name and for a wrong password alike, after the same time.
    ///
    /// # Errors
    /// `Unavailable` when too many passwords wait to be checked.
    pub async fn sign_in(&self, name: &str, password: &str) -> Result<Option<Owner>, FlowError> {
        // What no account can have is not worth a processor, and says nothing about who has one.
        let (Some(username), Ok(password)) = (Username::typed(name), Password::new(password)) else {
            return Ok(None);
        };
        let found = users::find_by_username(self.store.reader(), &username).await?;
        let stored = found.as_ref().map(|user| user.password_hash.clone());
        let matches = self.passwords.verify(password, stored).await?;
        Ok(found.filter(|_| matches).map(|user| Owner {
            user_id: user.id,
            username: user.username,
        }))
    }

    /// Begins a session; the key goes into the cookie. Always a new one: a key that was set before the sign-in by
    /// somebody else must not become the person's.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn begin_session(&self, owner: &Owner) -> Result<Secret<SessionKey>, FlowError> {
        let (now, key) = (self.now(), Secret::generate(&mut rand::rng()));
        let expires_at = now + self.policy.lifetimes.session_absolute;
        sessions::insert(self.store.writer(), &key.digest(), &owner.user_id, now, expires_at).await?;
        Ok(key)
    }

    /// Whose browser this is.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn owner_of(&self, key: &Digest<SessionKey>) -> Result<Option<Owner>, FlowError> {
        let now = self.now();
        let idle_since = now - self.policy.lifetimes.session_idle;
        let Some(session) = sessions::find(self.store.reader(), key, now, idle_since).await? else {
            return Ok(None);
        };
        if now - session.last_used_at >= RESOLUTION {
            sessions::touch(self.store.writer(), key, now).await?;
        }
        Ok(Some(Owner {
            user_id: session.user_id,
            username: session.username,
        }))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Failures of ours only; then the session still holds.
    pub async fn end_session(&self, key: &Digest<SessionKey>) -> Result<(), FlowError> {
        Ok(sessions::delete(self.store.writer(), key).await?)
    }

    /// Whether somebody has this name; for their public page.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn find_by_username(&self, name: &Username) -> Result<Option<Owner>, FlowError> {
        let found = users::find_by_username(self.store.reader(), name).await?;
        Ok(found.map(|user| Owner {
            user_id: user.id,
            username: user.username,
        }))
    }
}
