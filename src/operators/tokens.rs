//! Tokens and answers in numbers.

use std::collections::HashMap;

use time::Duration;

use crate::failure::FlowError;
use crate::oauth::grant::RevokedBecause;
use crate::storage::audit::AuditEvent;
use crate::storage::audit_log;
use crate::storage::grants::numbers;

use super::Operators;

pub use crate::storage::grants::numbers::TokenCount;

/// The times that are looked back at, in days.
pub const DAYS: [i64; 3] = [1, 7, 30];

/// How often something happened, in the last of each of [`DAYS`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Often {
    /// What: `approved`, `denied`, or why access ended.
    pub what: String,
    /// How often.
    pub counts: [i64; 3],
}

/// Tokens and answers in numbers.
#[derive(Debug, Clone)]
pub struct TokenNumbers {
    /// Tokens that hold, by kind of client.
    pub by_client: Vec<TokenCount>,
    /// Tokens that hold, by when they end.
    pub by_end: Vec<TokenCount>,
    /// What people answered.
    pub answers: Vec<Often>,
    /// Why access was ended, for what happened at all.
    pub ended: Vec<Often>,
}

impl Operators {
    /// How many tokens hold.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn live_tokens(&self) -> Result<u64, FlowError> {
        Ok(numbers::live_tokens(self.store.reader(), self.now()).await?)
    }

    /// Counts tokens and answers.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn token_numbers(&self) -> Result<TokenNumbers, FlowError> {
        let (db, now) = (self.store.reader(), self.now());
        let answered = [AuditEvent::Approved, AuditEvent::Denied];
        let (mut answers, mut ended) = (Vec::new(), Vec::new());
        for days in DAYS {
            let since = now - Duration::days(days);
            answers.push(audit_log::counts(db, &answered, since).await?);
            ended.push(numbers::revoked_since(db, since).await?);
        }
        Ok(TokenNumbers {
            by_client: numbers::by_client(db, now).await?,
            by_end: numbers::by_end(db, now).await?,
            answers: answered.map(|event| often(event.as_str(), &answers)).to_vec(),
            ended: RevokedBecause::ALL
                .map(|because| often(because.as_str(), &ended))
                .into_iter()
                .filter(|often| often.counts.iter().any(|count| *count > 0))
                .collect(),
        })
    }
}

fn often(what: &str, counted: &[HashMap<String, i64>]) -> Often {
    let of = |number: usize| counted.get(number).and_then(|counts| counts.get(what));
    Often {
        what: what.to_owned(),
        counts: [0, 1, 2].map(|number| of(number).copied().unwrap_or_default()),
    }
}
