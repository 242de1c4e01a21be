//! `GET|POST /sign-up`, `GET /invitation`: making one's own account, or why that cannot be.

use serde::Serialize;

use super::{ShownHost, View};

/// The form for an account. Posts `csrf`, `token`, `continue`, `username`, `password` to `/sign-up`.
#[derive(Debug, Clone, Serialize)]
pub struct SignUpView {
    /// The issuer, without a trailing slash: the person's address will be `{issuer}/@{username}`.
    pub issuer: String,
    /// The token of the invitation; empty when it takes none.
    pub token: String,
    /// The query string of the authorization request to go on with; empty when there is none. Sent as `continue`.
    pub continue_query: String,
    /// The host of the app whose request brought the person here.
    pub client_host: Option<ShownHost>,
    /// What was typed as the name last time; empty at first.
    pub username: String,
    /// What stands in the way.
    pub problem: Option<SignUpProblem>,
}

/// Why the account was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SignUpProblem {
    /// The name breaks the rule: 1 to 30 of `a`-`z`, `0`-`9` and `_`.
    NameInvalid,
    /// Somebody has the name.
    NameTaken,
    /// Somebody has a name that looks like it.
    NameAlike,
    /// The name is kept for those who run the server.
    NameKept,
    /// Fewer than 8 characters.
    PasswordTooShort,
    /// More than 128 characters.
    PasswordTooLong,
    /// The form's CSRF token did not fit: it was open for too long, or cookies are off.
    FormExpired,
    /// Too many accounts from this place.
    TooMany {
        /// How long to wait.
        minutes: u64,
    },
    /// More people are here at this moment than the server can take passwords of.
    Busy,
}

impl View for SignUpView {
    const TEMPLATE: &'static str = "sign_up.html";

    fn samples() -> Vec<Self> {
        use SignUpProblem::{
            Busy, FormExpired, NameAlike, NameInvalid, NameKept, NameTaken, PasswordTooLong, PasswordTooShort, TooMany,
        };
        let fresh = SignUpView {
            issuer: "https://id.example".to_owned(),
            token: String::new(),
            continue_query: String::new(),
            client_host: None,
            username: String::new(),
            problem: None,
        };
        let invited = SignUpView {
            token: "vin_4kq2".to_owned(),
            ..fresh.clone()
        };
        let for_client = SignUpView {
            continue_query: "response_type=code&client_id=https%3A%2F%2Fphotos.example%2F".to_owned(),
            client_host: Some(ShownHost::named("photos.example")),
            ..fresh.clone()
        };
        let problems = [
            NameInvalid,
            NameTaken,
            NameAlike,
            NameKept,
            PasswordTooShort,
            PasswordTooLong,
            FormExpired,
            TooMany { minutes: 4 },
            Busy,
        ];
        let again = |problem| SignUpView {
            username: "a1ice".to_owned(),
            problem: Some(problem),
            ..for_client.clone()
        };
        let refused: Vec<_> = problems.map(again).into();
        [vec![fresh, invited, for_client.clone()], refused].concat()
    }
}

/// No form, and why.
#[derive(Debug, Clone, Serialize)]
pub struct SignUpShutView {
    /// Why.
    pub why: SignUpShut,
    /// The query string of the authorization request that waits; empty when there is none.
    pub continue_query: String,
    /// The person who is signed in.
    pub username: Option<String>,
    /// Where they go on to: a path of ours.
    pub onwards: String,
}

/// Why there is no form for an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignUpShut {
    /// The operator lets nobody make an account.
    Closed,
    /// It takes an invitation.
    InvitationOnly,
    /// The first account is made with the set-up link.
    NotSetUp,
    /// The link is mistyped, or was removed long ago.
    Unknown,
    /// The link made an account.
    Used,
    /// The link was taken back.
    Withdrawn,
    /// The link is too old.
    Lapsed,
    /// Somebody is signed in.
    SignedIn,
    /// Somebody is signed in, and the link could make another account.
    SignedInWithLink,
}

impl View for SignUpShutView {
    const TEMPLATE: &'static str = "sign_up_shut.html";

    fn samples() -> Vec<Self> {
        use SignUpShut::{
            Closed, InvitationOnly, Lapsed, NotSetUp, SignedIn, SignedInWithLink, Unknown, Used, Withdrawn,
        };
        let shut = |why| SignUpShutView {
            why,
            continue_query: String::new(),
            username: None,
            onwards: "/".to_owned(),
        };
        let in_the_middle = SignUpShutView {
            continue_query: "response_type=code&client_id=https%3A%2F%2Fphotos.example%2F".to_owned(),
            ..shut(InvitationOnly)
        };
        let signed_in = |why| SignUpShutView {
            username: Some("alice".to_owned()),
            ..shut(why)
        };
        let nobody = [Closed, InvitationOnly, NotSetUp, Unknown, Used, Withdrawn, Lapsed].map(shut);
        let somebody = [SignedIn, SignedInWithLink].map(signed_in);
        [nobody.to_vec(), vec![in_the_middle], somebody.to_vec()].concat()
    }
}
