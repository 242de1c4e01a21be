//! Sign-in, and the session that a browser holds afterwards.

use time::Duration;

use crate::failure::FlowError;
use crate::oauth::grant::Owner;
use crate::oauth::profile::Username;
use crate::oauth::secret::{Digest, Secret, SessionKey, SignInKey};
use crate::password::Password;
use crate::storage::audit::{self, AuditEvent, NewEvent};
use crate::storage::sessions::NewSession;
use crate::storage::users::{self, User};
use crate::storage::{Connection, people, second_factors, sessions};

use super::Accounts;

pub use crate::storage::sessions::Browser;

/// A session's use is written down at most this often.
const RESOLUTION: Duration = Duration::HOUR;

/// What a right password gives.
#[derive(Debug)]
pub enum SignIn {
    /// A session.
    Done(Secret<SessionKey>),
    /// The question for a code.
    NeedsCode(Secret<SignInKey>),
}

/// A session that holds.
#[derive(Debug, Clone)]
pub struct Held {
    /// Whose it is.
    pub owner: Owner,
    /// Whether its person proved a short time ago who they are, so that how they sign in may be changed.
    pub is_fresh: bool,
    /// Whether its person may use the operator's pages.
    pub is_operator: bool,
}

impl Accounts {
    /// Checks name and password and begins a session, whose key goes into the cookie, or asks for a code. `None` for an
    /// unknown name and for a wrong password alike, after the same time. The hash is looked at once more when the session
    /// is written: the password may have been changed while the old one waited to be checked.
    ///
    /// # Errors
    /// `Unavailable` when too many passwords wait to be checked.
    pub async fn sign_in(&self, name: &str, password: &str, browser: &Browser) -> Result<Option<SignIn>, FlowError> {
        // The same password gets a newer hash when its person signs in elsewhere at this very moment: then it is checked
        // against that one.
        for _ in 0..2 {
            let Some((owner, verified)) = self.verified(name, password).await? else {
                return Ok(None);
            };
            let renewed = self.renewed(password, &verified).await;
            let tx = self.store.begin().await?;
            if !users::hold_password(&*tx, &owner.user_id, &verified).await? {
                // Only another hash is worth another try: who was just shut out is not told by a longer wait.
                match users::has_other_password(&*tx, &owner.user_id, &verified).await? {
                    true => continue,
                    false => return Ok(None),
                }
            }
            if let Some(renewed) = renewed {
                users::set_password(&*tx, &owner.user_id, &renewed).await?;
            }
            let signed_in = if second_factors::exists(&*tx, &owner.user_id).await? {
                SignIn::NeedsCode(self.insert_pending(&*tx, &owner.user_id).await?)
            } else {
                let Some(key) = self.insert_session(&*tx, &owner, browser).await? else {
                    return Ok(None);
                };
                SignIn::Done(key)
            };
            tx.commit().await?;
            return Ok(Some(signed_in));
        }
        Ok(None)
    }

    /// A hash of today's cost for a password whose hash was made at another. Whoever signs in does not wait for it when
    /// the server is busy: the next sign-in does it.
    async fn renewed(&self, password: &str, stored: &str) -> Option<String> {
        let password = Password::new(password).ok()?;
        self.passwords.renewed(password, stored).await.ok().flatten()
    }

    /// The person behind name and password, with the hash that was compared. Who is shut out is nobody here: whether their
    /// password was right makes no difference, not even in how often something is hashed.
    pub(super) async fn verified(&self, name: &str, password: &str) -> Result<Option<(Owner, String)>, FlowError> {
        // What no account can have is not worth a processor, and says nothing about who has one.
        let (Some(username), Ok(password)) = (Username::typed(name), Password::new(password)) else {
            return Ok(None);
        };
        let found = users::find_admitted(self.store.reader(), &username).await?;
        let stored = found.as_ref().map(|user| user.password_hash.clone());
        let matches = self.passwords.verify(password, stored).await?;
        let owner = |user: User| {
            (
                Owner {
                    user_id: user.id,
                    username: user.username,
                },
                user.password_hash,
            )
        };
        Ok(found.filter(|_| matches).map(owner))
    }

    /// Begins a session for somebody who has just made an account or chosen a password. `None` when they are shut out.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn begin_session(
        &self,
        owner: &Owner,
        browser: &Browser,
    ) -> Result<Option<Secret<SessionKey>>, FlowError> {
        let tx = self.store.begin().await?;
        let key = self.insert_session(&*tx, owner, browser).await?;
        tx.commit().await?;
        Ok(key)
    }

    /// Always a new key: one that was set before the sign-in by somebody else must not become the person's. `None` when
    /// the person is shut out: every way in ends here, so none can forget to ask.
    pub(super) async fn insert_session(
        &self,
        db: &impl Connection,
        owner: &Owner,
        browser: &Browser,
    ) -> Result<Option<Secret<SessionKey>>, FlowError> {
        if !people::hold_admitted(db, &owner.user_id).await? {
            return Ok(None);
        }
        let (now, key) = (self.now(), Secret::generate(&mut rand::rng()));
        let session = NewSession {
            user_id: &owner.user_id,
            browser,
            created_at: now,
            expires_at: now + self.policy.lifetimes.session_absolute,
        };
        sessions::insert(db, &key.digest(), &session).await?;
        let detail = browser.in_short();
        let event = NewEvent {
            detail: detail.as_deref(),
            ..NewEvent::own(AuditEvent::SignedIn, &owner.user_id)
        };
        audit::write(db, &event, now).await?;
        Ok(Some(key))
    }

    /// Whose browser this is.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn session_of(&self, key: &Digest<SessionKey>) -> Result<Option<Held>, FlowError> {
        let now = self.now();
        let idle_since = now - self.policy.lifetimes.session_idle;
        let Some(session) = sessions::find(self.store.reader(), key, now, idle_since).await? else {
            return Ok(None);
        };
        if now - session.last_used_at >= RESOLUTION {
            sessions::touch(self.store.writer(), key, now).await?;
        }
        Ok(Some(Held {
            owner: Owner {
                user_id: session.user_id,
                username: session.username,
            },
            is_operator: session.is_operator,
            is_fresh: now - session.authenticated_at < self.policy.lifetimes.fresh_sign_in,
        }))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Failures of ours only; then the session still holds.
    pub async fn end_session(&self, key: &Digest<SessionKey>) -> Result<(), FlowError> {
        Ok(sessions::delete(self.store.writer(), key).await?)
    }

    /// Whether somebody has this name and is not shut out; for their public page.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn find_by_username(&self, name: &Username) -> Result<Option<Owner>, FlowError> {
        let found = people::find(self.store.reader(), name).await?;
        Ok(found.filter(|person| person.disabled_at.is_none()).map(|person| Owner {
            user_id: person.id,
            username: person.username,
        }))
    }
}
