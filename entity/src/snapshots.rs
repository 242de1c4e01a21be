//! What a client said about itself when a person last said yes to it.

use sea_orm::entity::prelude::*;

/// What a client said about itself when a person last said yes to it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "snapshots")]
pub struct Model {
    /// SHA-256 of person and client: an address of full length does not fit into an index of PostgreSQL.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Binary(32)")]
    pub digest: Vec<u8>,
    /// Who said yes.
    pub user_id: String,
    /// To whom.
    pub client_id: String,
    /// What it called itself.
    pub client_name: Option<String>,
    /// Its home page, when it could be shown.
    pub client_uri: Option<String>,
    /// The redirect URIs it listed, a line each.
    pub redirect_uris: String,
    /// Which address the person chose to be.
    pub me: Option<String>,
    /// Seconds since 1970.
    pub approved_at: i64,
    /// When they said yes for the first time. Seconds since 1970.
    pub first_approved_at: i64,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
