//! Where a browser goes after signing in. What travels through the sign-in page is never an address, only what belongs
//! behind one of a few fixed paths, so it cannot lead elsewhere (attack case RD-19).

use super::paths::{APPS, CONSENT, SIGN_IN};
use crate::oauth::metadata::AUTHORIZATION_ENDPOINT;

/// What is carried along instead of a request, by somebody whose session ended on the consent page.
const GRANT: &str = "grant=";

/// What is carried along by somebody on the way to the apps page.
const TO_APPS: &str = "apps";

/// The sign-in page for somebody on the way to the apps page.
pub(super) fn before_apps() -> String {
    format!("{SIGN_IN}?{TO_APPS}")
}

/// The sign-in page for somebody who was asked a question and is not signed in any more.
pub(super) fn before_consent(id: &str) -> String {
    if is_grant_id(id) {
        format!("{SIGN_IN}?{GRANT}{id}")
    } else {
        SIGN_IN.to_owned()
    }
}

fn is_grant_id(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Where to go after signing in: one of a few fixed paths.
pub(super) fn onwards(continue_query: &str) -> String {
    match (continue_query, continue_query.strip_prefix(GRANT)) {
        ("", _) => "/".to_owned(),
        (TO_APPS, _) => APPS.to_owned(),
        (_, Some(id)) if is_grant_id(id) => format!("{CONSENT}/{id}"),
        (query, _) => format!("{AUTHORIZATION_ENDPOINT}?{query}"),
    }
}

/// The text, if it can be a query string; else nothing. Browsers leave `{`, `|` and their like in a query as they are.
pub(super) fn query_only(text: &str) -> &str {
    let plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b'#');
    if plain { text } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_a_query_is_carried_along() {
        for (text, carried) in [
            ("client_id=a&state=%2F", "client_id=a&state=%2F"),
            ("//evil.example", "//evil.example"),
            ("state={|}^`\"", "state={|}^`\""),
            ("a\r\nSet-Cookie: x", ""),
            ("a#b", ""),
            ("é", ""),
        ] {
            assert_eq!(query_only(text), carried);
        }
        assert_eq!(onwards("//evil.example"), "/oauth/authorize?//evil.example");
        assert_eq!(onwards(""), "/");
        assert_eq!(onwards("apps"), "/apps");
        assert_eq!(onwards("grant=abc2"), "/consent/abc2");
        assert_eq!(onwards("grant=../x"), "/oauth/authorize?grant=../x");
    }
}
