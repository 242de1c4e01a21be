//! One request of one client to one person, from the consent page to the end of its tokens.

use sea_orm::entity::prelude::*;

/// One request of one client to one person, from the consent page to the end of its tokens.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "grants")]
pub struct Model {
    /// Random id, shown in the address of the consent page.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Who was asked.
    pub user_id: String,
    /// Identity of the client.
    pub client_id: String,
    /// Which kind of client it is.
    pub client_dialect: String,
    /// It can keep a secret.
    pub client_confidential: bool,
    /// What the client calls itself.
    pub client_name: Option<String>,
    /// Its home page, when it may be shown.
    pub client_uri: Option<String>,
    /// It gave a home page that may not be shown.
    pub client_uri_is_foreign: bool,
    /// It declares the refresh_token grant.
    pub client_refreshes: bool,
    /// Its page was read.
    pub client_fetched: bool,
    /// Digest of what it said about itself.
    pub client_fingerprint: String,
    /// The redirect URIs it listed, a line each.
    pub client_redirect_uris: Option<String>,
    /// Its logo, of a client that is known by its address.
    pub client_logo_uri: Option<String>,
    /// When it first asked anybody here.
    pub client_first_seen_at: Option<i64>,
    /// Where the answer goes, as received.
    pub redirect_uri: String,
    /// As received.
    pub state: Option<String>,
    /// Known part of what was asked for.
    pub requested_scope: String,
    /// S256 challenge.
    pub code_challenge: Option<String>,
    /// SHA-256 of the app's own session, which becomes the code.
    #[sea_orm(column_type = "Binary(32)", nullable)]
    pub session_digest: Option<Vec<u8>>,
    /// Which address the person is to the client.
    pub me: String,
    /// SHA-256 of that address when it is the person's own and not one of this server.
    #[sea_orm(column_type = "Binary(32)", nullable)]
    pub own_address_digest: Option<Vec<u8>>,
    /// Which address the client asked for.
    pub asked_me: Option<String>,
    /// Seconds since 1970.
    pub created_at: i64,
    /// When the unanswered request lapses.
    pub expires_at: i64,
    /// When the person said no.
    pub denied_at: Option<i64>,
    /// When the person said yes.
    pub approved_at: Option<i64>,
    /// What was approved.
    pub scope: Option<String>,
    /// How long a single access token lives.
    pub lifetime: Option<String>,
    /// SHA-256 of the code.
    #[sea_orm(column_type = "Binary(32)", nullable, unique)]
    pub code_digest: Option<Vec<u8>>,
    /// When the code lapses.
    pub code_expires_at: Option<i64>,
    /// When the code was redeemed or burnt.
    pub redeemed_at: Option<i64>,
    /// Absolute end of all tokens of a client that refreshes.
    pub tokens_until: Option<i64>,
    /// Last use of any of its tokens.
    pub last_used_at: Option<i64>,
    /// When its tokens were ended.
    pub revoked_at: Option<i64>,
    /// Who or what ended them.
    pub revoked_because: Option<String>,
}

/// Rows are joined by the queries of `vestibule::storage`, which name both sides.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
