//! Who has an account.

use time::OffsetDateTime;

use crate::failure::FlowError;
use crate::oauth::person::Email;
use crate::oauth::profile::{ProfileUrl, Username};
use crate::storage::people::{self, counts};
use crate::storage::{passkeys, profiles, recovery_codes, second_factors, sessions};

use super::{Operators, Part, page};

pub use crate::storage::people::Person;
pub use crate::storage::people::counts::Numbers;

/// A person as a list shows them.
#[derive(Debug)]
pub struct PersonLine {
    /// Who.
    pub person: Person,
    /// When they last signed in, as far as that is still known.
    pub last_sign_in: Option<OffsetDateTime>,
}

/// A person with all that an operator sees of them.
#[derive(Debug)]
pub struct PersonCard {
    /// Who.
    pub person: Person,
    /// When they last signed in, as far as that is still known.
    pub last_sign_in: Option<OffsetDateTime>,
    /// Their addresses, the one on this server first.
    pub addresses: Vec<String>,
    /// Their e-mail address.
    pub email: Option<Email>,
    /// In how many browsers they are signed in.
    pub sessions: usize,
    /// How many apps have access.
    pub apps: u64,
    /// How many passkeys they have.
    pub passkeys: usize,
    /// Whether they are asked for a second step.
    pub second_step: bool,
    /// How many recovery codes they have left.
    pub recovery_codes: u64,
}

impl Operators {
    /// A part of the people whose name begins so, by their names; when `to_confirm`, of those whose e-mail address waits to
    /// be confirmed.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn people(&self, beginning: &str, to_confirm: bool, number: u32) -> Result<Part<PersonLine>, FlowError> {
        // What no name begins with finds nobody.
        let beginning = beginning.trim().trim_start_matches('@').to_ascii_lowercase();
        if !beginning.is_empty() && Username::parse(&beginning).is_none() {
            return Ok(Part::of(Vec::new()));
        }
        let db = self.store.reader();
        let found = Part::of(people::list(db, &beginning, to_confirm, page(number)).await?);
        let mut signed_in = people::last_sign_ins(db, &found.lines).await?;
        Ok(found.map(|person| PersonLine {
            last_sign_in: signed_in.remove(&person.id),
            person,
        }))
    }

    /// The person with this name.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn person(&self, name: &str) -> Result<Option<PersonCard>, FlowError> {
        let (db, now) = (self.store.reader(), self.now());
        let Some(username) = Username::typed(name) else {
            return Ok(None);
        };
        let Some(person) = people::find(db, &username).await? else {
            return Ok(None);
        };
        let hosted = ProfileUrl::hosted(&self.policy.issuer, &person.username);
        let mut addresses = vec![hosted.as_str().to_owned()];
        addresses.extend(counts::addresses_of(db, &person.id).await?);
        let idle_since = now - self.policy.lifetimes.session_idle;
        let people = [person];
        let mut signed_in = people::last_sign_ins(db, &people).await?;
        let [person] = people;
        Ok(Some(PersonCard {
            email: profiles::find(db, &person.id).await?.and_then(|told| told.email),
            addresses,
            last_sign_in: signed_in.remove(&person.id),
            sessions: sessions::all_of(db, &person.id, now, idle_since).await?.len(),
            apps: counts::count_apps_of(db, &person.id, now).await?,
            passkeys: passkeys::all_of(db, &person.id).await?.len(),
            second_step: second_factors::exists(db, &person.id).await?,
            recovery_codes: recovery_codes::count_of(db, &person.id).await?,
            person,
        }))
    }

    /// The whole server in numbers.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn numbers(&self) -> Result<Numbers, FlowError> {
        let now = self.now();
        let idle_since = now - self.policy.lifetimes.session_idle;
        Ok(counts::numbers(self.store.reader(), now, idle_since).await?)
    }
}
