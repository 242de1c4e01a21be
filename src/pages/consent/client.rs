//! Who asks, as the consent page names it: what is proved is the headline, and the rest is a claim.

use serde::Serialize;
use url::Url;

use crate::oauth::client::ClientId;
use crate::oauth::dialect::Dialect;
use crate::oauth::grant::Grant;
use crate::oauth::redirect_uri::{RedirectTarget, RedirectUri};
use crate::pages::ShownHost;

/// The app that asks.
#[derive(Debug, Clone, Serialize)]
pub struct ConsentClient {
    /// What stands largest on the page.
    pub headline: Headline,
    /// What the app calls itself, as cleaned text; shown as a claim beneath the headline when that is a host.
    pub name: Option<String>,
    /// How the server knows it.
    pub known_by: KnownBy,
    /// The client id in full. `None` for an app without one, which is known only from a link.
    pub client_id: Option<String>,
    /// The app's web site, as it says. An `https` address becomes a link; an `http` one on this computer, where apps are
    /// made, is shown as text; any other is left out.
    pub client_uri: Option<String>,
}

/// What stands largest on the page: the best that is known of the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Headline {
    /// A host: of the client id, or of the place that the answer goes to.
    Host {
        /// With its port when it has one.
        host: ShownHost,
    },
    /// There is no host that says anything, so the app is known by its name.
    Name {
        /// As cleaned text. A claim, except of an app that the operator added.
        name: String,
    },
    /// There is no name either.
    Nameless,
}

/// How the server knows the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownBy {
    /// Its client id is its own address.
    Address,
    /// It registered itself, as anybody can.
    Registration,
    /// The operator added it.
    Operator,
    /// Not at all: name and address stood in the link that brought the person here.
    Link,
}

impl Headline {
    /// The host of this address.
    pub fn of_host(url: &Url) -> Headline {
        Headline::Host {
            host: ShownHost::of(url),
        }
    }

    /// The name, or that there is none.
    pub fn of_name(name: Option<&str>) -> Headline {
        match name {
            Some(name) => Headline::Name { name: name.to_owned() },
            None => Headline::Nameless,
        }
    }

    /// For an app whose id proves nothing: the host of the web site that the answer goes to. A place on the person's own
    /// device says nothing about the app, so then its name has to do.
    pub fn of_answer(redirect_uri: &RedirectUri, name: Option<&str>) -> Headline {
        match redirect_uri.target() {
            RedirectTarget::Https => redirect_uri
                .http_url()
                .map_or_else(|| Headline::of_name(name), |url| Headline::of_host(&url)),
            RedirectTarget::Loopback | RedirectTarget::PrivateUse | RedirectTarget::OutOfBand => {
                Headline::of_name(name)
            }
        }
    }
}

impl From<&Grant> for ConsentClient {
    fn from(grant: &Grant) -> ConsentClient {
        let client = &grant.client;
        let name = client.name.as_deref();
        ConsentClient {
            headline: match client.id.url() {
                Some(id) => Headline::of_host(id.url()),
                None if client.dialect == Dialect::Operator => Headline::of_name(name),
                None => Headline::of_answer(&grant.redirect_uri, name),
            },
            name: client.name.clone(),
            known_by: KnownBy::of(&client.id, client.dialect),
            client_id: match &client.id {
                ClientId::Unregistered(_) => None,
                ClientId::Registered(_) | ClientId::Url(_) => Some(client.id.as_str().to_owned()),
            },
            client_uri: client.client_uri.clone().filter(|uri| may_name(grant, uri)),
        }
    }
}

/// Whether the page may repeat what the app calls its web site. A registered app could name anybody's and borrow their good
/// name, unless the answer goes to that very site.
fn may_name(grant: &Grant, client_uri: &str) -> bool {
    match KnownBy::of(&grant.client.id, grant.client.dialect) {
        KnownBy::Address | KnownBy::Operator => true,
        KnownBy::Registration | KnownBy::Link if grant.session.is_some() => false,
        KnownBy::Registration | KnownBy::Link => {
            let answer = grant.redirect_uri.http_url();
            let named = Url::parse(client_uri).ok();
            answer
                .zip(named)
                .is_some_and(|(answer, named)| answer.origin() == named.origin())
        }
    }
}

impl KnownBy {
    /// How a client with this id, of this kind, is known.
    pub fn of(id: &ClientId, dialect: Dialect) -> KnownBy {
        match id {
            ClientId::Url(_) => KnownBy::Address,
            ClientId::Unregistered(_) => KnownBy::Link,
            ClientId::Registered(_) if dialect == Dialect::Operator => KnownBy::Operator,
            ClientId::Registered(_) => KnownBy::Registration,
        }
    }
}
