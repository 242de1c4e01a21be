//! `GET /consent/{grant_id}`: the page on which a person decides. Everything on it that an app could have chosen is
//! marked as the app's own claim; what the server has checked stands first and largest.

use serde::Serialize;

use super::scope::{ScopeSection, scope_sections, sentence};
use super::{Language, View, shown_host};
use crate::oauth::grant::Grant;
use crate::oauth::policy::TokenLifetime;
use crate::oauth::profile::{ProfileInformation, Username};
use crate::oauth::redirect_uri::{RedirectTarget, RedirectUri};
use crate::oauth::scope::ScopeCatalog;

mod client;
mod samples;

pub use client::{ConsentClient, Headline, KnownBy};

/// The question. Posts `csrf`, `session` (when there is one), `scope` (once per ticked box), `lifetime` and `decision`
/// (`approve` or `deny`) to `/consent/{grant_id}`. A second small form posts `csrf` and `grant` to `/sign-out` ("not
/// you?").
#[derive(Debug, Clone, Serialize)]
pub struct ConsentView {
    /// The pending grant's id.
    pub grant_id: String,
    /// Who asks.
    pub client: ConsentClient,
    /// Where the answer goes.
    pub answer: AnswerPlace,
    /// What the app itself named this request, in a dialect in which it does. It goes back with the decision, and is not
    /// shown.
    pub session: Option<String>,
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
    /// Whether the app gets no access at all: it learns the address, and nothing comes after that.
    pub identity_only: bool,
    /// Whether the app gets a key without permissions: with it, it can only see who the person is.
    pub no_permissions: bool,
    /// Whether the next request for no more than this is answered without asking.
    pub remembers: bool,
    /// Whether the app keeps its access until the person ends it, and there is no lifetime to choose.
    pub until_ended: bool,
    /// Whether such access also ends by itself when the app does not use it: the app refreshes.
    pub refreshes: bool,
    /// After how many days the access ends by itself, because the operator limits it. Shown instead of `until_ended`.
    pub expires_days: Option<u64>,
    /// The lifetimes to choose from: all of [`TokenLifetime::ALL`], or none when there is nothing to choose.
    pub lifetimes: &'static [TokenLifetime],
    /// What the box of `offline_access` says, when the choice of lifetime counts only without it.
    pub offline_access: Option<String>,
    /// The one that is chosen at first.
    pub preselected: TokenLifetime,
}

/// Where the answer goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AnswerPlace {
    /// To the redirect URI.
    RedirectUri {
        /// In full.
        uri: String,
    },
    /// To the person: a code is shown, to be copied into the app.
    ShownCode,
    /// Nowhere: the app asks the server whether the person agreed. Whoever began the request can ask, so no address
    /// that is opened afterwards says who gets the access.
    AskedFor {
        /// The address that is opened afterwards, in full.
        opens: Option<String>,
    },
}

/// Something to know before answering.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Warning {
    /// The app registered itself, so nobody has checked what it says. Calm where the answer goes to the host in the
    /// headline; without that, the person's own memory is all there is to go by.
    Registered,
    /// The app is not registered: it is what a link says it is, and whoever made the link gets the access.
    Unregistered,
    /// The answer is a code for the person to copy, which somebody could talk them out of.
    ShownCode,
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
    /// The answer goes to another host than the client id's. Only for an app whose client id is its address.
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
            answer: AnswerPlace::from(&grant.redirect_uri),
            session: None,
            warnings: warnings(grant),
            username: username.as_str().to_owned(),
            me: grant.me.as_str().to_owned(),
            scopes: scope_sections(requested, scopes, language),
            profile: ProfileInformation::granted(requested, username, &grant.me),
            identity_only,
            no_permissions: false,
            remembers: grant.may_be_remembered(),
            until_ended: refreshes,
            refreshes,
            expires_days: None,
            lifetimes: if has_choice { &TokenLifetime::ALL } else { &[] },
            offline_access: offline_access
                .filter(|_| has_choice)
                .map(|token| sentence(token, scopes, language)),
            preselected: TokenLifetime::default(),
        }
    }
}

impl From<&RedirectUri> for AnswerPlace {
    fn from(redirect_uri: &RedirectUri) -> AnswerPlace {
        AnswerPlace::RedirectUri {
            uri: redirect_uri.as_str().to_owned(),
        }
    }
}

/// What to know before answering, in the order to show it.
fn warnings(grant: &Grant) -> Vec<Warning> {
    let all = [
        (!grant.client.fetched).then_some(Warning::Unfetched),
        on_this_device(&grant.redirect_uri).or_else(|| elsewhere(grant)),
        grant.client.foreign_client_uri.then_some(Warning::ForeignClientUri),
        grant.code_challenge.is_none().then_some(Warning::WithoutPkce),
    ];
    all.into_iter().flatten().collect()
}

/// The answer goes to a program on the person's own device, and it is hard to say to which.
fn on_this_device(redirect_uri: &RedirectUri) -> Option<Warning> {
    match redirect_uri.target() {
        RedirectTarget::Https => None,
        RedirectTarget::Loopback => Some(Warning::Loopback {
            host: shown_host(&redirect_uri.http_url()?),
        }),
        RedirectTarget::PrivateUse => Some(Warning::CustomScheme {
            scheme: redirect_uri.scheme().to_owned(),
        }),
    }
}

/// The answer goes to another host than the one in the headline.
fn elsewhere(grant: &Grant) -> Option<Warning> {
    let url = grant.redirect_uri.http_url()?;
    let host = shown_host(&url);
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
