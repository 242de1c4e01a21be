//! Browsers that are signed in. The cookie holds a random value, the row its digest.

use entity::sessions::{ActiveModel, Column, Entity};
use entity::users;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect,
};
use time::OffsetDateTime;

use super::{Row, StorageError, seconds};
use crate::oauth::grant::UserId;
use crate::oauth::profile::Username;
use crate::oauth::secret::{Digest, SessionKey};

/// A session that holds, with whose it is.
#[derive(Debug, Clone)]
pub struct Session {
    /// Whose.
    pub user_id: UserId,
    /// Their name.
    pub username: Username,
    /// When it was last used, to the hour.
    pub last_used_at: OffsetDateTime,
}

#[derive(FromQueryResult)]
struct Joined {
    user_id: String,
    username: String,
    last_used_at: i64,
}

/// The session behind a cookie, unless it ended: by its absolute end, or unused since `idle_since`.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find(
    db: &impl ConnectionTrait,
    digest: &Digest<SessionKey>,
    now: OffsetDateTime,
    idle_since: OffsetDateTime,
) -> Result<Option<Session>, StorageError> {
    let owner = Entity::belongs_to(users::Entity)
        .from(Column::UserId)
        .to(users::Column::Id)
        .into();
    let found = Entity::find_by_id(digest.as_bytes().to_vec())
        .filter(Column::ExpiresAt.gt(seconds(now)))
        .filter(Column::LastUsedAt.gt(seconds(idle_since)))
        .select_only()
        .column(Column::UserId)
        .column(users::Column::Username)
        .column(Column::LastUsedAt)
        .join(JoinType::InnerJoin, owner)
        .into_model::<Joined>()
        .one(db)
        .await?;
    let Some(found) = found else { return Ok(None) };
    let row = Row {
        table: "sessions",
        id: &found.user_id,
    };
    let username = row.value("username", Username::parse(&found.username))?;
    let last_used_at = row.time("last_used_at", found.last_used_at)?;
    Ok(Some(Session {
        user_id: UserId(found.user_id),
        username,
        last_used_at,
    }))
}

/// Adds a session.
///
/// # Errors
/// `Unavailable`.
pub async fn insert(
    db: &impl ConnectionTrait,
    digest: &Digest<SessionKey>,
    user_id: &UserId,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(), StorageError> {
    let row = ActiveModel {
        digest: Set(digest.as_bytes().to_vec()),
        user_id: Set(user_id.0.clone()),
        created_at: Set(seconds(now)),
        last_used_at: Set(seconds(now)),
        expires_at: Set(seconds(expires_at)),
    };
    Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// Notes that a session was used.
///
/// # Errors
/// `Unavailable`.
pub async fn touch(
    db: &impl ConnectionTrait,
    digest: &Digest<SessionKey>,
    now: OffsetDateTime,
) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(seconds(now)))
        .filter(Column::Digest.eq(digest.as_bytes().to_vec()))
        .exec(db)
        .await?;
    Ok(())
}

/// Ends a session.
///
/// # Errors
/// `Unavailable`.
pub async fn delete(db: &impl ConnectionTrait, digest: &Digest<SessionKey>) -> Result<(), StorageError> {
    Entity::delete_by_id(digest.as_bytes().to_vec()).exec(db).await?;
    Ok(())
}

/// Ends every session of a person.
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

/// Holds a session for the rest of the transaction; `false` when it has ended. Whoever ends it waits for the transaction,
/// and then sees what it did.
///
/// # Errors
/// `Unavailable`.
pub async fn hold(db: &impl ConnectionTrait, digest: &Digest<SessionKey>) -> Result<bool, StorageError> {
    let held = Entity::update_many()
        .col_expr(Column::Digest, Expr::value(digest.as_bytes().to_vec()))
        .filter(Column::Digest.eq(digest.as_bytes().to_vec()))
        .exec(db)
        .await?;
    Ok(held.rows_affected == 1)
}
