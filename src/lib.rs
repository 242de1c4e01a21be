//! Vestibule.
pub mod clock;
pub mod oauth;
