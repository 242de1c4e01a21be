//! Which apps a person let in, and the end of it.

use crate::storage::audit::{self, AuditEvent};
use crate::storage::consents::{self, Consent};
use crate::storage::grants::{self, UsedGrant};
use crate::storage::purge::ENDED_KEPT;

use super::{FlowError, Flows, Owner};

/// What a person approved.
#[derive(Debug)]
pub struct Approved {
    /// Approvals that gave tokens, ended ones of the last weeks included; latest first.
    pub grants: Vec<UsedGrant>,
    /// Answers that are remembered; latest first.
    pub consents: Vec<Consent>,
}

impl Flows {
    /// What `owner` approved.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn approved_by(&self, owner: &Owner) -> Result<Approved, FlowError> {
        let now = self.now();
        Ok(Approved {
            grants: grants::used_by(self.store.reader(), &owner.user_id, now, now - ENDED_KEPT).await?,
            consents: consents::list(self.store.reader(), &owner.user_id).await?,
        })
    }

    /// Ends everything `owner` ever gave to this client: tokens, codes on their way, and the remembered answer.
    ///
    /// # Errors
    /// Failures of ours only; then nothing ended.
    pub async fn end_access(&self, owner: &Owner, client_id: &str) -> Result<(), FlowError> {
        let now = self.now();
        let tx = self.store.begin().await?;
        let ended = grants::revoke_all_for(&*tx, &owner.user_id, client_id, now).await?;
        consents::forget(&*tx, &owner.user_id, client_id).await?;
        if ended > 0 {
            audit::insert(&*tx, AuditEvent::AccessRevoked, &owner.user_id, client_id, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
