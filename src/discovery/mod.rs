//! From a URL client id to a [`Client`]: the only code that leaves the machine.
//!
//! ```text
//! client() ─ cache ─ fetch ─┬─ JSON ─ document ─┐
//!              │       │    ├─ HTML ─ html      ├─ Client
//!          freshness   │    └─ Link ─ link      ┘
//!                  address (policy), resolve, gate (how many at once), answer (how much)
//! logo()   ─ logo  ─ fetch ─ picture (decoded, drawn anew)
//! look()   ─ look ─┬ fetch ─ links ─┬ proof (of a person's own address)
//!                  └ txt ───────────┘
//! ```
//!
//! IndieAuth "Client Information Discovery" (11 July 2024), draft-ietf-oauth-client-id-metadata-document-01 §4 to §6,
//! RFC 8288. May name `oauth`, `clock` and the crates that fetch and parse; never the web framework, the database or
//! the layers above.

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::oauth::client::{Client, ClientUrl};
use crate::oauth::redirect_uri::RedirectUri;

pub mod address;
pub mod answer;
mod cache;
mod describe;
mod document;
mod element;
pub mod fetch;
pub mod freshness;
mod gate;
mod h_app;
mod html;
mod json;
pub mod link;
pub mod links;
mod listed;
mod logo;
mod look;
mod own_addresses;
pub mod proof;
mod quota;
pub mod refusal;
pub mod resolve;
mod scan;
pub mod setup;
mod snippet;
mod special_use;
pub mod txt;

pub use address::AddressPolicy;
pub use freshness::CacheLimits;
pub use look::RECORD_LABEL;
pub use own_addresses::OwnAddresses;
pub use refusal::{DiscoveryError, Refusal, Source, Step};
pub use resolve::{Resolve, SystemResolver};
pub use setup::{FetchLimits, SetupError, TrustRoot};
pub use txt::{DnsTxt, ReadTxt};

use cache::{Cache, Remembered};
use describe::Describer;
use fetch::Fetcher;
use logo::Logos;
use quota::SourceQuota;

/// What [`Discovery`] is built from.
#[derive(Debug, Clone)]
pub struct DiscoverySettings {
    /// The issuer, byte for byte: fetches say on whose behalf they come.
    pub issuer: String,
    /// What may be connected to.
    pub policy: AddressPolicy,
    /// Bounds on one fetch.
    pub fetch: FetchLimits,
    /// Bounds on keeping.
    pub cache: CacheLimits,
    /// New fetches per source address and minute; `None` switches the limit off. Default 20.
    pub fetches_per_minute: Option<NonZeroU32>,
    /// Certificate authorities besides those of the system. Default none.
    pub roots: Vec<TrustRoot>,
}

impl DiscoverySettings {
    /// The defaults, for this issuer and policy.
    pub fn new(issuer: impl Into<String>, policy: AddressPolicy) -> DiscoverySettings {
        DiscoverySettings {
            issuer: issuer.into(),
            policy,
            fetch: FetchLimits::default(),
            cache: CacheLimits::default(),
            fetches_per_minute: NonZeroU32::new(20),
            roots: Vec::new(),
        }
    }
}

/// Learns about URL clients. Cheap to clone; clones share the cache and every limit.
#[derive(Clone)]
pub struct Discovery {
    shared: Arc<Shared>,
}

struct Shared {
    describer: Describer,
    cache: Cache,
    limits: CacheLimits,
    quota: Option<SourceQuota>,
    logos: Logos,
    txt: Arc<dyn ReadTxt>,
    clock: Arc<dyn Clock>,
}

impl Discovery {
    /// Sets everything up; fetches nothing.
    ///
    /// # Errors
    /// When the system's certificate roots cannot be read.
    pub fn new(
        settings: DiscoverySettings,
        resolver: Arc<dyn Resolve>,
        txt: Arc<dyn ReadTxt>,
        clock: Arc<dyn Clock>,
    ) -> Result<Discovery, SetupError> {
        let DiscoverySettings {
            issuer,
            policy,
            fetch,
            cache,
            fetches_per_minute,
            roots,
        } = settings;
        let quota = || fetches_per_minute.map(|fetches| SourceQuota::per_minute(fetches, Arc::clone(&clock)));
        let shared = Shared {
            describer: Describer::new(Fetcher::new(&issuer, policy, fetch, roots, resolver)?),
            cache: Cache::new(cache.bytes),
            limits: cache,
            quota: quota(),
            logos: Logos::new(quota()),
            txt,
            clock,
        };
        Ok(Discovery {
            shared: Arc::new(shared),
        })
    }

    /// The client behind `id`, as of now or of a copy that still holds. `source` is who made us ask.
    ///
    /// A copy that does not permit `wanted` is not the last word: the client may have added it since, so its page is
    /// fetched once more. Whether the answer permits it is still for the caller to check.
    ///
    /// # Errors
    /// See [`DiscoveryError`].
    pub async fn client(&self, id: &ClientUrl, wanted: &RedirectUri, source: IpAddr) -> Result<Client, DiscoveryError> {
        let shared = &self.shared;
        if id.is_loopback() && !shared.describer.fetcher.policy().permits_loopback(id.url()) {
            return Ok(Client::unfetched(id.clone()));
        }
        let now = shared.clock.now();
        let Some(copy) = shared.cache.fresh(id.as_str(), now).await else {
            let copy = self.fetch(id, source, None).await?;
            return Ok(copy.outcome.clone()?);
        };
        match &copy.outcome {
            Ok(client)
                if client.permits(wanted).is_err() && copy.may_be_rechecked(now, shared.limits_for(id).recheck) =>
            {
                let newer = self.fetch(id, source, Some(Arc::clone(&copy))).await;
                Ok(newer
                    .ok()
                    .and_then(|newer| newer.outcome.clone().ok())
                    .unwrap_or_else(|| client.clone()))
            }
            outcome => Ok(outcome.clone()?),
        }
    }

    /// One fetch per URL at a time; all who ask meanwhile get its answer.
    async fn fetch(
        &self,
        id: &ClientUrl,
        source: IpAddr,
        held: Option<Arc<Remembered>>,
    ) -> Result<Arc<Remembered>, DiscoveryError> {
        let shared = Arc::clone(&self.shared);
        let may_start = || match &self.shared.quota {
            Some(quota) => quota
                .spend(source)
                .map_err(|retry_after| DiscoveryError::TooMany { retry_after }),
            None => Ok(()),
        };
        let look = shared.look(id.clone(), held);
        self.shared.cache.join(id.as_str(), may_start, look)?.await
    }
}

impl fmt::Debug for Discovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Discovery")
            .field("describer", &self.shared.describer)
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn limits_for(&self, id: &ClientUrl) -> CacheLimits {
        if id.is_loopback() && self.describer.fetcher.policy().development {
            self.limits.while_developing()
        } else {
            self.limits
        }
    }

    /// Fetches, and keeps what may be kept. `held` is a good copy that should be renewed early.
    async fn look(
        self: Arc<Self>,
        id: ClientUrl,
        held: Option<Arc<Remembered>>,
    ) -> Result<Arc<Remembered>, DiscoveryError> {
        let key = id.as_str();
        // Someone else's fetch may have ended between our look at the cache and our turn.
        if let Some(copy) = self.cache.fresh(key, self.clock.now()).await
            && held.as_ref().is_none_or(|held| copy.checked_at > held.checked_at)
        {
            return Ok(copy);
        }
        let described = self.describer.describe(&id).await;
        let now = self.clock.now();
        let limits = self.limits_for(&id);
        let copy = match (described, held) {
            (Ok((client, caching)), _) => Remembered {
                outcome: Ok(client),
                checked_at: now,
                // What must not be stored ends as it comes.
                expires_at: now + caching.lifetime(now, &limits).unwrap_or_default(),
            },
            // An error does not push out a copy that still holds.
            (Err(DiscoveryError::Refused(_)), Some(held)) => Remembered {
                checked_at: now,
                ..Remembered::clone(&held)
            },
            (Err(DiscoveryError::Refused(refusal)), None) => Remembered {
                outcome: Err(refusal),
                checked_at: now,
                expires_at: now + jittered(limits.refusal),
            },
            (Err(nothing_learnt), _) => return Err(nothing_learnt),
        };
        let copy = Arc::new(copy);
        if copy.expires_at > now {
            self.cache.keep(key, Arc::clone(&copy)).await;
        } else {
            self.cache.forget(key).await;
        }
        Ok(copy)
    }
}

/// Up to a third longer, so that those who were refused together do not come back together.
fn jittered(time: Duration) -> Duration {
    time + time.mul_f64(rand::random_range(0.0..1.0 / 3.0))
}

#[cfg(test)]
mod tests;
