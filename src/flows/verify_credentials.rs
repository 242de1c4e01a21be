//! A token says which client it belongs to (Mastodon's `verify_credentials`), and how long it still holds (Doorkeeper's
//! `token/info`).

use std::time::Duration;

use crate::oauth::client::{Client, DescribedBy, DisplayMetadata, RedirectUris};
use crate::oauth::grant::Grant;
use crate::oauth::scope::Scope;
use crate::oauth::token::{ActiveToken, PresentedToken};
use crate::storage::tokens::{self, Fate};
use crate::storage::{clients, grants};

use super::introspect::{INVALID_TOKEN, LiveToken};
use super::{FlowError, Flows};

/// Why a token does not hold, as far as its row still says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotLive {
    /// There is no such token, or none any more.
    Unknown,
    /// Its approval was ended.
    Revoked,
    /// It lapsed.
    Expired,
}

impl Flows {
    /// The client a token belongs to. A client that is known by its address is told as it was when the person said yes.
    ///
    /// # Errors
    /// Failures of ours only; a token that does not hold is an answer.
    pub async fn client_of(&self, token: &PresentedToken) -> Result<Result<Client, NotLive>, FlowError> {
        let Some(live) = self.live_token(token).await? else {
            return Ok(Err(self.fate(token).await?));
        };
        if let Some(found) = clients::find(self.store.reader(), live.client_id()).await? {
            return Ok(Ok(found.client));
        }
        let LiveToken::Person(live) = live else {
            return Ok(Err(NotLive::Unknown));
        };
        let grant = grants::find(self.store.reader(), &live.grant_id).await?;
        Ok(grant.map(|grant| approved(grant, live.scope)).ok_or(NotLive::Unknown))
    }

    async fn fate(&self, token: &PresentedToken) -> Result<NotLive, FlowError> {
        Ok(match tokens::fate(self.store.reader(), token).await? {
            None => NotLive::Unknown,
            Some(Fate::Revoked) => NotLive::Revoked,
            Some(Fate::Expired) => NotLive::Expired,
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

/// The client that a person said yes to.
fn approved(grant: Grant, scope: Scope) -> Client {
    let client = grant.client;
    Client {
        id: client.id,
        dialect: client.dialect,
        display: DisplayMetadata {
            name: client.name,
            logo_uri: None,
            client_uri: client.client_uri,
            foreign_client_uri: client.foreign_client_uri,
        },
        redirect_uris: RedirectUris::Published(vec![grant.redirect_uri]),
        refreshes: client.refreshes,
        described_by: DescribedBy::Nothing,
        secret: None,
        scope: Some(scope),
    }
}
