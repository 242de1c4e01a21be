//! What people tell of themselves.

use entity::profiles::{ActiveModel, Column, Entity};
use entity::{photos, users};
use sea_orm::sea_query::{Condition, Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect,
    RelationDef,
};
use time::OffsetDateTime;

use super::{Row, StorageError, seconds};
use crate::oauth::grant::UserId;
use crate::oauth::person::{Email, Person};
use crate::oauth::profile::Username;

#[derive(FromQueryResult)]
struct Joined {
    username: String,
    name: Option<String>,
    website: Option<String>,
    email: Option<String>,
    email_verified_at: Option<i64>,
    photo: Option<String>,
}

/// A person with what they tell, in one query. Who has told nothing has no row of their own.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find(db: &impl ConnectionTrait, id: &UserId) -> Result<Option<Person>, StorageError> {
    let profile: RelationDef = users::Entity::belongs_to(Entity)
        .from(users::Column::Id)
        .to(Column::UserId)
        .into();
    let photo: RelationDef = users::Entity::belongs_to(photos::Entity)
        .from(users::Column::Id)
        .to(photos::Column::UserId)
        .into();
    let found = users::Entity::find_by_id(id.0.clone())
        .select_only()
        .column(users::Column::Username)
        .columns([Column::Name, Column::Website, Column::Email, Column::EmailVerifiedAt])
        .column_as(photos::Column::Name, "photo")
        .join(JoinType::LeftJoin, profile)
        .join(JoinType::LeftJoin, photo)
        .into_model::<Joined>()
        .one(db)
        .await?;
    let Some(found) = found else { return Ok(None) };
    let row = Row {
        table: "users",
        id: &id.0,
    };
    Ok(Some(Person {
        username: row.value("username", Username::parse(&found.username))?,
        name: found.name,
        website: found.website,
        photo: found.photo,
        email: found.email.map(|address| Email {
            address,
            is_verified: found.email_verified_at.is_some(),
        }),
    }))
}

fn row(id: &UserId, now: OffsetDateTime) -> ActiveModel {
    ActiveModel {
        user_id: Set(id.0.clone()),
        name: Set(None),
        website: Set(None),
        email: Set(None),
        email_verified_at: Set(None),
        updated_at: Set(seconds(now)),
    }
}

/// Puts these columns of a person's row in place of what it held.
async fn put(db: &impl ConnectionTrait, row: ActiveModel, columns: &[Column]) -> Result<(), StorageError> {
    let replace = OnConflict::column(Column::UserId)
        .update_columns(columns.iter().copied().chain([Column::UpdatedAt]))
        .to_owned();
    Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Gives a person another name and another site, or none.
///
/// # Errors
/// `Unavailable`.
pub async fn set_public(
    db: &impl ConnectionTrait,
    id: &UserId,
    name: Option<&str>,
    website: Option<&str>,
    now: OffsetDateTime,
) -> Result<(), StorageError> {
    let row = ActiveModel {
        name: Set(name.map(str::to_owned)),
        website: Set(website.map(str::to_owned)),
        ..row(id, now)
    };
    put(db, row, &[Column::Name, Column::Website]).await
}

/// Gives a person another e-mail address, or none. Nobody has found yet that it is theirs.
///
/// # Errors
/// `Unavailable`.
pub async fn set_email(
    db: &impl ConnectionTrait,
    id: &UserId,
    address: Option<&str>,
    now: OffsetDateTime,
) -> Result<(), StorageError> {
    let row = ActiveModel {
        email: Set(address.map(str::to_owned)),
        ..row(id, now)
    };
    put(db, row, &[Column::Email, Column::EmailVerifiedAt]).await
}

/// Of whom the e-mail address waits to be confirmed.
pub(super) fn unconfirmed() -> Condition {
    Condition::all()
        .add(Column::Email.is_not_null())
        .add(Column::EmailVerifiedAt.is_null())
}

/// Notes that this address was found to be this person's. `false` when they have another by now, or it was noted before.
///
/// # Errors
/// `Unavailable`.
pub async fn mark_email_verified(
    db: &impl ConnectionTrait,
    id: &UserId,
    address: &str,
    now: OffsetDateTime,
) -> Result<bool, StorageError> {
    let done = Entity::update_many()
        .col_expr(Column::EmailVerifiedAt, Expr::value(seconds(now)))
        .filter(Column::UserId.eq(&*id.0))
        .filter(Column::Email.eq(address))
        .filter(Column::EmailVerifiedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}
