//! Tokens of a client's own, for nobody in particular (RFC 6749 §4.4).

use entity::client_tokens::{ActiveModel, Column, Entity};
use entity::clients;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
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
    /// When it ends; `None` until revoked.
    pub expires_at: Option<OffsetDateTime>,
}

/// Adds a token.
///
/// # Errors
/// `Unavailable`.
pub async fn insert(
    db: &impl ConnectionTrait,
    digest: &Digest<AccessToken>,
    token: &ClientToken,
) -> Result<(), StorageError> {
    let row = ActiveModel {
        digest: Set(digest.as_bytes().to_vec()),
        client_id: Set(token.client_id.clone()),
        scope: Set(token.scope.to_string()),
        issued_at: Set(seconds(token.issued_at)),
        expires_at: Set(token.expires_at.map(seconds)),
    };
    Entity::insert(row).exec_without_returning(db).await?;
    // The new one stays, however it sorts among those of the same second. SQLite has no offset without a limit.
    let too_many = Entity::find()
        .select_only()
        .column(Column::Digest)
        .filter(Column::ClientId.eq(&*token.client_id))
        .filter(Column::Digest.ne(digest.as_bytes().to_vec()))
        .order_by_desc(Column::IssuedAt)
        .order_by_desc(Column::Digest)
        .limit(MOST_PER_CLIENT)
        .offset(MOST_PER_CLIENT - 1);
    Entity::delete_many()
        .filter(Column::Digest.in_subquery(too_many.into_query()))
        .exec(db)
        .await?;
    Ok(())
}

/// The token with this digest, if it holds at `now`.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find(
    db: &impl ConnectionTrait,
    digest: &Digest<AccessToken>,
    now: OffsetDateTime,
) -> Result<Option<ClientToken>, StorageError> {
    let found = Entity::find_by_id(digest.as_bytes().to_vec()).one(db).await?;
    let Some(found) = found.filter(|found| found.expires_at.is_none_or(|end| end > seconds(now))) else {
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
        expires_at: row.time_or_none("expires_at", found.expires_at)?,
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
