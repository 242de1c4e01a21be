//! The logos that URL clients name: fetched through the same gate as everything else, drawn anew, and kept in memory for
//! a while under names that nobody can guess.
//!
//! Each person has names of their own, and fetches of their own behind them: by neither can anybody find out what others
//! here look at. A logo is a decoration. It is asked for only where somebody who is signed in looks at the app's question; whatever is
//! wrong with it, it is merely absent; and nobody waits long for it: a slow one is there next time.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use url::Url;

use super::fetch::Fetcher;
use super::quota::SourceQuota;
use super::refusal::DiscoveryError;
use super::{Discovery, Shared, jittered};
use crate::oauth::client::ClientUrl;
use crate::picture;

/// How long a page waits for a logo.
const PAGE_WAITS: Duration = Duration::from_secs(1);

/// How long a good one is kept.
const KEPT: Duration = Duration::from_secs(60 * 60);

/// Memory for all of them, in bytes.
const MAX_KEPT_BYTES: u64 = 8 * 1024 * 1024;

/// Pictures decoded at once, and how long one may take.
const MAX_DECODING: usize = 2;
const DECODE_TIME: Duration = Duration::from_secs(3);

/// What became of a logo.
#[derive(Clone)]
struct Kept {
    /// `None` when there is nothing to show.
    png: Option<Arc<[u8]>>,
    expires_at: OffsetDateTime,
}

/// The logos, by name.
pub(super) struct Logos {
    kept: moka::future::Cache<String, Kept>,
    /// Makes names that nobody can guess.
    key: [u8; 32],
    decoding: Arc<Semaphore>,
    quota: Option<SourceQuota>,
}

impl Logos {
    pub(super) fn new(quota: Option<SourceQuota>) -> Logos {
        let weigher = |name: &String, kept: &Kept| {
            let bytes = kept.png.as_ref().map_or(0, |png| png.len()) + name.len() + 64;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Logos {
            kept: moka::future::Cache::builder()
                .max_capacity(MAX_KEPT_BYTES)
                .weigher(weigher)
                .build(),
            key: rand::random(),
            decoding: Arc::new(Semaphore::new(MAX_DECODING)),
            quota,
        }
    }

    /// Neither of the first two has a line feed. The client id is part of the name because what may be fetched depends on
    /// it; the person, because a logo that is there at once would tell them that somebody else looks at it, too.
    fn name(&self, person: &str, id: &ClientUrl, logo_uri: &str) -> String {
        let digest = Sha256::new()
            .chain_update(self.key)
            .chain_update(person)
            .chain_update("\n")
            .chain_update(id.as_str())
            .chain_update("\n")
            .chain_update(logo_uri);
        BASE64_URL_SAFE_NO_PAD.encode(digest.finalize())
    }

    /// Fetches and decodes. Good or bad, the outcome is kept, unless nothing was learnt about the logo.
    async fn look(&self, fetcher: &Fetcher, id: &ClientUrl, logo: &Url) -> Result<Option<Arc<[u8]>>, DiscoveryError> {
        let bytes = match fetcher.picture(logo, id.same_origin(logo)).await {
            Ok(bytes) => bytes,
            Err(DiscoveryError::Refused(refusal)) => {
                tracing::info!(client_id = %id, step = refusal.step.as_str(), reason = refusal.detail, "no logo");
                return Ok(None);
            }
            Err(nothing_learnt) => return Err(nothing_learnt),
        };
        // The permit stays with the thread: a picture that exceeds its time still occupies the processor.
        let Ok(Ok(permit)) = timeout(DECODE_TIME, Arc::clone(&self.decoding).acquire_owned()).await else {
            return Err(DiscoveryError::Busy);
        };
        let decoding = tokio::task::spawn_blocking(move || {
            let drawn = picture::small_png(&bytes);
            drop(permit);
            drawn
        });
        let failed = match timeout(DECODE_TIME, decoding).await {
            Ok(Ok(Ok(png))) => return Ok(Some(png.into())),
            Ok(Ok(Err(error))) => error.to_string(),
            Ok(Err(panicked)) => panicked.to_string(),
            Err(_) => "decoding took too long".to_owned(),
        };
        tracing::info!(client_id = %id, reason = failed, "no logo");
        Ok(None)
    }
}

impl Discovery {
    /// The name under which [`Discovery::logo_png`] has the logo of this client for this person, if it is there soon.
    /// `source` is where they are: fetches are counted by it.
    pub async fn logo(&self, id: &ClientUrl, logo_uri: &str, person: &str, source: IpAddr) -> Option<String> {
        let shared = &self.shared;
        let name = shared.logos.name(person, id, logo_uri);
        let now = shared.clock.now();
        let kept = match shared.logos.kept.get(&name).await {
            Some(kept) if now < kept.expires_at => kept,
            stale => {
                if stale.is_some() {
                    shared.logos.kept.invalidate(&name).await;
                }
                let logo = Url::parse(logo_uri).ok()?;
                // A task of its own: whoever does not wait for it finds it finished next time.
                let look = Arc::clone(shared).kept_logo(name.clone(), id.clone(), logo, source);
                timeout(PAGE_WAITS, tokio::spawn(look)).await.ok()?.ok()??
            }
        };
        kept.png.is_some().then_some(name)
    }

    /// The logo with this name, as PNG.
    pub async fn logo_png(&self, name: &str) -> Option<Arc<[u8]>> {
        let kept = self.shared.logos.kept.get(name).await?;
        kept.png.filter(|_| self.shared.clock.now() < kept.expires_at)
    }
}

impl Shared {
    /// One fetch per name at a time; all who ask meanwhile get its outcome.
    async fn kept_logo(self: Arc<Self>, name: String, id: ClientUrl, logo: Url, source: IpAddr) -> Option<Kept> {
        let look = async {
            if let Some(quota) = &self.logos.quota {
                let wait = quota.spend(source);
                wait.map_err(|retry_after| DiscoveryError::TooMany { retry_after })?;
            }
            let png = self.logos.look(&self.describer.fetcher, &id, &logo).await?;
            let life = if png.is_some() {
                KEPT
            } else {
                jittered(self.limits.refusal)
            };
            let expires_at = self.clock.now() + life;
            Ok::<_, DiscoveryError>(Kept { png, expires_at })
        };
        self.logos.kept.try_get_with(name, look).await.ok()
    }
}
