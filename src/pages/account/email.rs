//! `GET|POST /account/profile/email`: a person's e-mail address.

use serde::Serialize;

use crate::pages::View;

/// The form. Posts `csrf` and `email` to `/account/profile/email`.
#[derive(Debug, Clone, Serialize)]
pub struct EmailView {
    /// The address, as typed.
    pub email: String,
    /// Why it was not taken.
    pub problem: Option<EmailProblem>,
}

/// Why an address was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailProblem {
    /// It is too long.
    TooLong,
    /// It is none.
    NoAddress,
}

impl View for EmailView {
    const TEMPLATE: &'static str = "email.html";

    fn samples() -> Vec<Self> {
        let view = |email: &str, problem| EmailView {
            email: email.to_owned(),
            problem,
        };
        vec![
            view("", None),
            view("alice@alice.example", None),
            view("alice@", Some(EmailProblem::NoAddress)),
            view(
                &format!("{}@alice.example", "x".repeat(80)),
                Some(EmailProblem::TooLong),
            ),
        ]
    }
}
