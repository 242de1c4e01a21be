//! One-time links with which people choose another password. A person has one at most: a new one ends the one before.

use entity::password_links::{ActiveModel, Column, Entity};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use time::OffsetDateTime;

use super::{StorageError, seconds};
use crate::oauth::grant::UserId;
use crate::oauth::secret::{Digest, PasswordLinkToken};

/// Adds a link, in place of the one that its person had. Without an operator it comes from the command line.
///
/// # Errors
/// `Unavailable`.
pub async fn replace(
    db: &impl ConnectionTrait,
    digest: &Digest<PasswordLinkToken>,
    user_id: &UserId,
    created_by: Option<&UserId>,
    expires_at: OffsetDateTime,
) -> Result<(), StorageError> {
    delete_all_of(db, user_id).await?;
    let row = ActiveModel {
        digest: Set(digest.as_bytes().to_vec()),
        user_id: Set(user_id.0.clone()),
        created_by: Set(created_by.map(|by| by.0.clone())),
        expires_at: Set(seconds(expires_at)),
    };
    Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// Whose password a link changes, while it works.
///
/// # Errors
/// `Unavailable`.
pub async fn find(
    db: &impl ConnectionTrait,
    digest: &Digest<PasswordLinkToken>,
    now: OffsetDateTime,
) -> Result<Option<UserId>, StorageError> {
    let found = Entity::find_by_id(digest.as_bytes().to_vec())
        .filter(Column::ExpiresAt.gt(seconds(now)))
        .one(db)
        .await?;
    Ok(found.map(|row| UserId(row.user_id)))
}

/// Spends a link. `false` when it was spent, lapsed or ended: it is good once.
///
/// # Errors
/// `Unavailable`.
pub async fn spend(
    db: &impl ConnectionTrait,
    digest: &Digest<PasswordLinkToken>,
    now: OffsetDateTime,
) -> Result<bool, StorageError> {
    let spent = Entity::delete_by_id(digest.as_bytes().to_vec())
        .filter(Column::ExpiresAt.gt(seconds(now)))
        .exec(db)
        .await?;
    Ok(spent.rows_affected == 1)
}

/// Ends the link of a person.
///
/// # Errors
/// `Unavailable`.
pub async fn delete_all_of(db: &impl ConnectionTrait, user_id: &UserId) -> Result<(), StorageError> {
    Entity::delete_many()
        .filter(Column::UserId.eq(&*user_id.0))
        .exec(db)
        .await?;
    Ok(())
}

/// Ends every link that an operator made.
///
/// # Errors
/// `Unavailable`.
pub async fn delete_all_by(db: &impl ConnectionTrait, created_by: &UserId) -> Result<(), StorageError> {
    Entity::delete_many()
        .filter(Column::CreatedBy.eq(&*created_by.0))
        .exec(db)
        .await?;
    Ok(())
}
