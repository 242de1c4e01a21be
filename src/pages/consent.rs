//! `GET /consent/{grant_id}`: the page on which a person decides. Everything on it that an app could have chosen is
//! marked as the app's own claim; what the server has checked stands first and largest.

use serde::Serialize;

use super::scope::{ScopeSection, scope_sections, sentence};
use super::{Language, View, shown_host};
use crate::oauth::change::Snapshot;
use crate::oauth::dialect::Tokens;
use crate::oauth::grant::Grant;
use crate::oauth::host_rule::HostRule;
use crate::oauth::person::{Person, ProfileInformation};
use crate::oauth::policy::{Policy, TokenLifetime};
use crate::oauth::redirect_uri::RedirectTarget;

mod client;
mod history;
mod samples;

pub use client::{ConsentClient, Headline, KnownBy};
pub use history::{Changed, Difference, Seen};

/// The question. Posts `csrf`, `session` (when there is one), `me` (where there is a choice), `scope` (once per ticked box),
/// `lifetime` and `decision` (`approve` or `deny`) to `/consent/{grant_id}`. A second small form posts `csrf` and `grant` to `/sign-out` ("not
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
    /// Where on this server the picture is that the app shows for itself.
    pub logo: Option<String>,
    /// Since when the person says yes to the app. Only of an app whose client id is its address.
    pub seen: Option<Seen>,
    /// The operator knows its host, so it is not said since when the app is known.
    pub vouched: bool,
    /// What it says otherwise than when the person last said yes to it.
    pub changed: Option<Changed>,
    /// What the person should know before answering.
    pub warnings: Vec<Warning>,
    /// The name of the account that is signed in.
    pub username: String,
    /// The address the app will know the person by; where there is a choice, the one that is chosen at first.
    pub me: String,
    /// The addresses to choose from; none when there is only one.
    pub addresses: Vec<String>,
    /// An address that was chosen and is not proved any more.
    pub address_gone: Option<String>,
    /// What is asked for, by kind.
    pub scopes: Vec<ScopeSection>,
    /// What the scopes `profile` and `email` would tell the app, word for word; shown under their boxes.
    pub profile: Option<ProfileInformation>,
    /// Whether the address among it is the one that the app will know the person by, since they told no website.
    pub url_is_me: bool,
    /// Where the picture among it is on this server: a page shows none from elsewhere.
    pub photo: Option<String>,
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
    /// The lifetimes to choose from: those the operator's cap leaves, or none when there is nothing to choose.
    pub lifetimes: Vec<TokenLifetime>,
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
    /// The question that `grant` puts to `person`.
    pub fn new(grant: &Grant, person: &Person, policy: &Policy, language: Language) -> ConsentView {
        let requested = &grant.requested;
        let rules = grant.client.dialect.rules();
        // No scope, no token for most: then there is nothing to refresh, and no lifetime to choose.
        let nothing = requested.is_empty();
        let identity_only = nothing && !rules.token_without_scope;
        let refreshes = !nothing && grant.client.refreshes;
        let cap = policy.token_cap(grant.client.dialect);
        let chooses = !nothing && !refreshes && rules.tokens == Tokens::Chosen;
        let lifetimes = if chooses {
            TokenLifetime::within(cap)
        } else {
            Vec::new()
        };
        let lasts = refreshes || (rules.tokens != Tokens::Chosen && cap.is_none());
        let offline_access = requested.iter().find(|token| token.as_str() == "offline_access");
        ConsentView {
            grant_id: grant.id.0.clone(),
            client: ConsentClient::from(grant),
            answer: AnswerPlace::from(grant),
            session: None,
            logo: None,
            seen: Seen::of(grant, None),
            vouched: false,
            changed: None,
            warnings: warnings(grant),
            username: person.username.as_str().to_owned(),
            me: grant.me.as_str().to_owned(),
            addresses: Vec::new(),
            address_gone: None,
            scopes: scope_sections(requested, &policy.scopes, language),
            profile: person.told(requested, &grant.me, &policy.issuer),
            url_is_me: person.website.is_none(),
            photo: person.photo_path(),
            identity_only,
            no_permissions: nothing && rules.token_without_scope,
            remembers: grant.may_be_remembered() && (grant.client.confidential || grant.code_challenge.is_some()),
            until_ended: lasts && !identity_only,
            refreshes,
            expires_days: cap
                .filter(|_| !nothing && !refreshes && lifetimes.is_empty())
                .map(|cap| cap.as_secs() / (24 * 60 * 60)),
            offline_access: offline_access
                .filter(|_| !lifetimes.is_empty())
                .map(|token| sentence(token, &policy.scopes, language)),
            preselected: TokenLifetime::preselected(&lifetimes),
            lifetimes,
        }
    }
}

impl ConsentView {
    /// The same, for a person who said yes to this client before.
    #[must_use]
    pub fn after(self, grant: &Grant, last_yes: &Snapshot) -> ConsentView {
        ConsentView {
            seen: Seen::of(grant, Some(last_yes)),
            changed: Changed::since(last_yes, &grant.client),
            ..self
        }
    }
}

impl ConsentView {
    /// The same, under what the operator decided about the app's host.
    #[must_use]
    pub fn ruled(self, rule: Option<HostRule>) -> ConsentView {
        let vouched = rule == Some(HostRule::Allow);
        ConsentView {
            vouched,
            seen: self.seen.filter(|_| !vouched),
            remembers: self.remembers && rule != Some(HostRule::Ask),
            ..self
        }
    }
}

impl From<&Grant> for AnswerPlace {
    fn from(grant: &Grant) -> AnswerPlace {
        let uri = grant.redirect_uri.as_str().to_owned();
        let shown = grant.redirect_uri.target() == RedirectTarget::OutOfBand;
        match (&grant.session, shown) {
            (Some(_), shown) => AnswerPlace::AskedFor {
                opens: (!shown).then_some(uri),
            },
            (None, true) => AnswerPlace::ShownCode,
            (None, false) => AnswerPlace::RedirectUri { uri },
        }
    }
}

/// What to know before answering, in the order to show it.
fn warnings(grant: &Grant) -> Vec<Warning> {
    let client = &grant.client;
    let known = match ConsentClient::from(grant).known_by {
        KnownBy::Registration => Some(Warning::Registered),
        KnownBy::Link => Some(Warning::Unregistered),
        KnownBy::Address | KnownBy::Operator => None,
    };
    let without_pkce = grant.code_challenge.is_none() && grant.session.is_none() && !client.confidential;
    let all = [
        known,
        (!client.fetched).then_some(Warning::Unfetched),
        shown_or_on_this_device(grant).or_else(|| elsewhere(grant)),
        client.foreign_client_uri.then_some(Warning::ForeignClientUri),
        without_pkce.then_some(Warning::WithoutPkce),
    ];
    all.into_iter().flatten().collect()
}

fn shown_or_on_this_device(grant: &Grant) -> Option<Warning> {
    let redirect_uri = &grant.redirect_uri;
    match redirect_uri.target() {
        RedirectTarget::Https => None,
        RedirectTarget::OutOfBand => grant.session.is_none().then_some(Warning::ShownCode),
        RedirectTarget::Loopback => Some(Warning::Loopback {
            host: shown_host(&redirect_uri.http_url()?),
        }),
        RedirectTarget::PrivateUse => Some(Warning::CustomScheme {
            scheme: redirect_uri.scheme().to_owned(),
        }),
    }
}

/// An app that is known by its address sends the answer to another host.
fn elsewhere(grant: &Grant) -> Option<Warning> {
    let id = grant.client.id.url()?;
    let url = grant.redirect_uri.http_url()?;
    let host = shown_host(&url);
    (url.host_str() != Some(id.host())).then_some(Warning::DifferentHost { host })
}

impl View for ConsentView {
    const TEMPLATE: &'static str = "consent.html";

    fn samples() -> Vec<Self> {
        samples::all()
    }
}

#[cfg(test)]
mod tests;
