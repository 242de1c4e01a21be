//! Who is an operator. Given and taken on the command line only: a page that was left open must not make operators.

use crate::storage::audit::AuditEvent;
use crate::storage::people;

use super::{By, OperatorError, Operators, named};

impl Operators {
    /// Makes a person an operator. `false` when they are one.
    ///
    /// # Errors
    /// `Unknown`, `Failed`.
    pub async fn promote(&self, name: &str) -> Result<bool, OperatorError> {
        self.set_role(name, true).await
    }

    /// Ends that. `false` when they are none. The last one may go, too: the command line can make another.
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
            self.log(&tx, by, event, &person).await?;
            tx.commit().await?;
        }
        Ok(changed)
    }
}
