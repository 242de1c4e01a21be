//! Vestibule.
pub mod clock;
pub mod oauth;
pub mod storage;
