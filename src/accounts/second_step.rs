//! Signing in, continued: the password was right, and a code is asked for. What waits meanwhile is no session: it opens
//! nothing, and ends with the code, with its time, or when the password or the second step becomes another.

use std::time::Duration;

use crate::failure::FlowError;
use crate::oauth::grant::{Owner, UserId};
use crate::oauth::secret::{Digest, Secret, SessionKey, SignInKey};
use crate::storage::second_factors::TryLimit;
use crate::storage::sessions::Browser;
use crate::storage::{Connection, pending_sign_ins, second_factors, users};

use super::Accounts;

/// So many codes may be tried in a row. Whoever gets here knows the password, so this many say that it is not its person.
const MAX_TRIES: i32 = 10;
/// After that no code is looked at until nobody has tried one for this long.
pub const LOCKED_FOR: Duration = Duration::from_secs(15 * 60);

/// What came of a code.
#[derive(Debug)]
pub enum SecondStep {
    /// It is right, and a session begins.
    Done(Secret<SessionKey>),
    /// It is wrong, of another time, or was used before.
    Wrong,
    /// Too many were tried.
    Locked,
    /// The sign-in does not wait any more.
    Gone,
}

impl Accounts {
    /// Who is asked for a code.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn who_signs_in(&self, pending: &Digest<SignInKey>) -> Result<Option<Owner>, FlowError> {
        let Some(user_id) = pending_sign_ins::find(self.store.reader(), pending, self.now()).await? else {
            return Ok(None);
        };
        self.owner(self.store.reader(), user_id).await
    }

    async fn owner(&self, db: &impl Connection, user_id: UserId) -> Result<Option<Owner>, FlowError> {
        let found = users::find(db, &user_id).await?;
        Ok(found.map(|user| Owner {
            user_id,
            username: user.username,
        }))
    }

    /// Begins to wait for a code.
    pub(super) async fn insert_pending(
        &self,
        db: &impl Connection,
        user_id: &UserId,
    ) -> Result<Secret<SignInKey>, FlowError> {
        let key = Secret::generate(&mut rand::rng());
        let expires_at = self.now() + self.policy.lifetimes.pending_sign_in;
        pending_sign_ins::insert(db, &key.digest(), user_id, expires_at).await?;
        Ok(key)
    }

    /// Takes a code. The try is counted before the code is looked at, and stays counted if it is wrong.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn second_step(
        &self,
        pending: &Digest<SignInKey>,
        code: &str,
        browser: &Browser,
    ) -> Result<SecondStep, FlowError> {
        let now = self.now();
        let tx = self.store.begin().await?;
        let Some(user_id) = pending_sign_ins::find(&*tx, pending, now).await? else {
            return Ok(SecondStep::Gone);
        };
        // Before the others, in the order in which a change of the password takes them.
        users::hold(&*tx, &user_id).await?;
        let limit = TryLimit {
            tries: MAX_TRIES,
            since: now - LOCKED_FOR,
        };
        let Some(factor) = second_factors::find(&*tx, &user_id).await? else {
            return Ok(SecondStep::Gone);
        };
        if !second_factors::count_try(&*tx, &user_id, limit, now).await? {
            return Ok(SecondStep::Locked);
        }
        let secret = self.read_secret(&user_id, &factor.sealed_secret)?;
        let right = match secret.step_of(code, now) {
            Some(step) => second_factors::spend_step(&*tx, &user_id, step).await?,
            None => false,
        };
        if !right {
            tx.commit().await?;
            return Ok(SecondStep::Wrong);
        }
        let owner = self.owner(&*tx, user_id).await?;
        let (Some(owner), true) = (owner, pending_sign_ins::spend(&*tx, pending).await?) else {
            return Ok(SecondStep::Gone);
        };
        let key = self.insert_session(&*tx, &owner, browser).await?;
        tx.commit().await?;
        Ok(SecondStep::Done(key))
    }
}
