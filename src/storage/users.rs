//! People with an account.

use entity::users::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, SqlErr,
};
use time::OffsetDateTime;

use super::{Row, StorageError, seconds};
use crate::oauth::grant::UserId;
use crate::oauth::profile::Username;

/// A person with an account.
#[derive(Debug, Clone)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// The name they sign in with.
    pub username: Username,
    /// PHC string of their password.
    pub password_hash: String,
}

impl TryFrom<Model> for User {
    type Error = StorageError;

    fn try_from(model: Model) -> Result<User, StorageError> {
        let row = Row {
            table: "users",
            id: &model.id,
        };
        let username = row.value("username", Username::parse(&model.username))?;
        Ok(User {
            id: UserId(model.id),
            username,
            password_hash: model.password_hash,
        })
    }
}

/// Whether anybody has an account.
///
/// # Errors
/// `Unavailable`.
pub async fn any(db: &impl ConnectionTrait) -> Result<bool, StorageError> {
    Ok(Entity::find().count(db).await? > 0)
}

/// The person who signs in with this name.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find_by_username(db: &impl ConnectionTrait, name: &Username) -> Result<Option<User>, StorageError> {
    Entity::find()
        .filter(Column::Username.eq(name.as_str()))
        .one(db)
        .await?
        .map(User::try_from)
        .transpose()
}

/// The person who signs in with this name, unless they are shut out.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find_admitted(db: &impl ConnectionTrait, name: &Username) -> Result<Option<User>, StorageError> {
    Entity::find()
        .filter(Column::Username.eq(name.as_str()))
        .filter(Column::DisabledAt.is_null())
        .one(db)
        .await?
        .map(User::try_from)
        .transpose()
}

/// The person with this id.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find(db: &impl ConnectionTrait, id: &UserId) -> Result<Option<User>, StorageError> {
    Entity::find_by_id(id.0.clone())
        .one(db)
        .await?
        .map(User::try_from)
        .transpose()
}

/// How a person stands with the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// When they got their account.
    pub since: OffsetDateTime,
    /// They may use the operator's pages.
    pub is_operator: bool,
    /// Since when they are shut out.
    pub disabled_at: Option<OffsetDateTime>,
}

/// How this person stands with the operator.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn standing(db: &impl ConnectionTrait, id: &UserId) -> Result<Option<Standing>, StorageError> {
    let Some(model) = Entity::find_by_id(id.0.clone()).one(db).await? else {
        return Ok(None);
    };
    let row = Row {
        table: "users",
        id: &id.0,
    };
    Ok(Some(Standing {
        since: row.time("created_at", model.created_at)?,
        is_operator: model.is_operator,
        disabled_at: row.time_or_none("disabled_at", model.disabled_at)?,
    }))
}

/// Adds a person. `false` when the name is taken.
///
/// # Errors
/// `Unavailable`.
pub async fn insert(db: &impl ConnectionTrait, user: &User, now: OffsetDateTime) -> Result<bool, StorageError> {
    let row = ActiveModel {
        id: Set(user.id.0.clone()),
        username: Set(user.username.as_str().to_owned()),
        password_hash: Set(user.password_hash.clone()),
        created_at: Set(seconds(now)),
        is_operator: Set(false),
        disabled_at: Set(None),
        language: Set(None),
        likeness: Set(user.username.likeness()),
    };
    match Entity::insert(row).exec_without_returning(db).await {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// What came of an account that must not look like another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    /// It is there.
    New,
    /// Somebody has the name.
    Taken,
    /// Somebody has a name that looks like it.
    Alike,
}

/// Adds a person, unless somebody has a name that looks like theirs. The look is a condition of the one statement; two at
/// once must wait for each other before it ([`super::server_identity::hold`]), because operators may add look-alikes and
/// so no index keeps them apart.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn insert_unlike(
    db: &impl ConnectionTrait,
    user: &User,
    now: OffsetDateTime,
) -> Result<Inserted, StorageError> {
    let likeness = user.username.likeness();
    let alike = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Column::Likeness.eq(&*likeness))
        .to_owned();
    let row = Query::select()
        .expr(Expr::value(&*user.id.0))
        .expr(Expr::value(user.username.as_str()))
        .expr(Expr::value(&*user.password_hash))
        .expr(Expr::value(seconds(now)))
        .expr(Expr::value(false))
        .expr(Expr::value(&*likeness))
        .and_where(Expr::exists(alike).not())
        .to_owned();
    let columns = [
        Column::Id,
        Column::Username,
        Column::PasswordHash,
        Column::CreatedAt,
        Column::IsOperator,
        Column::Likeness,
    ];
    let mut insert = Query::insert().into_table(Entity).columns(columns).to_owned();
    insert
        .select_from(row)
        .map_err(|error| sea_orm::DbErr::Custom(error.to_string()))?;
    match db.execute(&insert).await {
        Ok(done) if done.rows_affected() == 1 => Ok(Inserted::New),
        Ok(_) if find_by_username(db, &user.username).await?.is_some() => Ok(Inserted::Taken),
        Ok(_) => Ok(Inserted::Alike),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Ok(Inserted::Taken),
        Err(error) => Err(error.into()),
    }
}

/// Everybody whose name looks like this one, who has it included.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn alike(db: &impl ConnectionTrait, name: &Username) -> Result<Vec<User>, StorageError> {
    let found = Entity::find()
        .filter(Column::Likeness.eq(name.likeness()))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    found.into_iter().map(User::try_from).collect()
}

/// Gives a person another password.
///
/// # Errors
/// `Unavailable`.
pub async fn set_password(db: &impl ConnectionTrait, id: &UserId, hash: &str) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(hash))
        .filter(Column::Id.eq(&*id.0))
        .exec(db)
        .await?;
    Ok(())
}

/// Writes down the language that a person chose.
///
/// # Errors
/// `Unavailable`.
pub async fn set_language(db: &impl ConnectionTrait, id: &UserId, tag: &str) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::Language, Expr::value(tag))
        .filter(Column::Id.eq(&*id.0))
        .exec(db)
        .await?;
    Ok(())
}

/// Holds a person's row for the rest of the transaction: whoever else holds it waits.
///
/// # Errors
/// `Unavailable`.
pub async fn hold(db: &impl ConnectionTrait, id: &UserId) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::Id, Expr::value(&*id.0))
        .filter(Column::Id.eq(&*id.0))
        .exec(db)
        .await?;
    Ok(())
}

/// Holds a person's row for the rest of the transaction, if their password is still the one behind `hash` and they are not
/// shut out. Whoever changes either waits for the transaction, or the transaction finds the change.
///
/// # Errors
/// `Unavailable`.
pub async fn hold_password(db: &impl ConnectionTrait, id: &UserId, hash: &str) -> Result<bool, StorageError> {
    let held = Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(hash))
        .filter(Column::Id.eq(&*id.0))
        .filter(Column::PasswordHash.eq(hash))
        .filter(Column::DisabledAt.is_null())
        .exec(db)
        .await?;
    Ok(held.rows_affected == 1)
}

/// Whether a person who is not shut out has another password than the one behind `hash`, or another hash of it.
///
/// # Errors
/// `Unavailable`.
pub async fn has_other_password(db: &impl ConnectionTrait, id: &UserId, hash: &str) -> Result<bool, StorageError> {
    let found = Entity::find_by_id(id.0.clone())
        .filter(Column::PasswordHash.ne(hash))
        .filter(Column::DisabledAt.is_null());
    Ok(found.count(db).await? == 1)
}
