//! What the operator decided about the host of an app, where it counts: before an app is looked at, when a question is
//! shown and answered, and when a code is exchanged. Tokens need no asking: a host's are revoked when it is blocked.

use crate::oauth::client::ClientId;
use crate::oauth::grant::Grant;
use crate::oauth::host_rule::{HostRule, hosts_of};
use crate::oauth::redirect_uri::RedirectUri;
use crate::storage::{Connection, StorageError, host_rules};

/// What holds for a client whose answers go there.
pub(super) async fn rule_for(
    db: &impl Connection,
    id: &ClientId,
    redirect_uri: Option<&RedirectUri>,
) -> Result<Option<HostRule>, StorageError> {
    host_rules::rule_for(db, &hosts_of(id, redirect_uri)).await
}

/// What holds for the client of this grant.
pub(super) async fn rule_of(db: &impl Connection, grant: &Grant) -> Result<Option<HostRule>, StorageError> {
    rule_for(db, &grant.client.id, Some(&grant.redirect_uri)).await
}
