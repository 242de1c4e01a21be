//! What a fetcher is built from: its bounds, its certificate authorities, and the HTTP client under it.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use reqwest::dns::Resolve;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderValue};
use reqwest::{redirect, retry};

use super::refusal::chain;

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
    /// Largest logo. Default 256 KiB.
    pub picture_bytes: usize,
    /// Fetches at once. Default 16.
    pub at_once: usize,
    /// Fetches at once from one host, and from one address. Default 2.
    pub per_remote: usize,
    /// Logos at once, apart from the others; from one host, and from one address, only one. Default 4.
    pub pictures_at_once: usize,
}

impl Default for FetchLimits {
    fn default() -> FetchLimits {
        FetchLimits {
            connect: Duration::from_secs(2),
            headers: Duration::from_secs(3),
            total: Duration::from_secs(5),
            json_bytes: 5 * 1024,
            html_bytes: 256 * 1024,
            picture_bytes: 256 * 1024,
            at_once: 16,
            per_remote: 2,
            pictures_at_once: 4,
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

/// What the fetcher accepts as a logo.
pub(super) const ACCEPTED_PICTURES: HeaderValue = HeaderValue::from_static("image/png, image/jpeg, image/gif");

/// What it accepts as a person's page.
pub(super) const ACCEPTED_PAGES: HeaderValue =
    HeaderValue::from_static("text/html, application/xhtml+xml;q=0.9, */*;q=0.1");

const ACCEPTED: &str = "application/json, application/*+json;q=0.9, text/html;q=0.8, application/xhtml+xml;q=0.8, \
     */*;q=0.1";

/// An HTTP client that knows no way but the straight one, and no names but those `resolver` knows.
pub(super) fn http_client(
    issuer: &str,
    limits: &FetchLimits,
    roots: Vec<TrustRoot>,
    resolver: impl Resolve + 'static,
) -> Result<reqwest::Client, SetupError> {
    // A second installation fails and changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let headers = HeaderMap::from_iter([
        (ACCEPT, HeaderValue::from_static(ACCEPTED)),
        (ACCEPT_ENCODING, HeaderValue::from_static("identity")),
    ]);
    reqwest::Client::builder()
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
        .dns_resolver(resolver)
        .tls_certs_merge(roots.into_iter().map(|root| root.0))
        .build()
        .map_err(SetupError)
}
