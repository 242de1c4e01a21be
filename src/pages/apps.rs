//! `GET /apps`: which apps have access, and the button that ends it.

use serde::Serialize;

use super::View;

/// The apps with access. Each one's button posts `csrf` and `client_id` to `/apps/revoke`.
#[derive(Debug, Clone, Serialize)]
pub struct AppsView {
    /// The apps, in the order to show them. Those whose access was ended by the server come first on the page.
    pub apps: Vec<AppEntry>,
    /// What the app was called whose access has just been ended.
    pub revoked: Option<String>,
}

/// One app.
#[derive(Debug, Clone, Serialize)]
pub struct AppEntry {
    /// The client id in full.
    pub client_id: String,
    /// The headline: host of the client id or of the redirect URI. `None` when there is none: then the name.
    pub host: Option<String>,
    /// What the app calls itself.
    pub name: Option<String>,
    /// What it may do: [`super::scope::scope_sentences`]. Empty when it only learned who the person is.
    pub scopes: Vec<String>,
    /// Whether only the person's yes is left: none of its tokens lasts, but it may get `scopes` again, or sign the person
    /// in, without a question.
    pub remembered: bool,
    /// The host the answer went to.
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
}

impl View for AppsView {
    const TEMPLATE: &'static str = "apps.html";

    fn samples() -> Vec<Self> {
        let now = 1_795_305_600;
        let photos = AppEntry {
            client_id: "https://photos.example/".into(),
            host: Some("photos.example".into()),
            name: Some("Photo Frame".into()),
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
        let calendar = AppEntry {
            client_id: "https://calendar.example/".into(),
            host: Some("calendar.example".into()),
            name: None,
            remembered: true,
            redirect_host: Some("calendar.example".into()),
            last_used: None,
            ..photos.clone()
        };
        let forum = AppEntry {
            client_id: "https://forum.example/".into(),
            host: Some("forum.example".into()),
            scopes: Vec::new(),
            redirect_host: Some("forum.example".into()),
            expires: None,
            ..calendar.clone()
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
                    photos.clone(),
                    phone,
                    nameless,
                    calendar,
                    forum,
                ],
                revoked: None,
            },
            AppsView {
                apps: vec![photos.clone()],
                revoked: Some("calendar.example".into()),
            },
            AppsView {
                apps: Vec::new(),
                revoked: None,
            },
        ]
    }
}
