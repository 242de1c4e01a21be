//! A program that may ask whether a token holds.

use sea_orm::entity::prelude::*;

/// A program that may ask whether a token holds.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "resource_servers")]
pub struct Model {
    /// What it names itself with.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// What the operator calls it.
    #[sea_orm(unique)]
    pub name: String,
    /// SHA-256 of its secret.
    #[sea_orm(column_type = "Binary(32)", unique)]
    pub secret_digest: Vec<u8>,
    /// Seconds since 1970.
    pub created_at: i64,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
