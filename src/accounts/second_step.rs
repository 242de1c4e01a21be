//! Signing in, continued: the password was right, and a code is asked for. What waits meanwhile is no session: it opens
//! nothing, and ends with the code, with its time, or when the password or the second step becomes another.

use std::time::Duration;

use crate::failure::FlowError;
use crate::oauth::grant::{Owner, UserId};
use crate::oauth::secret::{Digest, Secret, SessionKey, SignInKey};
use crate::storage::audit::{self, AuditEvent};
use crate::storage::second_factors::{SecondFactor, TryLimit};
use crate::storage::sessions::Browser;
use crate::storage::{Connection, StorageError, pending_sign_ins, recovery_codes, second_factors, users};

use super::{Accounts, recovery};

/// So many codes may be tried in a row. Whoever gets here knows the password, so this many say that it is not its person.
const MAX_TRIES: i32 = 10;
/// After that no code is looked at until nobody has tried one for this long.
pub const LOCKED_FOR: Duration = Duration::from_secs(15 * 60);

/// What somebody shows besides the password.
#[derive(Debug, Clone, Copy)]
pub enum Proof<'a> {
    /// A code of their authenticator app.
    Code(&'a str),
    /// A recovery code.
    RecoveryCode(&'a str),
}

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
        proof: Proof<'_>,
        browser: &Browser,
    ) -> Result<SecondStep, FlowError> {
        let now = self.now();
        let tx = self.store.begin().await?;
        let Some(user_id) = pending_sign_ins::find(&*tx, pending, now).await? else {
            return Ok(SecondStep::Gone);
        };
        // Before the others, in the order in which a change of the password takes them.
        users::hold(&*tx, &user_id).await?;
        let Some(factor) = second_factors::find(&*tx, &user_id).await? else {
            return Ok(SecondStep::Gone);
        };
        let refused = match proof {
            Proof::Code(code) => self.try_code(&*tx, &factor, code).await?,
            Proof::RecoveryCode(code) => try_recovery_code(&*tx, &user_id, code).await?,
        };
        if let Some(refused) = refused {
            tx.commit().await?;
            return Ok(refused);
        }
        let owner = self.owner(&*tx, user_id).await?;
        let (Some(owner), true) = (owner, pending_sign_ins::spend(&*tx, pending).await?) else {
            return Ok(SecondStep::Gone);
        };
        if matches!(proof, Proof::RecoveryCode(_)) {
            audit::insert_own(&*tx, AuditEvent::RecoveryCodeUsed, &owner.user_id, now).await?;
        }
        let Some(key) = self.insert_session(&*tx, &owner, browser).await? else {
            return Ok(SecondStep::Gone);
        };
        tx.commit().await?;
        Ok(SecondStep::Done(key))
    }

    /// Why a code is not taken.
    async fn try_code(
        &self,
        tx: &impl Connection,
        factor: &SecondFactor,
        code: &str,
    ) -> Result<Option<SecondStep>, StorageError> {
        let now = self.now();
        let limit = TryLimit {
            tries: MAX_TRIES,
            since: now - LOCKED_FOR,
        };
        if !second_factors::count_try(tx, &factor.user_id, limit, now).await? {
            return Ok(Some(SecondStep::Locked));
        }
        let secret = self.read_secret(&factor.user_id, &factor.sealed_secret)?;
        let taken = match secret.step_of(code, now) {
            Some(step) => second_factors::spend_step(tx, &factor.user_id, step).await?,
            None => false,
        };
        Ok((!taken).then_some(SecondStep::Wrong))
    }
}

/// Why a recovery code is not taken. These are not counted: nobody guesses 80 bits, and who is locked out needs them.
async fn try_recovery_code(
    tx: &impl Connection,
    user_id: &UserId,
    code: &str,
) -> Result<Option<SecondStep>, StorageError> {
    let taken = match recovery::typed(code) {
        Some(digest) => recovery_codes::spend(tx, user_id, &digest).await?,
        None => false,
    };
    Ok((!taken).then_some(SecondStep::Wrong))
}
