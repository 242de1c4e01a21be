//! Where a person is signed in, and how they end it from elsewhere.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use time::OffsetDateTime;

use crate::failure::FlowError;
use crate::oauth::grant::Owner;
use crate::oauth::secret::{Digest, SessionKey};
use crate::storage::audit::{self, AuditEvent};
use crate::storage::sessions::{self, Browser};

use super::Accounts;

/// A session as its person sees it.
#[derive(Debug, Clone)]
pub struct OpenSession {
    /// What it is ended by: its key's digest, which opens nothing.
    pub id: String,
    /// Whether it is the one that asks.
    pub is_current: bool,
    /// When it began.
    pub since: OffsetDateTime,
    /// When it was last used, to the hour.
    pub last_used_at: OffsetDateTime,
    /// In which browser.
    pub browser: Browser,
}

impl Accounts {
    /// Where a person is signed in: the session that asks first, then the last used first.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn sessions(&self, owner: &Owner, current: &Digest<SessionKey>) -> Result<Vec<OpenSession>, FlowError> {
        let now = self.now();
        let idle_since = now - self.policy.lifetimes.session_idle;
        let found = sessions::all_of(self.store.reader(), &owner.user_id, now, idle_since).await?;
        let mut open: Vec<OpenSession> = found
            .into_iter()
            .map(|session| OpenSession {
                id: BASE64_URL_SAFE_NO_PAD.encode(session.digest.as_bytes()),
                is_current: session.digest.matches(current),
                since: session.created_at,
                last_used_at: session.last_used_at,
                browser: session.browser,
            })
            .collect();
        open.sort_by_key(|session| !session.is_current);
        Ok(open)
    }

    /// Ends one of a person's sessions. Somebody else's stays as it is, and so does what is none.
    ///
    /// # Errors
    /// Failures of ours only; then the session still holds.
    pub async fn end_session_of(&self, owner: &Owner, id: &str) -> Result<bool, FlowError> {
        let digest = BASE64_URL_SAFE_NO_PAD.decode(id).ok();
        let Some(digest) = digest.and_then(|bytes| bytes.try_into().ok()) else {
            return Ok(false);
        };
        let digest = Digest::from_bytes(digest);
        let tx = self.store.begin().await?;
        let ended = sessions::delete_of(&*tx, &owner.user_id, &digest).await?;
        if ended {
            audit::insert_own(&*tx, AuditEvent::SessionsEnded, &owner.user_id, self.now()).await?;
        }
        tx.commit().await?;
        Ok(ended)
    }

    /// Ends all sessions of a person.
    ///
    /// # Errors
    /// Failures of ours only; then they still hold.
    pub async fn end_all_sessions(&self, owner: &Owner) -> Result<(), FlowError> {
        let tx = self.store.begin().await?;
        sessions::delete_all_of(&*tx, &owner.user_id).await?;
        audit::insert_own(&*tx, AuditEvent::SessionsEnded, &owner.user_id, self.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Ends all sessions of a person but the one that asks.
    ///
    /// # Errors
    /// Failures of ours only; then they still hold.
    pub async fn end_other_sessions(&self, owner: &Owner, current: &Digest<SessionKey>) -> Result<(), FlowError> {
        let tx = self.store.begin().await?;
        sessions::delete_others_of(&*tx, &owner.user_id, current).await?;
        audit::insert_own(&*tx, AuditEvent::SessionsEnded, &owner.user_id, self.now()).await?;
        Ok(tx.commit().await?)
    }
}
