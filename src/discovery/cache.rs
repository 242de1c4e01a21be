//! Copies of what clients say about themselves: bounded, with an end, and one fetch per URL at a time.
//!
//! Client id metadata document -01 §4.4, RFC 9111. An error is never a copy: a refusal is remembered apart, for
//! seconds, so that reloading a page does not hammer a broken host, and never in place of a copy that still holds.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use time::OffsetDateTime;

use super::refusal::{DiscoveryError, Refusal};
use crate::oauth::client::{Client, RedirectUris};

/// What is known about a client id.
#[derive(Debug, Clone)]
pub(crate) struct Remembered {
    pub(crate) outcome: Result<Client, Refusal>,
    /// When its host was last asked.
    pub(crate) checked_at: OffsetDateTime,
    /// From here on it is not used, for nothing.
    pub(crate) expires_at: OffsetDateTime,
}

impl Remembered {
    /// Whether the host may be asked again although this copy still holds.
    pub(crate) fn may_be_rechecked(&self, now: OffsetDateTime, interval: Duration) -> bool {
        now >= self.checked_at + interval
    }

    /// Roughly, in bytes.
    fn weight(&self) -> u32 {
        let texts = match &self.outcome {
            Ok(client) => {
                let display = &client.display;
                let shown = [&display.name, &display.logo_uri, &display.client_uri];
                let listed = match &client.redirect_uris {
                    RedirectUris::Published(list) => list.iter().map(|uri| uri.as_str().len() + 64).sum(),
                    RedirectUris::OwnOrigin => 0,
                };
                listed + shown.into_iter().flatten().map(String::len).sum::<usize>() + client.id.as_str().len()
            }
            Err(refusal) => refusal.detail.len(),
        };
        u32::try_from(texts + 512).unwrap_or(u32::MAX)
    }
}

type Answer = Result<Arc<Remembered>, DiscoveryError>;

/// A fetch that is under way, shared by all who wait for it. It ends when the last of them leaves.
pub(crate) type Flight = Shared<BoxFuture<'static, Answer>>;

/// The copies, and the fetches under way.
pub(crate) struct Cache {
    copies: moka::future::Cache<String, Arc<Remembered>>,
    flights: Mutex<HashMap<String, WeakShared<BoxFuture<'static, Answer>>>>,
}

impl Cache {
    /// A cache that holds about `bytes`.
    pub(crate) fn new(bytes: u64) -> Cache {
        let weigher = |key: &String, copy: &Arc<Remembered>| copy.weight().saturating_add(key.len() as u32);
        Cache {
            copies: moka::future::Cache::builder()
                .max_capacity(bytes)
                .weigher(weigher)
                .build(),
            flights: Mutex::default(),
        }
    }

    /// The copy for `key`, if it still holds at `now`.
    pub(crate) async fn fresh(&self, key: &str, now: OffsetDateTime) -> Option<Arc<Remembered>> {
        self.copies.get(key).await.filter(|copy| now < copy.expires_at)
    }

    pub(crate) async fn keep(&self, key: &str, copy: Arc<Remembered>) {
        self.copies.insert(key.to_owned(), copy).await;
    }

    pub(crate) async fn forget(&self, key: &str) {
        self.copies.invalidate(key).await;
    }

    /// Joins the fetch of `key` that is under way, or starts one when `may_start` agrees.
    ///
    /// # Errors
    /// That of `may_start`.
    pub(crate) fn join<F>(
        &self,
        key: &str,
        may_start: impl FnOnce() -> Result<(), DiscoveryError>,
        fetch: F,
    ) -> Result<Flight, DiscoveryError>
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(key).and_then(WeakShared::upgrade) {
            return Ok(flight);
        }
        flights.retain(|_, flight| flight.upgrade().is_some());
        may_start()?;
        let flight = fetch.boxed().shared();
        flights.extend(flight.downgrade().map(|weak| (key.to_owned(), weak)));
        Ok(flight)
    }

    /// How many wait for the fetch of `key`.
    #[cfg(test)]
    pub(crate) fn waiting(&self, key: &str) -> usize {
        let flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        let flight = flights.get(key).and_then(WeakShared::upgrade);
        // Minus the one that counts.
        flight
            .and_then(|flight| flight.strong_count())
            .map_or(0, |count| count - 1)
    }
}
