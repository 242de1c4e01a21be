//! What is decided about the apps of a host.

use crate::failure::FlowError;
use crate::oauth::host_rule::{HostRule, decide, is_everybodys, stored_hosts, typed_host};
use crate::storage::audit::{self, AuditEvent, NewEvent};
use crate::storage::grants::hosts::with_access;
use crate::storage::{StorageError, Tx, consents, grants, host_rules};

use super::{By, OperatorError, Operators, Part, page};

pub use crate::storage::host_rules::RuledHost;

/// What came of a decision.
#[derive(Debug, PartialEq, Eq)]
pub struct Ruled {
    /// The host, as rules name it.
    pub host: String,
    /// Whether anything is otherwise than before.
    pub changed: bool,
    /// How much access ended.
    pub ended: u64,
}

impl Operators {
    /// A part of the decisions, by host.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn host_rules(&self, number: u32) -> Result<Part<RuledHost>, FlowError> {
        Ok(Part::of(host_rules::list(self.store.reader(), page(number)).await?))
    }

    /// Decides about a host and all names below it, or takes a decision back. Blocking ends what its apps have.
    ///
    /// # Errors
    /// `NoHost`, `Everybodys`, `NotOperator`, `Failed`; then all is as it was.
    pub async fn rule_host(&self, typed: &str, rule: Option<HostRule>, by: By<'_>) -> Result<Ruled, OperatorError> {
        let host = typed_host(typed).ok_or(OperatorError::NoHost)?;
        // What was decided once may still be taken back.
        if rule.is_some() && is_everybodys(&host) {
            return Err(OperatorError::Everybodys);
        }
        let tx = self.acting(by).await?;
        let changed = match rule {
            Some(rule) => {
                host_rules::set(&*tx, &host, rule, self.now()).await?;
                true
            }
            None => host_rules::clear(&*tx, &host).await?,
        };
        // Also when a decision is taken back: one for a name above it may block what it let through.
        let ended = self.end_blocked(&tx).await?;
        if let Some(actor) = by.actor().filter(|_| changed) {
            let detail = format!("{host}: {}", rule.map_or("clear", HostRule::as_str));
            let event = NewEvent {
                actor_id: Some(actor),
                detail: Some(&detail),
                ..NewEvent::own(AuditEvent::HostRuled, actor)
            };
            audit::write(&*tx, &event, self.now()).await?;
        }
        tx.commit().await?;
        Ok(Ruled { host, changed, ended })
    }

    /// Ends what is approved or remembered for apps that are blocked.
    async fn end_blocked(&self, tx: &Tx) -> Result<u64, StorageError> {
        let rules = host_rules::all(&**tx).await?;
        if !rules.iter().any(|(_, rule)| *rule == HostRule::Block) {
            return Ok(0);
        }
        let mut ended = 0;
        for (client_id, redirect_uri) in with_access(&**tx).await? {
            if decide(&stored_hosts(&client_id, &redirect_uri), &rules) == Some(HostRule::Block) {
                // First what is remembered: who is just approving by it finishes, and is then seen below.
                consents::forget_at(&**tx, &client_id, &redirect_uri).await?;
                ended += grants::revoke_all_at(&**tx, &client_id, &redirect_uri, self.now()).await?;
            }
        }
        Ok(ended)
    }
}
