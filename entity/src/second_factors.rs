//! What a person proves themselves with besides their password.

use sea_orm::entity::prelude::*;

/// What a person proves themselves with besides their password: their authenticator app, or their passkeys alone.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "second_factors")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: String,
    /// The secret that their authenticator app shares with us, encrypted with a key from outside the database; none: the
    /// second step rests on passkeys alone.
    pub sealed_secret: Option<Vec<u8>>,
    /// Seconds since 1970.
    pub enabled_at: i64,
    /// The time step of the last code that was taken: it and those before it are spent.
    pub last_step: i64,
    /// Codes tried since the last right one, or since the last lock.
    pub tries: i32,
    /// How often too many were tried since the last right one.
    pub locks: i32,
    /// Until when no code is looked at, in seconds since 1970.
    pub locked_until: Option<i64>,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
