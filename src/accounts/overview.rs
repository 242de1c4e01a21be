//! A person at a glance, for the operator.

use std::collections::HashSet;

use crate::failure::FlowError;
use crate::oauth::grant::Owner;
use crate::oauth::person::Person;
use crate::oauth::profile::Username;
use crate::storage::{grants, profiles, second_factors, sessions, users};

use super::Accounts;
use super::users::AccountError;

pub use crate::storage::users::Standing;

/// A person, and how much is open in their name.
#[derive(Debug, Clone)]
pub struct Overview {
    /// Who, with what they tell.
    pub person: Person,
    /// How they stand with the operator.
    pub standing: Standing,
    /// In how many browsers they are signed in.
    pub sessions: usize,
    /// How many apps have access.
    pub apps: usize,
    /// Whether their sign-in has a second step.
    pub has_second_step: bool,
}

impl Accounts {
    /// The person with this name, as it is typed.
    ///
    /// # Errors
    /// `Unknown`, `Failed`.
    pub async fn owner_named(&self, name: &str) -> Result<Owner, AccountError> {
        let username = Username::typed(name).ok_or(AccountError::Unknown)?;
        self.find_by_username(&username).await?.ok_or(AccountError::Unknown)
    }

    /// The person with this name at a glance.
    ///
    /// # Errors
    /// `Unknown`, `Failed`.
    pub async fn overview(&self, name: &str) -> Result<Overview, AccountError> {
        let Owner { user_id, .. } = self.owner_named(name).await?;
        let (db, now) = (self.store.reader(), self.now());
        let idle_since = now - self.policy.lifetimes.session_idle;
        let person = profiles::find(db, &user_id).await.map_err(FlowError::from)?;
        let standing = users::standing(db, &user_id).await.map_err(FlowError::from)?;
        let sessions = sessions::all_of(db, &user_id, now, idle_since).await;
        // Several approvals of one app are one app.
        let used = grants::used::used_by(db, &user_id, now, now).await;
        let apps: HashSet<String> = used
            .map_err(FlowError::from)?
            .into_iter()
            .map(|used| used.grant.client.id.as_str().to_owned())
            .collect();
        let factor = second_factors::exists(db, &user_id).await;
        Ok(Overview {
            person: person.ok_or(AccountError::Unknown)?,
            standing: standing.ok_or(AccountError::Unknown)?,
            sessions: sessions.map_err(FlowError::from)?.len(),
            apps: apps.len(),
            has_second_step: factor.map_err(FlowError::from)?,
        })
    }
}
