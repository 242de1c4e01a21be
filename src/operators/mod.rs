//! What an operator sees and does: people, apps and their hosts, tokens in numbers, what happened, settings. The pages
//! below `/admin` and the commands call the same.
//!
//! Everything that acts says by whom, and whether they may is asked in the transaction that acts. May name `oauth`,
//! `storage`, `flows`, `failure` and `clock`; never HTTP, HTML, SQL or the settings themselves.

use std::sync::Arc;

use time::OffsetDateTime;

use crate::clock::Clock;
use crate::failure::FlowError;
use crate::oauth::policy::Policy;
use crate::oauth::profile::Username;
use crate::storage::audit::{self, NewEvent, Page};
use crate::storage::people::{self, Person};
use crate::storage::{StorageError, Store, Tx, operators};

pub mod activity;
pub mod clients;
pub mod disable;
pub mod hosts;
pub mod invitations;
pub mod people_list;
pub mod roles;
pub mod tokens;
pub mod ways_in;

pub use crate::storage::operators::By;

/// How many lines a page shows.
pub const PER_PAGE: u64 = 50;

/// What an operator can do, with what it takes.
#[derive(Clone)]
pub struct Operators {
    store: Store,
    clock: Arc<dyn Clock>,
    policy: Arc<Policy>,
    settings: Arc<[Setting]>,
}

/// A setting as it may be shown: no secret is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The variable that sets it.
    pub name: String,
    /// What holds.
    pub value: String,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// Who asks is no operator, or no more.
    #[error("only an operator can do that")]
    NotOperator,
    /// Nobody has this name, or nothing this id.
    #[error("there is no such person or client")]
    Unknown,
    /// Operators do not shut themselves out: nobody might be left to let them in.
    #[error("operators cannot shut themselves out")]
    Yourself,
    /// The person is shut out, so there is no way in to give them.
    #[error("this person is shut out; let them in first")]
    Disabled,
    /// This is no host.
    #[error("this is no host; write it like example.com")]
    NoHost,
    /// Below this name anybody gets one of their own.
    #[error(
        "anybody can get a name below this one, so the decision would be about strangers to each other; name one host"
    )]
    Everybodys,
    /// The failure is ours.
    #[error(transparent)]
    Failed(#[from] FlowError),
}

impl From<StorageError> for OperatorError {
    fn from(error: StorageError) -> OperatorError {
        OperatorError::Failed(error.into())
    }
}

/// A part of a list.
#[derive(Debug)]
pub struct Part<T> {
    /// The lines.
    pub lines: Vec<T>,
    /// Whether there are more.
    pub has_more: bool,
}

impl<T> Part<T> {
    /// Of one line more than is shown, which only tells whether there are more.
    fn of(mut lines: Vec<T>) -> Part<T> {
        let has_more = lines.len() as u64 > PER_PAGE;
        lines.truncate(usize::try_from(PER_PAGE).unwrap_or(usize::MAX));
        Part { lines, has_more }
    }

    fn map<U>(self, change: impl FnMut(T) -> U) -> Part<U> {
        Part {
            lines: self.lines.into_iter().map(change).collect(),
            has_more: self.has_more,
        }
    }
}

/// The page with this number, and one line of the next. The first is number 0.
fn page(number: u32) -> Page {
    Page {
        skip: u64::from(number) * PER_PAGE,
        take: PER_PAGE + 1,
    }
}

impl Operators {
    /// Puts the parts together.
    pub fn new(store: Store, clock: Arc<dyn Clock>, policy: Arc<Policy>, settings: Vec<Setting>) -> Operators {
        Operators {
            store,
            clock,
            policy,
            settings: settings.into(),
        }
    }

    /// The settings that hold.
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// A transaction for whoever may act, as long as it lasts.
    async fn acting(&self, by: By<'_>) -> Result<Tx, OperatorError> {
        let tx = self.store.begin().await?;
        match operators::hold(&*tx, by).await? {
            true => Ok(tx),
            false => Err(OperatorError::NotOperator),
        }
    }

    /// Writes down what was done to a person.
    async fn log(&self, tx: &Tx, by: By<'_>, event: audit::AuditEvent, person: &Person) -> Result<(), StorageError> {
        let event = NewEvent {
            actor_id: by.actor(),
            ..NewEvent::own(event, &person.id)
        };
        audit::write(&**tx, &event, self.now()).await
    }
}

/// The person with this name, however it is typed.
async fn named(tx: &Tx, name: &str) -> Result<Person, OperatorError> {
    let username = Username::typed(name).ok_or(OperatorError::Unknown)?;
    people::find(&**tx, &username).await?.ok_or(OperatorError::Unknown)
}
