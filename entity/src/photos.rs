//! A picture that a person shows of themselves.

use sea_orm::entity::prelude::*;

/// A picture that a person shows of themselves.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "photos")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: String,
    /// What its address ends in; another picture has another.
    #[sea_orm(unique)]
    pub name: String,
    /// The picture as PNG.
    pub png: Vec<u8>,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
