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
    /// How this person can prove who they are, the best first; any one is enough.
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
        /// What is asked for as well.
        asks: Asked,
    },
    /// The script asks for a passkey below `/account/confirm/passkey`.
    Passkey,
}

/// What is asked for besides a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// Nothing: no second step is on.
    Nothing,
    /// A code of the authenticator app, or a recovery code.
    Code,
    /// A recovery code: the second step rests on passkeys alone, and whoever has one at hand needs no password either.
    RecoveryCode,
}

impl View for ConfirmView {
    const TEMPLATE: &'static str = "confirm.html";

    fn samples() -> Vec<Self> {
        let sample = |asks, problem| ConfirmView {
            username: "alice".to_owned(),
            place: "second-step".to_owned(),
            ways: vec![Way::Password { asks }],
            problem,
        };
        let on_passkeys = |problem| ConfirmView {
            ways: vec![
                Way::Passkey,
                Way::Password {
                    asks: Asked::RecoveryCode,
                },
            ],
            ..sample(Asked::RecoveryCode, problem)
        };
        vec![
            sample(Asked::Nothing, None),
            sample(Asked::Nothing, Some(SignInProblem::WrongPassword)),
            sample(Asked::Nothing, Some(SignInProblem::FormExpired)),
            sample(Asked::Nothing, Some(SignInProblem::TooMany { minutes: 1 })),
            ConfirmView {
                ways: vec![Way::Password { asks: Asked::Code }, Way::Passkey],
                ..sample(Asked::Code, None)
            },
            sample(Asked::Code, None),
            sample(Asked::Code, Some(SignInProblem::WrongPassword)),
            sample(Asked::Code, Some(SignInProblem::WrongCode)),
            sample(Asked::Code, Some(SignInProblem::WrongRecoveryCode)),
            sample(Asked::Code, Some(SignInProblem::codes_locked(15 * 60))),
            on_passkeys(None),
            on_passkeys(Some(SignInProblem::WrongRecoveryCode)),
        ]
    }
}
