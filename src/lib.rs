//! Vestibule.

pub mod pages;
