//! Shutting a person out, and letting them in again. Everything that would let them or their apps in ends at once; what
//! they have stays, and their name is kept for them.

use crate::oauth::grant::RevokedBecause;
use crate::storage::audit::AuditEvent;
use crate::storage::{consents, grants, password_links, pending_sign_ins, people, sessions};

use super::{By, OperatorError, Operators, named};

impl Operators {
    /// Shuts a person out. `false` when they were.
    ///
    /// # Errors
    /// `NotOperator`, `Unknown`, `Yourself`, `Failed`; then nothing ended.
    pub async fn disable(&self, name: &str, by: By<'_>) -> Result<bool, OperatorError> {
        let tx = self.acting(by).await?;
        let person = named(&tx, name).await?;
        if by.actor() == Some(&person.id) {
            return Err(OperatorError::Yourself);
        }
        // First the person: a sign-in on its way waits here, or has been and is ended below.
        if !people::disable(&*tx, &person.id, self.now()).await? {
            return Ok(false);
        }
        sessions::delete_all_of(&*tx, &person.id).await?;
        pending_sign_ins::delete_all_of(&*tx, &person.id).await?;
        password_links::delete_all_of(&*tx, &person.id).await?;
        self.end_what_they_handed_out(&tx, &person).await?;
        consents::forget_all(&*tx, &person.id).await?;
        grants::revoke_all_of(&*tx, &person.id, RevokedBecause::Disabled, self.now()).await?;
        self.log(&tx, by, AuditEvent::Disabled, &person).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Lets a person in again. What ended stays ended. `false` when they were not shut out.
    ///
    /// # Errors
    /// `NotOperator`, `Unknown`, `Failed`.
    pub async fn enable(&self, name: &str, by: By<'_>) -> Result<bool, OperatorError> {
        let tx = self.acting(by).await?;
        let person = named(&tx, name).await?;
        if !people::enable(&*tx, &person.id).await? {
            return Ok(false);
        }
        self.log(&tx, by, AuditEvent::Enabled, &person).await?;
        tx.commit().await?;
        Ok(true)
    }
}
