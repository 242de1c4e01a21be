//! What happened on the whole server, for the operator: everybody's events, searched.

use std::collections::HashMap;

use entity::audit_events::{Column, Entity, Model};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use time::OffsetDateTime;

use super::audit::{AuditEvent, Page};
use super::{Row, StorageError, people, seconds};
use crate::oauth::grant::UserId;

/// Which events are looked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Of this kind.
    pub event: Option<AuditEvent>,
    /// In the account of this person.
    pub user_id: Option<UserId>,
    /// With this text in the id of the client or in what else they concern.
    pub about: Option<String>,
}

/// An event with whose it is.
#[derive(Debug, Clone)]
pub struct Logged {
    /// What happened.
    pub event: AuditEvent,
    /// In whose account; none when that is gone.
    pub person: Option<String>,
    /// The operator who did it; none: the person, or the command line.
    pub actor: Option<String>,
    /// Which client it concerns.
    pub client_id: Option<String>,
    /// What it concerns besides.
    pub detail: Option<String>,
    /// When.
    pub at: OffsetDateTime,
}

/// A part of the events, newest first.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn search(db: &impl ConnectionTrait, wanted: &Wanted, page: Page) -> Result<Vec<Logged>, StorageError> {
    let about = wanted.about.as_ref().map(|text| {
        Condition::any()
            .add(Column::ClientId.contains(text))
            .add(Column::Detail.contains(text))
    });
    let which = Condition::all()
        .add_option(wanted.event.map(|event| Column::Kind.eq(event.as_str())))
        .add_option(wanted.user_id.as_ref().map(|id| Column::UserId.eq(&*id.0)))
        .add_option(about);
    let found = Entity::find()
        .filter(which)
        .order_by_desc(Column::OccurredAt)
        .order_by_desc(Column::Id)
        .offset(page.skip)
        .limit(page.take)
        .all(db)
        .await?;
    let mut ids: Vec<String> = found
        .iter()
        .flat_map(|event| [Some(event.user_id.clone()), event.actor_id.clone()])
        .flatten()
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let names = people::names_of(db, &ids).await?;
    found.into_iter().map(|model| logged(model, &names)).collect()
}

fn logged(model: Model, names: &HashMap<String, String>) -> Result<Logged, StorageError> {
    let row = Row {
        table: "audit_events",
        id: &model.id,
    };
    Ok(Logged {
        event: row.value("kind", AuditEvent::parse(&model.kind))?,
        at: row.time("occurred_at", model.occurred_at)?,
        person: names.get(&model.user_id).cloned(),
        actor: model.actor_id.and_then(|id| names.get(&id).cloned()),
        client_id: model.client_id,
        detail: model.detail,
    })
}

/// How often these happened since then.
///
/// # Errors
/// `Unavailable`.
pub async fn counts(
    db: &impl ConnectionTrait,
    events: &[AuditEvent],
    since: OffsetDateTime,
) -> Result<HashMap<String, i64>, StorageError> {
    let found: Vec<(String, i64)> = Entity::find()
        .select_only()
        .column(Column::Kind)
        .column_as(Column::Id.count(), "how_many")
        .filter(Column::Kind.is_in(events.iter().map(|event| event.as_str())))
        .filter(Column::OccurredAt.gt(seconds(since)))
        .group_by(Column::Kind)
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().collect())
}
