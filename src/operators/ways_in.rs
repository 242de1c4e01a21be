//! Ways back in for somebody who lost theirs. The operator never sees or chooses a password: they hand on a link.

use crate::oauth::secret::{PasswordLinkToken, Secret};
use crate::storage::audit::{self, AuditEvent, NewEvent};
use crate::storage::{
    ceremonies, passkeys, password_links, pending_sign_ins, people, profiles, recovery_codes, second_factors,
};

use super::{By, OperatorError, Operators, named};

/// The path of the page behind a link for another password.
pub const PASSWORD_LINK: &str = "/password-link";

impl Operators {
    /// The address that is given to whoever lost their password.
    pub fn address_of(&self, link: &Secret<PasswordLinkToken>) -> String {
        format!("{}{PASSWORD_LINK}?token={}", self.policy.issuer, link.expose())
    }

    /// Makes a link with which a person chooses another password, once, within a day. It ends the one before. The second
    /// step stays: whoever gets hold of the link alone gets no further than with a password.
    ///
    /// # Errors
    /// `NotOperator`, `Unknown`, `Disabled`, `Failed`.
    pub async fn password_link(&self, name: &str, by: By<'_>) -> Result<Secret<PasswordLinkToken>, OperatorError> {
        let token = Secret::generate(&mut rand::rng());
        let tx = self.acting(by).await?;
        let person = named(&tx, name).await?;
        if !people::hold_admitted(&*tx, &person.id).await? {
            return Err(OperatorError::Disabled);
        }
        let expires_at = self.now() + self.policy.lifetimes.password_link;
        password_links::replace(&*tx, &token.digest(), &person.id, expires_at).await?;
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

    /// Leaves a person nothing but their password to sign in with: removes passkeys, second step and recovery codes.
    /// `false` when there was nothing else.
    ///
    /// # Errors
    /// `NotOperator`, `Unknown`, `Failed`.
    pub async fn reset_sign_in(&self, name: &str, by: By<'_>) -> Result<bool, OperatorError> {
        let tx = self.acting(by).await?;
        let person = named(&tx, name).await?;
        recovery_codes::delete_all_of(&*tx, &person.id).await?;
        pending_sign_ins::delete_all_of(&*tx, &person.id).await?;
        ceremonies::delete_all_of(&*tx, &person.id).await?;
        let had_factor = second_factors::delete(&*tx, &person.id).await?;
        let had_passkeys = passkeys::delete_all_of(&*tx, &person.id).await?;
        if had_factor || had_passkeys {
            self.log(&tx, by, AuditEvent::SignInReset, &person).await?;
        }
        tx.commit().await?;
        Ok(had_factor || had_passkeys)
    }
}
