//! Something that happened to an account and that its owner may want to know.

use sea_orm::entity::prelude::*;

/// Something that happened to an account and that its owner may want to know.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_events")]
pub struct Model {
    /// Random id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Seconds since 1970.
    pub occurred_at: i64,
    /// Whose account.
    pub user_id: String,
    /// What happened.
    pub kind: String,
    /// Which client it concerns.
    pub client_id: Option<String>,
    /// Which operator did it; none: the person, or the command line.
    pub actor_id: Option<String>,
    /// What it concerns besides: an address, a host, a name.
    pub detail: Option<String>,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
