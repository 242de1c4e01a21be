//! A one-time link with which a person gives themselves another password.

use sea_orm::entity::prelude::*;

/// A one-time link with which a person gives themselves another password.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "password_links")]
pub struct Model {
    /// SHA-256 of the secret in the link.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Binary(32)")]
    pub digest: Vec<u8>,
    /// Whose password it changes.
    pub user_id: String,
    /// Which operator made it; none: the command line.
    pub created_by: Option<String>,
    /// Seconds since 1970.
    pub expires_at: i64,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
