//! What the past says about the app that asks: since when the person knows it, and what it says otherwise than before.

use serde::Serialize;

use crate::oauth::change::{Change, Snapshot};
use crate::oauth::grant::{Grant, GrantClient};

/// Since when the person says yes to the app. That it has asked before says nothing: whoever makes a link can have it
/// ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Seen {
    /// They have not yet, and nobody else here has.
    New,
    /// They have not yet.
    NewToYou,
    /// For less than a day.
    Today,
    /// For so many days.
    Days {
        /// At least one.
        days: i64,
    },
}

impl Seen {
    /// Of this request's client. `None` when this server does not keep it in mind.
    pub fn of(grant: &Grant, last_yes: Option<&Snapshot>) -> Option<Seen> {
        let first_yes = last_yes.map(|last_yes| last_yes.first_approved_at);
        grant.client.is_sighted().then(|| match first_yes {
            None if grant.client.first_seen_at.is_none() => Seen::New,
            None => Seen::NewToYou,
            Some(first_yes) => match (grant.created_at - first_yes).whole_days() {
                days if days < 1 => Seen::Today,
                days => Seen::Days { days },
            },
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
