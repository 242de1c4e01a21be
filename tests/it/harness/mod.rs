//! What the integration tests share: the real server on a real database, people and apps that act on it, and
//! expectations that read like the RFCs.

pub mod actors;
pub mod app;
pub mod asking;
pub mod client_site;
pub mod expect;
pub mod odd_site;
pub mod postgres;

pub use actors::{AuthorizationRequest, Visitor};
pub use app::{Options, TestApp};
pub use client_site::ClientSite;
