//! Who is an operator. Given and taken on the command line only: a page that was left open must not make operators.

use crate::storage::audit::AuditEvent;
use crate::storage::people::{self, Person};
use crate::storage::{StorageError, Tx, invitations, password_links};

use super::{By, OperatorError, Operators, named};

impl Operators {
    /// Makes a person an operator. `false` when they are one.
    ///
    /// # Errors
    /// `Unknown`, `Failed`.
    pub async fn promote(&self, name: &str) -> Result<bool, OperatorError> {
        self.set_role(name, true).await
    }

    /// Ends that, and the links that they handed out. `false` when they are none. The last one may go, too: the command line can make another.
    ///
    /// # Errors
    /// `Unknown`, `Failed`.
    pub async fn demote(&self, name: &str) -> Result<bool, OperatorError> {
        self.set_role(name, false).await
    }

    async fn set_role(&self, name: &str, is_operator: bool) -> Result<bool, OperatorError> {
        let by = By::CommandLine;
        let tx = self.acting(by).await?;
        let person = named(&tx, name).await?;
        let changed = people::set_operator(&*tx, &person.id, is_operator).await?;
        if changed {
            let event = match is_operator {
                true => AuditEvent::Promoted,
                false => AuditEvent::Demoted,
            };
            if !is_operator {
                self.end_what_they_handed_out(&tx, &person).await?;
            }
            self.log(&tx, by, event, &person).await?;
            tx.commit().await?;
        }
        Ok(changed)
    }

    /// Ends the invitations and the links for other passwords that an operator made: who is none any more must not come
    /// back, or get into the accounts of others, by a link that they kept.
    pub(super) async fn end_what_they_handed_out(&self, tx: &Tx, person: &Person) -> Result<(), StorageError> {
        invitations::withdraw_all_by(&**tx, &person.id, self.now()).await?;
        password_links::delete_all_by(&**tx, &person.id).await
    }
}
