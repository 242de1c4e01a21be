//! A browser that is signed in.

use sea_orm::entity::prelude::*;

/// A browser that is signed in.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    /// SHA-256 of the cookie value.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Binary(32)")]
    pub digest: Vec<u8>,
    /// Who is signed in.
    pub user_id: String,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Seconds since 1970, written at most once an hour.
    pub last_used_at: i64,
    /// The absolute end, in seconds since 1970.
    pub expires_at: i64,
    /// What the browser said it is, cut short.
    pub user_agent: Option<String>,
    /// The block of addresses from which it signed in.
    pub address_block: Option<String>,
    /// When the password was last typed, in seconds since 1970.
    pub authenticated_at: i64,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
