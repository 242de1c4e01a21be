//! `GET|POST /admin/invitations`: links that make one account each.

use serde::Serialize;

use super::Paging;
use crate::pages::View;

/// The links, and the form for another one. Posts `csrf`, `note` and `days` to `/admin/invitations`; the buttons post
/// `csrf` and `id` to `/admin/invitations/withdraw`.
#[derive(Debug, Clone, Serialize)]
pub struct InvitationsView {
    /// The links.
    pub invitations: Vec<InvitationEntry>,
    /// How long a new one may be good for, in days.
    pub days: Vec<u64>,
    /// The number that is chosen at first.
    pub default_days: u64,
    /// The link that was just made; shown only now.
    pub link: Option<String>,
    /// Whether one was just taken back.
    pub withdrawn: bool,
    /// Whether the operator typed the password a short time ago; without that there are no buttons.
    pub fresh: bool,
    /// The way to the other parts.
    pub paging: Paging,
}

/// A link in the list; its secret is not kept.
#[derive(Debug, Clone, Serialize)]
pub struct InvitationEntry {
    /// What it is taken back by.
    pub id: String,
    /// For whom it is.
    pub note: Option<String>,
    /// `open`, `used`, `lapsed` or `withdrawn`.
    pub state: String,
    /// Whose account it made.
    pub used_by: Option<String>,
    /// When it was made, in Unix seconds.
    pub since: i64,
    /// When it lapses, in Unix seconds.
    pub expires: i64,
}

impl View for InvitationsView {
    const TEMPLATE: &'static str = "admin_invitations.html";

    fn samples() -> Vec<Self> {
        let entry = |state: &str, note: Option<&str>| InvitationEntry {
            id: "q83vejrwejb".to_owned(),
            note: note.map(str::to_owned),
            state: state.to_owned(),
            used_by: (state == "used").then(|| "bob".to_owned()),
            since: 1_795_305_600,
            expires: 1_795_305_600 + 7 * 86_400,
        };
        let some = InvitationsView {
            invitations: vec![
                entry("open", Some("for Bob from the choir")),
                entry("used", None),
                entry("lapsed", None),
                entry("withdrawn", None),
            ],
            days: vec![1, 7, 30],
            default_days: 7,
            link: None,
            withdrawn: false,
            fresh: true,
            paging: Paging::default(),
        };
        vec![
            some.clone(),
            InvitationsView {
                link: Some("https://id.example/invitation?token=vin_3mz5qk".to_owned()),
                ..some.clone()
            },
            InvitationsView {
                withdrawn: true,
                ..some.clone()
            },
            InvitationsView {
                invitations: Vec::new(),
                fresh: false,
                ..some
            },
        ]
    }
}
