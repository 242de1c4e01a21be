//! `GET /account/passkeys`: a person's passkeys.

use serde::Serialize;

use crate::pages::View;

/// The list. Its buttons post `csrf`, `passkey` and `name` to `/account/passkeys/rename`, and `csrf` and `passkey` to
/// `…/remove`; the script calls `…/begin` and `…/finish`.
#[derive(Debug, Clone, Serialize)]
pub struct PasskeysView {
    /// The passkeys, oldest first.
    pub passkeys: Vec<PasskeyEntry>,
    /// Whether there can be passkeys here.
    pub is_offered: bool,
    /// Whether there are as many as there can be.
    pub is_full: bool,
    /// The browser that looks at the page, for the name of a new one.
    pub browser: Option<String>,
    /// The system it runs on, likewise.
    pub system: Option<String>,
    /// What was just changed.
    pub changed: Option<PasskeysChanged>,
    /// Why nothing was changed.
    pub problem: Option<PasskeysProblem>,
}

/// Why nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PasskeysProblem {
    /// The new name had nothing in it.
    NameMissing,
    /// The last one cannot go while the second step rests on it.
    Needed,
}

/// One passkey.
#[derive(Debug, Clone, Serialize)]
pub struct PasskeyEntry {
    /// What it is renamed and removed by.
    pub id: String,
    /// What its person calls it.
    pub name: String,
    /// When it was added, in Unix seconds.
    pub added: i64,
    /// When it was last used, in Unix seconds; `None` if never.
    pub last_used: Option<i64>,
}

/// What was just changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PasskeysChanged {
    /// There is one more.
    Added,
    /// One has another name.
    Renamed,
    /// There is one less.
    Removed,
}

impl View for PasskeysView {
    const TEMPLATE: &'static str = "passkeys.html";

    fn samples() -> Vec<Self> {
        let entry = |id: &str, name: &str, last_used| PasskeyEntry {
            id: id.to_owned(),
            name: name.to_owned(),
            added: 1_795_305_600 - 20 * 86_400,
            last_used,
        };
        let empty = PasskeysView {
            passkeys: Vec::new(),
            is_offered: true,
            is_full: false,
            browser: Some("Firefox".to_owned()),
            system: Some("Linux".to_owned()),
            changed: None,
            problem: None,
        };
        let some = PasskeysView {
            passkeys: vec![
                entry("mzxw6ytboi", "Firefox on Linux", Some(1_795_305_600)),
                entry("nbswy3dpeb", &"a long name of a key ".repeat(3), None),
            ],
            system: None,
            ..empty.clone()
        };
        let told = |changed| PasskeysView {
            changed: Some(changed),
            browser: None,
            ..some.clone()
        };
        let failed = |problem| PasskeysView {
            problem: Some(problem),
            ..some.clone()
        };
        vec![
            empty.clone(),
            some.clone(),
            told(PasskeysChanged::Added),
            told(PasskeysChanged::Renamed),
            told(PasskeysChanged::Removed),
            failed(PasskeysProblem::NameMissing),
            failed(PasskeysProblem::Needed),
            PasskeysView { is_full: true, ..some },
            PasskeysView {
                is_offered: false,
                ..empty
            },
        ]
    }
}
