//! A sign-in whose password was right and that waits for the second step. It is no session.

use sea_orm::entity::prelude::*;

/// A sign-in whose password was right and that waits for the second step. It is no session.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pending_sign_ins")]
pub struct Model {
    /// SHA-256 of the cookie value.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Binary(32)")]
    pub digest: Vec<u8>,
    /// Who signs in.
    pub user_id: String,
    /// Seconds since 1970.
    pub expires_at: i64,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
