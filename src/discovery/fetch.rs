//! One hardened GET: resolve, vet, pin, no redirects, size and time caps.
//!
//! Client id metadata document -01 §6.5 and §6.6. The name is looked up once, every address is vetted, and the HTTP
//! client below has no resolver but the one that hands it exactly those addresses; so a name that changes its mind
//! between check and connection (DNS rebinding) gains nothing. Everything that leaves this machine leaves here.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderValue};
use reqwest::{Response, redirect, retry};
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;

use super::address::{AddressPolicy, Admitted, Destination};
use super::answer::{self, Fetched};
use super::gate::Gate;
use super::refusal::{DiscoveryError, Refusal, Step};
use super::resolve::Resolve;

/// Bounds on one fetch.
#[derive(Debug, Clone)]
pub struct FetchLimits {
    /// Until the connection stands, certificate included. Default 2 s.
    pub connect: Duration,
    /// From there to the end of the headers. Default 3 s.
    pub headers: Duration,
    /// For everything, waiting for a place included. Default 5 s. With the size cap it is also the least rate.
    pub total: Duration,
    /// Largest JSON document. Default 5 KiB (client id metadata document -01 §6.6).
    pub json_bytes: usize,
    /// Largest HTML page. Default 256 KiB.
    pub html_bytes: usize,
    /// Fetches at once. Default 16.
    pub at_once: usize,
    /// Fetches at once from one host, and from one address. Default 2.
    pub per_remote: usize,
}

impl Default for FetchLimits {
    fn default() -> FetchLimits {
        FetchLimits {
            connect: Duration::from_secs(2),
            headers: Duration::from_secs(3),
            total: Duration::from_secs(5),
            json_bytes: 5 * 1024,
            html_bytes: 256 * 1024,
            at_once: 16,
            per_remote: 2,
        }
    }
}

/// A certificate authority trusted besides those of the operating system.
#[derive(Debug, Clone)]
pub struct TrustRoot(reqwest::Certificate);

impl TrustRoot {
    /// Reads every certificate of a PEM file.
    ///
    /// # Errors
    /// When it is not one.
    pub fn from_pem(pem: &[u8]) -> Result<Vec<TrustRoot>, SetupError> {
        let certificates = reqwest::Certificate::from_pem_bundle(pem).map_err(SetupError)?;
        Ok(certificates.into_iter().map(TrustRoot).collect())
    }
}

/// The fetcher cannot be built: no usable certificate roots, or an issuer that cannot stand in a header.
#[derive(Debug)]
pub struct SetupError(reqwest::Error);

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fetching of client pages cannot be set up: {}", chain(&self.0))
    }
}

impl Error for SetupError {}

/// Most addresses a name may have.
const MAX_ADDRESSES: usize = 16;
/// Of those, how many are tried.
const MAX_TRIED: usize = 4;

const ACCEPTED: &str = "application/json, application/*+json;q=0.9, text/html;q=0.8, application/xhtml+xml;q=0.8, \
     */*;q=0.1";

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
    gate: Gate,
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
        // A second installation fails and changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let headers = HeaderMap::from_iter([
            (ACCEPT, HeaderValue::from_static(ACCEPTED)),
            (ACCEPT_ENCODING, HeaderValue::from_static("identity")),
        ]);
        let client = reqwest::Client::builder()
            .user_agent(format!("Vestibule/{} (+{issuer})", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            // A proxy from the environment would do its own lookup, behind the back of ours.
            .no_proxy()
            .referer(false)
            .http1_only()
            .pool_max_idle_per_host(0)
            .connect_timeout(limits.connect)
            .dns_resolver(Pinned)
            .tls_certs_merge(roots.into_iter().map(|root| root.0))
            .build()
            .map_err(SetupError)?;
        Ok(Fetcher {
            client,
            gate: Gate::new(limits.at_once, limits.per_remote),
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
        let admitted = self.policy.admit(url)?;
        let started = Instant::now();
        let deadline = started + self.limits.total;
        let host = url.host_str().unwrap_or_default();
        let host_seat = timeout_at(deadline, self.gate.host(host)).await;
        let Ok(Some(_host_seat)) = host_seat else {
            return Err(DiscoveryError::Busy);
        };
        let waited_for_host = started.elapsed();
        let addresses = self.addresses(&admitted, deadline).await?;
        let resolved = Instant::now();
        let Ok(Some(_seats)) = timeout_at(deadline, self.gate.addresses(&addresses)).await else {
            return Err(DiscoveryError::Busy);
        };
        let waited = waited_for_host + resolved.elapsed();
        let exchange = self.exchange(url, &addresses, admitted.port);
        match timeout_at(deadline, exchange).await {
            Ok(answer) => answer.map_err(DiscoveryError::from),
            // Our own queue ate the time; that must not count against the client.
            Err(_) if waited > self.limits.total / 2 => Err(DiscoveryError::Busy),
            Err(_) => Err(self.too_slow(&addresses, "no complete answer in time").into()),
        }
    }

    /// Looks the host up, once, and vets what comes back.
    async fn addresses(&self, admitted: &Admitted, deadline: Instant) -> Result<Vec<IpAddr>, Refusal> {
        let mut addresses = match &admitted.host {
            Destination::Literal(ip) => vec![*ip],
            Destination::Name(name) | Destination::SpecialName(name) => {
                match timeout_at(deadline, self.resolver.resolve(name)).await {
                    Ok(Ok(found)) => found,
                    Ok(Err(error)) => return Err(Refusal::unresolved(format!("{name}: {error}"))),
                    Err(_) => return Err(Refusal::unresolved(format!("{name}: lookup took too long"))),
                }
            }
        };
        if addresses.is_empty() || addresses.len() > MAX_ADDRESSES {
            return Err(Refusal::unresolved(format!("{} addresses", addresses.len())));
        }
        self.policy.vet(admitted, &addresses)?;
        addresses.truncate(MAX_TRIED);
        Ok(addresses)
    }

    async fn exchange(&self, url: &Url, addresses: &[IpAddr], port: u16) -> Result<Fetched, Refusal> {
        let vetted: Vec<SocketAddr> = addresses.iter().map(|&ip| SocketAddr::new(ip, port)).collect();
        let sent = VETTED.scope(vetted.clone(), self.client.get(url.clone()).send());
        let response = match timeout(self.limits.connect + self.limits.headers, sent).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(self.no_answer(addresses, &error)),
            Err(_) => return Err(self.too_slow(addresses, "no headers in time")),
        };
        check_peer(&response, &vetted)?;
        answer::read(response, &self.limits).await
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

    /// In the operator's network silence and absence look alike, or the answers would map it.
    fn internal(&self, addresses: &[IpAddr], detail: &str) -> Option<Refusal> {
        addresses
            .iter()
            .any(|&ip| self.policy.is_internal(ip))
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

/// An error with its causes: reqwest keeps the reason several levels down.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests;
