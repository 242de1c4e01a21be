//! People: how they get an account, and how a browser proves to be theirs.
//!
//! May name `oauth`, `storage`, `password` and `clock`; never HTTP, HTML or SQL.

use std::sync::Arc;

use time::OffsetDateTime;

use crate::clock::Clock;
use crate::flows::FlowError;
use crate::oauth::policy::Policy;
use crate::password::{HashingError, Passwords};
use crate::storage::Store;

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

impl From<HashingError> for FlowError {
    fn from(error: HashingError) -> FlowError {
        match error {
            HashingError::Busy => FlowError::Unavailable(Box::new(error)),
            HashingError::Failed(_) => FlowError::Internal(Box::new(error)),
        }
    }
}
