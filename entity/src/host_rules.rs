//! What the operator decided about apps on a host.

use sea_orm::entity::prelude::*;

/// What the operator decided about apps on a host.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "host_rules")]
pub struct Model {
    /// The host, in lower case and ASCII.
    #[sea_orm(primary_key, auto_increment = false)]
    pub host: String,
    /// `allow`, `ask` or `block`.
    pub rule: String,
    /// When, in seconds since 1970.
    pub created_at: i64,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
