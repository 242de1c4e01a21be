//! A token says which client it belongs to (Mastodon's `verify_credentials`), and how long it still holds (Doorkeeper's
//! `token/info`).

use std::time::Duration;

use crate::oauth::client::Client;
use crate::oauth::dialect::Dialect;
use crate::oauth::token::{ActiveToken, PresentedToken};
use crate::storage::clients;
use crate::storage::tokens::{self, Fate};

use super::introspect::INVALID_TOKEN;
use super::{FlowError, Flows};

/// Why a token does not hold, as far as its row still says, and which kind of client it was given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotLive {
    /// There is no such token, or none any more.
    Unknown,
    /// Its approval was ended.
    Revoked(Dialect),
    /// It lapsed.
    Expired(Dialect),
}

impl Flows {
    /// The registered client that a token belongs to.
    ///
    /// # Errors
    /// Failures of ours only; a token that does not hold is an answer.
    pub async fn client_of(&self, token: &PresentedToken) -> Result<Result<Client, NotLive>, FlowError> {
        let Some(live) = self.live_token(token).await? else {
            return Ok(Err(self.fate(token).await?));
        };
        let found = clients::find(self.store.reader(), live.client_id()).await?;
        Ok(found.map(|found| found.client).ok_or(NotLive::Unknown))
    }

    pub(super) async fn fate(&self, token: &PresentedToken) -> Result<NotLive, FlowError> {
        Ok(match tokens::fate(self.store.reader(), token).await? {
            None => NotLive::Unknown,
            Some((Fate::Revoked, dialect)) => NotLive::Revoked(dialect),
            Some((Fate::Expired, dialect)) => NotLive::Expired(dialect),
        })
    }

    /// What a token says to whoever holds it, and how long it still holds; `None` until revoked.
    ///
    /// # Errors
    /// `invalid_token`.
    pub async fn token_info(&self, token: &PresentedToken) -> Result<(ActiveToken, Option<Duration>), FlowError> {
        let live = self.live_token(token).await?.ok_or(INVALID_TOKEN)?;
        let left = live.expires_at().map(|end| (end - self.now()).unsigned_abs());
        Ok((self.describe(live), left))
    }
}
