//! That somebody here said yes to a client.

use sea_orm::entity::prelude::*;

/// That somebody here said yes to a client.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sightings")]
pub struct Model {
    /// SHA-256 of the client id: an address of full length does not fit into an index of PostgreSQL.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Binary(32)")]
    pub digest: Vec<u8>,
    /// Which client.
    pub client_id: String,
    /// When the first one did. Seconds since 1970.
    pub first_seen_at: i64,
    /// When the last one did. Seconds since 1970.
    pub last_seen_at: i64,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
