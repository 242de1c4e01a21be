//! What the operator decided about the host of an app, where it counts: before an app is looked at, when a question is
//! shown and answered, and when a code is exchanged. Tokens need no asking: a host's are revoked when it is blocked.

use crate::oauth::client::ClientId;
use crate::oauth::grant::Grant;
use crate::oauth::host_rule::{HostRule, hosts_of};
use crate::oauth::redirect_uri::RedirectUri;
use crate::storage::{Connection, StorageError, host_rules};

use super::{FlowError, Flows};

/// What holds for a client whose answers go there.
pub(super) async fn rule_for(
    db: &impl Connection,
    id: &ClientId,
    redirect_uri: Option<&RedirectUri>,
) -> Result<Option<HostRule>, StorageError> {
    host_rules::rule_for(db, &hosts_of(id, redirect_uri)).await
}

/// Whether the operator lets nobody use the client of this grant.
pub(super) async fn is_blocked(db: &impl Connection, grant: &Grant) -> Result<bool, StorageError> {
    let rule = rule_for(db, &grant.client.id, Some(&grant.redirect_uri)).await?;
    Ok(rule == Some(HostRule::Block))
}

impl Flows {
    /// What the operator decided about the client of this request.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn host_rule(&self, grant: &Grant) -> Result<Option<HostRule>, FlowError> {
        Ok(rule_for(self.store.reader(), &grant.client.id, Some(&grant.redirect_uri)).await?)
    }
}
