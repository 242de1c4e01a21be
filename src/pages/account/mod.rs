//! `GET /account`: the entry to what a person can see and change of their own account.

use serde::Serialize;

use super::View;

pub mod activity;
pub mod addresses;
pub mod confirm;
pub mod email;
pub mod passkeys;
pub mod password;
pub mod profile;
pub mod recovery;
pub mod second_step;
pub mod sessions;

/// The entry page.
#[derive(Debug, Clone, Serialize)]
pub struct AccountView {
    /// The account's name.
    pub username: String,
    /// The address the person types into an app.
    pub me: String,
    /// The name they show.
    pub name: Option<String>,
    /// What was just changed.
    pub changed: Option<Changed>,
    /// The names of the passkeys that sign them in all the same; asked for after a change of the password only.
    pub passkeys: Vec<String>,
    /// Whether a second step can be turned on here: the operator set a key, or there can be passkeys.
    pub offers_second_step: bool,
}

/// What a person just changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// Their password.
    Password,
}

impl View for AccountView {
    const TEMPLATE: &'static str = "account.html";

    fn samples() -> Vec<Self> {
        [(None, true), (Some(Changed::Password), true), (None, false)]
            .map(|(changed, offers_second_step)| AccountView {
                username: "alice".to_owned(),
                me: "https://id.example/@alice".to_owned(),
                name: offers_second_step.then(|| "Alice Liddell".to_owned()),
                changed,
                passkeys: match changed {
                    Some(Changed::Password) => vec!["Firefox on Linux".to_owned(), "Phone".to_owned()],
                    None => Vec::new(),
                },
                offers_second_step,
            })
            .to_vec()
    }
}
