//! Sign-ins whose password was right and that wait for the second step. The cookie holds a random value, the row its
//! digest.

use entity::pending_sign_ins::{ActiveModel, Column, Entity};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use time::OffsetDateTime;

use super::{StorageError, seconds};
use crate::oauth::grant::UserId;
use crate::oauth::secret::{Digest, SignInKey};

/// Adds one.
///
/// # Errors
/// `Unavailable`.
pub async fn insert(
    db: &impl ConnectionTrait,
    digest: &Digest<SignInKey>,
    user_id: &UserId,
    expires_at: OffsetDateTime,
) -> Result<(), StorageError> {
    let row = ActiveModel {
        digest: Set(digest.as_bytes().to_vec()),
        user_id: Set(user_id.0.clone()),
        expires_at: Set(seconds(expires_at)),
    };
    Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// Who signs in, while it has not lapsed.
///
/// # Errors
/// `Unavailable`.
pub async fn find(
    db: &impl ConnectionTrait,
    digest: &Digest<SignInKey>,
    now: OffsetDateTime,
) -> Result<Option<UserId>, StorageError> {
    let found = Entity::find_by_id(digest.as_bytes().to_vec())
        .filter(Column::ExpiresAt.gt(seconds(now)))
        .one(db)
        .await?;
    Ok(found.map(|row| UserId(row.user_id)))
}

/// Spends it. `false` when it is gone: it is good for one session.
///
/// # Errors
/// `Unavailable`.
pub async fn spend(db: &impl ConnectionTrait, digest: &Digest<SignInKey>) -> Result<bool, StorageError> {
    let gone = Entity::delete_by_id(digest.as_bytes().to_vec()).exec(db).await?;
    Ok(gone.rows_affected == 1)
}

/// Ends all of a person: what they were asked for is another now.
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
