//! `GET|POST /account/confirm`: who is it, once more, before how a person signs in is changed.

use serde::Serialize;

use crate::pages::View;
use crate::pages::sign_in::SignInProblem;

/// The page, with a form for each way.
#[derive(Debug, Clone, Serialize)]
pub struct ConfirmView {
    /// The account's name, for password managers.
    pub username: String,
    /// The word for the page to go on with. Sent as `continue`.
    pub place: String,
    /// How this person can prove who they are; any one is enough.
    pub ways: Vec<Way>,
    /// Why the last try did not work.
    pub problem: Option<SignInProblem>,
}

/// One way to prove who one is.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Way {
    /// The form posts `csrf`, `continue`, `password` and `code` to `/account/confirm`.
    Password {
        /// Whether a code is asked for as well: a second step is on.
        asks_code: bool,
    },
    /// The script asks for a passkey below `/account/confirm/passkey`.
    Passkey,
}

impl View for ConfirmView {
    const TEMPLATE: &'static str = "confirm.html";

    fn samples() -> Vec<Self> {
        let sample = |asks_code, problem| ConfirmView {
            username: "alice".to_owned(),
            place: "second-step".to_owned(),
            ways: vec![Way::Password { asks_code }],
            problem,
        };
        vec![
            sample(false, None),
            sample(false, Some(SignInProblem::WrongPassword)),
            sample(false, Some(SignInProblem::FormExpired)),
            sample(false, Some(SignInProblem::TooMany { minutes: 1 })),
            ConfirmView {
                ways: vec![Way::Password { asks_code: true }, Way::Passkey],
                ..sample(true, None)
            },
            sample(true, None),
            sample(true, Some(SignInProblem::WrongPassword)),
            sample(true, Some(SignInProblem::WrongCode)),
            sample(true, Some(SignInProblem::WrongRecoveryCode)),
            sample(true, Some(SignInProblem::codes_locked(15 * 60))),
        ]
    }
}
