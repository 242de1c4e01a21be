//! Recovery codes, as digests. A spent one is gone.

use entity::recovery_codes::{ActiveModel, Column, Entity};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::StorageError;
use crate::oauth::grant::UserId;
use crate::oauth::secret::{Digest, RecoveryCode};

/// Puts these in place of all that a person has.
///
/// # Errors
/// `Unavailable`.
pub async fn replace_all_of(
    db: &impl ConnectionTrait,
    user_id: &UserId,
    digests: &[Digest<RecoveryCode>],
) -> Result<(), StorageError> {
    delete_all_of(db, user_id).await?;
    let rows = digests.iter().map(|digest| ActiveModel {
        user_id: Set(user_id.0.clone()),
        digest: Set(digest.as_bytes().to_vec()),
    });
    Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

/// Spends one. `false` when it is not this person's, or was spent: each is good once.
///
/// # Errors
/// `Unavailable`.
pub async fn spend(
    db: &impl ConnectionTrait,
    user_id: &UserId,
    digest: &Digest<RecoveryCode>,
) -> Result<bool, StorageError> {
    let gone = Entity::delete_by_id((user_id.0.clone(), digest.as_bytes().to_vec()))
        .exec(db)
        .await?;
    Ok(gone.rows_affected == 1)
}

/// How many a person has left.
///
/// # Errors
/// `Unavailable`.
pub async fn count_of(db: &impl ConnectionTrait, user_id: &UserId) -> Result<u64, StorageError> {
    Ok(Entity::find().filter(Column::UserId.eq(&*user_id.0)).count(db).await?)
}

/// Removes all that a person has.
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
