//! Where a browser goes after signing in. What travels through the sign-in page is never an address, only what belongs
//! behind one of a few fixed paths, so it cannot lead elsewhere (attack case RD-19).

use super::paths::{
    ACCOUNT, ACTIVITY, APPS, CONFIRM, CONSENT, PASSWORD, SECOND_STEP, SECOND_STEP_SET_UP, SESSIONS, SIGN_IN,
};
use crate::oauth::metadata::AUTHORIZATION_ENDPOINT;

/// What is carried along instead of a request, by somebody whose session ended on the consent page.
const GRANT: &str = "grant=";

/// What is carried along by somebody on the way to a page of their own, and the page.
const PLACES: [(&str, &str); 7] = [
    ("apps", APPS),
    ("account", ACCOUNT),
    ("sessions", SESSIONS),
    ("activity", ACTIVITY),
    ("password", PASSWORD),
    ("second-step", SECOND_STEP),
    ("second-step-set-up", SECOND_STEP_SET_UP),
];

/// The page of a person's own behind a word, if it is one of them.
pub(super) fn place(word: &str) -> Option<&'static str> {
    PLACES.iter().find(|(known, _)| *known == word).map(|(_, path)| *path)
}

/// The word that leads to a page of a person's own.
fn word(path: &str) -> &'static str {
    PLACES
        .iter()
        .find(|(_, known)| *known == path)
        .map_or("", |(word, _)| *word)
}

/// The sign-in page for somebody on the way to a page of their own.
pub(super) fn before(path: &str) -> String {
    match word(path) {
        "" => SIGN_IN.to_owned(),
        word => format!("{SIGN_IN}?{word}"),
    }
}

/// The page that asks for the password again, for somebody on the way to a page of their own.
pub(super) fn confirm_before(path: &str) -> String {
    format!("{CONFIRM}?{}", word(path))
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
    if let Some(path) = place(continue_query) {
        return path.to_owned();
    }
    match (continue_query, continue_query.strip_prefix(GRANT)) {
        ("", _) => "/".to_owned(),
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
        for (word, path) in PLACES {
            assert_eq!(onwards(word), path);
            assert_eq!(before(path), format!("/sign-in?{word}"));
        }
        assert_eq!(before("/elsewhere"), "/sign-in");
        assert_eq!(onwards("grant=abc2"), "/consent/abc2");
        assert_eq!(onwards("grant=../x"), "/oauth/authorize?grant=../x");
    }
}
