//! The `client_id`: an id we gave out, or the client's own web address.
//!
//! IndieAuth "Client Identifier" and "URL Canonicalization" (11 July 2024), draft-ietf-oauth-client-id-metadata-document
//! -01 §3.

use std::fmt;

use url::{Host, Url};

use super::error::ProtocolError;
use super::uri::{RawUri, has_plain_characters, is_loopback};

const MAX_CLIENT_ID_BYTES: usize = 2048;

/// The `client_id` of a request (decision 4: its shape alone decides the dialect).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientId {
    /// An id this server gave out when the client was registered.
    Registered(String),
    /// The address of a page or document that describes the client.
    Url(ClientUrl),
    /// No id at all: an app that is known by the link it sends people to. The text is our own name for it, which no
    /// client can send.
    Unregistered(String),
}

impl ClientId {
    /// Reads a `client_id`.
    ///
    /// # Errors
    /// `invalid_request` when it has the form of a URL but breaks a rule for client identifier URLs.
    pub fn parse(raw: &str, http_loopback: HttpLoopback) -> Result<ClientId, ProtocolError> {
        if raw.contains(':') || raw.contains('/') {
            ClientUrl::parse(raw, http_loopback).map(ClientId::Url)
        } else {
            Ok(ClientId::Registered(raw.to_owned()))
        }
    }

    /// The string this client is known by in rows and comparisons.
    pub fn as_str(&self) -> &str {
        match self {
            ClientId::Registered(id) | ClientId::Unregistered(id) => id,
            ClientId::Url(url) => url.as_str(),
        }
    }

    /// The address, of a client that is known by one.
    pub fn url(&self) -> Option<&ClientUrl> {
        match self {
            ClientId::Url(url) => Some(url),
            ClientId::Registered(_) | ClientId::Unregistered(_) => None,
        }
    }
}

/// Whether `http` addresses on this machine may be client ids (decision 3: in development, or where the operator
/// listed the loopback network).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpLoopback {
    /// `http://localhost:4000/` is a client id.
    Allowed,
    /// Only `https` is.
    Refused,
}

/// A client identifier URL that passed every rule of form.
///
/// Two are equal when their text is, except that a missing path counts as `/` and the host is compared without case
/// (IndieAuth "URL Canonicalization").
#[derive(Debug, Clone)]
pub struct ClientUrl {
    canonical: String,
    url: Url,
}

impl ClientUrl {
    /// Reads a client identifier URL.
    ///
    /// # Errors
    /// `invalid_request`; the description says which rule is broken.
    pub fn parse(raw: &str, http_loopback: HttpLoopback) -> Result<ClientUrl, ProtocolError> {
        let refuse = |description| Err(ProtocolError::invalid_request(description));
        if raw.len() > MAX_CLIENT_ID_BYTES {
            return refuse("client_id is longer than 2048 bytes");
        }
        if !has_plain_characters(raw) {
            return refuse("client_id has a character that a URL cannot have; write other scripts in their xn-- form");
        }
        let Some(parts) = RawUri::split(raw).filter(|parts| matches!(parts.scheme, "https" | "http")) else {
            return refuse("client_id is not an absolute https URL");
        };
        if raw.contains('#') {
            return refuse("client_id has a fragment");
        }
        if parts.has_userinfo() {
            return refuse("client_id has a username or password");
        }
        if parts.has_dot_segment() {
            return refuse("client_id has a dot segment in its path");
        }
        let Ok(url) = Url::parse(raw) else {
            return refuse("client_id is not a valid URL");
        };
        check_host(&parts, &url)?;
        let client_url = ClientUrl {
            canonical: parts.canonical(),
            url,
        };
        if parts.scheme == "http" && !(client_url.is_loopback() && http_loopback == HttpLoopback::Allowed) {
            return refuse("client_id does not start with https://");
        }
        Ok(client_url)
    }

    /// The text as given, with the missing path added and the host in lower case. This is the client's identity, and
    /// what its metadata document must repeat.
    pub fn as_str(&self) -> &str {
        &self.canonical
    }

    /// The parsed address, for fetching and for resolving what its page says.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The host as shown to people: the A-label form, without port.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Whether the address is on the person's own machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// Whether `other` has the same scheme, host and port.
    pub fn same_origin(&self, other: &Url) -> bool {
        self.url.origin() == other.origin() && other.origin().is_tuple()
    }
}

impl PartialEq for ClientUrl {
    fn eq(&self, other: &ClientUrl) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for ClientUrl {}

impl fmt::Display for ClientUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.canonical)
    }
}

/// Host and port of a client identifier, as written and as parsed.
fn check_host(parts: &RawUri<'_>, url: &Url) -> Result<(), ProtocolError> {
    let refuse = |description| Err(ProtocolError::invalid_request(description));
    let (host, port) = parts.host_and_port();
    if let Some(port) = port
        && port.parse::<u16>().ok().is_none_or(|number| number == 0)
    {
        return refuse("client_id has an unusable port");
    }
    if host.ends_with('.') {
        return refuse("client_id has a host that ends in a dot");
    }
    match url.host() {
        Some(Host::Domain(_)) if parts.host_is_written_plainly(url) => Ok(()),
        Some(Host::Domain(_)) => refuse("client_id has a host that is not written plainly"),
        // Other spellings of an address (0x7f.1, 2130706433, ::ffff:127.0.0.1) only serve to slip past a check.
        Some(Host::Ipv4(_)) if host == "127.0.0.1" => Ok(()),
        Some(Host::Ipv6(_)) if host == "[::1]" => Ok(()),
        _ => refuse("client_id has an IP address where a domain name is needed"),
    }
}

#[cfg(test)]
mod tests;
