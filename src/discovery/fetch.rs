//! One hardened GET: resolve, vet, pin, no redirects, size and time caps.
//!
//! Client id metadata document -01 §6.5 and §6.6. The name is looked up once, every address is vetted, and the HTTP
//! client below has no resolver but the one that hands it exactly those addresses; so a name that changes its mind
//! between check and connection (DNS rebinding) gains nothing. Everything that leaves this machine leaves here.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::Response;
use reqwest::dns::{Addrs, Name};
use reqwest::header::ACCEPT;
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;

use super::address::{AddressPolicy, Admitted, Destination};
use super::answer::{self, Body, Fetched, Wanted};
use super::gate::Gate;
use super::refusal::{DiscoveryError, Refusal, Step, chain};
use super::resolve::Resolve;
use super::setup::{self, FetchLimits, SetupError, TrustRoot};

/// Most addresses a name may have.
const MAX_ADDRESSES: usize = 16;
/// Of those, how many are tried.
const MAX_TRIED: usize = 4;

tokio::task_local! {
    /// The addresses the running fetch may connect to.
    static VETTED: Vec<SocketAddr>;
}

/// The only resolver the HTTP client has: it answers with what was vetted for this fetch, or not at all.
struct Pinned;

impl reqwest::dns::Resolve for Pinned {
    fn resolve(&self, _: Name) -> reqwest::dns::Resolving {
        let vetted = VETTED.try_with(Clone::clone);
        Box::pin(async move {
            let addresses: Addrs = Box::new(vetted?.into_iter());
            Ok(addresses)
        })
    }
}

/// Fetches one URL at a time, under every check.
pub struct Fetcher {
    client: reqwest::Client,
    policy: AddressPolicy,
    limits: FetchLimits,
    resolver: Arc<dyn Resolve>,
    clients: Gate,
    /// Pictures pass a gate of their own: slow ones must not hold up the clients.
    pictures: Gate,
    /// So do people's own pages.
    people: Gate,
}

impl Fetcher {
    /// A fetcher that introduces itself with this server's name and `issuer`, so that site owners know whom to ask.
    ///
    /// # Errors
    /// When the certificate roots of the system cannot be read.
    pub fn new(
        issuer: &str,
        policy: AddressPolicy,
        limits: FetchLimits,
        roots: Vec<TrustRoot>,
        resolver: Arc<dyn Resolve>,
    ) -> Result<Fetcher, SetupError> {
        Ok(Fetcher {
            client: setup::http_client(issuer, &limits, roots, Pinned)?,
            clients: Gate::new(limits.at_once, limits.per_remote),
            pictures: Gate::new(limits.pictures_at_once, 1),
            people: Gate::new(limits.at_once, limits.per_remote),
            policy,
            limits,
            resolver,
        })
    }

    /// What this fetcher may connect to.
    pub fn policy(&self) -> &AddressPolicy {
        &self.policy
    }

    /// Gets `url`, or says why not.
    ///
    /// # Errors
    /// [`DiscoveryError::Refused`] with the step, or [`DiscoveryError::Busy`] when no place came free in time.
    pub async fn get(&self, url: &Url) -> Result<Fetched, DiscoveryError> {
        self.fetch(url, Wanted::Client).await
    }

    /// Gets a person's own page, or says why not.
    ///
    /// # Errors
    /// As [`Fetcher::get`].
    pub async fn address(&self, url: &Url) -> Result<Fetched, DiscoveryError> {
        self.fetch(url, Wanted::Address).await
    }

    /// Gets the picture at `url`, undecoded, or says why not. Only one that may be `inside` is fetched from the
    /// operator's network.
    ///
    /// # Errors
    /// As [`Fetcher::get`].
    pub async fn picture(&self, url: &Url, inside: bool) -> Result<Vec<u8>, DiscoveryError> {
        match self.fetch(url, Wanted::Picture { inside }).await?.body {
            Body::Picture(bytes) => Ok(bytes),
            Body::Other(found) => Err(Refusal::new(Step::MediaType, "the logo is not a picture", found).into()),
            Body::Json(_) | Body::Html(_) => Err(Refusal::new(Step::MediaType, "the logo is not a picture", "").into()),
        }
    }

    async fn fetch(&self, url: &Url, wanted: Wanted) -> Result<Fetched, DiscoveryError> {
        let admitted = self.policy.admit(url)?;
        let started = Instant::now();
        let deadline = started + self.limits.total;
        let host = url.host_str().unwrap_or_default();
        let gate = match wanted {
            Wanted::Client => &self.clients,
            Wanted::Picture { .. } => &self.pictures,
            Wanted::Address => &self.people,
        };
        let host_seat = timeout_at(deadline, gate.host(host)).await;
        let Ok(Some(_host_seat)) = host_seat else {
            return Err(DiscoveryError::Busy);
        };
        let waited_for_host = started.elapsed();
        let addresses = self.addresses(&admitted, deadline).await?;
        if wanted == (Wanted::Picture { inside: false }) && self.any_internal(&addresses) {
            return Err(Refusal::unresolved(format!("{addresses:?}: a logo inside of an app outside")).into());
        }
        let resolved = Instant::now();
        let Ok(Some(_seats)) = timeout_at(deadline, gate.addresses(&addresses)).await else {
            return Err(DiscoveryError::Busy);
        };
        let waited = waited_for_host + resolved.elapsed();
        let exchange = self.exchange(url, wanted, &addresses, admitted.port);
        match timeout_at(deadline, exchange).await {
            Ok(answer) => answer.map_err(DiscoveryError::from),
            // Our own queue ate the time; that must not count against the client.
            Err(_) if waited > self.limits.total / 2 => Err(DiscoveryError::Busy),
            Err(_) => Err(self.too_slow(&addresses, "no complete answer in time").into()),
        }
    }

    /// Looks the host up, once, and vets what comes back.
    async fn addresses(&self, admitted: &Admitted, deadline: Instant) -> Result<Vec<IpAddr>, Refusal> {
        let found = match &admitted.host {
            Destination::Literal(ip) => vec![*ip],
            Destination::Name(name) | Destination::SpecialName(name) => {
                match timeout_at(deadline, self.resolver.resolve(name)).await {
                    Ok(Ok(found)) => found,
                    Ok(Err(error)) => return Err(Refusal::unresolved(format!("{name}: {error}"))),
                    Err(_) => return Err(Refusal::unresolved(format!("{name}: lookup took too long"))),
                }
            }
        };
        if found.is_empty() || found.len() > MAX_ADDRESSES {
            return Err(Refusal::unresolved(format!("{} addresses", found.len())));
        }
        let mut addresses = self.policy.vet(admitted, found)?;
        addresses.truncate(MAX_TRIED);
        Ok(addresses)
    }

    async fn exchange(&self, url: &Url, wanted: Wanted, addresses: &[IpAddr], port: u16) -> Result<Fetched, Refusal> {
        let vetted: Vec<SocketAddr> = addresses.iter().map(|&ip| SocketAddr::new(ip, port)).collect();
        let request = match wanted {
            Wanted::Client => self.client.get(url.clone()),
            Wanted::Address => self.client.get(url.clone()).header(ACCEPT, setup::ACCEPTED_PAGES),
            Wanted::Picture { .. } => self.client.get(url.clone()).header(ACCEPT, setup::ACCEPTED_PICTURES),
        };
        let sent = VETTED.scope(vetted.clone(), request.send());
        let response = match timeout(self.limits.connect + self.limits.headers, sent).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(self.no_answer(addresses, &error)),
            Err(_) => return Err(self.too_slow(addresses, "no headers in time")),
        };
        check_peer(&response, &vetted)?;
        let internal = self.any_internal(addresses);
        let read = answer::read(response, wanted, &self.limits, internal).await;
        read.map_err(|refusal| if internal { refusal.class_only() } else { refusal })
    }

    fn no_answer(&self, addresses: &[IpAddr], error: &reqwest::Error) -> Refusal {
        if error.is_timeout() {
            return self.too_slow(addresses, &chain(error));
        }
        self.internal(addresses, &chain(error)).unwrap_or_else(|| {
            Refusal::new(
                Step::Connect,
                "the host of client_id could not be reached, or its certificate is not valid",
                chain(error),
            )
        })
    }

    fn too_slow(&self, addresses: &[IpAddr], detail: &str) -> Refusal {
        self.internal(addresses, detail)
            .unwrap_or_else(|| Refusal::new(Step::Timeout, "the host of client_id did not answer in time", detail))
    }

    fn any_internal(&self, addresses: &[IpAddr]) -> bool {
        addresses.iter().any(|&ip| self.policy.is_internal(ip))
    }

    /// In the operator's network silence and absence look alike, or the answers would map it.
    fn internal(&self, addresses: &[IpAddr], detail: &str) -> Option<Refusal> {
        self.any_internal(addresses)
            .then(|| Refusal::unresolved(format!("{addresses:?}: {detail}")))
    }
}

impl fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetcher")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

/// The belt to the braces: whatever the client library did, the other end of the socket is one of ours.
fn check_peer(response: &Response, vetted: &[SocketAddr]) -> Result<(), Refusal> {
    let peer = response.remote_addr();
    let canonical = peer.map(|peer| SocketAddr::new(peer.ip().to_canonical(), peer.port()));
    if canonical.is_some_and(|peer| vetted.contains(&peer)) {
        Ok(())
    } else {
        Err(Refusal::unresolved(format!(
            "connected to {peer:?}, vetted were {vetted:?}"
        )))
    }
}

#[cfg(test)]
mod tests;
