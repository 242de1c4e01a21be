//! Which issuer this database belongs to. Codes, tokens and people's addresses are bound to it.

use entity::server_identity::{ActiveModel, Column, Entity};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};

use super::StorageError;
use crate::oauth::policy::Issuer;

const ONLY_ROW: i32 = 1;

/// The issuer of the first start, which is this one when there was none before.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn claim(db: &impl ConnectionTrait, issuer: &Issuer) -> Result<String, StorageError> {
    let row = ActiveModel {
        id: Set(ONLY_ROW),
        issuer: Set(issuer.as_str().to_owned()),
    };
    let keep = OnConflict::column(Column::Id).do_nothing().to_owned();
    Entity::insert(row)
        .on_conflict(keep)
        .try_insert()
        .exec_without_returning(db)
        .await?;
    let found = Entity::find_by_id(ONLY_ROW).one(db).await?;
    let missing = || StorageError::Inconsistent {
        table: "server_identity",
        column: "id",
        id: ONLY_ROW.to_string(),
    };
    Ok(found.ok_or_else(missing)?.issuer)
}

/// Gives the database to another issuer.
///
/// # Errors
/// `Unavailable`.
pub async fn replace(db: &impl ConnectionTrait, issuer: &Issuer) -> Result<(), StorageError> {
    let row = ActiveModel {
        id: Set(ONLY_ROW),
        issuer: Set(issuer.as_str().to_owned()),
    };
    Entity::update(row).exec(db).await?;
    Ok(())
}

/// Holds the one row for the rest of the transaction: what may happen once per server waits its turn.
///
/// # Errors
/// `Unavailable`.
pub async fn hold(db: &impl ConnectionTrait) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::Id, Expr::value(ONLY_ROW))
        .exec(db)
        .await?;
    Ok(())
}
