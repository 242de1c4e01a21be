//! Second steps. Whether a code may be tried, and whether it was used before, is decided by one statement each.

use entity::second_factors::{ActiveModel, Column, Entity};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, SqlErr,
};
use time::OffsetDateTime;

use super::{Row, StorageError, seconds};
use crate::oauth::grant::UserId;

/// A person's second step.
#[derive(Debug, Clone)]
pub struct SecondFactor {
    /// Whose.
    pub user_id: UserId,
    /// The secret shared with an authenticator app, encrypted; without one it rests on passkeys alone.
    pub sealed_secret: Option<Vec<u8>>,
    /// Since when it is asked for.
    pub enabled_at: OffsetDateTime,
    /// How often too many codes were tried since the last right one.
    pub locks: u32,
    /// Until when no code is looked at, if too many were tried.
    pub locked_until: Option<OffsetDateTime>,
}

/// An authenticator app that has proved that it has the secret.
#[derive(Debug, Clone)]
pub struct ProvenApp {
    /// The secret, encrypted.
    pub sealed_secret: Vec<u8>,
    /// The time step of the code that proved it, which is spent.
    pub step: i64,
}

impl SecondFactor {
    /// Whether there is no app: a passkey is shown, or a recovery code.
    pub fn rests_on_passkeys(&self) -> bool {
        self.sealed_secret.is_none()
    }
}

/// What follows when too many wrong codes were tried in a row.
#[derive(Debug, Clone, Copy)]
pub struct Lock {
    /// So many are too many.
    pub tries: i32,
    /// No code is looked at before this.
    pub until: OffsetDateTime,
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

/// Everybody's, to try the key with.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<SecondFactor>, StorageError> {
    let found = Entity::find().order_by_asc(Column::UserId).all(db).await?;
    found.into_iter().map(SecondFactor::try_from).collect()
}

impl TryFrom<entity::second_factors::Model> for SecondFactor {
    type Error = StorageError;

    fn try_from(model: entity::second_factors::Model) -> Result<SecondFactor, StorageError> {
        let row = Row {
            table: "second_factors",
            id: &model.user_id,
        };
        let enabled_at = row.time("enabled_at", model.enabled_at)?;
        let locked_until = model.locked_until.map(|at| row.time("locked_until", at)).transpose()?;
        Ok(SecondFactor {
            user_id: UserId(model.user_id),
            sealed_secret: model.sealed_secret,
            enabled_at,
            locks: model.locks.try_into().unwrap_or_default(),
            locked_until,
        })
    }
}

/// Turns it on, with an app or for passkeys alone. `false` when the person has one already.
///
/// # Errors
/// `Unavailable`.
pub async fn insert(
    db: &impl ConnectionTrait,
    user_id: &UserId,
    app: Option<ProvenApp>,
    now: OffsetDateTime,
) -> Result<bool, StorageError> {
    let row = ActiveModel {
        user_id: Set(user_id.0.clone()),
        enabled_at: Set(seconds(now)),
        last_step: Set(app.as_ref().map_or(0, |app| app.step)),
        sealed_secret: Set(app.map(|app| app.sealed_secret)),
        tries: Set(0),
        locks: Set(0),
        locked_until: Set(None),
    };
    match Entity::insert(row).exec_without_returning(db).await {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Adds an app where it rests on passkeys alone. `false` where it does not.
///
/// # Errors
/// `Unavailable`.
pub async fn add_app(db: &impl ConnectionTrait, user_id: &UserId, app: ProvenApp) -> Result<bool, StorageError> {
    let done = Entity::update_many()
        .col_expr(Column::SealedSecret, Expr::value(app.sealed_secret))
        .col_expr(Column::LastStep, Expr::value(app.step))
        .filter(Column::UserId.eq(&*user_id.0))
        .filter(Column::SealedSecret.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Counts a try, before it is looked at: many at once cannot be more than the limit. `false` while none is looked at.
///
/// # Errors
/// `Unavailable`.
pub async fn count_try(db: &impl ConnectionTrait, user_id: &UserId, now: OffsetDateTime) -> Result<bool, StorageError> {
    let open = Condition::any()
        .add(Column::LockedUntil.is_null())
        .add(Column::LockedUntil.lte(seconds(now)));
    let done = Entity::update_many()
        .col_expr(Column::Tries, Expr::col(Column::Tries).add(1))
        .filter(Column::UserId.eq(&*user_id.0))
        .filter(open)
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Locks, if the try that was just counted and was wrong is one too many. `false` when it is not.
///
/// # Errors
/// `Unavailable`.
pub async fn lock(db: &impl ConnectionTrait, user_id: &UserId, lock: Lock) -> Result<bool, StorageError> {
    let done = Entity::update_many()
        .col_expr(Column::Tries, Expr::value(0))
        .col_expr(Column::Locks, Expr::col(Column::Locks).add(1))
        .col_expr(Column::LockedUntil, Expr::value(seconds(lock.until)))
        .filter(Column::UserId.eq(&*user_id.0))
        .filter(Column::Tries.gte(lock.tries))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Spends the code of this time step, and those before it, and forgets the wrong ones. `false` when it was spent: each is
/// good once.
///
/// # Errors
/// `Unavailable`.
pub async fn spend_step(db: &impl ConnectionTrait, user_id: &UserId, step: i64) -> Result<bool, StorageError> {
    let done = Entity::update_many()
        .col_expr(Column::LastStep, Expr::value(step))
        .col_expr(Column::Tries, Expr::value(0))
        .col_expr(Column::Locks, Expr::value(0))
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
