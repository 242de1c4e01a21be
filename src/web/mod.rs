//! HTTP in, one call, HTTP out. Handlers translate; they do not decide.
//!
//! Start with [`routes`]: every path, its method, limit and handler. May name `flows`, `accounts`, `pages` and `oauth`;
//! never the database, the fetcher or the settings.

use ipnet::IpNet;

use crate::accounts::Accounts;
use crate::flows::Flows;
use crate::oauth::policy::Policy;
use crate::pages::Pages;

mod account;
pub mod address;
mod answered;
mod api_doc;
mod apps;
mod authorize;
mod bearer;
mod body;
mod browser;
mod client_auth;
mod consent;
mod csrf;
mod dialects;
mod error;
mod fields;
mod headers;
mod health;
mod home;
mod introspect;
mod language;
mod logo;
mod metadata;
mod nodeinfo;
mod onwards;
mod params;
mod passkeys;
pub mod paths;
mod photo;
mod profile;
pub mod rate_limit;
mod register;
mod revoke;
pub mod routes;
mod second_step;
mod session;
mod setup;
mod sign_in;
mod sign_up;
pub mod span;
mod static_files;
mod token;
mod upload;
mod userinfo;
mod visit;

use rate_limit::Limits;

/// What the handlers share. Built once, before the workers start.
pub struct Web {
    /// The protocol exchanges.
    pub flows: Flows,
    /// People.
    pub accounts: Accounts,
    /// Templates.
    pub pages: Pages,
    /// How often one address may ask.
    pub limits: Limits,
    /// Reverse proxies whose word about a browser's address is believed.
    pub trusted_proxies: Vec<IpNet>,
}

impl Web {
    fn policy(&self) -> &Policy {
        self.flows.policy()
    }
}

pub use error::faces as error_faces;
pub use headers::security as security_headers;
