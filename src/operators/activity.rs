//! What happened on the whole server.

use crate::failure::FlowError;
use crate::oauth::profile::Username;
use crate::storage::audit::ALL;
use crate::storage::audit_log::{self, Wanted};
use crate::storage::people;

use super::{Operators, Part, page};

pub use crate::storage::audit::{AuditEvent, Page};
pub use crate::storage::audit_log::Logged;

/// What is looked for, as somebody typed it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'a> {
    /// The name of a kind; nothing for all.
    pub kind: &'a str,
    /// A person's name; nothing for everybody.
    pub person: &'a str,
    /// A text in the id of a client, a host or an address; nothing for all.
    pub about: &'a str,
}

/// The names of all kinds.
pub fn kinds() -> Vec<&'static str> {
    ALL.iter().map(|event| event.as_str()).collect()
}

impl Operators {
    /// A page of what happened, newest first.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn activity(&self, filter: Filter<'_>, number: u32) -> Result<Part<Logged>, FlowError> {
        Ok(Part::of(self.events(filter, page(number)).await?))
    }

    /// So many of the latest events.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn latest(&self, filter: Filter<'_>, how_many: u64) -> Result<Vec<Logged>, FlowError> {
        let first = Page {
            skip: 0,
            take: how_many,
        };
        self.events(filter, first).await
    }

    async fn events(&self, filter: Filter<'_>, part: Page) -> Result<Vec<Logged>, FlowError> {
        let db = self.store.reader();
        let mut wanted = Wanted {
            about: Some(filter.about.trim().to_owned()).filter(|text| !text.is_empty()),
            ..Wanted::default()
        };
        if !filter.kind.is_empty() {
            let Some(event) = AuditEvent::parse(filter.kind) else {
                return Ok(Vec::new());
            };
            wanted.event = Some(event);
        }
        if !filter.person.trim().is_empty() {
            let person = match Username::typed(filter.person) {
                Some(name) => people::find(db, &name).await?,
                None => None,
            };
            let Some(person) = person else {
                return Ok(Vec::new());
            };
            wanted.user_id = Some(person.id);
        }
        Ok(audit_log::search(db, &wanted, part).await?)
    }
}
