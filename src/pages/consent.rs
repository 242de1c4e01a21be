//! `GET /consent/{grant_id}`: the page on which a person decides. Everything on it that an app could have chosen is
//! marked as the app's own claim; what the server has checked stands first and largest.

use serde::Serialize;

use super::scope::{ScopeSection, scope_sections, sentence};
use super::{Language, View, shown_host};
use crate::oauth::grant::{Grant, GrantClient};
use crate::oauth::policy::TokenLifetime;
use crate::oauth::profile::{ProfileInformation, Username};
use crate::oauth::redirect_uri::RedirectTarget;
use crate::oauth::scope::ScopeCatalog;

mod samples;

/// The question. Posts `csrf`, `scope` (once per ticked box), `lifetime` and `decision` (`approve` or `deny`) to
/// `/consent/{grant_id}`. A second small form posts `csrf` and `grant` to `/sign-out` ("not you?").
#[derive(Debug, Clone, Serialize)]
pub struct ConsentView {
    /// The pending grant's id.
    pub grant_id: String,
    /// Who asks.
    pub client: ConsentClient,
    /// Where the answer goes: the redirect URI in full.
    pub redirect_uri: String,
    /// What the person should know before answering.
    pub warnings: Vec<Warning>,
    /// The name of the account that is signed in.
    pub username: String,
    /// The address the app will know the person by.
    pub me: String,
    /// What is asked for, by kind.
    pub scopes: Vec<ScopeSection>,
    /// What the scope `profile` would tell the app; shown under its box.
    pub profile: Option<ProfileInformation>,
    /// Whether the app gets no access at all: it learns the address, and the ticked identity scopes.
    pub identity_only: bool,
    /// Whether the next request for no more than this is answered without asking.
    pub remembers: bool,
    /// Whether the app itself declares that it refreshes: then it keeps its access until the person ends it, and there is
    /// no lifetime to choose.
    pub refreshes: bool,
    /// The lifetimes to choose from: all of [`TokenLifetime::ALL`], or none when there is nothing to choose.
    pub lifetimes: &'static [TokenLifetime],
    /// What the box of `offline_access` says, when the choice of lifetime counts only without it.
    pub offline_access: Option<String>,
    /// The one that is chosen at first.
    pub preselected: TokenLifetime,
}

/// The app that asks.
#[derive(Debug, Clone, Serialize)]
pub struct ConsentClient {
    /// The headline: the host of the client id, with its port when it has one.
    pub host: String,
    /// Whether that host is this computer.
    pub host_is_loopback: bool,
    /// What the app calls itself, as cleaned text.
    pub name: Option<String>,
    /// The client id in full.
    pub client_id: String,
    /// The app's web site, as it says. An `https` address becomes a link; an `http` one on this computer, where apps are
    /// made, is shown as text; any other is left out.
    pub client_uri: Option<String>,
}

/// Something to know before answering.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Warning {
    /// The client id is an address on the visitor's own computer, which the server cannot look at.
    Unfetched,
    /// The answer goes to a program on this computer.
    Loopback {
        /// Host and port of the redirect URI.
        host: String,
    },
    /// The answer goes to whichever app on this device opens such links.
    CustomScheme {
        /// The scheme, without its colon.
        scheme: String,
    },
    /// The answer goes to another host than the client id's.
    DifferentHost {
        /// That other host, with its port when it has one.
        host: String,
    },
    /// The app named a home page that is not under its client id; it is not shown (IndieAuth "Client
    /// Information Discovery").
    ForeignClientUri,
    /// The app does not use PKCE, and the operator has let it.
    WithoutPkce,
}

impl ConsentView {
    /// The question that `grant` puts to the person with the name `username`.
    pub fn new(grant: &Grant, username: &Username, scopes: &ScopeCatalog, language: Language) -> ConsentView {
        let requested = &grant.requested;
        // No scope, no token: then there is nothing to refresh, and no lifetime to choose.
        let identity_only = requested.is_empty();
        let refreshes = !identity_only && grant.client.refreshes;
        let has_choice = !identity_only && !refreshes;
        let offline_access = requested.iter().find(|token| token.as_str() == "offline_access");
        ConsentView {
            grant_id: grant.id.0.clone(),
            client: ConsentClient::from(&grant.client),
            redirect_uri: grant.redirect_uri.as_str().to_owned(),
            warnings: warnings(grant),
            username: username.as_str().to_owned(),
            me: grant.me.as_str().to_owned(),
            scopes: scope_sections(requested, scopes, language),
            profile: ProfileInformation::granted(requested, username, &grant.me),
            identity_only,
            remembers: grant.may_be_remembered(),
            refreshes,
            lifetimes: if has_choice { &TokenLifetime::ALL } else { &[] },
            offline_access: offline_access
                .filter(|_| has_choice)
                .map(|token| sentence(token, scopes, language)),
            preselected: TokenLifetime::default(),
        }
    }
}

impl From<&GrantClient> for ConsentClient {
    fn from(client: &GrantClient) -> ConsentClient {
        ConsentClient {
            host: shown_host(client.id.url()),
            host_is_loopback: client.id.is_loopback(),
            name: client.name.clone(),
            client_id: client.id.as_str().to_owned(),
            client_uri: client.client_uri.clone(),
        }
    }
}

/// What to know before answering, in the order to show it.
fn warnings(grant: &Grant) -> Vec<Warning> {
    let all = [
        (!grant.client.fetched).then_some(Warning::Unfetched),
        redirect_warning(grant),
        grant.client.foreign_client_uri.then_some(Warning::ForeignClientUri),
        grant.code_challenge.is_none().then_some(Warning::WithoutPkce),
    ];
    all.into_iter().flatten().collect()
}

fn redirect_warning(grant: &Grant) -> Option<Warning> {
    let redirect_uri = &grant.redirect_uri;
    if redirect_uri.target() == RedirectTarget::PrivateUse {
        let scheme = redirect_uri.scheme().to_owned();
        return Some(Warning::CustomScheme { scheme });
    }
    let url = redirect_uri.http_url()?;
    let host = shown_host(&url);
    if redirect_uri.target() == RedirectTarget::Loopback {
        return Some(Warning::Loopback { host });
    }
    (url.host_str() != Some(grant.client.id.host())).then_some(Warning::DifferentHost { host })
}

impl View for ConsentView {
    const TEMPLATE: &'static str = "consent.html";

    fn samples() -> Vec<Self> {
        samples::all()
    }
}

#[cfg(test)]
mod tests;
