//! A code that takes the place of an authenticator app's once. A spent one is gone.

use sea_orm::entity::prelude::*;

/// A code that takes the place of an authenticator app's once. A spent one is gone.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recovery_codes")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: String,
    /// SHA-256 of the code.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Binary(32)")]
    pub digest: Vec<u8>,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
