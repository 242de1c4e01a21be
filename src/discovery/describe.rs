//! One question to a client's host, and its answer as a [`Client`]: document or page, with the `Link` headers merged in.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::answer::{Body, Fetched};
use super::document::{self, Described};
use super::fetch::Fetcher;
use super::freshness::CacheHeaders;
use super::html;
use super::link;
use super::listed::Listed;
use super::refusal::{DiscoveryError, Refusal, Step};
use crate::oauth::client::{Client, ClientUrl, RedirectUris};

/// Pages parsed at once: parsing is computing, and the machine has other work.
const MAX_PARSING: usize = 2;

/// How long one page may take, and how long it may wait for its turn. The worst page inside the bounds takes a
/// fraction of it.
const PARSE_TIME: Duration = Duration::from_secs(3);

/// Fetches and reads, and remembers nothing.
#[derive(Debug)]
pub(super) struct Describer {
    pub(super) fetcher: Fetcher,
    parsing: Arc<Semaphore>,
}

impl Describer {
    pub(super) fn new(fetcher: Fetcher) -> Describer {
        Describer {
            fetcher,
            parsing: Arc::new(Semaphore::new(MAX_PARSING)),
        }
    }

    /// Asks the client's host, and reads its answer; with it comes what it says about being kept.
    pub(super) async fn describe(&self, id: &ClientUrl) -> Result<(Client, CacheHeaders), DiscoveryError> {
        let Fetched { body, links, caching } = self.fetcher.get(id.url()).await?;
        let targets = link::redirect_uri_targets(links.iter().map(String::as_str));
        let linked = Listed::resolve(targets.iter().map(String::as_str), id.url());
        let (described, otherwise) = match body {
            // A document is complete: what it does not list is not permitted (-01 §4.5).
            Body::Json(text) => (document::parse(&text, id)?, RedirectUris::Published(Vec::new())),
            Body::Html(page) => (self.parse_page(page, id.clone()).await?, RedirectUris::OwnOrigin),
            Body::Other(media_type) if linked == Listed::default() => {
                return Err(Refusal::new(
                    Step::MediaType,
                    "client_id leads to neither a JSON document nor an HTML page",
                    media_type,
                )
                .with_status(200)
                .into());
            }
            Body::Other(_) => (Described::default(), RedirectUris::OwnOrigin),
        };
        let client = Client {
            id: id.clone(),
            display: described.display,
            redirect_uris: linked.merge(described.redirect_uris).into_redirect_uris(otherwise)?,
            refreshes: described.refreshes,
            fetched: true,
        };
        Ok((client, caching))
    }

    /// Parses on a thread of its own, a few at a time. The permit stays with the thread: a page that exceeds its time
    /// still occupies the processor.
    async fn parse_page(&self, page: Vec<u8>, id: ClientUrl) -> Result<Described, DiscoveryError> {
        let Ok(Ok(permit)) = timeout(PARSE_TIME, Arc::clone(&self.parsing).acquire_owned()).await else {
            return Err(DiscoveryError::Busy);
        };
        let parsing = tokio::task::spawn_blocking(move || {
            let described = html::parse(&String::from_utf8_lossy(&page), &id);
            drop(permit);
            described
        });
        match timeout(PARSE_TIME, parsing).await {
            Ok(Ok(described)) => Ok(described?),
            Ok(Err(panicked)) => Err(html::unreadable(panicked.to_string()).into()),
            Err(_) => Err(html::unreadable("parsing took too long").into()),
        }
    }
}
