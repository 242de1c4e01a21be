//! People: how they get an account, and how a browser proves to be theirs.
//!
//! May name `oauth`, `storage`, `password`, `failure` and `clock`; never HTTP, HTML or SQL.

use std::sync::Arc;

use time::OffsetDateTime;

use crate::clock::Clock;
use crate::oauth::policy::Policy;
use crate::password::Passwords;
use crate::storage::Store;

pub mod password_change;
pub mod session_list;
pub mod sessions;
pub mod setup;
pub mod users;

/// Accounts and sessions, with what they need.
#[derive(Clone)]
pub struct Accounts {
    store: Store,
    passwords: Passwords,
    clock: Arc<dyn Clock>,
    policy: Arc<Policy>,
}

impl Accounts {
    /// Puts the parts together.
    pub fn new(store: Store, passwords: Passwords, clock: Arc<dyn Clock>, policy: Arc<Policy>) -> Accounts {
        Accounts {
            store,
            passwords,
            clock,
            policy,
        }
    }

    fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }
}
