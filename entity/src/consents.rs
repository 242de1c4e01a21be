//! A yes that need not be asked for again.

use sea_orm::entity::prelude::*;

/// A yes that need not be asked for again.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "consents")]
pub struct Model {
    /// SHA-256 of person, client and redirect URI: two addresses of full length do not fit into an index of PostgreSQL.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Binary(32)")]
    pub digest: Vec<u8>,
    /// Who said yes.
    pub user_id: String,
    /// To whom.
    pub client_id: String,
    /// Which kind of client that is.
    pub client_dialect: String,
    /// For answers that go there.
    pub redirect_uri: String,
    /// To what.
    pub scope: String,
    /// For how long a single access token lives.
    pub lifetime: String,
    /// What the client said about itself then.
    pub client_fingerprint: String,
    /// What the client called itself then.
    pub client_name: Option<String>,
    /// Seconds since 1970.
    pub approved_at: i64,
    /// When it is forgotten, in seconds since 1970.
    pub expires_at: i64,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
