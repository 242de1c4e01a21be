//! What the past says about the app that asks: since when it is known here, and what it says otherwise than before.

use serde::Serialize;

use crate::oauth::change::{Change, Snapshot};
use crate::oauth::grant::{Grant, GrantClient};

/// Since when the app is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Seen {
    /// Since this very request.
    First,
    /// Since an earlier one, less than a day ago.
    Today,
    /// For so many days.
    Days {
        /// At least one.
        days: i64,
    },
}

impl Seen {
    /// Of this request's client. `None` when this server does not keep it in mind.
    pub fn of(grant: &Grant) -> Option<Seen> {
        let known_for = grant.created_at - grant.client.first_seen_at?;
        Some(match known_for.whole_days() {
            _ if known_for.is_zero() => Seen::First,
            days if days < 1 => Seen::Today,
            days => Seen::Days { days },
        })
    }
}

/// That the app says otherwise than when the person last said yes to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// When the person said yes, in Unix seconds.
    pub since: i64,
    /// What is different; never empty.
    pub differences: Vec<Difference>,
}

/// One thing that is different, before and now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Difference {
    /// What it calls itself.
    Name {
        /// Before.
        was: Option<String>,
        /// Now.
        is: Option<String>,
    },
    /// Its home page.
    ClientUri {
        /// Before.
        was: Option<String>,
        /// Now.
        is: Option<String>,
    },
    /// Where its answers may go.
    RedirectUris {
        /// There, too: the first few.
        added: Vec<String>,
        /// How many more of these there are.
        added_more: usize,
        /// There no longer: the first few.
        gone: Vec<String>,
        /// How many more of these there are.
        gone_more: usize,
    },
}

/// Of a longer list nobody reads more.
const MAX_SHOWN: usize = 5;

impl Changed {
    /// What `client` says otherwise than it did then. `None` when that is nothing.
    pub fn since(then: &Snapshot, client: &GrantClient) -> Option<Changed> {
        let differences: Vec<Difference> = then.changes(client).into_iter().map(Difference::from).collect();
        (!differences.is_empty()).then(|| Changed {
            since: then.approved_at.unix_timestamp(),
            differences,
        })
    }
}

impl From<Change> for Difference {
    fn from(change: Change) -> Difference {
        let first = |uris: &[String]| uris.iter().take(MAX_SHOWN).cloned().collect();
        match change {
            Change::Name { was, is } => Difference::Name { was, is },
            Change::ClientUri { was, is } => Difference::ClientUri { was, is },
            Change::RedirectUris { added, gone } => Difference::RedirectUris {
                added: first(&added),
                added_more: added.len().saturating_sub(MAX_SHOWN),
                gone: first(&gone),
                gone_more: gone.len().saturating_sub(MAX_SHOWN),
            },
        }
    }
}
