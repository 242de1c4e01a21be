//! The database tables as sea-orm models, and nothing else. What a row means is decided in `vestibule::storage`.

pub mod app_sessions;
pub mod audit_events;
pub mod ceremonies;
pub mod client_tokens;
pub mod clients;
pub mod consents;
pub mod grants;
pub mod host_rules;
pub mod invitations;
pub mod passkeys;
pub mod password_links;
pub mod pending_sign_ins;
pub mod photos;
pub mod profile_urls;
pub mod profiles;
pub mod recovery_codes;
pub mod resource_servers;
pub mod second_factors;
pub mod server_identity;
pub mod sessions;
pub mod setup_links;
pub mod sightings;
pub mod snapshots;
pub mod tokens;
pub mod users;
