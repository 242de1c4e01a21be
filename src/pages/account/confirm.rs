//! `GET|POST /account/confirm`: the password again, before how a person signs in is changed.

use serde::Serialize;

use crate::pages::View;
use crate::pages::sign_in::SignInProblem;

/// The form. Posts `csrf`, `continue` and `password` to `/account/confirm`.
#[derive(Debug, Clone, Serialize)]
pub struct ConfirmView {
    /// The account's name, for password managers.
    pub username: String,
    /// The word for the page to go on with. Sent as `continue`.
    pub place: String,
    /// Why the last try did not work.
    pub problem: Option<SignInProblem>,
}

impl View for ConfirmView {
    const TEMPLATE: &'static str = "confirm.html";

    fn samples() -> Vec<Self> {
        let problems = [
            None,
            Some(SignInProblem::WrongPassword),
            Some(SignInProblem::FormExpired),
            Some(SignInProblem::TooMany { minutes: 1 }),
        ];
        problems
            .map(|problem| ConfirmView {
                username: "alice".to_owned(),
                place: "second-step".to_owned(),
                problem,
            })
            .to_vec()
    }
}
