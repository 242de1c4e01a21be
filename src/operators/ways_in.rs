//! Ways back in for somebody who lost theirs. The operator never sees or chooses a password: they hand on a link.

use crate::oauth::secret::{PasswordLinkToken, Secret};
use crate::storage::audit::{self, AuditEvent, NewEvent};
use crate::storage::people::Person;
use crate::storage::{
    StorageError, Tx, ceremonies, passkeys, password_links, pending_sign_ins, people, profiles, recovery_codes,
    second_factors, sessions, users,
};

use super::{By, OperatorError, Operators, named};

/// The path of the page behind a link for another password.
pub const PASSWORD_LINK: &str = "/password-link";

/// What becomes of a person's other ways to sign in when they get a link for another password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reset {
    /// They stay.
    Nothing,
    /// Passkeys, second step and recovery codes go.
    AllButPassword,
}

impl Operators {
    /// The address that is given to whoever lost their password.
    pub fn address_of(&self, link: &Secret<PasswordLinkToken>) -> String {
        format!("{}{PASSWORD_LINK}?token={}", self.policy.issuer, link.expose())
    }

    /// Makes a link with which a person chooses another password, once, within a day. It ends the one before. The second
    /// step stays: whoever gets hold of the link alone gets no further than with a password. With `reset` nothing but the
    /// password is left besides, as [`Operators::reset_sign_in`] does: a stranger may have added a passkey.
    ///
    /// # Errors
    /// `NotOperator`, `Unknown`, `Disabled`, `Failed`.
    pub async fn password_link(
        &self,
        name: &str,
        reset: Reset,
        by: By<'_>,
    ) -> Result<Secret<PasswordLinkToken>, OperatorError> {
        let token = Secret::generate(&mut rand::rng());
        let tx = self.acting(by).await?;
        let person = named(&tx, name).await?;
        if !people::hold_admitted(&*tx, &person.id).await? {
            return Err(OperatorError::Disabled);
        }
        let expires_at = self.now() + self.policy.lifetimes.password_link;
        password_links::replace(&*tx, &token.digest(), &person.id, by.actor(), expires_at).await?;
        if reset == Reset::AllButPassword {
            self.leave_only_password(&tx, by, &person).await?;
        }
        self.log(&tx, by, AuditEvent::PasswordLinkMade, &person).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// Notes that this e-mail address is this person's. `false` when they have another by now, or it was noted before.
    ///
    /// # Errors
    /// `NotOperator`, `Unknown`, `Failed`.
    pub async fn verify_email(&self, name: &str, address: &str, by: By<'_>) -> Result<bool, OperatorError> {
        let tx = self.acting(by).await?;
        let person = named(&tx, name).await?;
        if !profiles::mark_email_verified(&*tx, &person.id, address, self.now()).await? {
            return Ok(false);
        }
        let event = NewEvent {
            actor_id: by.actor(),
            detail: Some(address),
            ..NewEvent::own(AuditEvent::EmailVerified, &person.id)
        };
        audit::write(&*tx, &event, self.now()).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Leaves a person nothing but their password to sign in with: removes passkeys, second step and recovery codes, and
    /// signs them out everywhere, since somebody may have come in with what is removed. `false` when there was nothing
    /// but the password.
    ///
    /// # Errors
    /// `NotOperator`, `Unknown`, `Failed`.
    pub async fn reset_sign_in(&self, name: &str, by: By<'_>) -> Result<bool, OperatorError> {
        let tx = self.acting(by).await?;
        let person = named(&tx, name).await?;
        let had_more = self.leave_only_password(&tx, by, &person).await?;
        tx.commit().await?;
        Ok(had_more)
    }

    async fn leave_only_password(&self, tx: &Tx, by: By<'_>, person: &Person) -> Result<bool, StorageError> {
        // First the person: a sign-in on its way waits here, or has been and is ended below.
        users::hold(&**tx, &person.id).await?;
        recovery_codes::delete_all_of(&**tx, &person.id).await?;
        ceremonies::delete_all_of(&**tx, &person.id).await?;
        let had_factor = second_factors::delete(&**tx, &person.id).await?;
        let had_passkeys = passkeys::delete_all_of(&**tx, &person.id).await?;
        pending_sign_ins::delete_all_of(&**tx, &person.id).await?;
        let had_sessions = sessions::delete_all_of(&**tx, &person.id).await?;
        if had_factor || had_passkeys || had_sessions {
            self.log(tx, by, AuditEvent::SignInReset, person).await?;
        }
        Ok(had_factor || had_passkeys)
    }
}
