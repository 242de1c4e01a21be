//! `GET|POST /account/password`: another password, by oneself.

use serde::Serialize;

use crate::pages::View;
use crate::pages::sign_in::SignInProblem;

/// The form. Posts `csrf`, `password` (the old one), `code` and `new_password` to `/account/password`.
#[derive(Debug, Clone, Serialize)]
pub struct PasswordView {
    /// The account's name, for password managers.
    pub username: String,
    /// Whether a code is asked for as well: a second step with an app is on. Where it rests on passkeys alone, the page is
    /// shown to a fresh session only.
    pub asks_code: bool,
    /// Why the old password or the code was not taken.
    pub problem: Option<SignInProblem>,
    /// Why the new one was not.
    pub new_password_problem: Option<NewPasswordProblem>,
}

/// Why a new password was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NewPasswordProblem {
    /// Fewer than 8 characters.
    PasswordTooShort,
    /// More than 128 characters.
    PasswordTooLong,
}

impl View for PasswordView {
    const TEMPLATE: &'static str = "password.html";

    fn samples() -> Vec<Self> {
        let fresh = PasswordView {
            username: "alice".to_owned(),
            asks_code: false,
            problem: None,
            new_password_problem: None,
        };
        let old = |problem| PasswordView {
            problem: Some(problem),
            ..fresh.clone()
        };
        let new = |problem| PasswordView {
            new_password_problem: Some(problem),
            ..fresh.clone()
        };
        vec![
            fresh.clone(),
            old(SignInProblem::WrongPassword),
            old(SignInProblem::TooMany { minutes: 2 }),
            old(SignInProblem::Busy),
            new(NewPasswordProblem::PasswordTooShort),
            new(NewPasswordProblem::PasswordTooLong),
            PasswordView {
                asks_code: true,
                ..fresh.clone()
            },
            PasswordView {
                asks_code: true,
                ..old(SignInProblem::WrongCode)
            },
        ]
    }
}
