//! Vestibule.
pub mod clock;
pub mod config;
pub mod oauth;
pub mod pages;
pub mod password;
pub mod storage;
