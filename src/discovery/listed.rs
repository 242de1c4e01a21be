//! Redirect URIs as clients publish them: relative or absolute, some of them unusable.

use url::Url;

use super::refusal::{Refusal, Step};
use crate::oauth::client::RedirectUris;
use crate::oauth::redirect_uri::RedirectUri;

/// What was found in `Link` headers, a document or a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) usable: Vec<RedirectUri>,
    /// Entries left out, with the reason.
    pub(crate) unusable: Vec<String>,
}

/// Most entries of one source.
pub(crate) const MAX_LISTED: usize = 50;

/// How many unusable entries are named in the log.
const MAX_NAMED: usize = 5;

impl Listed {
    pub(crate) fn resolve<'a>(entries: impl IntoIterator<Item = &'a str>, base: &Url) -> Listed {
        let mut listed = Listed::default();
        for entry in entries.into_iter().take(MAX_LISTED) {
            match resolve_one(entry, base) {
                Ok(uri) if listed.usable.contains(&uri) => {}
                Ok(uri) => listed.usable.push(uri),
                Err(why) => listed.unusable.push(format!("{entry:?}: {why}")),
            }
        }
        listed
    }

    /// Appends what `later` adds.
    pub(crate) fn merge(mut self, later: Listed) -> Listed {
        for uri in later.usable {
            if !self.usable.contains(&uri) {
                self.usable.push(uri);
            }
        }
        self.unusable.extend(later.unusable);
        self
    }

    /// The list that counts, or `otherwise` when nothing was listed. A client that lists only what cannot be used is
    /// refused: it published a list, so its own origin does not pass in place of it.
    pub(crate) fn into_redirect_uris(self, otherwise: RedirectUris) -> Result<RedirectUris, Refusal> {
        match (self.usable.is_empty(), self.unusable.is_empty()) {
            (false, _) => Ok(RedirectUris::Published(self.usable)),
            (true, true) => Ok(otherwise),
            (true, false) => Err(Refusal::new(
                Step::RedirectUris,
                "none of the redirect URIs that the client publishes is one that answers may be sent to",
                self.unusable[..self.unusable.len().min(MAX_NAMED)].join("; "),
            )
            .with_status(200)
            .with_fact(&self.unusable[0])),
        }
    }
}

/// An absolute entry keeps its text, because it is compared as text; a relative one becomes the text it stands for.
fn resolve_one(entry: &str, base: &Url) -> Result<RedirectUri, &'static str> {
    // A URL parser would repair these, and `java\nscript:` is how filters are passed.
    if entry.is_empty() || entry.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err("empty, or with white space, control characters or backslashes");
    }
    let text = match Url::parse(entry) {
        Ok(_) => entry.to_owned(),
        Err(url::ParseError::RelativeUrlWithoutBase) => match base.join(entry) {
            Ok(resolved) => resolved.into(),
            Err(_) => return Err("not a URL"),
        },
        Err(_) => return Err("not a URL"),
    };
    RedirectUri::parse(&text).map_err(|error| error.description)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(entries: &[&str]) -> Listed {
        let base = "https://app.net/id/client.json".parse().unwrap();
        Listed::resolve(entries.iter().copied(), &base)
    }

    fn texts(listed: &Listed) -> Vec<&str> {
        listed.usable.iter().map(RedirectUri::as_str).collect()
    }

    #[test]
    fn relative_entries_are_resolved_and_absolute_ones_kept() {
        let listed = resolve(&[
            "/redirect",
            "cb?x=1",
            "../up",
            "//other.net/cb",
            "https://app.net:443/cb",
            "https://app.net",
            "com.example.app:/cb",
            "http://127.0.0.1/cb",
            "/redirect",
        ]);
        assert_eq!(
            texts(&listed),
            [
                "https://app.net/redirect",
                "https://app.net/id/cb?x=1",
                "https://app.net/up",
                "https://other.net/cb",
                "https://app.net:443/cb",
                "https://app.net",
                "com.example.app:/cb",
                "http://127.0.0.1/cb",
            ]
        );
        assert!(listed.unusable.is_empty());
    }

    #[test]
    fn entries_that_run_code_or_hide_what_they_are_are_left_out() {
        for entry in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "  javascript:alert(1)",
            "java\tscript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:https://app.net/x",
            "about:blank",
            "view-source:https://app.net/",
            "intent:#Intent;end",
            "http://app.net/cb",
            "https://app.net/cb#x",
            "https://user@app.net/cb",
            "https:/cb",
            "/a\\b",
            "",
            "http://[bad",
        ] {
            let listed = resolve(&[entry]);
            assert_eq!(texts(&listed), [""; 0], "{entry}");
            assert_eq!(listed.unusable.len(), 1, "{entry}");
            let refusal = listed.into_redirect_uris(RedirectUris::OwnOrigin).unwrap_err();
            assert_eq!(refusal.step, Step::RedirectUris);
        }
    }

    #[test]
    fn one_good_entry_is_enough_and_none_at_all_is_another_matter() {
        let mixed = resolve(&["javascript:x", "/cb"]);
        assert!(
            matches!(mixed.into_redirect_uris(RedirectUris::OwnOrigin), Ok(RedirectUris::Published(list)) if list.len() == 1)
        );
        assert_eq!(
            resolve(&[]).into_redirect_uris(RedirectUris::OwnOrigin),
            Ok(RedirectUris::OwnOrigin)
        );
    }

    #[test]
    fn lists_are_merged_in_order_without_doubles() {
        let merged = resolve(&["/a", "/b"]).merge(resolve(&["/b", "/c"]));
        assert_eq!(
            texts(&merged),
            ["https://app.net/a", "https://app.net/b", "https://app.net/c"]
        );
    }
}
