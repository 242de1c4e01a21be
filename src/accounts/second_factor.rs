//! The second step at sign-in: turned on with a code that proves that the app has the secret, or for passkeys alone, and off
//! again.

use time::OffsetDateTime;

use crate::failure::FlowError;
use crate::oauth::grant::{Owner, UserId};
use crate::oauth::profile::Username;
use crate::oauth::secret::{Digest, Secret, SessionKey};
use crate::storage::audit::{self, AuditEvent};
use crate::storage::second_factors::ProvenApp;
use crate::storage::{
    Connection, StorageError, passkeys, pending_sign_ins, recovery_codes, second_factors, sessions, users,
};

use super::Accounts;
use super::recovery::RecoveryCodes;
use super::totp::TotpSecret;
use super::users::AccountError;

/// What came of turning the second step on.
#[derive(Debug)]
pub enum TurnedOn {
    /// It is on; the session has another key, and there are codes for when app and passkeys are out of reach.
    Yes(Secret<SessionKey>, RecoveryCodes),
    /// It was on, with passkeys alone, and an app will do as well from now on. The session has another key; the recovery
    /// codes that there are stay good.
    AppAdded(Secret<SessionKey>),
    /// The code is not one of this secret, or not of now.
    WrongCode,
    /// It was on before.
    Already,
    /// There is no passkey for it to rest on.
    NoPasskey,
    /// The session ended meanwhile.
    SignedOut,
    /// This server has no key to keep the secret with.
    NoKey,
}

/// A second step as its person sees it.
#[derive(Debug, Clone, Copy)]
pub struct OwnFactor {
    /// Since when it is asked for.
    pub since: OffsetDateTime,
    /// Whether an authenticator app will do; otherwise it rests on passkeys alone.
    pub has_app: bool,
}

impl Accounts {
    /// Whether this server can keep the secret of an authenticator app: it has a key.
    pub fn offers_authenticators(&self) -> bool {
        self.secret_key.is_some()
    }

    /// Whether a second step can be turned on here, one way or another.
    pub fn offers_second_step(&self) -> bool {
        self.offers_authenticators() || self.offers_passkeys()
    }

    /// A new secret for an authenticator app. Nothing is kept of it until a code proves that the app has it.
    pub fn new_totp_secret(&self) -> TotpSecret {
        TotpSecret::generate(&mut rand::rng())
    }

    /// What a person is asked for besides their password, if they are.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn second_factor(&self, owner: &Owner) -> Result<Option<OwnFactor>, FlowError> {
        let found = second_factors::find(self.store.reader(), &owner.user_id).await?;
        Ok(found.map(|factor| OwnFactor {
            since: factor.enabled_at,
            has_app: !factor.rests_on_passkeys(),
        }))
    }

    /// Turns the second step on, or adds an app to one that rests on passkeys alone, with a code of the secret. That code
    /// is spent. Sessions that are open stay so.
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
        let sealed_secret = sealed.ok_or_else(|| FlowError::Internal("the secret could not be encrypted".into()))?;
        self.turn_on_with(owner, session, ProvenApp { sealed_secret, step })
            .await
    }

    async fn turn_on_with(
        &self,
        owner: &Owner,
        session: &Digest<SessionKey>,
        app: ProvenApp,
    ) -> Result<TurnedOn, FlowError> {
        let key = Secret::generate(&mut rand::rng());
        let tx = self.store.begin().await?;
        // A sign-in that has checked the password waits here, or is seen by it: none slips in without a code.
        users::hold(&*tx, &owner.user_id).await?;
        if !sessions::renew(&*tx, session, &key.digest()).await? {
            return Ok(TurnedOn::SignedOut);
        }
        if second_factors::exists(&*tx, &owner.user_id).await? {
            if !second_factors::add_app(&*tx, &owner.user_id, app).await? {
                return Ok(TurnedOn::Already);
            }
            audit::insert_own(&*tx, AuditEvent::AuthenticatorAdded, &owner.user_id, self.now()).await?;
            tx.commit().await?;
            return Ok(TurnedOn::AppAdded(key));
        }
        let Some(codes) = self.begin_to_ask(&*tx, owner, &key, Some(app)).await? else {
            return Ok(TurnedOn::Already);
        };
        tx.commit().await?;
        Ok(TurnedOn::Yes(key, codes))
    }

    /// Turns the second step on for passkeys alone: no secret is kept, so no key is needed. Sessions that are open stay so.
    ///
    /// # Errors
    /// Failures of ours only; then it is as it was.
    pub async fn turn_on_with_passkeys(
        &self,
        owner: &Owner,
        session: &Digest<SessionKey>,
    ) -> Result<TurnedOn, FlowError> {
        let key = Secret::generate(&mut rand::rng());
        let tx = self.store.begin().await?;
        // Whoever removes the last passkey waits here, or has done it: none is turned on with nothing to show.
        users::hold(&*tx, &owner.user_id).await?;
        if !self.offers_passkeys() || passkeys::all_of(&*tx, &owner.user_id).await?.is_empty() {
            return Ok(TurnedOn::NoPasskey);
        }
        if !sessions::renew(&*tx, session, &key.digest()).await? {
            return Ok(TurnedOn::SignedOut);
        }
        if second_factors::exists(&*tx, &owner.user_id).await? {
            return Ok(TurnedOn::Already);
        }
        let Some(codes) = self.begin_to_ask(&*tx, owner, &key, None).await? else {
            return Ok(TurnedOn::Already);
        };
        tx.commit().await?;
        Ok(TurnedOn::Yes(key, codes))
    }

    /// Turns it on in a transaction, with fresh recovery codes. `None` when it was on.
    async fn begin_to_ask(
        &self,
        tx: &impl Connection,
        owner: &Owner,
        key: &Secret<SessionKey>,
        app: Option<ProvenApp>,
    ) -> Result<Option<RecoveryCodes>, StorageError> {
        let now = self.now();
        if !second_factors::insert(tx, &owner.user_id, app, now).await? {
            return Ok(None);
        }
        // Another browser may be there with the password alone: that is no proof any more.
        sessions::age_others_of(tx, &owner.user_id, &key.digest()).await?;
        let codes = RecoveryCodes::generate();
        recovery_codes::replace_all_of(tx, &owner.user_id, &codes.digests()).await?;
        audit::insert_own(tx, AuditEvent::SecondFactorOn, &owner.user_id, now).await?;
        Ok(Some(codes))
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
            let Some(sealed) = &factor.sealed_secret else {
                continue; // It rests on passkeys, which need no key.
            };
            if self.read_secret(&factor.user_id, sealed).is_err() {
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
