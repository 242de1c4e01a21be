//! Clients as the operator looks for them: those that are registered, and those that came with an address of their own.

use std::collections::HashMap;

use entity::{clients, grants, sightings, tokens};
use sea_orm::sea_query::{Condition, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use time::OffsetDateTime;

use super::audit::Page;
use super::clients::RegisteredClient;
use super::grants::numbers::not_lapsed;
use super::{Row, StorageError};

/// A client that came with its own address.
#[derive(Debug, Clone)]
pub struct SeenClient {
    /// Its address.
    pub client_id: String,
    /// When it first asked somebody here.
    pub first_seen_at: OffsetDateTime,
    /// When it last did.
    pub last_seen_at: OffsetDateTime,
}

/// A part of the registered clients with this text in id, name or redirect URIs, the last registered first.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn registered(
    db: &impl ConnectionTrait,
    text: &str,
    page: Page,
) -> Result<Vec<RegisteredClient>, StorageError> {
    use clients::Column;
    let named = Condition::any()
        .add(Column::Id.contains(text))
        .add(Column::Name.contains(text))
        .add(Column::RedirectUris.contains(text));
    let found = clients::Entity::find()
        .filter(Condition::all().add_option((!text.is_empty()).then_some(named)))
        .order_by_desc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .offset(page.skip)
        .limit(page.take)
        .all(db)
        .await?;
    found.into_iter().map(RegisteredClient::try_from).collect()
}

/// A part of the clients that came with an address with this text, the last seen first.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn seen(db: &impl ConnectionTrait, text: &str, page: Page) -> Result<Vec<SeenClient>, StorageError> {
    use sightings::Column;
    let named = (!text.is_empty()).then(|| Column::ClientId.contains(text));
    let found = sightings::Entity::find()
        .filter(Condition::all().add_option(named))
        .order_by_desc(Column::LastSeenAt)
        .order_by_asc(Column::Digest)
        .offset(page.skip)
        .limit(page.take)
        .all(db)
        .await?;
    let seen = |model: sightings::Model| {
        let row = Row {
            table: "sightings",
            id: &model.client_id,
        };
        Ok(SeenClient {
            first_seen_at: row.time("first_seen_at", model.first_seen_at)?,
            last_seen_at: row.time("last_seen_at", model.last_seen_at)?,
            client_id: model.client_id,
        })
    };
    found.into_iter().map(seen).collect()
}

/// How many people each of these clients has access to. Those with nobody are left out.
///
/// # Errors
/// `Unavailable`.
pub async fn people_with(
    db: &impl ConnectionTrait,
    client_ids: &[String],
    now: OffsetDateTime,
) -> Result<HashMap<String, i64>, StorageError> {
    let with_tokens = Query::select()
        .column(tokens::Column::GrantId)
        .from(tokens::Entity)
        .cond_where(not_lapsed(now))
        .to_owned();
    let pairs = grants::Entity::find()
        .select_only()
        .column(grants::Column::ClientId)
        .column(grants::Column::UserId)
        .distinct()
        .filter(grants::Column::ClientId.is_in(client_ids))
        .filter(grants::Column::RevokedAt.is_null())
        .filter(grants::Column::Id.in_subquery(with_tokens));
    let found: Vec<(String, String)> = pairs.into_tuple().all(db).await?;
    let mut people = HashMap::new();
    for (client_id, _) in found {
        *people.entry(client_id).or_insert(0) += 1;
    }
    Ok(people)
}
