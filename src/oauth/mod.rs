//! The pure core.
pub mod client;
pub mod error;
pub mod params;
pub mod redirect_uri;
pub mod secret;
