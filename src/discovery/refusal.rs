//! Why a client could not be learnt about: one sentence for its author, the rest for our log.
//!
//! The public half says only a class. Which addresses this server can reach, and what answers there, is nobody's
//! business: a name that does not exist, one that policy refuses and an internal host that is silent read the same.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::oauth::client::DescribedBy;

/// The step of discovery at which it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The address is not one that is ever fetched: its scheme, or this server itself.
    Url,
    /// The port is not one that is fetched from.
    Port,
    /// The host is unknown, or policy refuses what it resolves to.
    Resolve,
    /// No connection, no valid certificate, or the connection broke.
    Connect,
    /// A deadline passed.
    Timeout,
    /// Neither a 200 nor a redirect.
    Status,
    /// A redirect, which is not followed (client id metadata document -01 §4).
    Redirect,
    /// A content network's challenge answered in place of the client.
    BotCheck,
    /// Neither JSON nor HTML, and no `Link` header.
    MediaType,
    /// More bytes than a client needs.
    Size,
    /// Compressed, though `identity` was asked for.
    Encoding,
    /// The JSON document cannot be read as one.
    Document,
    /// The HTML page cannot be read as one.
    Page,
    /// The document belongs to another `client_id`.
    ClientIdMismatch,
    /// The document asks for, or gives away, a shared secret.
    SharedSecret,
    /// What it lists as redirect URIs cannot be used.
    RedirectUris,
}

impl Step {
    /// Every step, for tables that must be complete.
    pub const ALL: [Step; 16] = [
        Step::Url,
        Step::Port,
        Step::Resolve,
        Step::Connect,
        Step::Timeout,
        Step::Status,
        Step::Redirect,
        Step::BotCheck,
        Step::MediaType,
        Step::Size,
        Step::Encoding,
        Step::Document,
        Step::Page,
        Step::ClientIdMismatch,
        Step::SharedSecret,
        Step::RedirectUris,
    ];

    /// The name used in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Step::Url => "url",
            Step::Port => "port",
            Step::Resolve => "resolve",
            Step::Connect => "connect",
            Step::Timeout => "timeout",
            Step::Status => "status",
            Step::Redirect => "redirect",
            Step::BotCheck => "bot_check",
            Step::MediaType => "media_type",
            Step::Size => "size",
            Step::Encoding => "encoding",
            Step::Document => "document",
            Step::Page => "page",
            Step::ClientIdMismatch => "client_id_mismatch",
            Step::SharedSecret => "shared_secret",
            Step::RedirectUris => "redirect_uris",
        }
    }
}

/// The kind of answer in which a client describes itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A JSON document.
    Document,
    /// An HTML page.
    Page,
}

impl Source {
    /// Where a client with such an answer describes itself. The `Link` headers of an answer that is neither count as a
    /// page's.
    pub fn describing(source: Option<Source>) -> DescribedBy {
        match source {
            Some(Source::Document) => DescribedBy::Document,
            Some(Source::Page) | None => DescribedBy::Page,
        }
    }
}

/// A client that was looked at and not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Where it ended.
    pub step: Step,
    /// One sentence for the author of the client, in the characters of RFC 6749 §5.2; a literal of ours, so it never
    /// contains input.
    pub public: &'static str,
    /// Addresses, names and errors, for the log only. May contain text of the remote side.
    pub detail: String,
    /// The status the client's host answered with, if it came to that.
    pub status: Option<u16>,
    /// What the author needs besides the sentence: a media type, a limit, a position. Short and printable; the remote
    /// side may have written it.
    pub fact: Option<String>,
    /// What was being read, once there was something to read.
    pub source: Option<Source>,
}

/// Longest fact told to an author.
const MAX_FACT_CHARS: usize = 100;

impl Refusal {
    /// A refusal before or without an answer of the client's host.
    pub fn new(step: Step, public: &'static str, detail: impl Into<String>) -> Refusal {
        Refusal {
            step,
            public,
            detail: detail.into(),
            status: None,
            fact: None,
            source: None,
        }
    }

    /// The one face of everything that must not tell hosts apart.
    pub(crate) fn unresolved(detail: impl Into<String>) -> Refusal {
        Refusal::new(
            Step::Resolve,
            "the host of client_id is unknown, or not one this server fetches from",
            detail,
        )
    }

    /// Adds what the author needs besides the sentence. It may be the remote side's words: no more than a line of
    /// printable ASCII is kept of it.
    pub(crate) fn with_fact(self, fact: &str) -> Refusal {
        let plain = |c: char| if c == ' ' || c.is_ascii_graphic() { c } else { '?' };
        Refusal {
            fact: Some(fact.chars().take(MAX_FACT_CHARS).map(plain).collect()),
            ..self
        }
    }

    pub(crate) fn with_source(self, source: Source) -> Refusal {
        Refusal {
            source: Some(source),
            ..self
        }
    }

    /// Leaves the class and nothing else for the author: what a host inside answers is for the log.
    pub(crate) fn class_only(self) -> Refusal {
        Refusal {
            status: None,
            fact: None,
            ..self
        }
    }

    pub(crate) fn with_status(self, status: u16) -> Refusal {
        Refusal {
            status: Some(status),
            ..self
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "client refused at {}: {}", self.step.as_str(), self.public)
    }
}

/// Why there is no [`Client`](crate::oauth::client::Client).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiscoveryError {
    /// The client's own address or answer is the reason.
    Refused(Refusal),
    /// This source has asked for too many addresses that had to be fetched.
    TooMany {
        /// When it may ask again.
        retry_after: Duration,
    },
    /// Too many fetches at once, here or to that host; nothing is known about the client.
    Busy,
}

impl fmt::Display for DiscoveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DiscoveryError::Refused(refusal) => refusal.fmt(f),
            DiscoveryError::TooMany { .. } => f.write_str("too many new client addresses from one source"),
            DiscoveryError::Busy => f.write_str("too many fetches at once"),
        }
    }
}

impl Error for DiscoveryError {}

impl From<Refusal> for DiscoveryError {
    fn from(refusal: Refusal) -> DiscoveryError {
        DiscoveryError::Refused(refusal)
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
mod tests {
    use super::*;

    #[test]
    fn every_step_has_its_own_name() {
        let names: std::collections::HashSet<_> = Step::ALL.iter().map(|step| step.as_str()).collect();
        assert_eq!(names.len(), Step::ALL.len());
        assert!(
            names
                .iter()
                .all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
        );
    }

    #[test]
    fn the_public_half_does_not_repeat_the_private_one() {
        let refusal = Refusal::unresolved("10.0.0.5 is private");
        assert!(!refusal.to_string().contains("10.0.0.5"));
        assert!(!DiscoveryError::from(refusal).to_string().contains("10.0.0.5"));
    }
}
