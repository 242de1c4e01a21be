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
/// Where a person's own addresses are.
pub(super) const ADDRESSES: &str = "/account/addresses";
/// Where they add one.
pub(super) const ADD_ADDRESS: &str = "/account/addresses/add";
/// Apps with access.
pub(super) const APPS: &str = "/apps";
/// The session that a registered app opened is below this.
pub(super) const APP_SESSION: &str = "/auth";
/// The operator's pages: the server in numbers.
pub(super) const ADMIN: &str = "/admin";
/// Who has an account; each person is below this.
pub(super) const ADMIN_PEOPLE: &str = "/admin/people";
/// Links that make accounts.
pub(super) const ADMIN_INVITATIONS: &str = "/admin/invitations";
/// The apps that people use.
pub(super) const ADMIN_CLIENTS: &str = "/admin/clients";
/// What is decided about the hosts of apps.
pub(super) const ADMIN_HOSTS: &str = "/admin/hosts";
/// Tokens in numbers.
pub(super) const ADMIN_TOKENS: &str = "/admin/tokens";
/// What happened on the whole server.
pub(super) const ADMIN_ACTIVITY: &str = "/admin/activity";
/// The settings that hold.
pub(super) const ADMIN_SETTINGS: &str = "/admin/settings";
/// Where a person chooses the language of these pages.
pub(super) const LANGUAGE: &str = "/language";
/// The logos of apps are below this.
pub(super) const LOGO: &str = "/logo";
