//! People with an account.

use entity::users::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, SqlErr};
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
