//! Proofs are looked for again: daily, and when an app is about to get the address.

use std::time::Duration;

use crate::oauth::grant::UserId;
use crate::oauth::profile::ProfileUrl;
use crate::storage::StorageError;
use crate::storage::profile_urls::{self, Due};

use super::Standing;
use crate::flows::{FlowError, Flows};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A proof that was found so long ago is looked for before the address is handed out.
const GOOD_FOR_USE: Duration = Duration::from_secs(60 * 60);

/// A lapsed address is looked at this long: the page may only have lost its lines for a while.
const LAPSED_WATCHED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A look that has not ended by then never will: its server stopped.
const CRASHED: Duration = Duration::from_secs(10 * 60);

/// Addresses looked at in a row, once a minute.
const BATCH: u64 = 20;

impl Flows {
    /// Looks at addresses that nobody has looked at for a day. Several servers on one database share the work. Says how
    /// many it looked at.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn look_again(&self) -> Result<u64, FlowError> {
        let (began_at, mut looked_at) = (self.now(), 0);
        let is_due = Due {
            checked: began_at - DAY,
            claimed: began_at - CRASHED,
        };
        let due = profile_urls::due(self.store.reader(), is_due, began_at - LAPSED_WATCHED, BATCH).await?;
        for address in due {
            if !profile_urls::claim(self.store.writer(), &address.id, is_due, began_at).await? {
                continue;
            }
            // Without a source nothing is counted.
            if let Ok(look) = self.discovery.look(&address.url, None).await {
                self.conclude(&address, &look, began_at).await?;
                looked_at += 1;
            }
        }
        Ok(looked_at)
    }

    /// Whether an address is this person's, with a new look when the last one was not just now.
    pub(in crate::flows) async fn standing(
        &self,
        user_id: &UserId,
        address: &ProfileUrl,
    ) -> Result<Standing, StorageError> {
        let Some(address) = profile_urls::find_url(self.store.reader(), user_id, address).await? else {
            return Ok(Standing::Unknown);
        };
        if !address.is_held {
            return Ok(Standing::Unproved);
        }
        let began_at = self.now();
        if address.checked_at.is_some_and(|at| began_at - at <= GOOD_FOR_USE) {
            return Ok(Standing::Proved);
        }
        let is_held = match self.discovery.look(&address.url, None).await {
            Ok(look) => self.conclude(&address, &look, began_at).await?,
            Err(_) => true,
        };
        Ok(match is_held {
            true => Standing::Proved,
            false => Standing::Unproved,
        })
    }
}
