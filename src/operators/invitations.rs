//! Inviting people. The links themselves are of `src/accounts/invitations.rs`; here it is asked whether whoever makes or
//! takes one back is an operator.

use std::time::Duration;

use crate::failure::FlowError;
use crate::oauth::client::display_name;
use crate::oauth::secret::{InvitationToken, Secret, random_id};
use crate::storage::audit::{self, AuditEvent, NewEvent};
use crate::storage::invitations::{self, NewInvitation};

use super::{By, OperatorError, Operators, Part, page};

pub use crate::storage::invitations::{Invitation, InvitationState};

impl Operators {
    /// A part of the invitations, newest first.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn invitations(&self, number: u32) -> Result<Part<Invitation>, FlowError> {
        Ok(Part::of(
            invitations::list(self.store.reader(), page(number), self.now()).await?,
        ))
    }

    /// Makes a link that is good for one account.
    ///
    /// # Errors
    /// `NotOperator`, `Failed`.
    pub async fn invite(
        &self,
        note: &str,
        life: Duration,
        by: By<'_>,
    ) -> Result<Secret<InvitationToken>, OperatorError> {
        let token = Secret::generate(&mut rand::rng());
        let note = display_name(note);
        let new = NewInvitation {
            id: &random_id(&mut rand::rng()),
            digest: &token.digest(),
            note: note.as_deref(),
            created_by: by.actor(),
            expires_at: self.now() + life,
        };
        let tx = self.acting(by).await?;
        invitations::insert(&*tx, &new, self.now()).await?;
        if let Some(actor) = by.actor() {
            let event = NewEvent {
                actor_id: Some(actor),
                detail: note.as_deref(),
                ..NewEvent::own(AuditEvent::Invited, actor)
            };
            audit::write(&*tx, &event, self.now()).await?;
        }
        tx.commit().await?;
        Ok(token)
    }

    /// Takes an invitation back. `false` when there is none that could still be used.
    ///
    /// # Errors
    /// `NotOperator`, `Failed`.
    pub async fn withdraw(&self, id: &str, by: By<'_>) -> Result<bool, OperatorError> {
        let tx = self.acting(by).await?;
        if !invitations::withdraw(&*tx, id, self.now()).await? {
            return Ok(false);
        }
        if let Some(actor) = by.actor() {
            let note = invitations::note_of(&*tx, id).await?;
            let event = NewEvent {
                actor_id: Some(actor),
                detail: note.as_deref(),
                ..NewEvent::own(AuditEvent::InvitationWithdrawn, actor)
            };
            audit::write(&*tx, &event, self.now()).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}
