//! Which clients have asked somebody here, and since when.

use entity::sightings::{ActiveModel, Column, Entity};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::{Row, StorageError, seconds};
use crate::oauth::client::ClientId;

/// Writes down that this client asks somebody now. Says when it did so first: `now`, when it is new.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn record(
    db: &impl ConnectionTrait,
    client_id: &ClientId,
    now: OffsetDateTime,
) -> Result<OffsetDateTime, StorageError> {
    let row = ActiveModel {
        digest: Set(Sha256::digest(client_id.as_str().as_bytes()).to_vec()),
        client_id: Set(client_id.as_str().to_owned()),
        first_seen_at: Set(seconds(now)),
        last_seen_at: Set(seconds(now)),
    };
    let seen_again = OnConflict::column(Column::Digest)
        .update_column(Column::LastSeenAt)
        .to_owned();
    let model = Entity::insert(row)
        .on_conflict(seen_again)
        .exec_with_returning(db)
        .await?;
    let row = Row {
        table: "sightings",
        id: &model.client_id,
    };
    row.time("first_seen_at", model.first_seen_at)
}
