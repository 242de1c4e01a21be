//! Who an app is: an id we gave it, or its own web address.
//!
//! IndieAuth "Client Identifier" and "URL Canonicalization" (11 July 2024), draft-ietf-oauth-client-id-metadata-document
//! -01 §3. The string rules are judged on the raw text: a URL parser removes dot segments, default ports and stray `@`
//! before anyone could look at them.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use url::{Host, Url};

use super::error::{ErrorCode, ProtocolError};
use super::redirect_uri::{NearMiss, RedirectUri};

const MAX_CLIENT_ID_BYTES: usize = 2048;

/// The `client_id` of a request (decision 4: its shape alone decides the dialect).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientId {
    /// An id this server gave out when the client was registered.
    Registered(String),
    /// The address of a page or document that describes the client.
    Url(ClientUrl),
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
            ClientId::Registered(id) => id,
            ClientId::Url(url) => url.as_str(),
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
        if !raw
            .bytes()
            .all(|b| b.is_ascii_graphic() && !br#"\<>"^`{|}"#.contains(&b))
        {
            return refuse("client_id has a character that a URL cannot have; write other scripts in their xn-- form");
        }
        let Some((scheme, rest)) = raw
            .split_once("://")
            .filter(|(scheme, _)| matches!(*scheme, "https" | "http"))
        else {
            return refuse("client_id is not an absolute https URL");
        };
        if raw.contains('#') {
            return refuse("client_id has a fragment");
        }
        let (authority, path_and_query) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return refuse("client_id has a username or password");
        }
        let path = path_and_query.split('?').next().unwrap_or_default();
        if has_dot_segment(path) {
            return refuse("client_id has a dot segment in its path");
        }
        let Ok(url) = Url::parse(raw) else {
            return refuse("client_id is not a valid URL");
        };
        check_host(authority, &url)?;
        let client_url = ClientUrl {
            canonical: canonical(scheme, authority, path_and_query),
            url,
        };
        if scheme == "http" && !(client_url.is_loopback() && http_loopback == HttpLoopback::Allowed) {
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

/// Whether a parsed URL points at this machine by one of the three names that mean so.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Whether a raw path has a `.` or `..` segment, also when the dots are percent-encoded.
pub(super) fn has_dot_segment(raw_path: &str) -> bool {
    raw_path
        .split('/')
        .any(|segment| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | ".."))
}

/// Host and port of a client identifier, on the raw authority and on the parsed host.
fn check_host(authority: &str, url: &Url) -> Result<(), ProtocolError> {
    let refuse = |description| Err(ProtocolError::invalid_request(description));
    let after_host = authority.rfind(']').map_or(0, |end| end + 1);
    let (host, port) = match authority[after_host..].find(':') {
        Some(colon) => (
            &authority[..after_host + colon],
            Some(&authority[after_host + colon + 1..]),
        ),
        None => (authority, None),
    };
    if let Some(port) = port
        && port.parse::<u16>().ok().is_none_or(|number| number == 0)
    {
        return refuse("client_id has an unusable port");
    }
    if host.ends_with('.') {
        return refuse("client_id has a host that ends in a dot");
    }
    match url.host() {
        // `https:///x` and `https://ex%61mple.com/` name another host than the one that is written.
        Some(Host::Domain(name)) if host.eq_ignore_ascii_case(name) => Ok(()),
        Some(Host::Domain(_)) => refuse("client_id has a host that is not written plainly"),
        // Other spellings of an address (0x7f.1, 2130706433, ::ffff:127.0.0.1) only serve to slip past a check.
        Some(Host::Ipv4(_)) if host == "127.0.0.1" => Ok(()),
        Some(Host::Ipv6(_)) if host == "[::1]" => Ok(()),
        _ => refuse("client_id has an IP address where a domain name is needed"),
    }
}

fn canonical(scheme: &str, authority: &str, path_and_query: &str) -> String {
    let slash = if path_and_query.starts_with('/') { "" } else { "/" };
    format!("{scheme}://{}{slash}{path_and_query}", authority.to_ascii_lowercase())
}

/// What a client says about itself. All of it is the client's own claim; only the host of its id is proved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DisplayMetadata {
    /// Its name, cleaned by [`display_name`].
    pub name: Option<String>,
    /// Address of its logo; only `http` or `https`.
    pub logo_uri: Option<String>,
    /// Its home page: same origin as the client id, and a prefix of it on a segment boundary.
    pub client_uri: Option<String>,
    /// The client gave a `client_uri` that breaks that rule; it is not shown, and the consent page says so.
    pub foreign_client_uri: bool,
}

/// What a URL client published about where answers may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedirectUris {
    /// A list, from its document, its page or a `Link` header. Only the list counts.
    Published(Vec<RedirectUri>),
    /// The page was read and lists nothing: its own origin passes (IndieAuth "Redirect URL", decision 9).
    OwnOrigin,
}

/// A client as this server knows it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The address it introduced itself with.
    pub id: ClientUrl,
    /// Name, logo and home page.
    pub display: DisplayMetadata,
    /// Where answers may go.
    pub redirect_uris: RedirectUris,
    /// It declares the `refresh_token` grant in `grant_types` (decision 6).
    pub refreshes: bool,
    /// Its page was read. A loopback client outside development is taken without (IndieAuth forbids to fetch it).
    pub fetched: bool,
}

impl Client {
    /// A client on the person's own machine, whose page must not be fetched ("Client Information Discovery").
    pub fn unfetched(id: ClientUrl) -> Client {
        Client {
            id,
            display: DisplayMetadata::default(),
            redirect_uris: RedirectUris::OwnOrigin,
            refreshes: false,
            fetched: false,
        }
    }

    /// A digest of everything the client says about itself: when it changes, the person is asked again.
    pub fn fingerprint(&self) -> String {
        let said = format!("{:?}", (&self.display, &self.redirect_uris, self.refreshes));
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(said.as_bytes()))
    }

    /// The published URI that `requested` was probably meant to be, and how they differ.
    pub fn near_miss(&self, requested: &RedirectUri) -> Option<NearMiss> {
        match &self.redirect_uris {
            RedirectUris::Published(list) => list.iter().find_map(|listed| listed.near_miss(requested)),
            RedirectUris::OwnOrigin => None,
        }
    }

    /// The one place that decides whether answers may go to `requested` (decision 9).
    ///
    /// # Errors
    /// `invalid_request`, to be shown on a page: nothing may be sent to an address that fails here.
    pub fn permits(&self, requested: &RedirectUri) -> Result<(), ProtocolError> {
        let (permitted, description) = match &self.redirect_uris {
            RedirectUris::Published(list) => (
                list.iter().any(|listed| listed.permits(requested)),
                "redirect_uri is not one of those the client publishes",
            ),
            RedirectUris::OwnOrigin => (
                requested.http_url().is_some_and(|url| self.id.same_origin(&url)),
                "redirect_uri is on another origin than client_id, and the client publishes no redirect URIs",
            ),
        };
        if permitted {
            Ok(())
        } else {
            Err(ProtocolError::new(ErrorCode::InvalidRequest, description))
        }
    }
}

/// Longest name shown, in characters.
const MAX_NAME_CHARS: usize = 64;

/// Makes a client's claim about its name harmless to show: plain text, white space folded, no control, bidirectional
/// or zero-width characters, no check marks that could pass for a badge of ours. `None` when nothing is left.
pub fn display_name(claimed: &str) -> Option<String> {
    let visible: String = claimed
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(is_plain)
        .collect();
    let folded = visible
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    let cut: String = folded.chars().take(MAX_NAME_CHARS).collect();
    let cut = cut.trim_end();
    (!cut.is_empty()).then(|| cut.to_owned())
}

fn is_plain(c: &char) -> bool {
    let invisible = matches!(c, '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E0FFF}');
    let badge = matches!(
        c,
        '\u{2611}'
            | '\u{2705}'
            | '\u{2713}'
            | '\u{2714}'
            | '\u{1F5F8}'
            | '\u{1F5F9}'
            | '\u{1F512}'
            | '\u{1F510}'
            | '\u{1F6E1}'
            | '\u{1F197}'
    );
    !c.is_control() && !invisible && !badge
}

#[cfg(test)]
mod tests;
