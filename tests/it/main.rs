//! The integration tests, in one binary: one link, one harness.
#![cfg(test)]
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "a test binary has no readers but its own modules"
)]

mod apps;
mod budget;
mod cli;
mod client_auth;
mod code;
mod database_failure;
mod deploy;
mod harness;
mod introspect;
mod misskey;
mod purge;
mod rate_limit;
mod refresh;
mod refresh_reuse;
mod revoke;
mod token;
mod userinfo;
mod uses;
