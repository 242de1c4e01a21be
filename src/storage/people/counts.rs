//! What belongs to a person, and how many there are of everything on the whole server.

use entity::{clients, grants, profile_urls, profiles, sessions, sightings, tokens, users};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use time::OffsetDateTime;

use crate::oauth::grant::UserId;
use crate::storage::grants::numbers::not_lapsed;
use crate::storage::profiles::unconfirmed;
use crate::storage::{StorageError, seconds};

/// The addresses that are proved to be a person's.
///
/// # Errors
/// `Unavailable`.
pub async fn addresses_of(db: &impl ConnectionTrait, id: &UserId) -> Result<Vec<String>, StorageError> {
    let found: Vec<String> = profile_urls::Entity::find()
        .select_only()
        .column(profile_urls::Column::Url)
        .filter(profile_urls::Column::UserId.eq(&*id.0))
        .filter(profile_urls::Column::HeldDigest.is_not_null())
        .order_by_asc(profile_urls::Column::CreatedAt)
        .order_by_asc(profile_urls::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    Ok(found)
}

/// How many apps have access to a person's account.
///
/// # Errors
/// `Unavailable`.
pub async fn count_apps_of(db: &impl ConnectionTrait, id: &UserId, now: OffsetDateTime) -> Result<u64, StorageError> {
    let with_tokens = Query::select()
        .column(tokens::Column::GrantId)
        .from(tokens::Entity)
        .cond_where(not_lapsed(now))
        .to_owned();
    let apps = grants::Entity::find()
        .select_only()
        .column(grants::Column::ClientId)
        .distinct()
        .filter(grants::Column::UserId.eq(&*id.0))
        .filter(grants::Column::RevokedAt.is_null())
        .filter(grants::Column::Id.in_subquery(with_tokens));
    let found: Vec<String> = apps.into_tuple().all(db).await?;
    Ok(found.len() as u64)
}

/// How many there are on the whole server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// People with an account.
    pub people: u64,
    /// Those of them who are shut out.
    pub disabled: u64,
    /// People whose e-mail address waits to be confirmed.
    pub unconfirmed: u64,
    /// Sessions that hold.
    pub sessions: u64,
    /// Registered clients.
    pub registered: u64,
    /// Clients that came with an address of their own.
    pub seen: u64,
}

/// Counts them.
///
/// # Errors
/// `Unavailable`.
pub async fn numbers(
    db: &impl ConnectionTrait,
    now: OffsetDateTime,
    idle_since: OffsetDateTime,
) -> Result<Numbers, StorageError> {
    let disabled = users::Entity::find().filter(users::Column::DisabledAt.is_not_null());
    let sessions = sessions::Entity::find()
        .filter(sessions::Column::ExpiresAt.gt(seconds(now)))
        .filter(sessions::Column::LastUsedAt.gt(seconds(idle_since)));
    Ok(Numbers {
        people: users::Entity::find().count(db).await?,
        disabled: disabled.count(db).await?,
        unconfirmed: profiles::Entity::find().filter(unconfirmed()).count(db).await?,
        sessions: sessions.count(db).await?,
        registered: clients::Entity::find().count(db).await?,
        seen: sightings::Entity::find().count(db).await?,
    })
}
