//! Where a browser goes after signing in. What travels through the sign-in page is never an address, only what belongs
//! behind one of a few fixed paths, so it cannot lead elsewhere (attack case RD-19).

use super::paths::{APPS, CONSENT, SIGN_IN};
use crate::oauth::metadata::{ANSWERED, AUTHORIZATION_ENDPOINT};

/// What is carried along instead of a request, by somebody whose session ended on the consent page.
const GRANT: &str = "grant=";

/// What is carried along by somebody on the way to the apps page.
const TO_APPS: &str = "apps";

/// What is carried along by somebody on the way to a code that is theirs to copy.
const SHOWN: &str = "shown=";

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

/// The sign-in page for somebody who has a code to read and is not signed in any more.
pub(super) fn before_code(code: &str) -> String {
    if is_code(code) {
        format!("{SIGN_IN}?{SHOWN}{code}")
    } else {
        SIGN_IN.to_owned()
    }
}

/// The alphabet of our secrets (decision 5): nothing in it means anything in an address.
fn is_code(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn is_grant_id(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Where to go after signing in: one of a few fixed paths.
pub(super) fn onwards(continue_query: &str) -> String {
    if let Some(id) = continue_query.strip_prefix(GRANT).filter(|id| is_grant_id(id)) {
        return format!("{CONSENT}/{id}");
    }
    if let Some(code) = continue_query.strip_prefix(SHOWN).filter(|code| is_code(code)) {
        return format!("{ANSWERED}?code={code}");
    }
    match continue_query {
        "" => "/".to_owned(),
        TO_APPS => APPS.to_owned(),
        query => format!("{AUTHORIZATION_ENDPOINT}?{query}"),
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
        assert_eq!(onwards("shown=vc_a2"), "/oauth/authorize/native?code=vc_a2");
        assert_eq!(onwards("shown=x&error=y"), "/oauth/authorize?shown=x&error=y");
        assert_eq!(before_code("vc_a2"), "/sign-in?shown=vc_a2");
        assert_eq!(before_code("//evil.example"), "/sign-in");
    }
}
