//! A session that an app opened for a person it has not met yet.

use sea_orm::entity::prelude::*;

/// A session that an app opened for a person it has not met yet.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "app_sessions")]
pub struct Model {
    /// SHA-256 of the session's token, which becomes the code of the grant.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Binary(32)")]
    pub digest: Vec<u8>,
    /// Which client opened it.
    pub client_id: String,
    /// Where the answer goes, when anywhere.
    pub redirect_uri: Option<String>,
    /// S256 challenge.
    pub code_challenge: Option<String>,
    /// Seconds since 1970.
    pub expires_at: i64,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
