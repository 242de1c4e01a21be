//! A question to a passkey that waits for its answer (WebAuthn).

use sea_orm::entity::prelude::*;

/// A question to a passkey that waits for its answer (WebAuthn).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ceremonies")]
pub struct Model {
    /// SHA-256 of its key.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Binary(32)")]
    pub digest: Vec<u8>,
    /// What it is for.
    pub kind: String,
    /// Who is asked; nobody yet when any passkey may answer.
    pub user_id: Option<String>,
    /// What the answer is checked against, as JSON.
    pub state: String,
    /// When it lapses, in seconds since 1970.
    pub expires_at: i64,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
