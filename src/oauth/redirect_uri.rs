//! Redirect URIs: what form they may have, and when one is another (RFC 6749 §3.1.2, RFC 8252 §7 and §8, RFC 9700 §2.1).
//!
//! The text is kept as received. A URL parser would add slashes, drop default ports and change case, and RFC 6749
//! §3.1.2.3 asks for a comparison of strings.

use serde::Serialize;
use url::Url;

use super::error::ProtocolError;
use super::uri::{RawUri, has_plain_characters, is_loopback};

const MAX_REDIRECT_URI_BYTES: usize = 2048;

/// Schemes that run, read or open something on the person's machine instead of handing an answer to an app. One that ends
/// in `*` stands for everything that begins so.
const FORBIDDEN_SCHEMES: [&str; 45] = [
    "about",
    "blob",
    "chrome*",
    "data",
    "facetime",
    "facetime-audio",
    "facetime-prompt",
    "feed",
    "file",
    "filesystem",
    "ftp",
    "intent",
    "itms",
    "itms-apps",
    "itms-appss",
    "itms-services",
    "itmss",
    "jar",
    "javascript",
    "ldap*",
    "mailto",
    "mhtml",
    "mk",
    "mms",
    "mmsto",
    "moz-extension",
    "ms-*",
    "news",
    "nntp",
    "res",
    "resource",
    "search",
    "search-ms",
    "shell",
    "sms",
    "smsto",
    "ssh",
    "steam",
    "tel",
    "telnet",
    "vbscript",
    "view-source",
    "wais",
    "ws",
    "wss",
];

/// Answers to an app of the Windows store, by whose id it goes on.
const STORE_APP: &str = "ms-app";

fn is_forbidden(scheme: &str) -> bool {
    let is_named = |forbidden: &&str| match forbidden.strip_suffix('*') {
        Some(beginning) => scheme.starts_with(beginning),
        None => scheme == *forbidden,
    };
    scheme != STORE_APP && FORBIDDEN_SCHEMES.iter().any(is_named)
}

/// An absolute URI that answers may be sent to, as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    target: RedirectTarget,
}

/// What receives the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedirectTarget {
    /// A web site.
    Https,
    /// A program on the person's own machine that listens on a port (RFC 8252 §7.3).
    Loopback,
    /// Whatever program on the device claims the scheme (RFC 8252 §7.1).
    PrivateUse,
    /// Nothing: the answer is shown on a page of ours.
    OutOfBand,
}

/// The answer is shown on a page, to be copied. Google's invention; Mastodon's command line clients still use it.
const OUT_OF_BAND: [&str; 2] = ["urn:ietf:wg:oauth:2.0:oob", "urn:ietf:wg:oauth:2.0:oob:auto"];

impl RedirectUri {
    /// Stands for a page of ours.
    pub fn out_of_band() -> RedirectUri {
        RedirectUri {
            text: OUT_OF_BAND[0].to_owned(),
            target: RedirectTarget::OutOfBand,
        }
    }

    /// Reads a redirect URI.
    ///
    /// # Errors
    /// `invalid_request`; the description says which rule is broken. Such an error is shown on a page: an answer
    /// never travels to a URI that failed here.
    pub fn parse(raw: &str) -> Result<RedirectUri, ProtocolError> {
        let refuse = |description| Err(ProtocolError::invalid_request(description));
        if raw.len() > MAX_REDIRECT_URI_BYTES {
            return refuse("redirect_uri is longer than 2048 bytes");
        }
        if OUT_OF_BAND.contains(&raw) {
            return Ok(RedirectUri {
                text: raw.to_owned(),
                target: RedirectTarget::OutOfBand,
            });
        }
        if !has_plain_characters(raw) {
            return refuse("redirect_uri has a character that a URI cannot have");
        }
        if raw.contains('#') {
            return refuse("redirect_uri has a fragment");
        }
        let scheme = raw.split(':').next().unwrap_or_default();
        let Ok(url) = Url::parse(raw) else {
            return refuse("redirect_uri is not an absolute URI");
        };
        if is_forbidden(url.scheme()) {
            return refuse("redirect_uri has a scheme that answers are never sent to");
        }
        let target = match scheme {
            "https" | "http" => web_target(raw, &url)?,
            // Upper-case schemes and other spellings would compare as text and act as another scheme.
            _ if scheme != url.scheme() => return refuse("redirect_uri must have its scheme in lower case"),
            // `localhost:8080/cb`: a host and its port, and no app of that scheme.
            _ if raw[scheme.len() + 1..].starts_with(|c: char| c.is_ascii_digit()) => {
                return refuse("redirect_uri has no scheme");
            }
            _ => RedirectTarget::PrivateUse,
        };
        Ok(RedirectUri {
            text: raw.to_owned(),
            target,
        })
    }

    /// Whether answers are never sent to a scheme (in lower case), whatever follows it.
    pub fn is_forbidden_scheme(scheme: &str) -> bool {
        is_forbidden(scheme)
    }

    /// The text as received.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What receives the answer.
    pub fn target(&self) -> RedirectTarget {
        self.target
    }

    /// The scheme, in lower case.
    pub fn scheme(&self) -> &str {
        self.text.split(':').next().unwrap_or_default()
    }

    /// The parsed form of an `http` or `https` URI; `None` for any other.
    pub fn http_url(&self) -> Option<Url> {
        let is_http = matches!(self.target, RedirectTarget::Https | RedirectTarget::Loopback);
        Url::parse(&self.text).ok().filter(|_| is_http)
    }

    /// Whether this listed URI lets answers go to `requested`: the same text, or the same `http` loopback URI with
    /// another port (RFC 8252 §7.3; the program picks a free port when it starts).
    pub fn permits(&self, requested: &RedirectUri) -> bool {
        if self.text == requested.text {
            return true;
        }
        let loopback = |uri: &RedirectUri| uri.target == RedirectTarget::Loopback && uri.scheme() == "http";
        loopback(self) && loopback(requested) && without_port(&self.text) == without_port(&requested.text)
    }

    /// How `requested` differs from this listed URI when people would call them the same, for the page that explains
    /// the refusal.
    pub fn near_miss(&self, requested: &RedirectUri) -> Option<NearMiss> {
        let (listed, requested) = (self.text.as_str(), requested.text.as_str());
        let one_ends_in_slash = |a: &str, b: &str| a.strip_suffix('/') == Some(b);
        if one_ends_in_slash(listed, requested) || one_ends_in_slash(requested, listed) {
            Some(NearMiss::TrailingSlash)
        } else if listed.eq_ignore_ascii_case(requested) {
            Some(NearMiss::Case)
        } else if listed.replacen("http://", "https://", 1) == requested.replacen("http://", "https://", 1) {
            Some(NearMiss::Scheme)
        } else if let Some(near_miss) = differing_port(listed, requested) {
            Some(near_miss)
        } else if listed.split('?').next() == requested.split('?').next() {
            Some(NearMiss::Query)
        } else {
            None
        }
    }
}

/// The one thing in which two redirect URIs differ that look alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NearMiss {
    /// One ends in `/`.
    TrailingSlash,
    /// Upper and lower case.
    Case,
    /// `http` and `https`.
    Scheme,
    /// One names the port that the other means by its scheme.
    DefaultPort,
    /// The port.
    Port,
    /// What follows the `?`.
    Query,
}

fn web_target(raw: &str, url: &Url) -> Result<RedirectTarget, ProtocolError> {
    let refuse = |description| Err(ProtocolError::invalid_request(description));
    // `https:host/x://` is split behind a later `://`, and a browser reads it relative to our own address.
    let Some(parts) = RawUri::split(raw).filter(|parts| parts.scheme == url.scheme()) else {
        return refuse("redirect_uri is not an absolute URI");
    };
    if parts.has_userinfo() {
        return refuse("redirect_uri has a username or password");
    }
    // Also refuses the other spellings of 127.0.0.1: no client would be registered under them.
    if !parts.host_is_written_plainly(url) || parts.host_and_port().0.ends_with('.') {
        return refuse("redirect_uri has a host that is not written plainly");
    }
    if parts.has_dot_segment() {
        return refuse("redirect_uri has a dot segment in its path");
    }
    match url.scheme() {
        _ if is_loopback(url) && ["127.0.0.1", "[::1]", "localhost"].contains(&parts.host_and_port().0) => {
            Ok(RedirectTarget::Loopback)
        }
        "https" if !is_loopback(url) => Ok(RedirectTarget::Https),
        _ => refuse("redirect_uri must be https, or http on a loopback address"),
    }
}

/// The text before and after the port of a URI with an authority.
fn without_port(text: &str) -> Option<(&str, &str, &str)> {
    let parts = RawUri::split(text)?;
    Some((parts.scheme, parts.host_and_port().0, parts.path_and_query))
}

/// How two URIs differ that are the same text around the port.
fn differing_port(listed: &str, requested: &str) -> Option<NearMiss> {
    without_port(listed).filter(|around| without_port(requested) == Some(*around))?;
    // A URL parser drops the scheme's default port, and no other.
    let same_port = Url::parse(listed).is_ok_and(|a| Url::parse(requested).is_ok_and(|b| a == b));
    Some(if same_port {
        NearMiss::DefaultPort
    } else {
        NearMiss::Port
    })
}

#[cfg(test)]
mod tests;
