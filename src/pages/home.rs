//! `GET /`: what this server is, and the person's address when somebody is signed in.

use serde::Serialize;

use super::View;

/// The start page.
#[derive(Debug, Clone, Serialize)]
pub struct HomeView {
    /// Whether no account exists yet: then the page points at the set-up link and at nothing else.
    pub needs_setup: bool,
    /// Whether anybody may make an account: then the page says where.
    pub offers_sign_up: bool,
    /// The person who is signed in.
    pub account: Option<HomeAccount>,
}

/// The account of the person who looks at the start page.
#[derive(Debug, Clone, Serialize)]
pub struct HomeAccount {
    /// The account's name: its profile page is `/@{username}`.
    pub username: String,
    /// The name they show.
    pub name: Option<String>,
    /// Whether they have neither a name nor a picture: then the page says what there is to do next.
    pub is_new: bool,
    /// The address the person types into an app.
    pub me: String,
}

impl View for HomeView {
    const TEMPLATE: &'static str = "home.html";

    fn samples() -> Vec<Self> {
        let account = HomeAccount {
            username: "alice".to_owned(),
            name: Some("Alice Liddell".to_owned()),
            is_new: false,
            me: "https://id.example/@alice".to_owned(),
        };
        let front = HomeView {
            needs_setup: false,
            offers_sign_up: false,
            account: None,
        };
        vec![
            HomeView {
                needs_setup: true,
                ..front.clone()
            },
            front.clone(),
            HomeView {
                offers_sign_up: true,
                ..front.clone()
            },
            HomeView {
                account: Some(account.clone()),
                ..front.clone()
            },
            HomeView {
                account: Some(HomeAccount {
                    name: None,
                    is_new: true,
                    ..account
                }),
                ..front
            },
        ]
    }
}
