//! An address of a person beside the one this server gives them.

use sea_orm::entity::prelude::*;

/// An address of a person beside the one this server gives them.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "profile_urls")]
pub struct Model {
    /// Random id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Whose.
    pub user_id: String,
    /// The address.
    pub url: String,
    /// SHA-256 of it.
    #[sea_orm(column_type = "Binary(32)")]
    pub url_digest: Vec<u8>,
    /// The same while it is proved, so that it has one owner at a time.
    #[sea_orm(column_type = "Binary(32)", nullable, unique)]
    pub held_digest: Option<Vec<u8>>,
    /// How it was last proved.
    pub proved_by: Option<String>,
    /// When, in seconds since 1970.
    pub proved_at: Option<i64>,
    /// When it was last looked at, in seconds since 1970.
    pub checked_at: Option<i64>,
    /// When a server last set out to look at it, in seconds since 1970.
    pub claimed_at: Option<i64>,
    /// Since when the proof is not found, in seconds since 1970.
    pub failing_since: Option<i64>,
    /// What the last look found.
    pub finding: Option<String>,
    /// When it was added, in seconds since 1970.
    pub created_at: i64,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
