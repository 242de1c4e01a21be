//! The integration tests, in one binary: one link, one harness.
#![cfg(test)]
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "a test binary has no readers but its own modules"
)]

mod caching;
mod client_documents;
mod client_ids;
mod client_links;
mod client_pages;
mod deploy;
mod fetching;
mod harness;
mod hostile_markup;
mod hostile_pages;
mod layers;
mod misskey;
mod networks;
mod proxy;
mod refusal_pages;
