//! Who this database belongs to: one row.

use sea_orm::entity::prelude::*;

/// Who this database belongs to: one row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "server_identity")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// The issuer of the first start.
    pub issuer: String,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
