//! An access or refresh token.

use sea_orm::entity::prelude::*;

/// An access or refresh token.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tokens")]
pub struct Model {
    /// SHA-256 of the token.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Binary(32)")]
    pub digest: Vec<u8>,
    /// SHA-256 of another word that stands for the same token (Misskey's `i`).
    #[sea_orm(column_type = "Binary(32)", nullable, unique)]
    pub alias_digest: Option<Vec<u8>>,
    /// `access` or `refresh`.
    pub kind: String,
    /// The approval it comes from.
    pub grant_id: String,
    /// What it may be used for.
    pub scope: String,
    /// Seconds since 1970.
    pub issued_at: i64,
    /// Seconds since 1970; absent until revoked.
    pub expires_at: Option<i64>,
    /// When a refresh token was first spent.
    pub redeemed_at: Option<i64>,
    /// Digest of the refresh token it was exchanged for.
    #[sea_orm(column_type = "Binary(32)", nullable)]
    pub parent: Option<Vec<u8>>,
    /// Last use of an access token, to the minute.
    pub last_used_at: Option<i64>,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
