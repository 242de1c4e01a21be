//! The protocol exchanges, each to be read top to bottom in one file.
//!
//! The dependencies live in [`Flows`]; a method's parameters are what changes per request. May name `oauth`,
//! `storage`, `discovery` and `clock`; never HTTP, HTML or SQL.

use std::sync::Arc;

use time::OffsetDateTime;

use crate::clock::Clock;
use crate::discovery::Discovery;
use crate::oauth::grant::Owner;
use crate::oauth::policy::Policy;
use crate::oauth::profile::ProfileUrl;
use crate::oauth::secret::{Digest, SessionKey};
use crate::storage::Store;

pub mod addresses;
pub mod answered;
pub mod app_session;
pub mod apps;
pub mod authorize;
pub mod client_credentials;
pub mod clients;
pub mod consent;
pub mod exchange;
pub mod hosts;
pub mod introspect;
pub mod manage;
pub mod refresh;
pub mod register;
pub mod revoke;
pub mod uses;
pub mod verify_credentials;

pub use crate::failure::FlowError;
use uses::UseRecorder;

/// A person, and the session they are signed in by. What is decided in their name holds only while the session does.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who.
    pub owner: Owner,
    /// By which session.
    pub session: Digest<SessionKey>,
}

/// The exchanges, with what they need.
#[derive(Clone)]
pub struct Flows {
    store: Store,
    discovery: Arc<Discovery>,
    clock: Arc<dyn Clock>,
    policy: Arc<Policy>,
    uses: UseRecorder,
}

impl Flows {
    /// Puts the parts together and starts the task that writes down when tokens were last used.
    pub fn new(store: Store, discovery: Arc<Discovery>, clock: Arc<dyn Clock>, policy: Arc<Policy>) -> Flows {
        let uses = UseRecorder::start(store.clone());
        Flows {
            store,
            discovery,
            clock,
            policy,
            uses,
        }
    }

    /// What this server allows.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Waits until every use of a token so far is written down; for a clean stop.
    pub async fn settle(&self) {
        self.uses.settle().await;
    }

    /// The address of this person on this server.
    pub fn me(&self, owner: &Owner) -> ProfileUrl {
        ProfileUrl::hosted(&self.policy.issuer, &owner.username)
    }

    fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }
}
