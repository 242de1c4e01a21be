//! The pictures of people, drawn by this server.

use entity::photos::{ActiveModel, Column, Entity};
use entity::users;
use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::StorageError;
use crate::oauth::grant::UserId;

/// The picture with this name, as PNG, unless its person is shut out.
///
/// # Errors
/// `Unavailable`.
pub async fn find(db: &impl ConnectionTrait, name: &str) -> Result<Option<Vec<u8>>, StorageError> {
    let let_in = Query::select()
        .column(users::Column::Id)
        .from(users::Entity)
        .and_where(users::Column::DisabledAt.is_null())
        .to_owned();
    let png = Entity::find()
        .filter(Column::Name.eq(name))
        .filter(Column::UserId.in_subquery(let_in))
        .select_only()
        .column(Column::Png)
        .into_tuple()
        .one(db)
        .await?;
    Ok(png)
}

/// Gives a person this picture, in place of one they had.
///
/// # Errors
/// `Unavailable`.
pub async fn put(db: &impl ConnectionTrait, id: &UserId, name: &str, png: Vec<u8>) -> Result<(), StorageError> {
    let row = ActiveModel {
        user_id: Set(id.0.clone()),
        name: Set(name.to_owned()),
        png: Set(png),
    };
    let replace = OnConflict::column(Column::UserId)
        .update_columns([Column::Name, Column::Png])
        .to_owned();
    Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Removes a person's picture.
///
/// # Errors
/// `Unavailable`.
pub async fn remove(db: &impl ConnectionTrait, id: &UserId) -> Result<(), StorageError> {
    Entity::delete_by_id(id.0.clone()).exec(db).await?;
    Ok(())
}
