//! A link that makes one account.

use sea_orm::entity::prelude::*;

/// A link that makes one account.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invitations")]
pub struct Model {
    /// Random id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// SHA-256 of the token in the link.
    #[sea_orm(column_type = "Binary(32)", unique)]
    pub digest: Vec<u8>,
    /// For whom it is, in the words of whoever made it.
    pub note: Option<String>,
    /// Which operator made it; none: the command line.
    pub created_by: Option<String>,
    /// When, in seconds since 1970.
    pub created_at: i64,
    /// When it lapses, in seconds since 1970.
    pub expires_at: i64,
    /// When it was used, in seconds since 1970.
    pub used_at: Option<i64>,
    /// Whose account it made.
    pub used_by: Option<String>,
    /// When it was taken back, in seconds since 1970.
    pub withdrawn_at: Option<i64>,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
