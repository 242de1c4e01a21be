//! `GET|POST /sign-in`.

use serde::Serialize;

use super::{ShownHost, View};

/// The sign-in form. Posts `csrf`, `continue`, `username`, `password` to `/sign-in`.
#[derive(Debug, Clone, Serialize)]
pub struct SignInView {
    /// The query string of the authorization request to go on with; empty when there is none. Sent as `continue`.
    pub continue_query: String,
    /// The host of the app whose request brought the person here.
    pub client_host: Option<ShownHost>,
    /// Whether somebody can sign in with a passkey here.
    pub offers_passkeys: bool,
    /// Whether anybody may make an account: then the page says where.
    pub offers_sign_up: bool,
    /// Whether the password has just been changed through a link.
    pub password_changed: bool,
    /// What was typed as the name last time; empty at first.
    pub username: String,
    /// Why the last try did not work.
    pub problem: Option<SignInProblem>,
}

/// Why signing in did not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SignInProblem {
    /// No such name, or not its password: one message for both, so that names cannot be tried out.
    WrongNameOrPassword,
    /// Not the password of the person who is signed in already.
    WrongPassword,
    /// Not a code of now, or one that was used before.
    WrongCode,
    /// No recovery code of this person, or one that was used before.
    WrongRecoveryCode,
    /// The form's CSRF token did not fit: it was open for too long, or cookies are off.
    FormExpired,
    /// Too many tries, for this name or from this place.
    TooMany {
        /// How long to wait.
        minutes: u64,
    },
    /// Too many wrong codes: none is looked at for a while, but recovery codes are.
    CodesLocked {
        /// How long, in this unit.
        count: u64,
        /// What is counted.
        unit: Unit,
    },
    /// More people sign in at this moment than the server checks passwords for.
    Busy,
}

/// What a wait is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// One minute.
    Minute,
    /// More of them.
    Minutes,
    /// Hours, always more than one.
    Hours,
}

impl SignInProblem {
    /// For a lock that holds for so many seconds.
    pub fn codes_locked(seconds: u64) -> SignInProblem {
        let minutes = seconds.div_ceil(60);
        let (count, unit) = match minutes {
            0..=1 => (1, Unit::Minute),
            2..=90 => (minutes, Unit::Minutes),
            _ => (minutes.div_ceil(60), Unit::Hours),
        };
        SignInProblem::CodesLocked { count, unit }
    }
}

impl View for SignInView {
    const TEMPLATE: &'static str = "sign_in.html";

    fn samples() -> Vec<Self> {
        let plain = SignInView {
            continue_query: String::new(),
            client_host: None,
            offers_passkeys: true,
            offers_sign_up: false,
            username: String::new(),
            password_changed: false,
            problem: None,
        };
        let changed = SignInView {
            password_changed: true,
            ..plain.clone()
        };
        let for_client = SignInView {
            continue_query: "response_type=code&client_id=https%3A%2F%2Fphotos.example%2F".to_owned(),
            client_host: Some(ShownHost::named("photos.example")),
            ..plain.clone()
        };
        let in_other_letters = |host| SignInView {
            client_host: Some(ShownHost::named(host)),
            ..for_client.clone()
        };
        let at_a_number = SignInView {
            offers_passkeys: false,
            ..plain.clone()
        };
        let failed = |problem| SignInView {
            username: "alice".to_owned(),
            problem: Some(problem),
            ..for_client.clone()
        };
        let open = SignInView {
            offers_sign_up: true,
            ..for_client.clone()
        };
        vec![
            plain.clone(),
            for_client.clone(),
            open,
            failed(SignInProblem::WrongNameOrPassword),
            failed(SignInProblem::FormExpired),
            failed(SignInProblem::TooMany { minutes: 1 }),
            failed(SignInProblem::TooMany { minutes: 15 }),
            failed(SignInProblem::Busy),
            in_other_letters("www.写真.example"),
            in_other_letters("pаypal.example"),
            at_a_number,
            changed,
        ]
    }
}
