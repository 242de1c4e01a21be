//! Where a browser goes after signing in. What travels through the sign-in page is never an address, only what belongs
//! behind one of a few fixed paths, so it cannot lead elsewhere (attack case RD-19).

use actix_web::HttpRequest;
use actix_web::http::Method;

use super::dialects::{LINKS, link_again};
use super::paths::{
    ACCOUNT, ACTIVITY, ADD_ADDRESS, ADDRESSES, ADMIN, ADMIN_ACTIVITY, ADMIN_CLIENTS, ADMIN_HOSTS, ADMIN_INVITATIONS,
    ADMIN_PEOPLE, ADMIN_SETTINGS, ADMIN_TOKENS, APP_SESSION, APPS, CODE, CONFIRM, CONSENT, EMAIL, PASSKEYS, PASSWORD,
    PROFILE, SECOND_STEP, SECOND_STEP_SET_UP, SESSIONS, SIGN_IN,
};
use crate::oauth::grant::{Grant, GrantId};
use crate::oauth::metadata::{ANSWERED, API_DOC, AUTHORIZATION_ENDPOINT};
use crate::oauth::profile::Username;

/// What is carried along instead of a request, by somebody whose session ended on the consent page.
const GRANT: &str = "grant=";

/// Stands behind it when an app's own session belongs to the question.
const SESSION: &str = "&session=";

/// What is carried along by somebody on the way to the session that an app opened.
const IN_SESSION: &str = "auth=";

/// What is carried along by somebody on the way to an unregistered app's link, before the query of that link.
const LINK: &str = "link=";

/// What is carried along by somebody on the way to a code that is theirs to copy.
const SHOWN: &str = "shown=";

/// What is carried along by somebody on the way to a page of their own, and the page.
const PLACES: [(&str, &str); 20] = [
    ("apps", APPS),
    ("account", ACCOUNT),
    ("sessions", SESSIONS),
    ("activity", ACTIVITY),
    ("passkeys", PASSKEYS),
    ("password", PASSWORD),
    ("profile", PROFILE),
    ("email", EMAIL),
    ("second-step", SECOND_STEP),
    ("second-step-set-up", SECOND_STEP_SET_UP),
    ("admin", ADMIN),
    ("admin-people", ADMIN_PEOPLE),
    ("admin-invitations", ADMIN_INVITATIONS),
    ("admin-clients", ADMIN_CLIENTS),
    ("admin-hosts", ADMIN_HOSTS),
    ("admin-tokens", ADMIN_TOKENS),
    ("admin-activity", ADMIN_ACTIVITY),
    ("admin-settings", ADMIN_SETTINGS),
    ("addresses", ADDRESSES),
    ("add-address", ADD_ADDRESS),
];

/// Stands before the name of the person whose page an operator is on the way to.
const MANAGED: &str = "admin-person=";

/// What is carried along by somebody on the way back to the page about scopes.
const SCOPES: &str = "api-doc";

/// What is carried along by somebody on the way back to a person's page, before the name.
const PERSON: &str = "@";

/// The page of a person's own behind a word, if it is one of them.
pub(super) fn place(word: &str) -> Option<String> {
    let fixed = PLACES.iter().find(|(known, _)| *known == word);
    let person = word
        .strip_prefix(MANAGED)
        .filter(|name| !name.is_empty() && is_plain(name));
    let person = person.map(|name| format!("{ADMIN_PEOPLE}/{name}"));
    fixed.map(|(_, path)| (*path).to_owned()).or(person)
}

/// The word that leads to a page of a person's own.
fn word(path: &str) -> String {
    let fixed = PLACES.iter().find(|(_, known)| *known == path);
    let person = path.strip_prefix(ADMIN_PEOPLE).and_then(|rest| rest.strip_prefix('/'));
    let person = person
        .filter(|name| is_plain(name))
        .map(|name| format!("{MANAGED}{name}"));
    fixed.map(|(word, _)| (*word).to_owned()).or(person).unwrap_or_default()
}

/// The sign-in page for somebody on the way to a page of their own.
pub(super) fn before(path: &str) -> String {
    let word = word(path);
    if word.is_empty() {
        SIGN_IN.to_owned()
    } else {
        format!("{SIGN_IN}?{word}")
    }
}

/// The page that asks for the password again, for somebody on the way to a page of their own.
pub(super) fn confirm_before(path: &str) -> String {
    format!("{CONFIRM}?{}", word(path))
}

/// The sign-in page for somebody who was asked a question and is not signed in any more. The session is the app's own, or
/// empty.
pub(super) fn before_consent(id: &str, session: &str) -> String {
    match (is_plain(id), session) {
        (false, _) => SIGN_IN.to_owned(),
        (true, "") => format!("{SIGN_IN}?{GRANT}{id}"),
        (true, session) => format!("{SIGN_IN}?{GRANT}{id}{SESSION}{}", escaped(session)),
    }
}

/// The sign-in page for somebody who has a code to read and is not signed in any more.
pub(super) fn before_code(code: &str) -> String {
    if is_plain(code) {
        format!("{SIGN_IN}?{SHOWN}{code}")
    } else {
        SIGN_IN.to_owned()
    }
}

/// The sign-in page for somebody on the way to the session that an app opened.
pub(super) fn before_session(token: &str) -> String {
    format!("{SIGN_IN}?{IN_SESSION}{}", escaped(token))
}

/// The sign-in page for somebody on the way to an unregistered app's link.
pub(super) fn before_link(session: &str, query: &str) -> String {
    format!("{SIGN_IN}?{LINK}{}&{query}", escaped(session))
}

/// The sign-in page for somebody who wants to answer a question as somebody else.
pub(super) fn asked_again(grant: &Grant, session: &str) -> String {
    match &grant.session {
        None => format!("{SIGN_IN}?{}", grant.to_query()),
        Some(known) if *known == grant.client.dialect.session(session) => link_again(grant, session),
        Some(_) => SIGN_IN.to_owned(),
    }
}

/// The consent page of a question that belongs to an app's own session.
pub(super) fn to_consent(id: &GrantId, session: &str) -> String {
    format!("{CONSENT}/{}?session={}", id.0, escaped(session))
}

/// Letters, digits and `_`: the alphabet of our ids and secrets.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// As one segment of a path, or one value of a query.
fn escaped(text: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    encoded.replace('+', "%20")
}

/// Whether `text` is what [`escaped`] makes.
fn is_escaped(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"*-._%".contains(&b);
    !text.is_empty() && text.bytes().all(plain)
}

/// Where to go after signing in: one of a few fixed paths.
pub(super) fn onwards(continue_query: &str) -> String {
    if let Some(path) = place(continue_query) {
        return path;
    }
    match continue_query {
        "" => "/".to_owned(),
        SCOPES => API_DOC.to_owned(),
        query => to_question(query)
            .or_else(|| to_person(query))
            .or_else(|| to_session(query))
            .or_else(|| to_link(query))
            .or_else(|| to_code(query))
            .unwrap_or_else(|| format!("{AUTHORIZATION_ENDPOINT}?{query}")),
    }
}

fn to_question(query: &str) -> Option<String> {
    let question = query.strip_prefix(GRANT)?;
    match question.split_once(SESSION) {
        None => is_plain(question).then(|| format!("{CONSENT}/{question}")),
        Some((id, session)) => {
            (is_plain(id) && is_escaped(session)).then(|| format!("{CONSENT}/{id}?session={session}"))
        }
    }
}

fn to_session(query: &str) -> Option<String> {
    let token = query.strip_prefix(IN_SESSION)?;
    is_plain(token).then(|| format!("{APP_SESSION}/{token}"))
}

fn to_link(query: &str) -> Option<String> {
    let (session, rest) = query.strip_prefix(LINK)?.split_once('&')?;
    is_escaped(session).then(|| format!("{LINKS}/{session}?{rest}"))
}

fn to_code(query: &str) -> Option<String> {
    let code = query.strip_prefix(SHOWN)?;
    is_plain(code).then(|| format!("{ANSWERED}?code={code}"))
}

fn to_person(query: &str) -> Option<String> {
    let name = Username::parse(query.strip_prefix(PERSON)?)?;
    Some(format!("/@{}", name.as_str()))
}

/// The page that a request is about: itself, or for a form the page that the form is on.
pub(super) fn page_of(request: &HttpRequest) -> String {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        let page = request.uri().path_and_query();
        return page.map_or("/", |page| page.as_str()).to_owned();
    }
    let path = request.path();
    let places = PLACES.iter().map(|(_, place)| *place);
    let around = places.filter(|place| {
        path.strip_prefix(place)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    around.max_by_key(|place| place.len()).unwrap_or("/").to_owned()
}

/// What [`onwards`] needs to lead back to a page, as far as one of its ways does. Else home.
pub(super) fn carried(page: &str) -> String {
    let (path, query) = page.split_once('?').unwrap_or((page, ""));
    match path {
        AUTHORIZATION_ENDPOINT | SIGN_IN | CODE => query_only(query).to_owned(),
        API_DOC => SCOPES.to_owned(),
        path => to_carry(path, query),
    }
}

fn to_carry(path: &str, query: &str) -> String {
    let person = path.strip_prefix("/@").and_then(Username::parse);
    let question = path.strip_prefix(CONSENT).and_then(|rest| rest.strip_prefix('/'));
    match (person, question.filter(|id| is_plain(id))) {
        (Some(name), _) => format!("{PERSON}{}", name.as_str()),
        (None, Some(id)) => match query.strip_prefix("session=") {
            Some(session) if is_escaped(session) => format!("{GRANT}{id}{SESSION}{session}"),
            _ => format!("{GRANT}{id}"),
        },
        (None, None) => word(path),
    }
}

/// A page with this query.
pub(super) fn with_query(path: &str, query: &str) -> String {
    match query {
        "" => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// The authorization request that waits, if it is one.
pub(super) fn waiting_request(continue_query: &str) -> Option<&str> {
    let way = onwards(continue_query);
    let is_request = way.starts_with(&format!("{AUTHORIZATION_ENDPOINT}?"));
    is_request.then_some(continue_query)
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
    }

    #[test]
    fn the_way_on_is_one_of_a_few_fixed_paths() {
        for (carried, way) in [
            ("//evil.example", "/oauth/authorize?//evil.example"),
            ("", "/"),
            ("apps", "/apps"),
            ("admin-person=bob_2", "/admin/people/bob_2"),
            ("admin-person=../x", "/oauth/authorize?admin-person=../x"),
            ("admin-person=", "/oauth/authorize?admin-person="),
            ("shown=vc_a2", "/oauth/authorize/native?code=vc_a2"),
            ("shown=x&error=y", "/oauth/authorize?shown=x&error=y"),
            ("grant=abc2", "/consent/abc2"),
            ("grant=abc2&session=a%2Fb", "/consent/abc2?session=a%2Fb"),
            ("grant=../x", "/oauth/authorize?grant=../x"),
            ("grant=abc2&session=a/b", "/oauth/authorize?grant=abc2&session=a/b"),
            ("grant=abc2&session=a&x=y", "/oauth/authorize?grant=abc2&session=a&x=y"),
            ("auth=vc_abc2", "/auth/vc_abc2"),
            ("auth=..%2F", "/oauth/authorize?auth=..%2F"),
            ("auth=/evil.example", "/oauth/authorize?auth=/evil.example"),
            ("link=a%2Fb&name=x&callback=y", "/miauth/a%2Fb?name=x&callback=y"),
            ("link=a&", "/miauth/a?"),
            ("link=/evil.example&x", "/oauth/authorize?link=/evil.example&x"),
            ("link=&x", "/oauth/authorize?link=&x"),
            ("@alice", "/@alice"),
            ("@/evil.example", "/oauth/authorize?@/evil.example"),
            ("api-doc", "/api-doc"),
        ] {
            assert_eq!(onwards(carried), way, "{carried}");
        }
    }

    #[test]
    fn whoever_signs_in_on_the_way_arrives() {
        let arrives = |at: String| onwards(at.strip_prefix("/sign-in?").unwrap_or("nowhere"));
        assert_eq!(arrives(before_consent("abc2", "")), "/consent/abc2");
        assert_eq!(
            arrives(before_consent("abc2", "a /&b")),
            "/consent/abc2?session=a%20%2F%26b"
        );
        assert_eq!(arrives(before_session("vc_abc2")), "/auth/vc_abc2");
        assert_eq!(arrives(before_link("ä?", "name=x")), "/miauth/%C3%A4%3F?name=x");
        assert_eq!(arrives(before_code("vc_a2")), "/oauth/authorize/native?code=vc_a2");
        assert_eq!(before_code("//evil.example"), SIGN_IN);
        assert_eq!(before_consent("../x", "a"), SIGN_IN);
    }

    #[test]
    fn whoever_is_carried_away_from_a_page_comes_back() {
        for page in [
            "/",
            "/apps",
            "/account/second-step",
            "/@alice",
            "/api-doc",
            "/consent/abc2",
            "/consent/abc2?session=a%2Fb",
            "/oauth/authorize?client_id=x&state=%2F",
        ] {
            assert_eq!(onwards(&carried(page)), page);
        }
        for (page, way) in [
            ("/sign-in?client_id=x", "/oauth/authorize?client_id=x"),
            ("/sign-in?apps", "/apps"),
            ("/nowhere?x", "/"),
            ("//evil.example", "/"),
            ("/@../x", "/"),
            ("/consent/../x", "/"),
            ("/consent/abc2?session=a/b", "/consent/abc2"),
        ] {
            assert_eq!(onwards(&carried(page)), way, "{page}");
        }
    }

    #[test]
    fn a_form_belongs_to_the_page_that_it_is_on() {
        for (path, page) in [
            ("/account/second-step/recovery-codes", "/account/second-step"),
            ("/account/second-step/set-up", "/account/second-step/set-up"),
            ("/account/second-stepping", "/account"),
            ("/apps/revoke", "/apps"),
            ("/sign-out", "/"),
        ] {
            let request = actix_web::test::TestRequest::post().uri(path).to_http_request();
            assert_eq!(page_of(&request), page, "{path}");
        }
    }

    /// The sign-in page names the host of the app that waits. A link can carry any parameter.
    #[test]
    fn only_an_authorization_request_names_its_client() {
        assert!(waiting_request("client_id=https%3A%2F%2Fapp.example%2F").is_some());
        assert!(waiting_request("link=a&client_id=https%3A%2F%2Fapp.example%2F").is_none());
    }

    #[test]
    fn the_way_to_a_page_of_their_own_is_a_word() {
        for (word, path) in PLACES {
            assert_eq!(onwards(word), path);
            assert_eq!(before(path), format!("/sign-in?{word}"));
            assert!(waiting_request(word).is_none());
        }
        assert_eq!(before("/elsewhere"), "/sign-in");
    }
}
