//! `GET /account/sessions`: where a person is signed in.

use serde::Serialize;

use crate::pages::View;

/// The list of sessions. Its buttons post `csrf` and `session` to `/account/sessions/end`, and `csrf` to
/// `/account/sessions/end-others`.
#[derive(Debug, Clone, Serialize)]
pub struct SessionsView {
    /// The sessions, the one that looks at the page first.
    pub sessions: Vec<SessionEntry>,
    /// What was just ended.
    pub ended: Option<SessionsEnded>,
}

/// One session.
#[derive(Debug, Clone, Serialize)]
pub struct SessionEntry {
    /// What it is ended by.
    pub id: String,
    /// Whether it is the one that looks at the page. It has no button: the header has one.
    pub is_current: bool,
    /// The browser, when its name is known.
    pub browser: Option<String>,
    /// The system it runs on, when that is known.
    pub system: Option<String>,
    /// What the browser says it is; shown when its name is not known.
    pub said: Option<String>,
    /// The block of addresses it signed in from.
    pub address_block: Option<String>,
    /// When it began, in Unix seconds.
    pub since: i64,
    /// When it was last used, in Unix seconds.
    pub last_used: i64,
}

/// Which sessions were just ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionsEnded {
    /// One of them.
    One,
    /// All but this one.
    Others,
}

impl View for SessionsView {
    const TEMPLATE: &'static str = "sessions.html";

    fn samples() -> Vec<Self> {
        let now = 1_795_305_600;
        let here = SessionEntry {
            id: "q83vEjRWeJA".to_owned(),
            is_current: true,
            browser: Some("Firefox".to_owned()),
            system: Some("Linux".to_owned()),
            said: Some("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0".to_owned()),
            address_block: Some("203.0.113.0/24".to_owned()),
            since: now - 20 * 86_400,
            last_used: now,
        };
        let phone = SessionEntry {
            id: "Zm9vYmFyYmF6".to_owned(),
            is_current: false,
            browser: Some("Safari".to_owned()),
            system: Some("iPhone".to_owned()),
            address_block: Some("2001:db8:1:200::/56".to_owned()),
            ..here.clone()
        };
        let rare = SessionEntry {
            system: None,
            ..phone.clone()
        };
        let odd = SessionEntry {
            browser: None,
            said: Some(format!("TestSuite/{}", "1.2.3.".repeat(30))),
            ..rare.clone()
        };
        let old = SessionEntry {
            said: None,
            address_block: None,
            ..odd.clone()
        };
        let list = |sessions: Vec<SessionEntry>, ended| SessionsView { sessions, ended };
        vec![
            list(vec![here.clone(), phone.clone(), rare, odd, old], None),
            list(vec![here.clone(), phone], Some(SessionsEnded::One)),
            list(vec![here], Some(SessionsEnded::Others)),
        ]
    }
}
