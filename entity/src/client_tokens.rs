//! A token of a client's own, for nobody in particular.

use sea_orm::entity::prelude::*;

/// A token of a client's own, for nobody in particular.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "client_tokens")]
pub struct Model {
    /// SHA-256 of the token.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Binary(32)")]
    pub digest: Vec<u8>,
    /// Whose.
    pub client_id: String,
    /// What it may be used for.
    pub scope: String,
    /// Seconds since 1970.
    pub issued_at: i64,
    /// Seconds since 1970; `None` until revoked.
    pub expires_at: Option<i64>,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
