//! `GET /consent/{grant_id}`: the page on which a person decides. Everything on it that an app could have chosen is
//! marked as the app's own claim; what the server has checked stands first and largest.

use serde::Serialize;

use super::View;
use crate::oauth::policy::TokenLifetime;
use crate::oauth::profile::ProfileInformation;
use crate::oauth::scope::ScopeGroup;

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
    /// What is asked for, by kind; a kind without scopes is left out.
    pub scopes: Vec<ScopeSection>,
    /// What the scope `profile` would tell the app; shown under its box.
    pub profile: Option<ProfileInformation>,
    /// Whether the app gets no access at all: it learns the address, and the ticked identity scopes.
    pub identity_only: bool,
    /// Whether the app keeps its access by refreshing, until the person ends it.
    pub refreshes: bool,
    /// The lifetimes to choose from: all of [`TokenLifetime::ALL`], or none when there is nothing to choose.
    pub lifetimes: &'static [TokenLifetime],
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
    /// The app's web site, as it says. Only an `https` address becomes a link.
    pub client_uri: Option<String>,
}

/// Something to know before answering.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Warning {
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
    /// The client id is an address on the visitor's own computer, which the server cannot look at.
    Unfetched,
    /// The answer goes to another host than the client id's.
    DifferentHost {
        /// That other host.
        host: String,
    },
    /// The app does not use PKCE, and the operator has let it.
    WithoutPkce,
}

/// Scopes of one kind, under one heading.
#[derive(Debug, Clone, Serialize)]
pub struct ScopeSection {
    /// The kind.
    pub group: ScopeGroup,
    /// The scopes in it.
    pub scopes: Vec<ScopeLine>,
}

/// One scope: a box to tick.
#[derive(Debug, Clone, Serialize)]
pub struct ScopeLine {
    /// Its name, which is the value of the box.
    pub name: String,
    /// What it lets the app do, in the page's language.
    pub sentence: String,
}

impl View for ConsentView {
    const TEMPLATE: &'static str = "consent.html";

    fn samples() -> Vec<Self> {
        samples::all()
    }
}
