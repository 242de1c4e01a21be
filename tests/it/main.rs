//! The integration tests, in one binary: one link, one harness.
#![cfg(test)]
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "a test binary has no readers but its own modules"
)]

mod account;
mod api_doc;
mod apps;
mod authorize;
mod budget;
mod caching;
mod cli;
mod client_auth;
mod client_command;
mod client_documents;
mod client_ids;
mod client_links;
mod client_pages;
mod code;
mod consent;
mod database_failure;
mod deploy;
mod docs;
mod endpoints;
mod fetching;
mod foundkey;
mod gancio;
mod harness;
mod hostile_markup;
mod hostile_pages;
mod instance;
mod introspect;
mod language;
mod layers;
mod logos;
mod mastodon;
mod miauth;
mod misskey;
mod misskey_app;
mod networks;
mod order;
mod profile_given;
mod proxy;
mod purge;
mod rate_limit;
mod refresh;
mod refresh_reuse;
mod refusal_pages;
mod registration;
mod revoke;
mod sign_in;
mod sign_up;
mod token;
mod userinfo;
mod uses;
