//! Second steps. Whether a code may be tried, and whether it was used before, is decided by one statement each.

use entity::second_factors::{ActiveModel, Column, Entity};
use sea_orm::sea_query::{CaseStatement, Condition, Expr, ExprTrait as _};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, SqlErr};
use time::OffsetDateTime;

use super::{Row, StorageError, seconds};
use crate::oauth::grant::UserId;

/// A person's second step.
#[derive(Debug, Clone)]
pub struct SecondFactor {
    /// Whose.
    pub user_id: UserId,
    /// The shared secret, encrypted.
    pub sealed_secret: Vec<u8>,
    /// Since when it is asked for.
    pub enabled_at: OffsetDateTime,
}

/// How often codes may be tried.
#[derive(Debug, Clone, Copy)]
pub struct TryLimit {
    /// So many since the last right one.
    pub tries: i32,
    /// Those before this are forgotten.
    pub since: OffsetDateTime,
}

/// The second step of a person who has one.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find(db: &impl ConnectionTrait, user_id: &UserId) -> Result<Option<SecondFactor>, StorageError> {
    let found = Entity::find_by_id(user_id.0.clone()).one(db).await?;
    found.map(SecondFactor::try_from).transpose()
}

/// Whether a person has one.
///
/// # Errors
/// `Unavailable`.
pub async fn exists(db: &impl ConnectionTrait, user_id: &UserId) -> Result<bool, StorageError> {
    Ok(Entity::find_by_id(user_id.0.clone()).count(db).await? > 0)
}

/// Anybody's, to try the key with.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn any(db: &impl ConnectionTrait) -> Result<Option<SecondFactor>, StorageError> {
    Entity::find().one(db).await?.map(SecondFactor::try_from).transpose()
}

impl TryFrom<entity::second_factors::Model> for SecondFactor {
    type Error = StorageError;

    fn try_from(model: entity::second_factors::Model) -> Result<SecondFactor, StorageError> {
        let row = Row {
            table: "second_factors",
            id: &model.user_id,
        };
        let enabled_at = row.time("enabled_at", model.enabled_at)?;
        Ok(SecondFactor {
            user_id: UserId(model.user_id),
            sealed_secret: model.sealed_secret,
            enabled_at,
        })
    }
}

/// Turns it on. `step` is the one of the code that proved it. `false` when the person has one already.
///
/// # Errors
/// `Unavailable`.
pub async fn insert(
    db: &impl ConnectionTrait,
    user_id: &UserId,
    sealed_secret: Vec<u8>,
    step: i64,
    now: OffsetDateTime,
) -> Result<bool, StorageError> {
    let row = ActiveModel {
        user_id: Set(user_id.0.clone()),
        sealed_secret: Set(sealed_secret),
        enabled_at: Set(seconds(now)),
        last_step: Set(step),
        tries: Set(0),
        tried_at: Set(None),
    };
    match Entity::insert(row).exec_without_returning(db).await {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Counts a try, before it is looked at: many at once cannot be more than the limit. `false` when there were too many.
///
/// # Errors
/// `Unavailable`.
pub async fn count_try(
    db: &impl ConnectionTrait,
    user_id: &UserId,
    limit: TryLimit,
    now: OffsetDateTime,
) -> Result<bool, StorageError> {
    let forgotten = Column::TriedAt.lte(seconds(limit.since));
    let counted = CaseStatement::new()
        .case(forgotten.clone(), 1)
        .finally(Expr::col(Column::Tries).add(1));
    let allowed = Condition::any().add(Column::Tries.lt(limit.tries)).add(forgotten);
    let done = Entity::update_many()
        .col_expr(Column::Tries, counted.into())
        .col_expr(Column::TriedAt, Expr::value(seconds(now)))
        .filter(Column::UserId.eq(&*user_id.0))
        .filter(allowed)
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Spends the code of this time step, and those before it. `false` when it was spent: each is good once.
///
/// # Errors
/// `Unavailable`.
pub async fn spend_step(db: &impl ConnectionTrait, user_id: &UserId, step: i64) -> Result<bool, StorageError> {
    let done = Entity::update_many()
        .col_expr(Column::LastStep, Expr::value(step))
        .col_expr(Column::Tries, Expr::value(0))
        .filter(Column::UserId.eq(&*user_id.0))
        .filter(Column::LastStep.lt(step))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Turns it off. `false` when there was none.
///
/// # Errors
/// `Unavailable`.
pub async fn delete(db: &impl ConnectionTrait, user_id: &UserId) -> Result<bool, StorageError> {
    let gone = Entity::delete_by_id(user_id.0.clone()).exec(db).await?;
    Ok(gone.rows_affected == 1)
}
