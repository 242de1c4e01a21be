//! `GET|POST /admin/people/{name}`: one person, and what an operator can do for or against them.

use serde::Serialize;

use super::people::PersonEntry;
use crate::pages::View;

/// One person. Its buttons post `csrf` and `action` to the same address.
#[derive(Debug, Clone, Serialize)]
pub struct PersonView {
    /// Who.
    pub person: PersonEntry,
    /// Their addresses.
    pub addresses: Vec<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Whether an operator found it to be theirs.
    pub email_verified: bool,
    /// In how many browsers they are signed in.
    pub sessions: usize,
    /// How many apps have access.
    pub apps: u64,
    /// How many passkeys they have.
    pub passkeys: usize,
    /// Whether they are asked for a second step.
    pub second_step: bool,
    /// How many recovery codes they have left.
    pub recovery_codes: u64,
    /// Whether it is the operator who looks.
    pub is_self: bool,
    /// Whether the operator typed the password a short time ago; without that there are no buttons.
    pub fresh: bool,
    /// What was just done.
    pub done: Option<PersonDone>,
    /// The link that was just made; shown only now.
    pub link: Option<String>,
}

/// What was just done to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonDone {
    /// They were shut out.
    Disabled,
    /// They were let in again.
    Enabled,
    /// What they were asked for besides the password was removed.
    Reset,
    /// Their e-mail address was found to be theirs.
    Email,
}

impl PersonDone {
    /// Every one.
    pub const ALL: [PersonDone; 4] = [
        PersonDone::Disabled,
        PersonDone::Enabled,
        PersonDone::Reset,
        PersonDone::Email,
    ];

    /// The name in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            PersonDone::Disabled => "disabled",
            PersonDone::Enabled => "enabled",
            PersonDone::Reset => "reset",
            PersonDone::Email => "email",
        }
    }
}

impl View for PersonView {
    const TEMPLATE: &'static str = "admin_person.html";

    fn samples() -> Vec<Self> {
        let bob = PersonView {
            person: PersonEntry {
                name: "bob".to_owned(),
                operator: false,
                disabled: false,
                since: 1_795_305_600,
                last_sign_in: Some(1_795_305_600),
            },
            addresses: vec!["https://id.example/@bob".to_owned(), "https://bob.example/".to_owned()],
            email: Some("bob@mail.example".to_owned()),
            email_verified: false,
            sessions: 2,
            apps: 5,
            passkeys: 1,
            second_step: true,
            recovery_codes: 9,
            is_self: false,
            fresh: true,
            done: None,
            link: None,
        };
        let done = |done| PersonView {
            done: Some(done),
            ..bob.clone()
        };
        let mut mallory = done(PersonDone::Disabled);
        mallory.person.disabled = true;
        mallory.person.last_sign_in = None;
        let mut own = PersonView {
            is_self: true,
            email: None,
            passkeys: 0,
            second_step: false,
            ..bob.clone()
        };
        own.person.operator = true;
        vec![
            bob.clone(),
            mallory,
            done(PersonDone::Enabled),
            done(PersonDone::Reset),
            PersonView {
                email_verified: true,
                ..done(PersonDone::Email)
            },
            PersonView {
                fresh: false,
                ..bob.clone()
            },
            PersonView {
                link: Some("https://id.example/password-link?token=vpl_3mz5qk".to_owned()),
                ..bob.clone()
            },
            own,
        ]
    }
}
