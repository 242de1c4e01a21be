//! One-time links that create the first account.

use entity::setup_links::{ActiveModel, Column, Entity};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use time::OffsetDateTime;

use super::{StorageError, seconds};
use crate::oauth::secret::{Digest, SetupToken};

/// Adds a link.
///
/// # Errors
/// `Unavailable`.
pub async fn insert(
    db: &impl ConnectionTrait,
    digest: &Digest<SetupToken>,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(), StorageError> {
    let row = ActiveModel {
        digest: Set(digest.as_bytes().to_vec()),
        created_at: Set(seconds(now)),
        expires_at: Set(seconds(expires_at)),
    };
    Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// Whether a link still works.
///
/// # Errors
/// `Unavailable`.
pub async fn is_open(
    db: &impl ConnectionTrait,
    digest: &Digest<SetupToken>,
    now: OffsetDateTime,
) -> Result<bool, StorageError> {
    let found = Entity::find_by_id(digest.as_bytes().to_vec()).filter(Column::ExpiresAt.gt(seconds(now)));
    Ok(found.count(db).await? == 1)
}

/// Spends a link, and with it every other: there is one first account. `false` when it was spent or lapsed.
///
/// # Errors
/// `Unavailable`.
pub async fn spend(
    db: &impl ConnectionTrait,
    digest: &Digest<SetupToken>,
    now: OffsetDateTime,
) -> Result<bool, StorageError> {
    let spent = Entity::delete_many()
        .filter(Column::Digest.eq(digest.as_bytes().to_vec()))
        .filter(Column::ExpiresAt.gt(seconds(now)))
        .exec(db)
        .await?;
    if spent.rows_affected == 1 {
        Entity::delete_many().exec(db).await?;
    }
    Ok(spent.rows_affected == 1)
}
