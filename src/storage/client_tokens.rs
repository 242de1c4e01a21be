//! Tokens of a client's own, for nobody in particular (RFC 6749 §4.4).

use entity::client_tokens::{ActiveModel, Column, Entity};
use entity::clients;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use time::OffsetDateTime;

use super::{Row, StorageError, seconds};
use crate::oauth::dialect::Dialect;
use crate::oauth::scope::Scope;
use crate::oauth::secret::{AccessToken, Digest};

/// A client has at most so many; the oldest goes when another comes. Many copies of an app may share one registration,
/// and each asks for a token again when it needs one.
const MOST_PER_CLIENT: u64 = 100;

/// A client's own token.
#[derive(Debug, Clone)]
pub struct ClientToken {
    /// Whose.
    pub client_id: String,
    /// Which kind of client that is.
    pub dialect: Dialect,
    /// What it may be used for.
    pub scope: Scope,
    /// When it was made.
    pub issued_at: OffsetDateTime,
}

/// Adds a token.
///
/// # Errors
/// `Unavailable`.
pub async fn insert(
    db: &impl ConnectionTrait,
    digest: &Digest<AccessToken>,
    client_id: &str,
    scope: &Scope,
    now: OffsetDateTime,
) -> Result<(), StorageError> {
    let row = ActiveModel {
        digest: Set(digest.as_bytes().to_vec()),
        client_id: Set(client_id.to_owned()),
        scope: Set(scope.to_string()),
        issued_at: Set(seconds(now)),
    };
    Entity::insert(row).exec_without_returning(db).await?;
    let first_too_many = Entity::find()
        .filter(Column::ClientId.eq(client_id))
        .order_by_desc(Column::IssuedAt)
        .order_by_desc(Column::Digest)
        .offset(MOST_PER_CLIENT)
        .one(db)
        .await?;
    if let Some(oldest) = first_too_many {
        Entity::delete_many()
            .filter(Column::ClientId.eq(client_id))
            .filter(Column::IssuedAt.lte(oldest.issued_at))
            .filter(Column::Digest.ne(digest.as_bytes().to_vec()))
            .exec(db)
            .await?;
    }
    Ok(())
}

/// The token with this digest.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find(
    db: &impl ConnectionTrait,
    digest: &Digest<AccessToken>,
) -> Result<Option<ClientToken>, StorageError> {
    let Some(found) = Entity::find_by_id(digest.as_bytes().to_vec()).one(db).await? else {
        return Ok(None);
    };
    let Some(client) = clients::Entity::find_by_id(&*found.client_id).one(db).await? else {
        return Ok(None);
    };
    let row = Row {
        table: "client_tokens",
        id: &found.client_id,
    };
    Ok(Some(ClientToken {
        dialect: row.value("dialect", Dialect::parse(&client.dialect))?,
        scope: row.value("scope", Scope::parse(&found.scope).ok())?,
        issued_at: row.time("issued_at", found.issued_at)?,
        client_id: found.client_id,
    }))
}

/// Ends a token.
///
/// # Errors
/// `Unavailable`.
pub async fn delete(db: &impl ConnectionTrait, digest: &Digest<AccessToken>) -> Result<(), StorageError> {
    Entity::delete_by_id(digest.as_bytes().to_vec()).exec(db).await?;
    Ok(())
}
