//! What a person tells of themselves.

use sea_orm::entity::prelude::*;

/// What a person tells of themselves.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "profiles")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: String,
    /// The name they show.
    pub name: Option<String>,
    /// Their site.
    pub website: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// When the operator found that it is theirs, in seconds since 1970.
    pub email_verified_at: Option<i64>,
    /// When they last changed any of it, in seconds since 1970.
    pub updated_at: i64,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
