//! `GET /account`: the entry to what a person can see and change of their own account.

use serde::Serialize;

use super::View;

pub mod sessions;

/// The entry page.
#[derive(Debug, Clone, Serialize)]
pub struct AccountView {
    /// The account's name.
    pub username: String,
    /// The address the person types into an app.
    pub me: String,
}

impl View for AccountView {
    const TEMPLATE: &'static str = "account.html";

    fn samples() -> Vec<Self> {
        vec![AccountView {
            username: "alice".to_owned(),
            me: "https://id.example/@alice".to_owned(),
        }]
    }
}
