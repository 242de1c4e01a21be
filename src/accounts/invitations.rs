//! Links that make one account each, which an operator gives to somebody.

use std::time::Duration;

use crate::failure::FlowError;
use crate::oauth::client::display_name;
use crate::oauth::grant::Owner;
use crate::oauth::secret::{Digest, InvitationToken, Secret, random_id};
use crate::storage::audit::{self, AuditEvent, NewEvent};
use crate::storage::invitations::{self, NewInvitation};

use super::Accounts;

pub use crate::storage::invitations::{Invitation, InvitationState};

/// The path of the page behind a link.
pub const INVITATION: &str = "/invitation";

/// How long a link may be good for, in days.
pub const INVITATION_DAYS: [u64; 3] = [1, 7, 30];

/// How long it is good for when nothing else is said, in days.
pub const DEFAULT_INVITATION_DAYS: u64 = 7;

impl Accounts {
    /// Makes a link that is good for one account. The note says for whom it is; without an operator it comes from the
    /// command line.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn invite(
        &self,
        by: Option<&Owner>,
        note: Option<&str>,
        life: Duration,
    ) -> Result<Secret<InvitationToken>, FlowError> {
        let (now, token) = (self.now(), Secret::generate(&mut rand::rng()));
        let note = note.and_then(display_name);
        let new = NewInvitation {
            id: &random_id(&mut rand::rng()),
            digest: &token.digest(),
            note: note.as_deref(),
            created_by: by.map(|by| &by.user_id),
            expires_at: now + life,
        };
        let tx = self.store.begin().await?;
        invitations::insert(&*tx, &new, now).await?;
        if let Some(by) = by {
            let event = NewEvent {
                detail: note.as_deref(),
                ..NewEvent::own(AuditEvent::Invited, &by.user_id)
            };
            audit::write(&*tx, &event, now).await?;
        }
        tx.commit().await?;
        Ok(token)
    }

    /// The address that is given to whoever is invited.
    pub fn invitation_link(&self, token: &Secret<InvitationToken>) -> String {
        format!("{}{INVITATION}?token={}", self.policy.issuer, token.expose())
    }

    /// Every link that is still kept, newest first.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn invitations(&self) -> Result<Vec<Invitation>, FlowError> {
        Ok(invitations::all(self.store.reader(), self.now()).await?)
    }

    /// The link behind a token.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn invitation(&self, token: &Digest<InvitationToken>) -> Result<Option<Invitation>, FlowError> {
        Ok(invitations::find(self.store.reader(), token, self.now()).await?)
    }

    /// Takes a link back. `false` when there is none that could still be used.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn withdraw_invitation(&self, id: &str) -> Result<bool, FlowError> {
        Ok(invitations::withdraw(self.store.writer(), id, self.now()).await?)
    }
}
