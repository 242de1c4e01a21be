//! One look at a person's own address: its page, and the TXT records of its host. What they mean is in [`proof`].
//!
//! The page is fetched under every check that clients' pages are; a redirect is not followed, since only what answers at
//! the address itself can speak for it. Nothing is kept: whoever presses the button has just changed something.
//!
//! [`proof`]: super::proof

use std::net::IpAddr;
use std::time::Duration;

use tokio::time::timeout;
use url::Url;

use super::address::Destination;
use super::answer::Body;
use super::links::PageLinks;
use super::proof::{Finding, Look, RECORD, Records};
use super::refusal::{DiscoveryError, Refusal, Step};
use super::{Discovery, Shared};
use crate::oauth::profile::ProfileUrl;

/// How long the DNS may take, for both names together.
const DNS_TIME: Duration = Duration::from_secs(3);

/// Most records of one name that are looked at.
const MAX_RECORDS: usize = 50;

/// What stands before the host in the name of the record.
pub const RECORD_LABEL: &str = "_vestibule";

impl Discovery {
    /// Looks at an address. `source` is who made us ask, and is counted by it; nobody is where the server asks by itself.
    ///
    /// # Errors
    /// How long to wait when `source` has asked for too many.
    pub async fn look(&self, address: &ProfileUrl, source: Option<IpAddr>) -> Result<Look, Duration> {
        if let (Some(quota), Some(source)) = (&self.shared.quota, source) {
            quota.spend(source)?;
        }
        let Some(url) = address.url() else {
            return Ok(Look {
                page: Err(Finding::Unknown),
                records: Records::NotAsked,
            });
        };
        let (page, records) = tokio::join!(self.shared.links_of(&url), self.shared.records_of(&url));
        let page = page.map_err(|error| finding(address, &error));
        Ok(Look { page, records })
    }
}

impl Shared {
    async fn links_of(&self, url: &Url) -> Result<PageLinks, DiscoveryError> {
        let fetched = self.describer.fetcher.address(url).await?;
        let in_headers = PageLinks::in_headers(&fetched.links, url);
        let Body::Html(page) = fetched.body else {
            return Ok(in_headers);
        };
        let base = url.clone();
        let unreadable = |why| Refusal::new(Step::Page, "the page could not be read", why);
        let read = move |page: &str| PageLinks::in_page(page, &base).map_err(unreadable);
        Ok(in_headers.and(self.describer.parse(page, read).await?))
    }

    /// The records stand for the host and nothing below it, so they prove only the address of the host itself.
    async fn records_of(&self, url: &Url) -> Records {
        let admitted = self.describer.fetcher.policy().admit(url);
        let is_root = url.path() == "/" && url.query().is_none();
        let Some(Destination::Name(host)) = admitted.ok().map(|admitted| admitted.host).filter(|_| is_root) else {
            return Records::NotAsked;
        };
        let below = format!("{RECORD_LABEL}.{host}");
        let both = async { tokio::join!(self.txt.read(&below), self.txt.read(&host)) };
        match timeout(DNS_TIME, both).await {
            Ok((below, host)) => records([below, host]),
            Err(_) => Records::Silent,
        }
    }
}

/// One of two names that has the record is enough; that it has none is known only when both have answered.
fn records(answers: [std::io::Result<Vec<String>>; 2]) -> Records {
    let mut found = Vec::new();
    let mut is_silent = false;
    for answer in answers {
        match answer {
            Ok(records) => found.extend(records.into_iter().take(MAX_RECORDS)),
            Err(error) => {
                tracing::info!(%error, "no answer about TXT records");
                is_silent = true;
            }
        }
    }
    let says_something = found.iter().any(|record| record.trim().starts_with(RECORD));
    match is_silent && !says_something {
        true => Records::Silent,
        false => Records::Found(found),
    }
}

fn finding(address: &ProfileUrl, error: &DiscoveryError) -> Finding {
    let refusal = match error {
        DiscoveryError::Refused(refusal) => refusal,
        DiscoveryError::TooMany { .. } | DiscoveryError::Busy => return Finding::Busy,
    };
    tracing::info!(
        address = address.as_str(),
        step = refusal.step.as_str(),
        status = refusal.status,
        reason = refusal.detail,
        "a person's page was not read"
    );
    Finding::of(refusal)
}
