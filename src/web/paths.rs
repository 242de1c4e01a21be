//! The paths of our own pages; those of the protocol are in [`crate::oauth::metadata`].

/// Where a person signs in.
pub(super) const SIGN_IN: &str = "/sign-in";
/// Where a person makes an account.
pub(super) const SIGN_UP: &str = "/sign-up";
/// Where the second step of a sign-in is.
pub(super) const CODE: &str = "/sign-in/code";
/// Where the first account is made.
pub const SET_UP: &str = "/set-up";
/// The consent page of a grant is below this.
pub(super) const CONSENT: &str = "/consent";
/// A person's own things.
pub(super) const ACCOUNT: &str = "/account";
/// Where a person is signed in.
pub(super) const SESSIONS: &str = "/account/sessions";
/// Where a person changes their password.
pub(super) const PASSWORD: &str = "/account/password";
/// What a person tells of themselves.
pub(super) const PROFILE: &str = "/account/profile";
/// Where they change their e-mail address.
pub(super) const EMAIL: &str = "/account/profile/email";
/// A person's passkeys.
pub(super) const PASSKEYS: &str = "/account/passkeys";
/// What happened to a person's account.
pub(super) const ACTIVITY: &str = "/account/activity";
/// Where a person types their password again.
pub(super) const CONFIRM: &str = "/account/confirm";
/// Where a person turns the second step off.
pub(super) const SECOND_STEP: &str = "/account/second-step";
/// Where they turn it on.
pub(super) const SECOND_STEP_SET_UP: &str = "/account/second-step/set-up";
/// Apps with access.
pub(super) const APPS: &str = "/apps";
/// The session that a registered app opened is below this.
pub(super) const APP_SESSION: &str = "/auth";
/// Where a person chooses the language of these pages.
pub(super) const LANGUAGE: &str = "/language";
/// The logos of apps are below this.
pub(super) const LOGO: &str = "/logo";
