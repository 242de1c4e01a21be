//! `GET /apps`: which apps have access, and the button that ends it.

use serde::Serialize;

use super::consent::KnownBy;
use super::{ShownHost, View};

/// The apps with access. Each one's button posts `csrf` and `client_id` to `/apps/revoke`.
#[derive(Debug, Clone, Serialize)]
pub struct AppsView {
    /// The apps, in the order to show them. Those whose access was ended by the server come first on the page.
    pub apps: Vec<AppEntry>,
    /// What the app was called whose access has just been ended.
    pub revoked: Option<String>,
    /// Whether the access of all has just been ended.
    pub all_revoked: bool,
    /// How many have access: several can be ended at once.
    pub live: usize,
}

/// The question before the access of all apps is ended. Posts `csrf` to `/apps/revoke-all`.
#[derive(Debug, Clone, Serialize)]
pub struct EndAllView {
    /// How many there are.
    pub count: usize,
}

impl View for EndAllView {
    const TEMPLATE: &'static str = "apps_end.html";

    fn samples() -> Vec<Self> {
        vec![EndAllView { count: 5 }]
    }
}

/// One app.
#[derive(Debug, Clone, Serialize)]
pub struct AppEntry {
    /// The client id in full; of an app that only a link named, whatever tells it from others, which is not shown.
    pub client_id: String,
    /// How the server knows it.
    pub known_by: KnownBy,
    /// The headline: the host of the client id, or the one that the answer went to. `None` when there is none: then the
    /// name. Of an app that only a link named, the host that was opened afterwards, which the page marks as unchecked.
    pub host: Option<ShownHost>,
    /// What the app calls itself.
    pub name: Option<String>,
    /// By which addresses it knows the person.
    pub me: Vec<String>,
    /// What it may do: [`super::scope::scope_sentences`]. Empty when it only learned who the person is.
    pub scopes: Vec<String>,
    /// Whether only the person's yes is left: none of its tokens lasts, but it may get `scopes` again, or sign the person
    /// in, without a question.
    pub remembered: bool,
    /// The host the answer went to; `None` when it did not go to a host.
    pub redirect_host: Option<String>,
    /// When the person said yes, in Unix seconds.
    pub since: i64,
    /// When the app last used its access, in Unix seconds.
    pub last_used: Option<i64>,
    /// When the access, or a remembered yes, ends by itself, in Unix seconds; `None` when it lasts until it is ended.
    pub expires: Option<i64>,
    /// Set when the server has ended the access. Such an app has no button.
    pub ended: Option<Ended>,
}

/// That the server has ended an app's access.
#[derive(Debug, Clone, Serialize)]
pub struct Ended {
    /// Why.
    pub reason: EndedReason,
    /// When, in Unix seconds.
    pub at: i64,
}

/// Why the server ended an app's access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedReason {
    /// A refresh token that had been replaced came back: somebody may hold a copy.
    RefreshTokenReuse,
    /// An authorization code came back after it had been redeemed.
    CodeReuse,
    /// The person got another password.
    PasswordChange,
    /// The operator shut the person out, and let them in again since.
    Disabled,
    /// The operator blocked a host of the app.
    HostBlocked,
}

impl View for AppsView {
    const TEMPLATE: &'static str = "apps.html";

    fn samples() -> Vec<Self> {
        let now = 1_795_305_600;
        let photos = AppEntry {
            client_id: "https://photos.example/".into(),
            known_by: KnownBy::Address,
            host: Some(ShownHost::named("photos.example")),
            name: Some("Photo Frame".into()),
            me: vec!["https://id.example/@alice".into(), "https://alice.example/".into()],
            scopes: vec![
                "Create new posts on your site".into(),
                "Upload pictures and other files".into(),
            ],
            remembered: false,
            redirect_host: Some("photos.example".into()),
            since: now,
            last_used: Some(now + 86_400),
            expires: Some(now + 90 * 86_400),
            ended: None,
        };
        let phone = AppEntry {
            client_id: "client_3mz5qk".into(),
            known_by: KnownBy::Registration,
            host: None,
            name: Some("Pocket Timeline".into()),
            scopes: Vec::new(),
            redirect_host: None,
            last_used: None,
            expires: None,
            ..photos.clone()
        };
        let nameless = AppEntry {
            name: None,
            ..phone.clone()
        };
        let events = AppEntry {
            client_id: "client_8wq2hd".into(),
            known_by: KnownBy::Operator,
            host: Some(ShownHost::named("events.example")),
            name: Some("Town events".into()),
            redirect_host: Some("events.example".into()),
            ..photos.clone()
        };
        let display = AppEntry {
            host: None,
            redirect_host: None,
            ..events.clone()
        };
        let notes = AppEntry {
            client_id: "grant_5xk2".into(),
            known_by: KnownBy::Link,
            host: Some(ShownHost::named("notes.example")),
            name: Some("Note Deck".into()),
            scopes: photos.scopes.clone(),
            ..phone.clone()
        };
        let unnamed = AppEntry {
            host: None,
            name: None,
            ..notes.clone()
        };
        let unnamed_ended = AppEntry {
            ended: Some(Ended {
                reason: EndedReason::PasswordChange,
                at: now,
            }),
            ..unnamed.clone()
        };
        let calendar = AppEntry {
            client_id: "https://calendar.example/".into(),
            host: Some(ShownHost::named("calendar.example")),
            name: None,
            remembered: true,
            redirect_host: Some("calendar.example".into()),
            last_used: None,
            ..photos.clone()
        };
        let forum = AppEntry {
            client_id: "https://forum.example/".into(),
            host: Some(ShownHost::named("forum.example")),
            scopes: Vec::new(),
            redirect_host: Some("forum.example".into()),
            expires: None,
            ..calendar.clone()
        };
        let shared = AppEntry {
            client_id: "https://alice.github.io/".into(),
            host: Some(ShownHost::named("alice.github.io")),
            redirect_host: Some("alice.github.io".into()),
            ..photos.clone()
        };
        let ended = |reason| AppEntry {
            ended: Some(Ended { reason, at: now }),
            ..photos.clone()
        };
        vec![
            AppsView {
                apps: vec![
                    ended(EndedReason::RefreshTokenReuse),
                    ended(EndedReason::CodeReuse),
                    ended(EndedReason::PasswordChange),
                    ended(EndedReason::Disabled),
                    ended(EndedReason::HostBlocked),
                    photos.clone(),
                    phone,
                    nameless,
                    calendar,
                    forum,
                ],
                revoked: None,
                all_revoked: false,
                live: 5,
            },
            AppsView {
                apps: vec![unnamed_ended, events, display, notes, unnamed, shared],
                revoked: None,
                all_revoked: false,
                live: 5,
            },
            AppsView {
                apps: vec![photos.clone()],
                revoked: Some("calendar.example".into()),
                all_revoked: false,
                live: 1,
            },
            AppsView {
                apps: vec![ended(EndedReason::HostBlocked)],
                revoked: None,
                all_revoked: false,
                live: 0,
            },
            AppsView {
                apps: Vec::new(),
                revoked: None,
                all_revoked: true,
                live: 0,
            },
        ]
    }
}
