//! People: how they get an account, and how a browser proves to be theirs.
//!
//! May name `oauth`, `storage`, `password`, `picture`, `secret_key`, `failure` and `clock`, and in [`ceremonies`] the crate that
//! checks passkeys; never HTTP, HTML or SQL.

use std::sync::Arc;

use time::OffsetDateTime;
use webauthn_rs::Webauthn;

use crate::clock::Clock;
use crate::oauth::policy::Policy;
use crate::password::Passwords;
use crate::picture::Darkroom;
use crate::secret_key::SecretKey;
use crate::storage::Store;

pub mod activity;
pub mod ceremonies;
pub mod confirm;
pub mod invitations;
mod language;
pub mod names;
pub mod overview;
pub mod passkey_sign_in;
pub mod passkeys;
pub mod password_change;
pub mod profile;
pub mod recovery;
pub mod second_factor;
pub mod second_step;
pub mod session_list;
pub mod sessions;
pub mod setup;
pub mod sign_up;
pub mod totp;
pub mod users;

/// Accounts and sessions, with what they need.
#[derive(Clone)]
pub struct Accounts {
    store: Store,
    passwords: Passwords,
    darkroom: Darkroom,
    secret_key: Option<SecretKey>,
    relying_party: Option<Arc<Webauthn>>,
    clock: Arc<dyn Clock>,
    policy: Arc<Policy>,
}

impl Accounts {
    /// Puts the parts together. Without a key nobody can turn a second step on.
    pub fn new(
        store: Store,
        passwords: Passwords,
        secret_key: Option<SecretKey>,
        clock: Arc<dyn Clock>,
        policy: Arc<Policy>,
    ) -> Accounts {
        Accounts {
            store,
            passwords,
            darkroom: Darkroom::default(),
            secret_key,
            relying_party: ceremonies::relying_party(&policy.issuer).map(Arc::new),
            clock,
            policy,
        }
    }

    fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }
}
