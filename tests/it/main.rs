//! The integration tests, in one binary: one link, one harness.
#![cfg(test)]
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "a test binary has no readers but its own modules"
)]

mod apps;
mod authorize;
mod budget;
mod cli;
mod client_auth;
mod code;
mod consent;
mod deploy;
mod harness;
mod introspect;
mod layers;
mod misskey;
mod order;
mod purge;
mod rate_limit;
mod refresh;
mod refresh_reuse;
mod revoke;
mod sign_in;
mod token;
mod userinfo;
mod uses;
