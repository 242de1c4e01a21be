//! What a person tells of themselves, and what an app learns of it (IndieAuth "Profile Information").

use serde::Serialize;
use url::{Host, Url};

use super::client::display_name;
use super::metadata::PHOTO;
use super::policy::Issuer;
use super::profile::{ProfileUrl, Username};
use super::scope::Scope;
use super::uri::{RawUri, has_plain_characters, is_loopback};

/// Longest name that a person may show, in characters.
pub const MAX_NAME_CHARS: usize = 64;

/// Longest address of a site, in bytes.
pub const MAX_WEBSITE_BYTES: usize = 500;

/// Longest e-mail address, in bytes (RFC 5321 §4.5.3.1.3, without its brackets).
pub const MAX_EMAIL_BYTES: usize = 254;

/// Longest part before the `@`, in bytes (RFC 5321 §4.5.3.1.1).
const MAX_LOCAL_BYTES: usize = 64;

/// A person, with what they tell of themselves. None of it has to be there but the name they sign in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The name they sign in with.
    pub username: Username,
    /// The name they show, cleaned by [`read_name`].
    pub name: Option<String>,
    /// Their site, read by [`read_website`].
    pub website: Option<String>,
    /// What the address of their picture ends in.
    pub photo: Option<String>,
    /// Where they get mail.
    pub email: Option<Email>,
}

/// Where a person gets mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// The address, read by [`read_email`].
    pub address: String,
    /// The operator found that it is theirs. This server sends no mail, so nobody else can tell.
    pub is_verified: bool,
}

/// The `profile` object (IndieAuth "Profile Information"). It is never authoritative: clients know people by `me`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProfileInformation {
    /// Display name.
    pub name: String,
    /// Their own site, or the address that the app knows them by.
    pub url: String,
    /// Where their picture is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photo: Option<String>,
    /// Where they get mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether that is known to be theirs; there when `email` is. OpenID Connect Core §5.1 has the name: IndieAuth leaves
    /// other members to servers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
}

impl Person {
    /// Somebody who tells nothing.
    pub fn new(username: Username) -> Person {
        Person {
            username,
            name: None,
            website: None,
            photo: None,
            email: None,
        }
    }

    /// What others call them.
    pub fn shown_name(&self) -> &str {
        self.name.as_deref().unwrap_or(self.username.as_str())
    }

    /// Where their picture is on this server.
    pub fn photo_path(&self) -> Option<String> {
        self.photo.as_ref().map(|name| format!("{PHOTO}/{name}"))
    }

    /// What everybody may know who knows them as `me`: what stands on their public page.
    pub fn public(&self, me: &ProfileUrl, issuer: &Issuer) -> ProfileInformation {
        ProfileInformation {
            name: self.shown_name().to_owned(),
            url: self.website.clone().unwrap_or_else(|| me.as_str().to_owned()),
            photo: self.photo_path().map(|path| format!("{issuer}{path}")),
            email: None,
            email_verified: None,
        }
    }

    /// What `scope` lets an app know that knows them as `me`: the one place where that is decided, for what the consent
    /// page shows and for what is given. `None` without the scope `profile`; `email` counts only together with it.
    pub fn told(&self, scope: &Scope, me: &ProfileUrl, issuer: &Issuer) -> Option<ProfileInformation> {
        let email = self.email.as_ref().filter(|_| scope.contains("email"));
        scope.contains("profile").then(|| ProfileInformation {
            email: email.map(|email| email.address.clone()),
            email_verified: email.map(|email| email.is_verified),
            ..self.public(me, issuer)
        })
    }
}

/// Why a name is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameFault {
    /// It is too long.
    TooLong,
    /// Nothing of it can be shown.
    Invisible,
}

/// Reads a name to show, as names of clients are cleaned. Nothing typed is no name.
///
/// # Errors
/// As [`NameFault`] says.
pub fn read_name(typed: &str) -> Result<Option<String>, NameFault> {
    let typed = typed.trim();
    match typed.chars().count() {
        0 => Ok(None),
        1..=MAX_NAME_CHARS => display_name(typed).map(Some).ok_or(NameFault::Invisible),
        _ => Err(NameFault::TooLong),
    }
}

/// Why an address of a site is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebsiteFault {
    /// It is too long.
    TooLong,
    /// It is none, or none that may be linked to.
    NoAddress,
}

/// Reads the address of a site as people type it: without a scheme it is `https`. Plain `http` is for programs on the
/// computer of somebody who tries this server out (`development`). Nothing typed is no site.
///
/// # Errors
/// As [`WebsiteFault`] says.
pub fn read_website(typed: &str, development: bool) -> Result<Option<String>, WebsiteFault> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let raw = match typed.split(['/', '?', '#']).next() {
        Some(host) if !host.is_empty() && !host.contains(':') => format!("https://{typed}"),
        _ => typed.to_owned(),
    };
    // What a browser's address bar shows in other letters may be typed so, and is kept as it is sent (A-label, escapes).
    let url = Url::parse(&raw).map_err(|_| WebsiteFault::NoAddress)?;
    let secure = url.scheme() == "https" && matches!(url.host(), Some(Host::Domain(host)) if host.contains('.'));
    let own = development && matches!(url.scheme(), "http" | "https") && is_loopback(&url);
    let parts = RawUri::split(&raw).ok_or(WebsiteFault::NoAddress)?;
    let tricky = raw.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') || parts.has_userinfo();
    // A parser looks for the host behind a third slash, and may find another one than people do.
    let tricky = tricky || parts.host_and_port().0.is_empty();
    let text = String::from(url);
    if tricky || !(secure || own) || !has_plain_characters(&text) {
        return Err(WebsiteFault::NoAddress);
    }
    match text.len() > MAX_WEBSITE_BYTES {
        true => Err(WebsiteFault::TooLong),
        false => Ok(Some(text)),
    }
}

/// Why an e-mail address is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailFault {
    /// It is too long.
    TooLong,
    /// It is none.
    NoAddress,
}

/// Reads an e-mail address: no more is asked of it than what every address in use has. Nothing typed is none.
///
/// # Errors
/// As [`EmailFault`] says.
pub fn read_email(typed: &str) -> Result<Option<String>, EmailFault> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let (local, domain) = typed.rsplit_once('@').ok_or(EmailFault::NoAddress)?;
    let plain = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c);
    let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    let Ok(Host::Domain(host)) = Host::parse(domain) else {
        return Err(EmailFault::NoAddress);
    };
    let has_labels = host.contains('.') && host.split('.').all(|label| !label.is_empty());
    let named = host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
    if local.is_empty() || !local.chars().all(plain) || dots || !has_labels || !named || domain.contains('%') {
        return Err(EmailFault::NoAddress);
    }
    let address = format!("{local}@{host}");
    match local.len() > MAX_LOCAL_BYTES || address.len() > MAX_EMAIL_BYTES {
        true => Err(EmailFault::TooLong),
        false => Ok(Some(address)),
    }
}

#[cfg(test)]
mod tests;
