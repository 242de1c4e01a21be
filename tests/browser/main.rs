//! Real browser tests: Chromium, the server and the example app as the programs they are, on this machine alone.
//!
//! `bin/test` asks for them; by hand: `cargo test --test browser`. They need Chromium, its driver and axe-core.
#![cfg(test)]

mod accessibility;
mod browser;
mod crawl;
mod gallery;
mod keyboard;
mod main_job;
mod passkeys;
mod profile;
mod programs;
mod refusals;
mod registered_apps;
mod requests;
mod scene;
mod second_step;
mod sign_up;
mod without_scripts;
