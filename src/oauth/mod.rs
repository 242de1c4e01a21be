//! The pure core.
pub mod authorize;
pub mod client;
pub mod error;
pub mod grant;
pub mod metadata;
pub mod params;
pub mod pkce;
pub mod policy;
pub mod profile;
pub mod redirect_uri;
pub mod return_address;
pub mod scope;
pub mod secret;
pub mod token;
