//! What differs per kind of client, in one table. Which kind a client is, its id decides: an absolute URL is a URL client,
//! anything else is looked up, and the record says which endpoint made it (decision 4).
//!
//! The wire shapes of the dialects are in `src/web/dialects`; nothing else in the house knows one dialect from another.

mod scope;

use std::time::Duration;

use super::client::{ClientId, ClientUrl, HttpLoopback};
use super::instance::Family;
use super::params::Params;
use super::policy::Policy;
use super::secret::{AuthorizationCode, Digest};

/// The kind of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Known by its own web address: IndieAuth, and Misskey's OAuth.
    IndieAuth,
    /// Registered at Mastodon's `/api/v1/apps`.
    Mastodon,
    /// Registered at Misskey's `/api/app/create`: Misskey's app flow and FoundKey's OAuth.
    MisskeyApp,
    /// Not registered at all: a MiAuth link says who asks.
    MiAuth,
    /// Registered at Gancio's `/api/client`.
    Gancio,
    /// Registered as RFC 7591 says.
    Rfc7591,
    /// Added by the operator.
    Operator,
}

/// What happens to a requested name that is unknown here, or that the client is not registered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownScope {
    /// `invalid_scope`. A name counts as registered when an ancestor of it is.
    Refused,
    /// It is dropped; when nothing is left, `invalid_scope`.
    DroppedUnlessAll,
    /// It is dropped.
    Dropped,
    /// What is requested does not count: the client gets what it is registered for.
    Ignored,
}

/// What a request without scope asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbsentScope {
    /// Who the person is, and no access.
    Identity,
    /// This name, if the client is registered for it.
    Named(&'static str),
    /// Everything the client is registered for.
    Registered,
}

/// Whether the token request repeats the redirect URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtToken {
    /// It must, and a request without it has failed its proof: the code is burnt.
    Proof,
    /// It must, and a request without it, or without the verifier of its challenge, is malformed.
    Required,
    /// It need not; the one of the authorization request counts.
    Optional,
}

/// Whether a client gets a token of its own, and what it is told when not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientCredentials {
    /// It does.
    Given,
    /// The grant exists, and not for this client: `unauthorized_client`.
    Unauthorized,
    /// Its servers never had this grant: `unsupported_grant_type`.
    Unsupported,
}

/// Which tokens an approval yields (decision 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tokens {
    /// Refreshing ones for clients that say so, else one for as long as the person chooses.
    Chosen,
    /// One that lasts until it is revoked: these clients cannot refresh, and never learnt that a token may lapse.
    UntilRevoked,
    /// One that lasts until it is revoked or refreshed, with a refresh token: these clients want one and may never use it.
    Rotating,
}

/// In which words the userinfo endpoint speaks of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Userinfo {
    /// IndieAuth's `name` and `url`.
    Profile,
    /// The claims of OpenID Connect: `sub`, `preferred_username` and their like.
    Claims,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Names that are unknown, or that the client is not registered for.
    pub unknown_scope: UnknownScope,
    /// No scope at all.
    pub absent_scope: AbsentScope,
    /// Whose names such a client may ask for; `None`: every family's.
    pub vocabulary: Option<Family>,
    /// A client that can keep a secret may come without PKCE. Public clients never may (decision 8).
    pub pkce_is_optional: bool,
    /// The authorization request may leave out the redirect URI when only one is registered.
    pub redirect_uri_is_optional: bool,
    /// Answers may be shown on a page of ours, to be copied.
    pub out_of_band: bool,
    /// Whether the token request repeats the redirect URI.
    pub redirect_uri_at_token: AtToken,
    /// It may revoke without naming a token, which changes nothing.
    pub revokes_nothing: bool,
    /// Which tokens it gets.
    pub tokens: Tokens,
    /// An approval without scope still gives a token.
    pub token_without_scope: bool,
    /// Whether it may have a token of its own, for nobody in particular (RFC 6749 §4.4).
    pub client_credentials: ClientCredentials,
    /// It may open a session by itself, for whomever it sends to it.
    pub opens_sessions: bool,
    /// It may show one of its tokens to ask about another, instead of its secret.
    pub introspects_with_token: bool,
    /// The token response names the person.
    pub names_owner: bool,
    /// `token_type`, as its clients expect it to be spelt.
    pub token_type: &'static str,
    /// How it is told who the person is.
    pub userinfo: Userinfo,
}

/// What RFC 6749 says where nothing else is known; the rows below say how they differ.
const STANDARD: Rules = Rules {
    unknown_scope: UnknownScope::DroppedUnlessAll,
    absent_scope: AbsentScope::Registered,
    vocabulary: None,
    pkce_is_optional: true,
    redirect_uri_is_optional: false,
    out_of_band: false,
    redirect_uri_at_token: AtToken::Proof,
    revokes_nothing: false,
    tokens: Tokens::Chosen,
    token_without_scope: false,
    client_credentials: ClientCredentials::Unauthorized,
    opens_sessions: false,
    introspects_with_token: false,
    names_owner: false,
    token_type: "Bearer",
    userinfo: Userinfo::Claims,
};

const INDIEAUTH: Rules = Rules {
    client_credentials: ClientCredentials::Unsupported,
    absent_scope: AbsentScope::Identity,
    pkce_is_optional: false,
    userinfo: Userinfo::Profile,
    ..STANDARD
};

const MASTODON: Rules = Rules {
    unknown_scope: UnknownScope::Refused,
    absent_scope: AbsentScope::Named("read"),
    vocabulary: Some(Family::Mastodon),
    out_of_band: true,
    redirect_uri_at_token: AtToken::Required,
    revokes_nothing: true,
    tokens: Tokens::UntilRevoked,
    client_credentials: ClientCredentials::Given,
    introspects_with_token: true,
    ..STANDARD
};

const MISSKEY_APP: Rules = Rules {
    client_credentials: ClientCredentials::Unsupported,
    unknown_scope: UnknownScope::Dropped,
    vocabulary: Some(Family::Misskey),
    redirect_uri_is_optional: true,
    tokens: Tokens::UntilRevoked,
    token_without_scope: true,
    opens_sessions: true,
    token_type: "bearer",
    ..STANDARD
};

const MIAUTH: Rules = Rules {
    absent_scope: AbsentScope::Identity,
    token_type: "Bearer",
    ..MISSKEY_APP
};

const GANCIO: Rules = Rules {
    client_credentials: ClientCredentials::Unsupported,
    unknown_scope: UnknownScope::Ignored,
    vocabulary: Some(Family::Gancio),
    redirect_uri_at_token: AtToken::Optional,
    tokens: Tokens::Rotating,
    names_owner: true,
    ..STANDARD
};

impl Dialect {
    /// Every kind.
    pub const ALL: [Dialect; 7] = [
        Dialect::IndieAuth,
        Dialect::Mastodon,
        Dialect::MisskeyApp,
        Dialect::MiAuth,
        Dialect::Gancio,
        Dialect::Rfc7591,
        Dialect::Operator,
    ];

    /// Its row of the table.
    pub fn rules(self) -> &'static Rules {
        match self {
            Dialect::IndieAuth => &INDIEAUTH,
            Dialect::Mastodon => &MASTODON,
            Dialect::MisskeyApp => &MISSKEY_APP,
            Dialect::MiAuth => &MIAUTH,
            Dialect::Gancio => &GANCIO,
            Dialect::Rfc7591 | Dialect::Operator => &STANDARD,
        }
    }

    /// The id of a client of this kind as a row keeps it. `None` when no such client can have it.
    pub fn client_id(self, stored: &str) -> Option<ClientId> {
        match self {
            Dialect::IndieAuth => ClientUrl::parse(stored, HttpLoopback::Allowed).ok().map(ClientId::Url),
            Dialect::MiAuth => Some(ClientId::Unregistered(stored.to_owned())),
            Dialect::Mastodon | Dialect::MisskeyApp | Dialect::Gancio | Dialect::Rfc7591 | Dialect::Operator => {
                Some(ClientId::Registered(stored.to_owned()))
            }
        }
    }

    /// What is kept of a session that an app of this kind opened by itself. The two kinds never mix, and neither is a code
    /// that its client did not ask for.
    pub fn session(self, word: &str) -> Digest<AuthorizationCode> {
        match self {
            Dialect::MiAuth => Digest::of(&format!("miauth:{word}")),
            _ => Digest::of(word),
        }
    }

    /// The parameter in which such a session goes back to its app.
    pub fn session_parameter(self) -> &'static str {
        match self {
            Dialect::MiAuth => "session",
            _ => "token",
        }
    }

    /// Whether the person is to be asked although a remembered yes would do.
    pub fn asks_again(self, params: &Params) -> bool {
        /// What Ruby on Rails reads as no; everything else is a yes, `False` included (Mastodon.py sends it).
        const NO: [&str; 7] = ["0", "f", "F", "false", "FALSE", "off", "OFF"];
        let forced = self == Dialect::Mastodon && params.get("force_login").is_some_and(|value| !NO.contains(&value));
        forced || params.get("prompt") == Some("consent")
    }

    /// The name in rows, and in what resource servers are told.
    pub fn as_str(self) -> &'static str {
        match self {
            Dialect::IndieAuth => "indieauth",
            Dialect::Mastodon => "mastodon",
            Dialect::MisskeyApp => "misskey_app",
            Dialect::MiAuth => "miauth",
            Dialect::Gancio => "gancio",
            Dialect::Rfc7591 => "rfc7591",
            Dialect::Operator => "operator",
        }
    }

    /// Reads the name in rows.
    pub fn parse(text: &str) -> Option<Dialect> {
        Dialect::ALL.into_iter().find(|dialect| dialect.as_str() == text)
    }
}

impl Policy {
    /// The longest that a token of such a client lasts, as the operator has it.
    pub fn token_cap(&self, dialect: Dialect) -> Option<Duration> {
        let caps = &self.instance.token_caps;
        match dialect {
            Dialect::Mastodon => caps.mastodon,
            Dialect::MisskeyApp | Dialect::MiAuth => caps.misskey,
            Dialect::Gancio => caps.gancio,
            Dialect::IndieAuth | Dialect::Rfc7591 | Dialect::Operator => caps.other,
        }
    }
}

impl Policy {
    /// Whether there are clients that may have a token of their own.
    pub fn gives_clients_tokens(&self) -> bool {
        self.instance.registration.mastodon
    }

    /// Where clients register that look for it under Mastodon's name in the metadata document.
    pub fn app_registration(&self) -> Option<&'static str> {
        self.instance.registration.mastodon.then_some("/api/v1/apps")
    }
}

#[cfg(test)]
mod tests;
