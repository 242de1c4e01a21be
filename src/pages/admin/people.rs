//! `GET /admin/people`: who has an account.

use serde::Serialize;

use super::Paging;
use crate::pages::View;

/// A part of the list.
#[derive(Debug, Clone, Serialize)]
pub struct PeopleView {
    /// What the names begin with.
    pub search: String,
    /// Only those whose e-mail address waits to be confirmed are shown.
    pub to_confirm: bool,
    /// The people.
    pub people: Vec<PersonEntry>,
    /// The way to the other parts.
    pub paging: Paging,
}

/// A person in the list.
#[derive(Debug, Clone, Serialize)]
pub struct PersonEntry {
    /// Their name.
    pub name: String,
    /// May use these pages.
    pub operator: bool,
    /// Is shut out.
    pub disabled: bool,
    /// When the account was made, in Unix seconds.
    pub since: i64,
    /// When they last signed in, in Unix seconds, as far as that is known.
    pub last_sign_in: Option<i64>,
}

impl View for PeopleView {
    const TEMPLATE: &'static str = "admin_people.html";

    fn samples() -> Vec<Self> {
        let now = 1_795_305_600;
        let alice = PersonEntry {
            name: "alice".to_owned(),
            operator: true,
            disabled: false,
            since: now - 200 * 86_400,
            last_sign_in: Some(now),
        };
        let bob = PersonEntry {
            name: "bob_of_the_very_long_user_name_".chars().take(30).collect(),
            operator: false,
            last_sign_in: None,
            ..alice.clone()
        };
        let mallory = PersonEntry {
            name: "mallory".to_owned(),
            disabled: true,
            ..bob.clone()
        };
        vec![
            PeopleView {
                search: String::new(),
                to_confirm: false,
                people: vec![alice, bob, mallory],
                paging: Paging::of(1, true, &[]),
            },
            PeopleView {
                search: "zoe".to_owned(),
                to_confirm: true,
                people: Vec::new(),
                paging: Paging::default(),
            },
        ]
    }
}
