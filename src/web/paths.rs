//! The paths of our own pages; those of the protocol are in [`crate::oauth::metadata`].

/// Where a person signs in.
pub(super) const SIGN_IN: &str = "/sign-in";
/// Where the first account is made.
pub const SET_UP: &str = "/set-up";
/// The consent page of a grant is below this.
pub(super) const CONSENT: &str = "/consent";
/// Apps with access.
pub(super) const APPS: &str = "/apps";
/// The session that a registered app opened is below this.
pub(super) const APP_SESSION: &str = "/auth";
/// The logos of apps are below this.
pub(super) const LOGO: &str = "/logo";
