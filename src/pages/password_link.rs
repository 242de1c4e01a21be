//! `GET|POST /password-link`: another password, through a link that an operator made.

use serde::Serialize;

use super::View;

/// The form. Posts `token`, `csrf` and `password` to `/password-link`.
#[derive(Debug, Clone, Serialize)]
pub struct PasswordLinkView {
    /// The token of the link.
    pub token: String,
    /// Whose password it is, for password managers.
    pub username: String,
    /// Whether passkeys sign them in all the same.
    pub has_passkeys: bool,
    /// What stands in the way.
    pub problem: Option<PasswordLinkProblem>,
}

/// Why the password was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordLinkProblem {
    /// Fewer than 8 characters.
    PasswordTooShort,
    /// More than 128 characters.
    PasswordTooLong,
    /// The form's CSRF token did not fit.
    FormExpired,
    /// Too many passwords wait to be hashed.
    Busy,
    /// The link was used, lapsed or is mistyped. The page has no form then.
    LinkSpent,
}

impl View for PasswordLinkView {
    const TEMPLATE: &'static str = "password_link.html";

    fn samples() -> Vec<Self> {
        use PasswordLinkProblem::{Busy, FormExpired, LinkSpent, PasswordTooLong, PasswordTooShort};
        let problems = [
            None,
            Some(PasswordTooShort),
            Some(PasswordTooLong),
            Some(FormExpired),
            Some(Busy),
            Some(LinkSpent),
        ];
        problems
            .map(|problem| PasswordLinkView {
                token: "vpl_4kq2".to_owned(),
                username: "bob".to_owned(),
                has_passkeys: problem.is_none(),
                problem,
            })
            .to_vec()
    }
}
