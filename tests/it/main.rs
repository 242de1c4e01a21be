//! The integration tests, in one binary: one link, one harness.

mod deploy;
mod harness;
