//! Browsers that are signed in. The cookie holds a random value, the row its digest.

use entity::sessions::{ActiveModel, Column, Entity, Model};
use entity::users;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};
use time::OffsetDateTime;

use super::{Row, StorageError, seconds};
use crate::oauth::grant::UserId;
use crate::oauth::profile::Username;
use crate::oauth::secret::{Digest, SessionKey};

/// What is kept of the browser that a session is in: enough for its person to know it again, and no exact address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Browser {
    /// What it says it is, cut short.
    pub user_agent: Option<String>,
    /// The block of addresses it signed in from, like `203.0.113.0/24`.
    pub address_block: Option<String>,
    /// What people call it, as far as that is known. It goes into what is written down about the sign-in, and not into the
    /// row of the session, which has what the browser says in full.
    pub called: Option<String>,
}

impl Browser {
    /// What is written down about a sign-in: in what, and where.
    pub fn in_short(&self) -> Option<String> {
        let parts: Vec<&str> = [&self.called, &self.address_block]
            .into_iter()
            .filter_map(|part| part.as_deref())
            .collect();
        (!parts.is_empty()).then(|| parts.join(" · "))
    }
}

/// A session that begins.
#[derive(Debug)]
pub struct NewSession<'a> {
    /// Whose.
    pub user_id: &'a UserId,
    /// In which browser.
    pub browser: &'a Browser,
    /// When it begins.
    pub created_at: OffsetDateTime,
    /// Its absolute end.
    pub expires_at: OffsetDateTime,
}

/// A session as its person sees it.
#[derive(Debug, Clone)]
pub struct ListedSession {
    /// The digest of its key.
    pub digest: Digest<SessionKey>,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// When it was last used, to the hour.
    pub last_used_at: OffsetDateTime,
    /// In which browser.
    pub browser: Browser,
}

impl TryFrom<Model> for ListedSession {
    type Error = StorageError;

    fn try_from(model: Model) -> Result<ListedSession, StorageError> {
        let row = Row {
            table: "sessions",
            id: &model.user_id,
        };
        let digest = row.value("digest", model.digest.try_into().ok())?;
        Ok(ListedSession {
            digest: Digest::from_bytes(digest),
            created_at: row.time("created_at", model.created_at)?,
            last_used_at: row.time("last_used_at", model.last_used_at)?,
            browser: Browser {
                user_agent: model.user_agent,
                address_block: model.address_block,
                called: None,
            },
        })
    }
}

/// A session that holds, with whose it is.
#[derive(Debug, Clone)]
pub struct Session {
    /// Whose.
    pub user_id: UserId,
    /// Their name.
    pub username: Username,
    /// When it was last used, to the hour.
    pub last_used_at: OffsetDateTime,
    /// When its person last proved who they are.
    pub authenticated_at: OffsetDateTime,
    /// May use the operator's pages.
    pub is_operator: bool,
}

#[derive(FromQueryResult)]
struct Joined {
    user_id: String,
    username: String,
    last_used_at: i64,
    authenticated_at: i64,
    is_operator: bool,
}

/// The session behind a cookie, unless it ended: by its absolute end, unused since `idle_since`, or because its person
/// is shut out.
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
        .filter(users::Column::DisabledAt.is_null())
        .select_only()
        .column(Column::UserId)
        .column(users::Column::Username)
        .column(users::Column::IsOperator)
        .column(Column::LastUsedAt)
        .column(Column::AuthenticatedAt)
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
    let authenticated_at = row.time("authenticated_at", found.authenticated_at)?;
    Ok(Some(Session {
        user_id: UserId(found.user_id),
        username,
        last_used_at,
        authenticated_at,
        is_operator: found.is_operator,
    }))
}

/// The language that the person behind a session chose.
///
/// # Errors
/// `Unavailable`.
pub async fn language(db: &impl ConnectionTrait, digest: &Digest<SessionKey>) -> Result<Option<String>, StorageError> {
    let owner = Entity::belongs_to(users::Entity)
        .from(Column::UserId)
        .to(users::Column::Id)
        .into();
    let chosen = Entity::find_by_id(digest.as_bytes().to_vec())
        .select_only()
        .column(users::Column::Language)
        .join(JoinType::InnerJoin, owner)
        .into_tuple::<Option<String>>()
        .one(db)
        .await?;
    Ok(chosen.flatten())
}

/// Adds a session.
///
/// # Errors
/// `Unavailable`.
pub async fn insert(
    db: &impl ConnectionTrait,
    digest: &Digest<SessionKey>,
    session: &NewSession<'_>,
) -> Result<(), StorageError> {
    let created_at = seconds(session.created_at);
    let row = ActiveModel {
        digest: Set(digest.as_bytes().to_vec()),
        user_id: Set(session.user_id.0.clone()),
        created_at: Set(created_at),
        last_used_at: Set(created_at),
        expires_at: Set(seconds(session.expires_at)),
        user_agent: Set(session.browser.user_agent.clone()),
        address_block: Set(session.browser.address_block.clone()),
        authenticated_at: Set(created_at),
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

/// Gives a session another key. It stays as fresh as it was: nobody has proven anything. `false` when it has ended.
///
/// # Errors
/// `Unavailable`.
pub async fn renew(
    db: &impl ConnectionTrait,
    digest: &Digest<SessionKey>,
    renewed: &Digest<SessionKey>,
) -> Result<bool, StorageError> {
    let done = Entity::update_many()
        .col_expr(Column::Digest, Expr::value(renewed.as_bytes().to_vec()))
        .filter(Column::Digest.eq(digest.as_bytes().to_vec()))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Gives a session another key, because its person has just proven again who they are. `false` when it has ended.
///
/// # Errors
/// `Unavailable`.
pub async fn renew_proven(
    db: &impl ConnectionTrait,
    digest: &Digest<SessionKey>,
    renewed: &Digest<SessionKey>,
    now: OffsetDateTime,
) -> Result<bool, StorageError> {
    let done = Entity::update_many()
        .col_expr(Column::Digest, Expr::value(renewed.as_bytes().to_vec()))
        .col_expr(Column::AuthenticatedAt, Expr::value(seconds(now)))
        .filter(Column::Digest.eq(digest.as_bytes().to_vec()))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Makes every session of a person but this one as if it had been proven long ago: more is asked for from now on.
///
/// # Errors
/// `Unavailable`.
pub async fn age_others_of(
    db: &impl ConnectionTrait,
    user_id: &UserId,
    kept: &Digest<SessionKey>,
) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::AuthenticatedAt, Expr::value(0))
        .filter(Column::UserId.eq(&*user_id.0))
        .filter(Column::Digest.ne(kept.as_bytes().to_vec()))
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

/// The sessions of a person that hold, the last used first.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn all_of(
    db: &impl ConnectionTrait,
    user_id: &UserId,
    now: OffsetDateTime,
    idle_since: OffsetDateTime,
) -> Result<Vec<ListedSession>, StorageError> {
    let found = Entity::find()
        .filter(Column::UserId.eq(&*user_id.0))
        .filter(Column::ExpiresAt.gt(seconds(now)))
        .filter(Column::LastUsedAt.gt(seconds(idle_since)))
        .order_by_desc(Column::LastUsedAt)
        .order_by_desc(Column::CreatedAt)
        .all(db)
        .await?;
    found.into_iter().map(ListedSession::try_from).collect()
}

/// Ends a session, if it is this person's.
///
/// # Errors
/// `Unavailable`.
pub async fn delete_of(
    db: &impl ConnectionTrait,
    user_id: &UserId,
    digest: &Digest<SessionKey>,
) -> Result<bool, StorageError> {
    let gone = Entity::delete_by_id(digest.as_bytes().to_vec())
        .filter(Column::UserId.eq(&*user_id.0))
        .exec(db)
        .await?;
    Ok(gone.rows_affected == 1)
}

/// Ends every session of a person but this one.
///
/// # Errors
/// `Unavailable`.
pub async fn delete_others_of(
    db: &impl ConnectionTrait,
    user_id: &UserId,
    kept: &Digest<SessionKey>,
) -> Result<(), StorageError> {
    Entity::delete_many()
        .filter(Column::UserId.eq(&*user_id.0))
        .filter(Column::Digest.ne(kept.as_bytes().to_vec()))
        .exec(db)
        .await?;
    Ok(())
}

/// Ends every session of a person. Says whether there were any.
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

/// Whether the person in a session proved after `since` who they are.
///
/// # Errors
/// `Unavailable`.
pub async fn is_proven_since(
    db: &impl ConnectionTrait,
    digest: &Digest<SessionKey>,
    since: OffsetDateTime,
) -> Result<bool, StorageError> {
    let found = Entity::find_by_id(digest.as_bytes().to_vec())
        .filter(Column::AuthenticatedAt.gt(seconds(since)))
        .count(db)
        .await?;
    Ok(found > 0)
}
