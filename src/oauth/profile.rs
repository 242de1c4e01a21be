//! Who a person is to an app: a profile URL (`me`). What they tell besides is in [`super::person`].

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization;
use url::{Host, Url};

use super::policy::Issuer;
use super::uri::{RawUri, has_plain_characters, is_loopback};

/// Longest address of a person's own, in bytes.
const MAX_OWN_BYTES: usize = 500;

/// Why an address cannot be a person's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotOwn {
    /// It is no profile URL.
    NotAnAddress,
    /// It is one of plain `http`.
    NotHttps,
    /// It is on this server.
    Here,
    /// It is longer than any address that people use.
    TooLong,
}

/// A user profile URL, IndieAuth's `me` ("User Profile URL").
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ProfileUrl(String);

impl ProfileUrl {
    /// The address of the page this server keeps for `username`. In development it carries the port of the issuer,
    /// which the specification does not allow elsewhere (decision 3).
    pub fn hosted(issuer: &Issuer, username: &Username) -> ProfileUrl {
        ProfileUrl(format!("{issuer}/@{}", username.as_str()))
    }

    /// The address as a row keeps it; it was made by [`ProfileUrl::hosted`] or [`ProfileUrl::parse`].
    pub fn from_stored(text: String) -> ProfileUrl {
        ProfileUrl(text)
    }

    /// Reads somebody's profile URL by IndieAuth's rules. `None` when one is broken: scheme `http` or `https`, a path
    /// without dot segments, no fragment, no username or password, no port, a domain name as host.
    pub fn parse(raw: &str) -> Option<ProfileUrl> {
        let parts = RawUri::split(raw)?;
        let url = Url::parse(raw).ok()?;
        let (host, port) = parts.host_and_port();
        let valid = has_plain_characters(raw)
            && !raw.contains('#')
            && matches!(parts.scheme, "http" | "https")
            && matches!(url.host(), Some(Host::Domain(_)))
            && parts.host_is_written_plainly(&url)
            && !parts.has_userinfo()
            && port.is_none()
            && !host.ends_with('.')
            && !parts.has_dot_segment();
        valid.then(|| ProfileUrl(parts.canonical()))
    }

    /// Reads an address as somebody types it: without a scheme it is an `https` one (IndieAuth "URL Canonicalization"),
    /// and a host in its own letters becomes the A-label form. In development an address of this machine may be of plain
    /// `http` and carry a port (decision 3).
    pub fn typed(raw: &str, issuer: &Issuer) -> Option<ProfileUrl> {
        let raw = raw.trim();
        let with_scheme = match raw.contains("://") {
            true => raw.to_owned(),
            false => format!("https://{raw}"),
        };
        let plain = match with_scheme.is_ascii() {
            true => with_scheme,
            false => Url::parse(&with_scheme).ok()?.into(),
        };
        ProfileUrl::parse(&plain).or_else(|| ProfileUrl::on_this_machine(&plain).filter(|_| issuer.is_development()))
    }

    fn on_this_machine(raw: &str) -> Option<ProfileUrl> {
        let parts = RawUri::split(raw)?;
        let url = Url::parse(raw).ok()?;
        let valid = has_plain_characters(raw)
            && !raw.contains('#')
            && parts.scheme == "http"
            && is_loopback(&url)
            && url.port() != Some(0)
            && parts.host_is_written_plainly(&url)
            && !parts.has_userinfo()
            && !parts.has_dot_segment();
        valid.then(|| ProfileUrl(parts.canonical()))
    }

    /// Reads an address that a person says is their own: `https`, except in development, and not on this server.
    ///
    /// # Errors
    /// Why it cannot be.
    pub fn own(raw: &str, issuer: &Issuer) -> Result<ProfileUrl, NotOwn> {
        if raw.len() > MAX_OWN_BYTES {
            return Err(NotOwn::TooLong);
        }
        let address = ProfileUrl::typed(raw, issuer).ok_or(NotOwn::NotAnAddress)?;
        let url = address.url().ok_or(NotOwn::NotAnAddress)?;
        if address.0.len() > MAX_OWN_BYTES {
            return Err(NotOwn::TooLong);
        }
        if is_here(&url, issuer) {
            return Err(NotOwn::Here);
        }
        let for_development = issuer.is_development() && is_loopback(&url);
        let names_a_site = url.domain().is_some_and(|name| name.contains('.'));
        if !for_development && !names_a_site {
            return Err(NotOwn::NotAnAddress);
        }
        if !for_development && url.scheme() != "https" {
            return Err(NotOwn::NotHttps);
        }
        Ok(address)
    }

    /// The address, taken apart.
    pub fn url(&self) -> Option<Url> {
        Url::parse(&self.0).ok()
    }

    /// What rows find it by: it may be too long for an index.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether an address is on this server. In development other sites live on other ports of the same host; elsewhere an
/// address has no port.
fn is_here(url: &Url, issuer: &Issuer) -> bool {
    let Ok(own) = Url::parse(issuer.as_str()) else {
        return false;
    };
    url.host() == own.host() && (!issuer.is_development() || url.port_or_known_default() == own.port_or_known_default())
}

/// The name a person signs in with, and the last part of their hosted address: 1 to 30 of `a-z`, `0-9` and `_`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    /// Longest name, in characters.
    pub const MAX_CHARS: usize = 30;

    /// Reads a name for a new account; `None` when it breaks the rule.
    pub fn parse(raw: &str) -> Option<Username> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        ((1..=Username::MAX_CHARS).contains(&raw.len()) && raw.bytes().all(allowed)).then(|| Username(raw.to_owned()))
    }

    /// Reads what somebody typed into a form: upper case, the wide letters of a Japanese keyboard, a leading `@` and
    /// surrounding spaces are forgiven. Whatever way it is typed, it is the same name, also where tries are counted.
    pub fn typed(raw: &str) -> Option<Username> {
        // Letters of no name take more bytes, so longer input is refused before it is folded.
        if raw.len() > Username::MAX_CHARS * 8 {
            return None;
        }
        let folded: String = raw.nfkc().collect();
        Username::parse(&folded.trim().trim_start_matches('@').to_ascii_lowercase())
    }

    /// What the name looks like: two names that share this are taken for each other at a glance.
    pub fn likeness(&self) -> String {
        [("_", ""), ("0", "o"), ("1", "l"), ("i", "l"), ("rn", "m"), ("vv", "w")]
            .iter()
            .fold(self.0.clone(), |name, (like, plain)| name.replace(like, plain))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specifications_own_examples() {
        for good in [
            "https://example.com/",
            "https://example.com/username",
            "https://example.com/users?id=100",
        ] {
            assert_eq!(ProfileUrl::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "example.com",
            "mailto:user@example.com",
            "https://example.com/foo/../bar",
            "https://example.com/%2e%2e/bar",
            "https://example.com/#me",
            "https://user:pass@example.com/",
            "https://@example.com/",
            "https://example.com:8443/",
            "https://example.com:443/",
            "https://172.28.92.51/",
            "https://0x7f.1/",
            "https://example.com./",
            " https://example.com/",
        ] {
            assert_eq!(ProfileUrl::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_missing_path_and_the_case_of_the_host_are_mended() {
        assert_eq!(
            ProfileUrl::parse("https://Example.COM").unwrap().as_str(),
            "https://example.com/"
        );
    }

    fn own(raw: &str) -> Result<String, NotOwn> {
        let issuer = Issuer::parse("https://id.example").unwrap();
        ProfileUrl::own(raw, &issuer).map(|address| address.as_str().to_owned())
    }

    #[test]
    fn an_own_address_is_read_as_people_type_it() {
        for (typed, read) in [
            ("https://alice.example/", "https://alice.example/"),
            (" alice.example ", "https://alice.example/"),
            ("Alice.Example/me", "https://alice.example/me"),
            ("https://alice.example?page=1", "https://alice.example/?page=1"),
            ("https://bücher.example/", "https://xn--bcher-kva.example/"),
            ("https://other.id.example/", "https://other.id.example/"),
        ] {
            assert_eq!(own(typed).as_deref(), Ok(read), "{typed}");
        }
    }

    #[test]
    fn what_cannot_be_an_own_address_says_why() {
        for (typed, why) in [
            ("", NotOwn::NotAnAddress),
            ("alice", NotOwn::NotAnAddress),
            ("alice@example.com", NotOwn::NotAnAddress),
            ("javascript://alice.example/", NotOwn::NotAnAddress),
            ("https://alice.example/#me", NotOwn::NotAnAddress),
            ("https://alice.example:8443/", NotOwn::NotAnAddress),
            ("https://192.0.2.1/", NotOwn::NotAnAddress),
            ("https://localhost/", NotOwn::NotAnAddress),
            ("https://alice.example/a/../b", NotOwn::NotAnAddress),
            ("http://alice.example/", NotOwn::NotHttps),
            ("http://127.0.0.1:8080/", NotOwn::NotAnAddress),
            ("https://id.example/@alice", NotOwn::Here),
            ("https://ID.example/@bob", NotOwn::Here),
            ("http://id.example/", NotOwn::Here),
        ] {
            assert_eq!(own(typed), Err(why), "{typed}");
        }
        let long = format!("https://alice.example/{}", "x".repeat(MAX_OWN_BYTES));
        assert_eq!(own(&long), Err(NotOwn::TooLong));
    }

    #[test]
    fn in_development_an_own_address_may_be_on_another_port_of_this_machine() {
        let issuer = Issuer::parse("http://127.0.0.1:8080").unwrap();
        let own = |raw: &str| ProfileUrl::own(raw, &issuer).map(|address| address.as_str().to_owned());
        for good in [
            "http://127.0.0.1:4000/",
            "http://localhost:8080/",
            "https://alice.example/",
        ] {
            assert_eq!(own(good).as_deref(), Ok(good));
        }
        assert_eq!(own("http://127.0.0.1:8080/"), Err(NotOwn::Here));
        assert_eq!(own("http://alice.example/"), Err(NotOwn::NotHttps));
        for bad in [
            "http://192.0.2.1:80/",
            "http://u@127.0.0.1:4000/",
            "http://127.0.0.1:4000/#x",
            "http://127.1:4000/",
        ] {
            assert_eq!(own(bad), Err(NotOwn::NotAnAddress), "{bad}");
        }
    }

    #[test]
    fn names_have_one_plain_alphabet() {
        for good in ["alice", "a", "a_1"] {
            assert!(Username::parse(good).is_some());
        }
        for bad in ["", "Alice", "a b", "é", "a-b", &"x".repeat(31)] {
            assert!(Username::parse(bad).is_none(), "{bad}");
        }
        for (typed, name) in [
            (" @Alice ", Some("alice")),
            ("Ａlice", Some("alice")),
            ("＠ＡＬＩＣＥ＿１", Some("alice_1")),
            ("\u{3000}alice\u{3000}", Some("alice")),
            ("\u{212a}ate", Some("kate")),
            ("ﬁn", Some("fin")),
            ("аlice", None),
            ("alicé", None),
            ("al\u{200b}ice", None),
            ("İrene", None),
        ] {
            assert_eq!(Username::typed(typed), name.and_then(Username::parse), "{typed}");
        }
        assert_eq!(Username::typed(&" ".repeat(1_000_000)), None);
    }

    #[test]
    fn names_that_are_taken_for_each_other_share_their_likeness() {
        let likeness = |raw: &str| Username::parse(raw).unwrap().likeness();
        for (one, other) in [
            ("alice", "a1ice"),
            ("bob", "b0b"),
            ("maria", "mar1a"),
            ("bill", "biii"),
            ("mark", "rnark"),
            ("will", "vvi11"),
            ("al", "a__l"),
        ] {
            assert_eq!(likeness(one), likeness(other), "{other}");
        }
        assert_ne!(likeness("alice"), likeness("alina"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(raw in "\\PC{0,80}|https?://[a-z0-9.:@/%-]{0,40}") {
            let _ = Username::typed(&raw);
            if let Some(url) = ProfileUrl::parse(&raw) {
                proptest::prop_assert_eq!(ProfileUrl::parse(url.as_str()), Some(url));
            }
        }
    }
}
