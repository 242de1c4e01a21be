//! To which clients somebody here said yes, and since when. Not which asked: anybody can make a client ask, and would
//! make it look like an old friend.

use entity::sightings::{ActiveModel, Column, Entity};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::{Row, StorageError, seconds};
use crate::oauth::client::ClientId;

fn key(client_id: &ClientId) -> Vec<u8> {
    Sha256::digest(client_id.as_str().as_bytes()).to_vec()
}

/// When somebody first said yes to this client, if anybody has.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn first(db: &impl ConnectionTrait, client_id: &ClientId) -> Result<Option<OffsetDateTime>, StorageError> {
    let Some(model) = Entity::find_by_id(key(client_id)).one(db).await? else {
        return Ok(None);
    };
    let row = Row {
        table: "sightings",
        id: &model.client_id,
    };
    row.time("first_seen_at", model.first_seen_at).map(Some)
}

/// Writes down that somebody says yes to this client.
///
/// # Errors
/// `Unavailable`.
pub async fn record(db: &impl ConnectionTrait, client_id: &ClientId, now: OffsetDateTime) -> Result<(), StorageError> {
    let row = ActiveModel {
        digest: Set(key(client_id)),
        client_id: Set(client_id.as_str().to_owned()),
        first_seen_at: Set(seconds(now)),
        last_seen_at: Set(seconds(now)),
    };
    let seen_again = OnConflict::column(Column::Digest)
        .update_column(Column::LastSeenAt)
        .to_owned();
    Entity::insert(row)
        .on_conflict(seen_again)
        .exec_without_returning(db)
        .await?;
    Ok(())
}
