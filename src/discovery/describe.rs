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
use super::refusal::{DiscoveryError, Refusal, Source, Step};
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
        let fetched = self.fetcher.get(id.url()).await?;
        let internal = fetched.internal;
        self.read(fetched, id).await.map_err(|error| match error {
            DiscoveryError::Refused(refusal) if internal => refusal.class_only().into(),
            told => told,
        })
    }

    async fn read(&self, fetched: Fetched, id: &ClientUrl) -> Result<(Client, CacheHeaders), DiscoveryError> {
        let targets = link::redirect_uri_targets(fetched.links.iter().map(String::as_str));
        let linked = Listed::resolve(targets.iter().map(String::as_str), id.url());
        let source = fetched.body.source();
        let from_source = |refusal: Refusal| match source {
            Some(source) => refusal.with_source(source),
            None => refusal,
        };
        let (described, otherwise) = match fetched.body {
            // A document is complete: what it does not list is not permitted (-01 §4.5).
            Body::Json(text) => (
                document::parse(&text, id).map_err(from_source)?,
                RedirectUris::Published(Vec::new()),
            ),
            Body::Html(page) => (self.parse_page(page, id.clone()).await?, RedirectUris::OwnOrigin),
            Body::Other(media_type) if linked == Listed::default() => return Err(of_another_kind(&media_type).into()),
            // No picture was asked for.
            Body::Picture(_) | Body::Other(_) => (Described::default(), RedirectUris::OwnOrigin),
        };
        let listed = linked.merge(described.redirect_uris).into_redirect_uris(otherwise);
        let client = Client {
            display: described.display,
            redirect_uris: listed.map_err(from_source)?,
            refreshes: described.refreshes,
            described_by: Source::describing(source),
            ..Client::at(id.clone())
        };
        Ok((client, fetched.caching))
    }

    async fn parse_page(&self, page: Vec<u8>, id: ClientUrl) -> Result<Described, DiscoveryError> {
        self.parse(page, move |page| html::parse(page, &id)).await
    }

    /// Parses on a thread of its own, a few at a time. The permit stays with the thread: a page that exceeds its time
    /// still occupies the processor.
    pub(super) async fn parse<T: Send + 'static>(
        &self,
        page: Vec<u8>,
        read: impl FnOnce(&str) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, DiscoveryError> {
        let Ok(Ok(permit)) = timeout(PARSE_TIME, Arc::clone(&self.parsing).acquire_owned()).await else {
            return Err(DiscoveryError::Busy);
        };
        let parsing = tokio::task::spawn_blocking(move || {
            let parsed = read(&String::from_utf8_lossy(&page));
            drop(permit);
            parsed
        });
        match timeout(PARSE_TIME, parsing).await {
            Ok(Ok(parsed)) => Ok(parsed?),
            Ok(Err(panicked)) => Err(html::unreadable(panicked.to_string()).into()),
            Err(_) => Err(html::unreadable("parsing took too long").into()),
        }
    }
}

fn of_another_kind(media_type: &str) -> Refusal {
    let public = "client_id leads to neither a JSON document nor an HTML page";
    let fact = if media_type.is_empty() {
        "no Content-Type"
    } else {
        media_type
    };
    Refusal::new(Step::MediaType, public, media_type)
        .with_status(200)
        .with_fact(fact)
}
