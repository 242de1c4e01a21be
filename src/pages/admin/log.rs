//! `GET /admin/activity`: what happened on the whole server.

use serde::Serialize;

use super::Paging;
use crate::pages::View;
use crate::pages::account::activity::KINDS;

/// A part of it, newest first.
#[derive(Debug, Clone, Serialize)]
pub struct LogView {
    /// The kinds that can be looked for.
    pub kinds: Vec<String>,
    /// The one that is.
    pub kind: String,
    /// The person who is looked for.
    pub person: String,
    /// The app, host or address that is looked for.
    pub about: String,
    /// What happened.
    pub entries: Vec<LogEntry>,
    /// The way to the other parts.
    pub paging: Paging,
}

/// One thing that happened.
#[derive(Debug, Clone, Serialize)]
pub struct LogEntry {
    /// What.
    pub kind: String,
    /// In whose account.
    pub person: Option<String>,
    /// Which operator did it.
    pub actor: Option<String>,
    /// What it concerns besides.
    pub about: Option<String>,
    /// When, in Unix seconds.
    pub at: i64,
}

impl View for LogView {
    const TEMPLATE: &'static str = "admin_activity.html";

    fn samples() -> Vec<Self> {
        let signed_in = LogEntry {
            kind: "signed_in".to_owned(),
            person: Some("alice".to_owned()),
            actor: None,
            about: None,
            at: 1_795_305_600,
        };
        let approved = LogEntry {
            kind: "approved".to_owned(),
            about: Some("https://photos.example/".to_owned()),
            ..signed_in.clone()
        };
        let disabled = LogEntry {
            kind: "disabled".to_owned(),
            person: None,
            actor: Some("alice".to_owned()),
            ..signed_in.clone()
        };
        let view = |entries: &[LogEntry], paging| LogView {
            kinds: KINDS.map(|(kind, _)| kind.to_owned()).to_vec(),
            kind: "approved".to_owned(),
            person: "alice".to_owned(),
            about: String::new(),
            entries: entries.to_vec(),
            paging,
        };
        vec![
            view(
                &[signed_in, approved, disabled],
                Paging::of(1, true, &[("person", "alice")]),
            ),
            view(&[], Paging::default()),
        ]
    }
}
