//! Who a person is to an app: a profile URL (`me`). What they tell besides is in [`super::person`].

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use url::{Host, Url};

use super::policy::Issuer;
use super::uri::{RawUri, has_plain_characters};

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

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
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
        [("_", ""), ("0", "o"), ("1", "l"), ("rn", "m"), ("vv", "w")]
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
