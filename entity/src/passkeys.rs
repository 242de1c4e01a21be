//! A passkey of a person (WebAuthn).

use sea_orm::entity::prelude::*;

/// A passkey of a person (WebAuthn).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "passkeys")]
pub struct Model {
    /// Random id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Whose.
    pub user_id: String,
    /// SHA-256 of the credential id.
    #[sea_orm(column_type = "Binary(32)", unique)]
    pub credential_digest: Vec<u8>,
    /// The credential as JSON: public key, counter and what it was made for.
    pub credential: String,
    /// What its person calls it.
    pub name: String,
    /// When it was added, in seconds since 1970.
    pub created_at: i64,
    /// When it was last used, in seconds since 1970.
    pub last_used_at: Option<i64>,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
