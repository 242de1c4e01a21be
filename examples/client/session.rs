//! What the app remembers between two requests: kept here, in memory; the browser holds only a random name for it.

use std::time::Duration;

use actix_web::{HttpRequest, cookie::Cookie, cookie::SameSite};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use moka::future::Cache;
use rand::Rng;

use crate::{App, account::Account, sign_in::Attempt};

const COOKIE: &str = "example_client_session";
const LIFETIME: Duration = Duration::from_secs(60 * 60);
const MAX_SESSIONS: u64 = 10_000;

#[derive(Clone)]
pub enum Session {
    SigningIn(Box<Attempt>),
    SignedIn(Box<Account>),
}

pub type Sessions = Cache<String, Session>;

pub fn sessions() -> Sessions {
    Cache::builder()
        .max_capacity(MAX_SESSIONS)
        .time_to_live(LIFETIME)
        .build()
}

impl App {
    /// Keeps a session under a new name: whoever knew this browser's old one knows nothing.
    pub async fn start(&self, session: Session) -> Cookie<'static> {
        let id = random();
        self.sessions.insert(id.clone(), session).await;
        self.cookie(id)
    }

    pub async fn session(&self, request: &HttpRequest) -> Option<(String, Session)> {
        let id = request.cookie(COOKIE)?.value().to_owned();
        let session = self.sessions.get(&id).await?;
        Some((id, session))
    }

    /// `Lax`: the cookie comes along when the server sends the browser back, but not with another site's form.
    pub fn cookie(&self, id: String) -> Cookie<'static> {
        let cookie = Cookie::build(COOKIE, id)
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax);
        cookie.secure(self.client_id.scheme() == "https").finish()
    }
}

/// 256 random bits in 43 characters: good for a session, a `state` and a PKCE verifier (RFC 7636 §4.1).
pub fn random() -> String {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
