//! What happened to a person's account, for them to look through.

use crate::failure::FlowError;
use crate::oauth::grant::Owner;
use crate::storage::audit::{self, Page};

use super::Accounts;

pub use crate::storage::audit::{AuditEvent, Happened};

/// How many events a page shows.
const PER_PAGE: u64 = 30;

/// One page of what happened, newest first.
#[derive(Debug)]
pub struct Activity {
    /// The events.
    pub events: Vec<Happened>,
    /// Whether there are older ones.
    pub has_older: bool,
}

impl Accounts {
    /// A page of what happened, newest first. The first page is number 0; one behind the last is empty.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn activity(&self, owner: &Owner, page: u32) -> Result<Activity, FlowError> {
        // One more than is shown tells whether there are older ones.
        let wanted = Page {
            skip: u64::from(page) * PER_PAGE,
            take: PER_PAGE + 1,
        };
        let mut events = audit::of_user(self.store.reader(), &owner.user_id, wanted).await?;
        let has_older = events.len() as u64 > PER_PAGE;
        events.truncate(usize::try_from(PER_PAGE).unwrap_or(usize::MAX));
        Ok(Activity { events, has_older })
    }
}
