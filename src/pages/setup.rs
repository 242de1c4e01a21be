//! `GET|POST /set-up`: the first account, made by whoever holds the link that the server printed.

use serde::Serialize;

use super::View;

/// The form for the first account. Posts `token`, `csrf`, `username`, `password` to `/set-up`.
#[derive(Debug, Clone, Serialize)]
pub struct SetupView {
    /// The issuer, without a trailing slash: the person's address will be `{issuer}/@{username}`.
    pub issuer: String,
    /// The token of the set-up link.
    pub token: String,
    /// What was typed as the name last time; empty at first.
    pub username: String,
    /// What stands in the way.
    pub problem: Option<SetupProblem>,
}

/// Why the account was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SetupProblem {
    /// The name breaks the rule: 1 to 30 of `a`-`z`, `0`-`9` and `_`.
    NameInvalid,
    /// Somebody has the name.
    NameTaken,
    /// Fewer than 8 characters.
    PasswordTooShort,
    /// More than 128 characters.
    PasswordTooLong,
    /// The form's CSRF token did not fit: it was open for too long, or cookies are off.
    FormExpired,
    /// An account exists already, whatever link this is. The page has no form then.
    LinkUsed,
    /// The link is too old, mistyped or not one of ours, and nobody has an account. The page has no form then.
    LinkExpired,
}

impl View for SetupView {
    const TEMPLATE: &'static str = "setup.html";

    fn samples() -> Vec<Self> {
        use SetupProblem::{
            FormExpired, LinkExpired, LinkUsed, NameInvalid, NameTaken, PasswordTooLong, PasswordTooShort,
        };
        let fresh = SetupView {
            issuer: "https://id.example".to_owned(),
            token: "setup_4kq2".to_owned(),
            username: String::new(),
            problem: None,
        };
        let problems = [
            NameInvalid,
            NameTaken,
            PasswordTooShort,
            PasswordTooLong,
            FormExpired,
            LinkUsed,
            LinkExpired,
        ];
        let again = |problem| SetupView {
            username: "Alice!".to_owned(),
            problem: Some(problem),
            ..fresh.clone()
        };
        problems.map(again).into_iter().chain([fresh.clone()]).collect()
    }
}
