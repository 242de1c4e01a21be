//! The apps that people use: those that are registered, and those that came with an address of their own.

use time::OffsetDateTime;

use crate::failure::FlowError;
use crate::flows::manage::end_all_to;
use crate::oauth::client::{ClientUrl, HttpLoopback};
use crate::oauth::host_rule::{HostRule, decide, host_of};
use crate::storage::audit::{self, AuditEvent, NewEvent};
use crate::storage::clients::{self, RegisteredClient};
use crate::storage::host_rules;
use crate::storage::known_clients::{self, SeenClient};

use super::{By, OperatorError, Operators, Part, page};

/// A registered app.
#[derive(Debug)]
pub struct RegisteredLine {
    /// The app.
    pub client: RegisteredClient,
    /// How many people it has access to.
    pub people: i64,
}

/// An app that came with its own address.
#[derive(Debug)]
pub struct SeenLine {
    /// Its address.
    pub client_id: String,
    /// The host of that.
    pub host: Option<String>,
    /// What was decided about its host.
    pub rule: Option<HostRule>,
    /// When it first asked somebody here.
    pub first_seen_at: OffsetDateTime,
    /// When it last did.
    pub last_seen_at: OffsetDateTime,
    /// How many people it has access to.
    pub people: i64,
}

impl Operators {
    /// A part of the registered apps with this text in id, name or redirect URIs, the last registered first.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn registered(&self, text: &str, number: u32) -> Result<Part<RegisteredLine>, FlowError> {
        let db = self.store.reader();
        let found = Part::of(known_clients::registered(db, text.trim(), page(number)).await?);
        let ids: Vec<String> = found
            .lines
            .iter()
            .map(|one| one.client.id.as_str().to_owned())
            .collect();
        let people = known_clients::people_with(db, &ids, self.now()).await?;
        Ok(found.map(|client| RegisteredLine {
            people: people.get(client.client.id.as_str()).copied().unwrap_or_default(),
            client,
        }))
    }

    /// A part of the apps that came with an address with this text, the last seen first.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn seen(&self, text: &str, number: u32) -> Result<Part<SeenLine>, FlowError> {
        let db = self.store.reader();
        let found = Part::of(known_clients::seen(db, text.trim(), page(number)).await?);
        let ids: Vec<String> = found.lines.iter().map(|one| one.client_id.clone()).collect();
        let people = known_clients::people_with(db, &ids, self.now()).await?;
        let rules = host_rules::all(db).await?;
        Ok(found.map(|one: SeenClient| {
            let url = ClientUrl::parse(&one.client_id, HttpLoopback::Allowed).ok();
            let host = url.and_then(|id| host_of(id.url()));
            SeenLine {
                rule: host
                    .as_ref()
                    .and_then(|host| decide(std::slice::from_ref(host), &rules)),
                host,
                people: people.get(&one.client_id).copied().unwrap_or_default(),
                client_id: one.client_id,
                first_seen_at: one.first_seen_at,
                last_seen_at: one.last_seen_at,
            }
        }))
    }

    /// The registered app with this id, with how many people it has access to.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn registered_client(&self, id: &str) -> Result<Option<RegisteredLine>, FlowError> {
        let db = self.store.reader();
        let Some(client) = clients::find(db, id).await? else {
            return Ok(None);
        };
        let people = known_clients::people_with(db, &[id.to_owned()], self.now()).await?;
        Ok(Some(RegisteredLine {
            people: people.get(id).copied().unwrap_or_default(),
            client,
        }))
    }

    /// Removes a registered app, and ends everything that people gave it.
    ///
    /// # Errors
    /// `NotOperator`, `Unknown`, `Failed`; then nothing ended.
    pub async fn remove_client(&self, id: &str, by: By<'_>) -> Result<(), OperatorError> {
        let tx = self.acting(by).await?;
        if !clients::delete(&*tx, id).await? {
            return Err(OperatorError::Unknown);
        }
        end_all_to(&tx, id, self.now()).await?;
        if let Some(actor) = by.actor() {
            let event = NewEvent {
                client_id: Some(id),
                actor_id: Some(actor),
                ..NewEvent::own(AuditEvent::ClientRemoved, actor)
            };
            audit::write(&*tx, &event, self.now()).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
