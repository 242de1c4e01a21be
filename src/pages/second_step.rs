//! `GET|POST /sign-in/code`: the second page of a sign-in.

use serde::Serialize;

use super::sign_in::SignInProblem;
use super::{ShownHost, View};

/// The forms for a code, where there is an app, and for a recovery code. Post `csrf`, `continue` and `code` or `recovery_code` to `/sign-in/code`.
#[derive(Debug, Clone, Serialize)]
pub struct SecondStepView {
    /// The query string of the authorization request to go on with; empty when there is none. Sent as `continue`.
    pub continue_query: String,
    /// The host of the app whose request brought the person here.
    pub client_host: Option<ShownHost>,
    /// Whether the person has an authenticator app, and a code of it is asked for; otherwise it is a passkey.
    pub has_app: bool,
    /// Whether the person has a passkey, which will do as well.
    pub has_passkey: bool,
    /// Why the last try did not work.
    pub problem: Option<SignInProblem>,
}

impl View for SecondStepView {
    const TEMPLATE: &'static str = "second_step.html";

    fn samples() -> Vec<Self> {
        let plain = SecondStepView {
            continue_query: String::new(),
            client_host: None,
            has_app: true,
            has_passkey: false,
            problem: None,
        };
        let for_client = SecondStepView {
            continue_query: "response_type=code&client_id=https%3A%2F%2Fphotos.example%2F".to_owned(),
            client_host: Some(ShownHost::named("photos.example")),
            ..plain.clone()
        };
        let in_other_letters = SecondStepView {
            client_host: Some(ShownHost::named("pаypal.example")),
            ..for_client.clone()
        };
        let with_passkey = SecondStepView {
            has_passkey: true,
            ..for_client.clone()
        };
        let passkeys_alone = SecondStepView {
            has_app: false,
            ..with_passkey.clone()
        };
        let failed = |problem| SecondStepView {
            problem: Some(problem),
            ..for_client.clone()
        };
        vec![
            plain,
            for_client.clone(),
            failed(SignInProblem::WrongCode),
            failed(SignInProblem::WrongRecoveryCode),
            failed(SignInProblem::FormExpired),
            failed(SignInProblem::TooMany { minutes: 2 }),
            failed(SignInProblem::codes_locked(30)),
            failed(SignInProblem::codes_locked(15 * 60)),
            failed(SignInProblem::codes_locked(16 * 60 * 60)),
            in_other_letters,
            with_passkey,
            passkeys_alone.clone(),
            SecondStepView {
                problem: Some(SignInProblem::WrongRecoveryCode),
                ..passkeys_alone
            },
        ]
    }
}
