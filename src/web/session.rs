//! The cookies: one that says whose browser this is, one that only ties an anonymous visitor's forms to the browser, and
//! one each for a sign-in between its two steps and for a question to a passkey. These are random and mean nothing by
//! themselves. A last one holds the language that somebody chose.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

use crate::oauth::policy::Policy;
use crate::oauth::secret::{CeremonyKey, Digest, Secret, SessionKey, SignInKey};

/// The names. Over TLS they carry `__Host-`: no subdomain and no plain-text page can set them.
struct Names {
    session: &'static str,
    visitor: &'static str,
    pending: &'static str,
    language: &'static str,
    ceremony: &'static str,
}

fn names(policy: &Policy) -> Names {
    if policy.issuer.is_https() {
        Names {
            session: "__Host-vestibule_session",
            visitor: "__Host-vestibule_visitor",
            pending: "__Host-vestibule_sign_in",
            language: "__Host-vestibule_language",
            ceremony: "__Host-vestibule_ceremony",
        }
    } else {
        Names {
            session: "vestibule_session",
            visitor: "vestibule_visitor",
            pending: "vestibule_sign_in",
            language: "vestibule_language",
            ceremony: "vestibule_ceremony",
        }
    }
}

/// The session cookie of a request.
pub(super) fn session(request: &HttpRequest, policy: &Policy) -> Option<String> {
    request
        .cookie(names(policy).session)
        .map(|cookie| cookie.value().to_owned())
}

/// The visitor cookie of a request.
pub(super) fn visitor(request: &HttpRequest, policy: &Policy) -> Option<String> {
    request
        .cookie(names(policy).visitor)
        .map(|cookie| cookie.value().to_owned())
        .filter(|value| !value.is_empty())
}

/// The sign-in of a request that waits for its second step.
pub(super) fn pending(request: &HttpRequest, policy: &Policy) -> Option<Digest<SignInKey>> {
    request
        .cookie(names(policy).pending)
        .map(|cookie| Digest::of(cookie.value()))
}

/// The cookie of a session that begins.
pub(super) fn begin(key: &Secret<SessionKey>, policy: &Policy) -> Cookie<'static> {
    let life = Duration::try_from(policy.lifetimes.session_absolute).unwrap_or(Duration::DAY);
    cookie(names(policy).session, key.expose().to_owned(), Some(life), policy)
}

/// What removes the cookie of a session that ends.
pub(super) fn end(policy: &Policy) -> Cookie<'static> {
    removal(names(policy).session, policy)
}

/// The cookie of a sign-in that waits for its second step.
pub(super) fn begin_pending(key: &Secret<SignInKey>, policy: &Policy) -> Cookie<'static> {
    let life = Duration::try_from(policy.lifetimes.pending_sign_in).ok();
    cookie(names(policy).pending, key.expose().to_owned(), life, policy)
}

/// What removes that cookie.
pub(super) fn end_pending(policy: &Policy) -> Cookie<'static> {
    removal(names(policy).pending, policy)
}

/// The tag of the language that was chosen in this browser.
pub(super) fn language(request: &HttpRequest, policy: &Policy) -> Option<String> {
    request
        .cookie(names(policy).language)
        .map(|cookie| cookie.value().to_owned())
}

/// The cookie of a language, for a year.
pub(super) fn choose_language(tag: &'static str, policy: &Policy) -> Cookie<'static> {
    cookie(
        names(policy).language,
        tag.to_owned(),
        Some(Duration::days(365)),
        policy,
    )
}

/// The question to a passkey that a request answers.
pub(super) fn ceremony(request: &HttpRequest, policy: &Policy) -> Option<Digest<CeremonyKey>> {
    request
        .cookie(names(policy).ceremony)
        .map(|cookie| Digest::of(cookie.value()))
}

/// The cookie of a question to a passkey.
pub(super) fn begin_ceremony(key: &Secret<CeremonyKey>, policy: &Policy) -> Cookie<'static> {
    let life = Duration::try_from(policy.lifetimes.ceremony).ok();
    cookie(names(policy).ceremony, key.expose().to_owned(), life, policy)
}

/// What removes that cookie.
pub(super) fn end_ceremony(policy: &Policy) -> Cookie<'static> {
    removal(names(policy).ceremony, policy)
}

fn removal(name: &'static str, policy: &Policy) -> Cookie<'static> {
    let mut gone = cookie(name, String::new(), None, policy);
    gone.make_removal();
    gone
}

/// A new visitor cookie, for as long as the browser is open.
pub(super) fn new_visitor(value: &str, policy: &Policy) -> Cookie<'static> {
    cookie(names(policy).visitor, value.to_owned(), None, policy)
}

fn cookie(name: &'static str, value: String, life: Option<Duration>, policy: &Policy) -> Cookie<'static> {
    let mut built = Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .finish();
    built.set_secure(policy.issuer.is_https());
    built.set_max_age(life);
    built
}
