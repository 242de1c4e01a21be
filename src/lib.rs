//! Vestibule.
pub mod accounts;
pub mod cli;
pub mod clock;
pub mod config;
pub mod discovery;
pub mod flows;
pub mod oauth;
pub mod pages;
pub mod password;
pub mod startup;
pub mod storage;
pub mod telemetry;
pub mod web;
