//! A client that was given its id here.

use sea_orm::entity::prelude::*;

/// A client that was given its id here.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "clients")]
pub struct Model {
    /// Random id: its `client_id`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Which endpoint made it.
    pub dialect: String,
    /// What it calls itself.
    pub name: Option<String>,
    /// What it says of itself.
    pub description: Option<String>,
    /// Its home page.
    pub client_uri: Option<String>,
    /// Its logo.
    pub logo_uri: Option<String>,
    /// Where its answers may go, a line each.
    pub redirect_uris: String,
    /// What it may ask for.
    pub scope: String,
    /// SHA-256 of its secret; none of a public client.
    #[sea_orm(column_type = "Binary(32)", nullable, unique)]
    pub secret_digest: Option<Vec<u8>>,
    /// It declares the refresh_token grant.
    pub refreshes: bool,
    /// How it proves itself at the token endpoint, if it said so.
    pub auth_method: Option<String>,
    /// Whether it is a web site or a program on a device, if it said so.
    pub application_type: Option<String>,
    /// SHA-256 of the token that manages the registration.
    #[sea_orm(column_type = "Binary(32)", nullable)]
    pub registration_digest: Option<Vec<u8>>,
    /// SHA-256 of everything it said, to recognise the same registration.
    #[sea_orm(column_type = "Binary(32)", nullable)]
    pub metadata_digest: Option<Vec<u8>>,
    /// Seconds since 1970.
    pub created_at: i64,
    /// When a person last said yes to it, in seconds since 1970.
    pub approved_at: Option<i64>,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
