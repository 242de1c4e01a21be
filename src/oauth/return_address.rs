//! A verified place to send the browser back to.
//!
//! Holding a [`ReturnAddress`] is the proof that the redirect URI is one of the client's. It is made by
//! [`super::authorize::Identified::return_address`], or from a stored grant that was made so; every redirect to a
//! client needs one (RFC 9700 §4.11).

use super::error::ProtocolError;
use super::metadata::ANSWERED;
use super::policy::Issuer;
use super::redirect_uri::{RedirectTarget, RedirectUri};
use super::secret::{AuthorizationCode, Secret};

/// A verified redirect URI with the `state` and `iss` that every answer carries.
#[derive(Debug, Clone)]
pub struct ReturnAddress {
    redirect_uri: RedirectUri,
    state: Option<String>,
    iss: Issuer,
}

impl ReturnAddress {
    /// Only this module's callers inside `oauth` can vouch for a redirect URI.
    pub(super) fn verified(redirect_uri: RedirectUri, state: Option<String>, iss: Issuer) -> ReturnAddress {
        ReturnAddress {
            redirect_uri,
            state,
            iss,
        }
    }

    /// Where the answer goes, for showing it.
    pub fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect_uri
    }

    /// The authorization response (RFC 6749 §4.1.2, RFC 9207 §2).
    pub fn success(&self, code: &Secret<AuthorizationCode>) -> String {
        if self.is_our_page() {
            return self.our_page(&[("code", code.expose())]);
        }
        self.with(&[("code", code.expose())])
    }

    /// The error response (RFC 6749 §4.1.2.1, RFC 9207 §2).
    ///
    /// Deviation: without an address it is a page of ours, where Mastodon answers JSON: a person is looking.
    pub fn error(&self, error: &ProtocolError) -> String {
        if self.is_our_page() {
            return self.our_page(&[("error", error.code.as_str())]);
        }
        self.with(&[("error", error.code.as_str()), ("error_description", error.description)])
    }

    /// The way back to an app that knows the answer by a word of its own: `name` set to `session`, in place of one that is
    /// there already, and nothing else. Without an address it is our own page.
    pub fn session(&self, name: &str, session: &str) -> String {
        if self.is_our_page() {
            return self.our_page(&[]);
        }
        appended(&without(self.redirect_uri.as_str(), name), [(name, session)])
    }

    /// The page that tells of a no: such an app is not told.
    pub fn session_denied(&self) -> String {
        self.our_page(&[("error", "access_denied")])
    }

    fn is_our_page(&self) -> bool {
        self.redirect_uri.target() == RedirectTarget::OutOfBand
    }

    fn our_page(&self, answer: &[(&str, &str)]) -> String {
        appended(&format!("{}{ANSWERED}", self.iss), answer.iter().copied())
    }

    fn with(&self, answer: &[(&str, &str)]) -> String {
        let state = self.state.as_deref().map(|state| ("state", state));
        let answer = answer.iter().copied().chain(state).chain([("iss", self.iss.as_str())]);
        appended(self.redirect_uri.as_str(), answer)
    }
}

/// The address without the parameters of this name.
fn without(address: &str, name: &str) -> String {
    let Some((path, query)) = address.split_once('?') else {
        return address.to_owned();
    };
    let named = |pair: &&str| {
        let mut parsed = url::form_urlencoded::parse(pair.as_bytes());
        parsed.next().is_none_or(|(known, _)| known != name)
    };
    let kept: Vec<&str> = query.split('&').filter(named).collect();
    if kept.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", kept.join("&"))
    }
}

/// Appends to the query as text: what the client registered stays byte for byte (RFC 6749 §3.1.2).
fn appended<'a>(address: &str, answer: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut url = address.to_owned();
    for (name, value) in answer {
        if !url.ends_with(['?', '&']) {
            url.push(if url.contains('?') { '&' } else { '?' });
        }
        url.push_str(name);
        url.push('=');
        // `%20`, since not every client reads `+` as a space.
        url.push_str(
            &url::form_urlencoded::byte_serialize(value.as_bytes())
                .collect::<String>()
                .replace('+', "%20"),
        );
    }
    url
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::error::ErrorCode;
    use super::*;

    fn back_to(redirect_uri: &str, state: Option<&str>) -> ReturnAddress {
        let issuer = Issuer::parse("https://id.example").unwrap();
        ReturnAddress::verified(
            RedirectUri::parse(redirect_uri).unwrap(),
            state.map(str::to_owned),
            issuer,
        )
    }

    #[test]
    fn the_registered_query_stays_and_the_answer_follows() {
        const DENIED: ProtocolError = ProtocolError::new(ErrorCode::AccessDenied, "no");
        for (uri, expected) in [
            ("https://a.example", "https://a.example?error=access_denied"),
            ("https://a.example/cb?", "https://a.example/cb?error=access_denied"),
            (
                "https://a.example/cb?x=%7E",
                "https://a.example/cb?x=%7E&error=access_denied",
            ),
            ("myapp:/cb", "myapp:/cb?error=access_denied"),
        ] {
            let url = back_to(uri, None).error(&DENIED);
            assert_eq!(
                url,
                format!("{expected}&error_description=no&iss=https%3A%2F%2Fid.example")
            );
        }
    }

    proptest! {
        #[test]
        fn state_comes_back_as_received_and_adds_no_parameter(state in "\\PC{1,60}|x&code=evil#y|[\u{0}-\u{ff}]{1,20}") {
            let code = Secret::<AuthorizationCode>::generate(&mut rand::rng());
            let url = url::Url::parse(&back_to("https://a.example/cb", Some(&state)).success(&code)).unwrap();
            let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            let expected = [("code", code.expose()), ("state", state.as_str()), ("iss", "https://id.example")];
            prop_assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec());
            prop_assert_eq!(url.fragment(), None);
        }
    }
}
