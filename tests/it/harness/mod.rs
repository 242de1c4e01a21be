//! What the integration tests share.

#[allow(dead_code, reason = "until the first test that runs on either database")]
mod postgres;
