//! The second step at sign-in: turned on with a code that proves that the app has the secret, and off again.

use time::OffsetDateTime;

use crate::failure::FlowError;
use crate::oauth::grant::{Owner, UserId};
use crate::oauth::profile::Username;
use crate::oauth::secret::{Digest, Secret, SessionKey};
use crate::storage::audit::{self, AuditEvent};
use crate::storage::{Connection, StorageError, pending_sign_ins, recovery_codes, second_factors, sessions, users};

use super::Accounts;
use super::recovery::RecoveryCodes;
use super::totp::TotpSecret;
use super::users::AccountError;

/// What came of turning the second step on.
#[derive(Debug)]
pub enum TurnedOn {
    /// It is on; the session has another key, and there are codes for when the app is out of reach.
    Yes(Secret<SessionKey>, RecoveryCodes),
    /// The code is not one of this secret, or not of now.
    WrongCode,
    /// It was on before.
    Already,
    /// The session ended meanwhile.
    SignedOut,
    /// This server has no key to keep the secret with.
    NoKey,
}

impl Accounts {
    /// Whether this server can keep what a second step needs: it has a key.
    pub fn offers_second_step(&self) -> bool {
        self.secret_key.is_some()
    }

    /// A new secret for an authenticator app. Nothing is kept of it until a code proves that the app has it.
    pub fn new_totp_secret(&self) -> TotpSecret {
        TotpSecret::generate(&mut rand::rng())
    }

    /// Since when a person is asked for a code, if they are.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn second_factor_since(&self, owner: &Owner) -> Result<Option<OffsetDateTime>, FlowError> {
        let found = second_factors::find(self.store.reader(), &owner.user_id).await?;
        Ok(found.map(|factor| factor.enabled_at))
    }

    /// Turns the second step on, with a code of the secret. That code is spent. Sessions that are open stay so.
    ///
    /// # Errors
    /// Failures of ours only; then it is as it was.
    pub async fn turn_on(
        &self,
        owner: &Owner,
        session: &Digest<SessionKey>,
        secret: &TotpSecret,
        code: &str,
    ) -> Result<TurnedOn, FlowError> {
        let Some(secret_key) = &self.secret_key else {
            return Ok(TurnedOn::NoKey);
        };
        let now = self.now();
        let Some(step) = secret.step_of(code, now) else {
            return Ok(TurnedOn::WrongCode);
        };
        let sealed = secret_key.seal(secret.as_bytes(), &owner.user_id.0);
        let sealed = sealed.ok_or_else(|| FlowError::Internal("the secret could not be encrypted".into()))?;
        let key = Secret::generate(&mut rand::rng());
        let tx = self.store.begin().await?;
        // A sign-in that has checked the password waits here, or is seen by it: none slips in without a code.
        users::hold(&*tx, &owner.user_id).await?;
        if !sessions::renew(&*tx, session, &key.digest()).await? {
            return Ok(TurnedOn::SignedOut);
        }
        if second_factors::exists(&*tx, &owner.user_id).await?
            || !second_factors::insert(&*tx, &owner.user_id, sealed, step, now).await?
        {
            return Ok(TurnedOn::Already);
        }
        // Another browser may be there with the password alone: that is no proof any more.
        sessions::age_others_of(&*tx, &owner.user_id, &key.digest()).await?;
        let codes = RecoveryCodes::generate();
        recovery_codes::replace_all_of(&*tx, &owner.user_id, &codes.digests()).await?;
        audit::insert_own(&*tx, AuditEvent::SecondFactorOn, &owner.user_id, now).await?;
        tx.commit().await?;
        Ok(TurnedOn::Yes(key, codes))
    }

    /// Turns the second step off, for the person in this session, which gets another key. `None` when it was not on or
    /// the session ended.
    ///
    /// # Errors
    /// Failures of ours only; then it is as it was.
    pub async fn turn_off(
        &self,
        owner: &Owner,
        session: &Digest<SessionKey>,
    ) -> Result<Option<Secret<SessionKey>>, FlowError> {
        let key = Secret::generate(&mut rand::rng());
        let tx = self.store.begin().await?;
        users::hold(&*tx, &owner.user_id).await?;
        if !sessions::renew(&*tx, session, &key.digest()).await? || !forget(&*tx, &owner.user_id).await? {
            return Ok(None);
        }
        audit::insert_own(&*tx, AuditEvent::SecondFactorOff, &owner.user_id, self.now()).await?;
        tx.commit().await?;
        Ok(Some(key))
    }

    /// Turns a person's second step off, for somebody who lost app and codes, and signs them out everywhere: somebody may
    /// have come in with what they lost. `false` when it was not on.
    ///
    /// # Errors
    /// `Unknown`, `Failed`.
    pub async fn reset_second_factor(&self, name: &str) -> Result<bool, AccountError> {
        let username = Username::typed(name).ok_or(AccountError::Unknown)?;
        let done = self.forget_factor_of(&username).await.map_err(FlowError::from)?;
        done.ok_or(AccountError::Unknown)
    }

    async fn forget_factor_of(&self, username: &Username) -> Result<Option<bool>, StorageError> {
        let tx = self.store.begin().await?;
        let Some(user) = users::find_by_username(&*tx, username).await? else {
            return Ok(None);
        };
        users::hold(&*tx, &user.id).await?;
        let was_on = forget(&*tx, &user.id).await?;
        sessions::delete_all_of(&*tx, &user.id).await?;
        if was_on {
            audit::insert_own(&*tx, AuditEvent::SecondFactorReset, &user.id, self.now()).await?;
        }
        tx.commit().await?;
        Ok(Some(was_on))
    }

    /// How many recovery codes a person has left.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn recovery_codes_left(&self, owner: &Owner) -> Result<u64, FlowError> {
        Ok(recovery_codes::count_of(self.store.reader(), &owner.user_id).await?)
    }

    /// Other recovery codes, in place of those that are left; the session gets another key. `None` when the second step is
    /// off or the session ended.
    ///
    /// # Errors
    /// Failures of ours only; then the old ones are good.
    pub async fn new_recovery_codes(
        &self,
        owner: &Owner,
        session: &Digest<SessionKey>,
    ) -> Result<Option<(Secret<SessionKey>, RecoveryCodes)>, FlowError> {
        let key = Secret::generate(&mut rand::rng());
        let tx = self.store.begin().await?;
        users::hold(&*tx, &owner.user_id).await?;
        if !sessions::renew(&*tx, session, &key.digest()).await?
            || !second_factors::exists(&*tx, &owner.user_id).await?
        {
            return Ok(None);
        }
        let codes = RecoveryCodes::generate();
        recovery_codes::replace_all_of(&*tx, &owner.user_id, &codes.digests()).await?;
        audit::insert_own(&*tx, AuditEvent::RecoveryCodesReplaced, &owner.user_id, self.now()).await?;
        tx.commit().await?;
        Ok(Some((key, codes)))
    }

    /// Who has a second step whose secret was encrypted with another key than this server's.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn whose_secrets_are_lost(&self) -> Result<Vec<Username>, FlowError> {
        let mut names = Vec::new();
        for factor in second_factors::all(self.store.reader()).await? {
            if self.read_secret(&factor.user_id, &factor.sealed_secret).is_err() {
                let user = users::find(self.store.reader(), &factor.user_id).await?;
                names.extend(user.map(|user| user.username));
            }
        }
        Ok(names)
    }

    /// The secret behind a row.
    pub(super) fn read_secret(&self, user_id: &UserId, sealed: &[u8]) -> Result<TotpSecret, StorageError> {
        let opened = self.secret_key.as_ref().and_then(|key| key.open(sealed, &user_id.0));
        let secret = opened.and_then(|bytes| TotpSecret::from_bytes(&bytes));
        secret.ok_or_else(|| StorageError::Inconsistent {
            table: "second_factors",
            column: "sealed_secret",
            id: user_id.0.clone(),
        })
    }
}

/// Removes all that a second step consists of, and what waits for it. `false` when there was none.
pub(super) async fn forget(tx: &impl Connection, user_id: &UserId) -> Result<bool, StorageError> {
    recovery_codes::delete_all_of(tx, user_id).await?;
    pending_sign_ins::delete_all_of(tx, user_id).await?;
    second_factors::delete(tx, user_id).await
}
