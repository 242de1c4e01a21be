//! Passkeys. Which one answers is found by the digest of its credential id.

use entity::passkeys::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, SqlErr};
use time::OffsetDateTime;

use super::{Row, StorageError, seconds};
use crate::oauth::grant::UserId;

/// A person's passkey.
#[derive(Debug, Clone)]
pub struct StoredPasskey {
    /// Its id here.
    pub id: String,
    /// Whose.
    pub user_id: UserId,
    /// The credential as JSON: public key, counter and what it was made for.
    pub credential: String,
    /// What its person calls it.
    pub name: String,
    /// When it was added.
    pub created_at: OffsetDateTime,
    /// When it was last used.
    pub last_used_at: Option<OffsetDateTime>,
}

impl TryFrom<Model> for StoredPasskey {
    type Error = StorageError;

    fn try_from(model: Model) -> Result<StoredPasskey, StorageError> {
        let row = Row {
            table: "passkeys",
            id: &model.id,
        };
        let created_at = row.time("created_at", model.created_at)?;
        let last_used_at = row.time_or_none("last_used_at", model.last_used_at)?;
        Ok(StoredPasskey {
            created_at,
            last_used_at,
            id: model.id,
            user_id: UserId(model.user_id),
            credential: model.credential,
            name: model.name,
        })
    }
}

/// Adds one. `false` when this credential is known already, whoever has it.
///
/// # Errors
/// `Unavailable`.
pub async fn insert(
    db: &impl ConnectionTrait,
    passkey: &StoredPasskey,
    credential_digest: [u8; 32],
) -> Result<bool, StorageError> {
    let row = ActiveModel {
        id: Set(passkey.id.clone()),
        user_id: Set(passkey.user_id.0.clone()),
        credential_digest: Set(credential_digest.to_vec()),
        credential: Set(passkey.credential.clone()),
        name: Set(passkey.name.clone()),
        created_at: Set(seconds(passkey.created_at)),
        last_used_at: Set(passkey.last_used_at.map(seconds)),
    };
    match Entity::insert(row).exec_without_returning(db).await {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The passkey with this credential.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find(
    db: &impl ConnectionTrait,
    credential_digest: [u8; 32],
) -> Result<Option<StoredPasskey>, StorageError> {
    let found = Entity::find()
        .filter(Column::CredentialDigest.eq(credential_digest.to_vec()))
        .one(db)
        .await?;
    found.map(StoredPasskey::try_from).transpose()
}

/// A person's passkeys, oldest first.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn all_of(db: &impl ConnectionTrait, user_id: &UserId) -> Result<Vec<StoredPasskey>, StorageError> {
    let found = Entity::find()
        .filter(Column::UserId.eq(&*user_id.0))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    found.into_iter().map(StoredPasskey::try_from).collect()
}

/// Notes that one was used, with what has become of its credential. `false` when it is gone, or was used by somebody else
/// at the same time: a counter must not go back.
///
/// # Errors
/// `Unavailable`.
pub async fn mark_used(
    db: &impl ConnectionTrait,
    passkey: &StoredPasskey,
    credential: &str,
    now: OffsetDateTime,
) -> Result<bool, StorageError> {
    let done = Entity::update_many()
        .col_expr(Column::Credential, Expr::value(credential))
        .col_expr(Column::LastUsedAt, Expr::value(seconds(now)))
        .filter(Column::Id.eq(&*passkey.id))
        .filter(Column::Credential.eq(&*passkey.credential))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Gives one of a person's another name. `false` when they have none with this id.
///
/// # Errors
/// `Unavailable`.
pub async fn rename(db: &impl ConnectionTrait, user_id: &UserId, id: &str, name: &str) -> Result<bool, StorageError> {
    let done = Entity::update_many()
        .col_expr(Column::Name, Expr::value(name))
        .filter(Column::Id.eq(id))
        .filter(Column::UserId.eq(&*user_id.0))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Removes one of a person's. `false` when they have none with this id.
///
/// # Errors
/// `Unavailable`.
pub async fn delete(db: &impl ConnectionTrait, user_id: &UserId, id: &str) -> Result<bool, StorageError> {
    let gone = Entity::delete_by_id(id)
        .filter(Column::UserId.eq(&*user_id.0))
        .exec(db)
        .await?;
    Ok(gone.rows_affected == 1)
}

/// Removes all of a person's. Says whether there were any.
///
/// # Errors
/// `Unavailable`.
pub async fn delete_all_of(db: &impl ConnectionTrait, user_id: &UserId) -> Result<bool, StorageError> {
    let gone = Entity::delete_many()
        .filter(Column::UserId.eq(&*user_id.0))
        .exec(db)
        .await?;
    Ok(gone.rows_affected > 0)
}
