//! What the integration tests share: the real server on a real database, people and apps that act on it, and
//! expectations that read like the RFCs.

pub mod actors;
pub mod api;
pub mod app;
pub mod asking;
pub mod authenticator;
pub mod client_site;
pub mod command;
pub mod dns;
pub mod encoding;
pub mod expect;
pub mod odd_site;
pub mod passkey;
pub mod port;
pub mod postgres;
pub mod rows;
pub mod secure_web;
pub mod upload;

pub use actors::{AuthorizationRequest, Visitor};
pub use app::{Options, TestApp};
pub use client_site::ClientSite;
pub use dns::NameServer;
pub use secure_web::SecureWeb;
