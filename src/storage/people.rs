//! People as an operator sees them: lists, roles, who is shut out. Nothing here reads a password hash.

use std::collections::HashMap;

use entity::{audit_events, profiles, users};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Select,
};
use time::OffsetDateTime;

use super::audit::{AuditEvent, Page};
use super::profiles::unconfirmed;
use super::{Row, StorageError, seconds};
use crate::oauth::grant::UserId;
use crate::oauth::profile::Username;

pub mod counts;

/// A person as a list shows them.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their id.
    pub id: UserId,
    /// Their name.
    pub username: Username,
    /// When the account was made.
    pub created_at: OffsetDateTime,
    /// May use the operator's pages.
    pub is_operator: bool,
    /// Since when they are shut out.
    pub disabled_at: Option<OffsetDateTime>,
}

#[derive(FromQueryResult)]
struct Listed {
    id: String,
    username: String,
    created_at: i64,
    is_operator: bool,
    disabled_at: Option<i64>,
}

impl TryFrom<Listed> for Person {
    type Error = StorageError;

    fn try_from(listed: Listed) -> Result<Person, StorageError> {
        let row = Row {
            table: "users",
            id: &listed.id,
        };
        Ok(Person {
            username: row.value("username", Username::parse(&listed.username))?,
            created_at: row.time("created_at", listed.created_at)?,
            disabled_at: row.time_or_none("disabled_at", listed.disabled_at)?,
            is_operator: listed.is_operator,
            id: UserId(listed.id),
        })
    }
}

fn select() -> Select<users::Entity> {
    users::Entity::find().select_only().columns([
        users::Column::Id,
        users::Column::Username,
        users::Column::CreatedAt,
        users::Column::IsOperator,
        users::Column::DisabledAt,
    ])
}

/// A part of the people whose name begins like this, by their names; when `to_confirm`, of those whose e-mail address waits
/// to be confirmed.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn list(
    db: &impl ConnectionTrait,
    beginning: &str,
    to_confirm: bool,
    page: Page,
) -> Result<Vec<Person>, StorageError> {
    let mut query = select();
    if to_confirm {
        let of_them = Query::select()
            .column(profiles::Column::UserId)
            .from(profiles::Entity)
            .cond_where(unconfirmed())
            .to_owned();
        query = query.filter(users::Column::Id.in_subquery(of_them));
    }
    if !beginning.is_empty() {
        // A range, since `_` stands in names and means anything in LIKE. No name has a letter behind `z`.
        let end = format!("{beginning}{{");
        query = query
            .filter(users::Column::Username.gte(beginning))
            .filter(users::Column::Username.lt(end));
    }
    let found = query
        .order_by_asc(users::Column::Username)
        .offset(page.skip)
        .limit(page.take)
        .into_model::<Listed>()
        .all(db)
        .await?;
    found.into_iter().map(Person::try_from).collect()
}

/// The person with this name.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find(db: &impl ConnectionTrait, name: &Username) -> Result<Option<Person>, StorageError> {
    let found = select()
        .filter(users::Column::Username.eq(name.as_str()))
        .into_model::<Listed>()
        .one(db)
        .await?;
    found.map(Person::try_from).transpose()
}

/// The names of these people.
///
/// # Errors
/// `Unavailable`.
pub async fn names_of(db: &impl ConnectionTrait, ids: &[String]) -> Result<HashMap<String, String>, StorageError> {
    let found: Vec<(String, String)> = users::Entity::find()
        .select_only()
        .column(users::Column::Id)
        .column(users::Column::Username)
        .filter(users::Column::Id.is_in(ids))
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().collect())
}

/// When these people last signed in, as far as that is still known.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn last_sign_ins(
    db: &impl ConnectionTrait,
    people: &[Person],
) -> Result<HashMap<UserId, OffsetDateTime>, StorageError> {
    let found: Vec<(String, i64)> = audit_events::Entity::find()
        .select_only()
        .column(audit_events::Column::UserId)
        .column_as(audit_events::Column::OccurredAt.max(), "at")
        .filter(audit_events::Column::UserId.is_in(people.iter().map(|person| &*person.id.0)))
        .filter(audit_events::Column::Kind.eq(AuditEvent::SignedIn.as_str()))
        .group_by(audit_events::Column::UserId)
        .into_tuple()
        .all(db)
        .await?;
    found
        .into_iter()
        .map(|(id, at)| {
            let row = Row {
                table: "audit_events",
                id: &id,
            };
            Ok((UserId(id.clone()), row.time("occurred_at", at)?))
        })
        .collect()
}

/// Makes a person an operator, or ends that. `false` when nothing changed.
///
/// # Errors
/// `Unavailable`.
pub async fn set_operator(db: &impl ConnectionTrait, id: &UserId, is_operator: bool) -> Result<bool, StorageError> {
    let done = users::Entity::update_many()
        .col_expr(users::Column::IsOperator, Expr::value(is_operator))
        .filter(users::Column::Id.eq(&*id.0))
        .filter(users::Column::IsOperator.eq(!is_operator))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Shuts a person out. `false` when they were.
///
/// # Errors
/// `Unavailable`.
pub async fn disable(db: &impl ConnectionTrait, id: &UserId, now: OffsetDateTime) -> Result<bool, StorageError> {
    let done = users::Entity::update_many()
        .col_expr(users::Column::DisabledAt, Expr::value(seconds(now)))
        .filter(users::Column::Id.eq(&*id.0))
        .filter(users::Column::DisabledAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Lets a person in again. `false` when they were not shut out.
///
/// # Errors
/// `Unavailable`.
pub async fn enable(db: &impl ConnectionTrait, id: &UserId) -> Result<bool, StorageError> {
    let done = users::Entity::update_many()
        .col_expr(users::Column::DisabledAt, Expr::value(Option::<i64>::None))
        .filter(users::Column::Id.eq(&*id.0))
        .filter(users::Column::DisabledAt.is_not_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Holds a person's row for the rest of the transaction, unless they are shut out: who shuts them out waits, or is seen
/// here. Whatever lets somebody in comes through this.
///
/// # Errors
/// `Unavailable`.
pub async fn hold_admitted(db: &impl ConnectionTrait, id: &UserId) -> Result<bool, StorageError> {
    let held = users::Entity::update_many()
        .col_expr(users::Column::Id, Expr::value(&*id.0))
        .filter(users::Column::Id.eq(&*id.0))
        .filter(users::Column::DisabledAt.is_null())
        .exec(db)
        .await?;
    Ok(held.rows_affected == 1)
}
