//! URIs as text. A URL parser removes dot segments, default ports and stray `@`, and repairs what is not a URL at all:
//! the rules about these are judged here, on what was really sent.

use url::{Host, Url};

/// Whether the text has only characters that a URI may have (RFC 3986 §2). Anything else would be repaired by a parser.
pub(super) fn has_plain_characters(raw: &str) -> bool {
    raw.bytes()
        .all(|b| b.is_ascii_graphic() && !br#"\<>"^`{|}"#.contains(&b))
}

/// The parts of a URI with an authority, as they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RawUri<'a> {
    /// What is before `://`.
    pub(super) scheme: &'a str,
    /// What is between `://` and the path or query.
    pub(super) authority: &'a str,
    /// The rest.
    pub(super) path_and_query: &'a str,
}

impl<'a> RawUri<'a> {
    /// Takes a URI apart; `None` when it has no authority.
    pub(super) fn split(raw: &'a str) -> Option<RawUri<'a>> {
        let (scheme, rest) = raw.split_once("://")?;
        let (authority, path_and_query) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        Some(RawUri {
            scheme,
            authority,
            path_and_query,
        })
    }

    /// Whether a username or password is there, be it empty.
    pub(super) fn has_userinfo(&self) -> bool {
        self.authority.contains('@')
    }

    /// Host and port as they are written. The port is there as soon as its colon is.
    pub(super) fn host_and_port(&self) -> (&'a str, Option<&'a str>) {
        let after_host = self.authority.rfind(']').map_or(0, |end| end + 1);
        match self.authority[after_host..].find(':') {
            Some(colon) => (
                &self.authority[..after_host + colon],
                Some(&self.authority[after_host + colon + 1..]),
            ),
            None => (self.authority, None),
        }
    }

    /// Whether the host is written the way a parser reads it. `https:///x` and `https://ex%61mple.com/` name another
    /// host than the one that is written.
    pub(super) fn host_is_written_plainly(&self, parsed: &Url) -> bool {
        parsed
            .host_str()
            .is_some_and(|host| self.host_and_port().0.eq_ignore_ascii_case(host))
    }

    /// Whether the path has a `.` or `..` segment, also when the dots are percent-encoded.
    pub(super) fn has_dot_segment(&self) -> bool {
        let path = self.path_and_query.split('?').next().unwrap_or_default();
        path.split('/')
            .any(|segment| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | ".."))
    }

    /// The same URI with its authority in lower case and a missing path as `/` (IndieAuth "URL Canonicalization").
    pub(super) fn canonical(&self) -> String {
        let slash = if self.path_and_query.starts_with('/') { "" } else { "/" };
        format!(
            "{}://{}{slash}{}",
            self.scheme,
            self.authority.to_ascii_lowercase(),
            self.path_and_query
        )
    }
}

/// Whether a parsed URL points at this machine by one of the names that mean so.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
