//! Signing in, continued: the password was right, and a code is asked for. What waits meanwhile is no session: it opens
//! nothing, and ends with the code, with its time, or when the password or the second step becomes another.

use std::time::Duration;

use crate::failure::FlowError;
use crate::oauth::grant::{Owner, UserId};
use crate::oauth::secret::{Digest, Secret, SessionKey, SignInKey};
use crate::storage::audit::{self, AuditEvent};
use crate::storage::second_factors::{Lock, SecondFactor};
use crate::storage::sessions::Browser;
use crate::storage::{Connection, StorageError, pending_sign_ins, recovery_codes, second_factors, users};

use super::{Accounts, recovery};

/// So many codes may be tried in a row. Whoever gets here knows the password, so this many say that it is not its person.
const MAX_TRIES: i32 = 10;
/// After that no code is looked at for so long, and twice as long each time until one was right…
const FIRST_LOCK: Duration = Duration::from_secs(15 * 60);
/// …but never longer than this.
const LONGEST_LOCK: Duration = Duration::from_hours(24);

/// How long no code is looked at after there was a lock this many times already.
fn lock_after(locks: u32) -> Duration {
    let doubled = 2_u32.checked_pow(locks).and_then(|times| FIRST_LOCK.checked_mul(times));
    doubled.map_or(LONGEST_LOCK, |length| length.min(LONGEST_LOCK))
}

/// What somebody shows besides the password.
#[derive(Debug, Clone, Copy)]
pub enum Proof<'a> {
    /// A code of their authenticator app.
    Code(&'a str),
    /// A recovery code.
    RecoveryCode(&'a str),
    /// Nothing more: the session was proven a short time ago. It will do where a session is open and the second step rests
    /// on passkeys alone, which no form can send.
    FreshSession,
}

impl<'a> Proof<'a> {
    /// What somebody typed into a field that takes either: nothing can be both.
    pub fn typed(text: &'a str) -> Proof<'a> {
        match recovery::typed(text) {
            Some(_) => Proof::RecoveryCode(text),
            None => Proof::Code(text),
        }
    }
}

/// Why it is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProofRefused {
    /// It is wrong, of another time, or was used before.
    Wrong,
    /// Too many codes were tried: none is looked at for so long.
    Locked(Duration),
}

/// What came of a code.
#[derive(Debug)]
pub enum SecondStep {
    /// It is right, and a session begins.
    Done(Secret<SessionKey>),
    /// It is not.
    Refused(ProofRefused),
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

    pub(super) async fn owner(&self, db: &impl Connection, user_id: UserId) -> Result<Option<Owner>, FlowError> {
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
        if let Err(refused) = self.take(&*tx, &factor, proof).await? {
            tx.commit().await?;
            return Ok(SecondStep::Refused(refused));
        }
        let owner = self.owner(&*tx, user_id).await?;
        let (Some(owner), true) = (owner, pending_sign_ins::spend(&*tx, pending).await?) else {
            return Ok(SecondStep::Gone);
        };
        let Some(key) = self.insert_session(&*tx, &owner, browser).await? else {
            return Ok(SecondStep::Gone);
        };
        tx.commit().await?;
        Ok(SecondStep::Done(key))
    }

    /// Takes what somebody shows, and spends it. Whoever calls holds the person's row.
    pub(super) async fn take(
        &self,
        tx: &impl Connection,
        factor: &SecondFactor,
        proof: Proof<'_>,
    ) -> Result<Result<(), ProofRefused>, StorageError> {
        match proof {
            Proof::Code(code) => self.take_code(tx, factor, code).await,
            Proof::RecoveryCode(code) => self.take_recovery_code(tx, &factor.user_id, code).await,
            Proof::FreshSession => Ok(Err(ProofRefused::Wrong)),
        }
    }

    async fn take_code(
        &self,
        tx: &impl Connection,
        factor: &SecondFactor,
        code: &str,
    ) -> Result<Result<(), ProofRefused>, StorageError> {
        // No code is right where there is no app, so none is counted either.
        let Some(sealed) = &factor.sealed_secret else {
            return Ok(Err(ProofRefused::Wrong));
        };
        let (now, user_id) = (self.now(), &factor.user_id);
        if !second_factors::count_try(tx, user_id, now).await? {
            let left = factor.locked_until.map(|until| until - now);
            let left = left.and_then(|left| left.try_into().ok()).unwrap_or(FIRST_LOCK);
            return Ok(Err(ProofRefused::Locked(left)));
        }
        let secret = self.read_secret(user_id, sealed)?;
        if let Some(step) = secret.step_of(code, now)
            && second_factors::spend_step(tx, user_id, step).await?
        {
            return Ok(Ok(()));
        }
        let lock = Lock {
            tries: MAX_TRIES,
            until: now + lock_after(factor.locks),
        };
        if second_factors::lock(tx, user_id, lock).await? {
            audit::insert_own(tx, AuditEvent::SecondFactorLocked, user_id, now).await?;
        }
        Ok(Err(ProofRefused::Wrong))
    }

    /// These are not counted: nobody guesses 80 bits, and who is locked out needs them.
    async fn take_recovery_code(
        &self,
        tx: &impl Connection,
        user_id: &UserId,
        code: &str,
    ) -> Result<Result<(), ProofRefused>, StorageError> {
        let taken = match recovery::typed(code) {
            Some(digest) => recovery_codes::spend(tx, user_id, &digest).await?,
            None => false,
        };
        if !taken {
            return Ok(Err(ProofRefused::Wrong));
        }
        audit::insert_own(tx, AuditEvent::RecoveryCodeUsed, user_id, self.now()).await?;
        Ok(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_lock_is_twice_as_long_up_to_a_day() {
        let minutes = |locks| lock_after(locks).as_secs() / 60;
        let lengths: Vec<u64> = (0..8).map(minutes).collect();
        assert_eq!(lengths, [15, 30, 60, 120, 240, 480, 960, 1440]);
        assert_eq!(minutes(u32::MAX), 1440);
    }
}
