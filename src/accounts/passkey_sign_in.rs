//! Signing in with a passkey, in place of name and password, of a code, or of the password before a change. A passkey
//! verifies its person by itself, so it is both factors at once: no code is asked for after it.
//!
//! Tries are not counted per account: there is nothing to guess, and whoever is locked out by others needs it.

use crate::failure::FlowError;
use crate::oauth::grant::{Owner, UserId};
use crate::oauth::secret::{CeremonyKey, Digest, Secret, SessionKey, SignInKey};
use crate::storage::ceremonies::CeremonyKind;
use crate::storage::sessions::Browser;
use crate::storage::{passkeys, pending_sign_ins, sessions, users};

use super::Accounts;
use super::ceremonies::Question;

/// What came of a passkey on the page that asks for a code.
#[derive(Debug)]
pub enum PasskeyStep {
    /// It is right, and a session begins.
    Done(Secret<SessionKey>),
    /// It is not.
    Refused,
    /// The sign-in does not wait any more.
    Gone,
}

impl Accounts {
    /// Whether a person has a passkey that this server can ask for.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn has_passkey(&self, owner: &Owner) -> Result<bool, FlowError> {
        let known = passkeys::all_of(self.store.reader(), &owner.user_id).await?;
        Ok(self.offers_passkeys() && !known.is_empty())
    }

    /// Asks for anybody's passkey. It says nothing about who has one. `before` is the question that this browser was asked
    /// last.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn ask_who_signs_in(&self, before: Option<&Digest<CeremonyKey>>) -> Result<Option<Question>, FlowError> {
        self.ask_for(CeremonyKind::SignIn, None, before).await
    }

    /// Begins a session for the person whose passkey answered. `None` for whatever is wrong with it.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn sign_in_with_passkey(
        &self,
        ceremony: &Digest<CeremonyKey>,
        answer: &str,
        browser: &Browser,
    ) -> Result<Option<Secret<SessionKey>>, FlowError> {
        let kind = CeremonyKind::SignIn;
        let Some(answered) = self.answered(ceremony, kind, None, answer).await? else {
            return Ok(None);
        };
        let tx = self.store.begin().await?;
        users::hold(&*tx, &answered.passkey.user_id).await?;
        let owner = self.owner(&*tx, answered.passkey.user_id.clone()).await?;
        let (Some(owner), true) = (owner, answered.mark_used(&*tx, self.now()).await?) else {
            return Ok(None);
        };
        let key = self.insert_session(&*tx, &owner, browser).await?;
        tx.commit().await?;
        Ok(Some(key))
    }

    /// Asks for a passkey of the person who is asked for a code. `None` when they have none or nothing waits.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn ask_for_second_step(
        &self,
        pending: &Digest<SignInKey>,
        before: Option<&Digest<CeremonyKey>>,
    ) -> Result<Option<Question>, FlowError> {
        match pending_sign_ins::find(self.store.reader(), pending, self.now()).await? {
            Some(user_id) => self.ask_for(CeremonyKind::SecondStep, Some(&user_id), before).await,
            None => Ok(None),
        }
    }

    /// Takes a passkey in place of a code.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn second_step_with_passkey(
        &self,
        pending: &Digest<SignInKey>,
        ceremony: &Digest<CeremonyKey>,
        answer: &str,
        browser: &Browser,
    ) -> Result<PasskeyStep, FlowError> {
        let Some(user_id) = pending_sign_ins::find(self.store.reader(), pending, self.now()).await? else {
            return Ok(PasskeyStep::Gone);
        };
        let kind = CeremonyKind::SecondStep;
        let Some(answered) = self.answered(ceremony, kind, Some(&user_id), answer).await? else {
            return Ok(PasskeyStep::Refused);
        };
        let tx = self.store.begin().await?;
        users::hold(&*tx, &user_id).await?;
        let owner = self.owner(&*tx, user_id).await?;
        let (Some(owner), true) = (owner, pending_sign_ins::spend(&*tx, pending).await?) else {
            return Ok(PasskeyStep::Gone);
        };
        if !answered.mark_used(&*tx, self.now()).await? {
            return Ok(PasskeyStep::Refused);
        }
        let key = self.insert_session(&*tx, &owner, browser).await?;
        tx.commit().await?;
        Ok(PasskeyStep::Done(key))
    }

    /// Asks for a passkey of a person who is signed in. `None` when they have none.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn ask_to_confirm(
        &self,
        user_id: &UserId,
        before: Option<&Digest<CeremonyKey>>,
    ) -> Result<Option<Question>, FlowError> {
        self.ask_for(CeremonyKind::Confirmation, Some(user_id), before).await
    }

    /// Takes a passkey in place of the password: gives the session another key, and the right to change how its person
    /// signs in for a while. `None` when the answer is wrong or the session ended.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn confirm_with_passkey(
        &self,
        owner: &Owner,
        session: &Digest<SessionKey>,
        ceremony: &Digest<CeremonyKey>,
        answer: &str,
    ) -> Result<Option<Secret<SessionKey>>, FlowError> {
        let kind = CeremonyKind::Confirmation;
        let Some(answered) = self.answered(ceremony, kind, Some(&owner.user_id), answer).await? else {
            return Ok(None);
        };
        let key = Secret::generate(&mut rand::rng());
        let tx = self.store.begin().await?;
        users::hold(&*tx, &owner.user_id).await?;
        if !answered.mark_used(&*tx, self.now()).await?
            || !sessions::renew_proven(&*tx, session, &key.digest(), self.now()).await?
        {
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some(key))
    }
}
