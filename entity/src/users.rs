//! A person with an account.

use sea_orm::entity::prelude::*;

/// A person with an account.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    /// Random id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The name they sign in with.
    #[sea_orm(unique)]
    pub username: String,
    /// PHC string of argon2id.
    pub password_hash: String,
    /// Seconds since 1970.
    pub created_at: i64,
    /// May use the operator's pages.
    pub is_operator: bool,
    /// Since when they are shut out, in seconds since 1970.
    pub disabled_at: Option<i64>,
    /// The language they chose.
    pub language: Option<String>,
    /// What the name looks like; names that look the same share it.
    pub likeness: String,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
