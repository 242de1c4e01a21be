//! One request of one app to one person, from the consent page to the end of its tokens.
//!
//! A grant is Pending until the person answers, then Denied, or Approved with a code; the code is Redeemed once. Times
//! come in as arguments. RFC 6749 §4.1.2, §4.1.3, §10.5; RFC 7636 §4.6.

use std::time::Duration;

use time::OffsetDateTime;

use super::client::{Client, ClientId, ClientUrl, DescribedBy, RedirectUris};
use super::dialect::{Dialect, Tokens};
use super::pkce::CodeChallenge;
use super::policy::{Issuer, Lifetimes, TokenLifetime};
use super::profile::{ProfileUrl, Username};
use super::redirect_uri::{RedirectTarget, RedirectUri};
use super::return_address::ReturnAddress;
use super::scope::Scope;
use super::secret::{AuthorizationCode, Digest};

/// The id of a grant: random, since the address of its consent page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GrantId(pub String);

/// The id of a person's account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UserId(pub String);

/// The person who is signed in: the resource owner of RFC 6749 §1.1.
#[derive(Debug, Clone)]
pub struct Owner {
    /// Their account.
    pub user_id: UserId,
    /// Their name.
    pub username: Username,
}

/// The client as it presented itself when it asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantClient {
    /// Its identity.
    pub id: ClientId,
    /// Which kind of client it is.
    pub dialect: Dialect,
    /// It can keep a secret.
    pub confidential: bool,
    /// The name it calls itself.
    pub name: Option<String>,
    /// Its home page, when it may be shown.
    pub client_uri: Option<String>,
    /// It gave a home page that may not be shown.
    pub foreign_client_uri: bool,
    /// It declares the `refresh_token` grant.
    pub refreshes: bool,
    /// Its page was read.
    pub fetched: bool,
    /// A digest of everything it said about itself, to notice a change.
    pub fingerprint: String,
    /// The redirect URIs it listed, to say what changed; empty when its own origin stands for a list.
    pub redirect_uris: Vec<String>,
    /// Its logo, when it is known by its address. A registered client has none: anybody can register, and could have any
    /// address fetched.
    pub logo_uri: Option<String>,
    /// When anybody here first said yes to it, if somebody has. Known of clients whose own page was read.
    pub first_seen_at: Option<OffsetDateTime>,
}

impl From<&Client> for GrantClient {
    fn from(client: &Client) -> GrantClient {
        GrantClient {
            id: client.id.clone(),
            dialect: client.dialect,
            confidential: client.is_confidential(),
            name: client.display.name.clone(),
            client_uri: client.display.client_uri.clone(),
            foreign_client_uri: client.display.foreign_client_uri,
            refreshes: client.refreshes,
            fetched: client.described_by != DescribedBy::Nothing,
            fingerprint: client.fingerprint(),
            redirect_uris: match &client.redirect_uris {
                RedirectUris::Published(list) => list.iter().map(|uri| uri.as_str().to_owned()).collect(),
                RedirectUris::OwnOrigin => Vec::new(),
            },
            logo_uri: client.display.logo_uri.clone().filter(|_| client.id.url().is_some()),
            first_seen_at: None,
        }
    }
}

impl GrantClient {
    /// Whether this server keeps in mind since when people say yes to this client: an address that is the client's own,
    /// and not one that every device has for itself.
    pub fn is_sighted(&self) -> bool {
        self.id.url().is_some() && self.fetched
    }

    /// Whether it can be known again when it comes back.
    pub fn has_identity(&self) -> bool {
        !matches!(self.id, ClientId::Unregistered(_))
    }
}

/// A request that passed every check, waiting for or having its answer.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Who was asked.
    pub user_id: UserId,
    /// Who asks.
    pub client: GrantClient,
    /// Where the answer goes.
    pub redirect_uri: RedirectUri,
    /// The client's own word, to be returned as it came.
    pub state: Option<String>,
    /// What is asked for.
    pub requested: Scope,
    /// What the verifier must hash to.
    pub code_challenge: Option<CodeChallenge>,
    /// The session of the app's own making that the yes belongs to: then it is known by that, and no code is made
    /// (Misskey's app flow, MiAuth).
    pub session: Option<Digest<AuthorizationCode>>,
    /// Which address the person is to the app: the one of this server, until they choose another with their yes.
    pub me: ProfileUrl,
    /// Whether that is one of the person's own, which holds only while it is proved.
    pub me_is_own: bool,
    /// Which address the app asked for: what the person typed there. A hint that nothing was checked of.
    pub asked_me: Option<ProfileUrl>,
    /// When it was asked.
    pub created_at: OffsetDateTime,
    /// When an unanswered request lapses.
    pub expires_at: OffsetDateTime,
    /// How far it got.
    pub stage: Stage,
    /// When its tokens were ended.
    pub revoked_at: Option<OffsetDateTime>,
}

/// How far a grant got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// The person has not answered.
    Pending,
    /// The person said no.
    Denied,
    /// The person said yes; the code waits to be redeemed.
    Approved(Approval),
    /// The code was redeemed, or burnt by a failed try.
    Redeemed(Approval, OffsetDateTime),
}

/// What the person said yes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// What the app may do: the requested scope or less.
    pub scope: Scope,
    /// How long a client that does not refresh keeps its token.
    pub lifetime: TokenLifetime,
    /// When.
    pub approved_at: OffsetDateTime,
    /// When the code lapses.
    pub code_expires_at: OffsetDateTime,
}

/// Who or what ended a grant's tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevokedBecause {
    /// The person, on the apps page.
    Owner,
    /// The client, at the revocation endpoint.
    Client,
    /// Its code was redeemed twice.
    CodeReuse,
    /// One of its refresh tokens was used twice.
    RefreshTokenReuse,
    /// The person got another password.
    PasswordChange,
    /// The client was removed.
    ClientRemoved,
    /// The person was shut out.
    Disabled,
    /// The operator blocked the host of the client.
    HostBlocked,
}

impl RevokedBecause {
    /// Every one.
    pub const ALL: [RevokedBecause; 8] = [
        RevokedBecause::Owner,
        RevokedBecause::Client,
        RevokedBecause::CodeReuse,
        RevokedBecause::RefreshTokenReuse,
        RevokedBecause::PasswordChange,
        RevokedBecause::ClientRemoved,
        RevokedBecause::Disabled,
        RevokedBecause::HostBlocked,
    ];

    /// The name in the row.
    pub fn as_str(self) -> &'static str {
        match self {
            RevokedBecause::Owner => "owner",
            RevokedBecause::Client => "client",
            RevokedBecause::CodeReuse => "code_reuse",
            RevokedBecause::RefreshTokenReuse => "refresh_token_reuse",
            RevokedBecause::PasswordChange => "password_change",
            RevokedBecause::ClientRemoved => "client_removed",
            RevokedBecause::Disabled => "disabled",
            RevokedBecause::HostBlocked => "host_blocked",
        }
    }

    /// Reads the name in the row.
    pub fn parse(text: &str) -> Option<RevokedBecause> {
        RevokedBecause::ALL.into_iter().find(|because| because.as_str() == text)
    }
}

/// Which tokens an approval yields, and when they end (decision 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenPlan {
    /// One access token; `None` until revoked.
    Single(Option<Duration>),
    /// Short access tokens and rotating refresh tokens.
    Refreshing,
    /// An access token that lasts until it is revoked or refreshed, or for this long, and rotating refresh tokens.
    Rotating(Option<Duration>),
}

/// A yes is not remembered for longer: a domain may change hands.
const REMEMBERED_AT_MOST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Approval {
    /// Until when the same request is answered without asking: for the time the person chose, and never longer than a
    /// year. A token that is given without asking lives for the chosen time as well.
    pub fn remembered_until(&self) -> OffsetDateTime {
        let chosen = self.lifetime.duration().unwrap_or(REMEMBERED_AT_MOST);
        self.approved_at + chosen.min(REMEMBERED_AT_MOST)
    }
}

impl Grant {
    /// The verified place to return to: this grant was made from one.
    pub fn return_address(&self, issuer: &Issuer) -> ReturnAddress {
        ReturnAddress::verified(self.redirect_uri.clone(), self.state.clone(), issuer.clone())
    }

    /// The request this grant was made from, as a query string.
    pub fn to_query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", self.client.id.as_str());
        query.append_pair("redirect_uri", self.redirect_uri.as_str());
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        if !self.requested.is_empty() {
            query.append_pair("scope", &self.requested.to_string());
        }
        if let Some(me) = &self.asked_me {
            query.append_pair("me", me.as_str());
        }
        if let Some(challenge) = &self.code_challenge {
            query
                .append_pair("code_challenge", challenge.as_str())
                .append_pair("code_challenge_method", "S256");
        }
        query.finish()
    }

    /// Which of the addresses that the person may be is chosen at first: the one they were last to this app, the one that
    /// the app asked for, or the first.
    pub fn preselected<'a>(&self, last: Option<&ProfileUrl>, offered: &'a [ProfileUrl]) -> Option<&'a ProfileUrl> {
        let among = |wanted: Option<&ProfileUrl>| offered.iter().find(|address| Some(*address) == wanted);
        among(last)
            .or_else(|| among(self.asked_me.as_ref()))
            .or(offered.first())
    }

    /// Whether the person can still answer.
    pub fn is_open(&self, now: OffsetDateTime) -> bool {
        self.stage == Stage::Pending && now < self.expires_at
    }

    /// The approval of this request, for a choice of scope that can only shrink what was asked.
    pub fn approval(
        &self,
        chosen: &[String],
        lifetime: TokenLifetime,
        now: OffsetDateTime,
        times: &Lifetimes,
    ) -> Approval {
        let ticked = self
            .requested
            .narrowed(|token| chosen.iter().any(|name| name == token.as_str()));
        let profile = ticked.contains("profile");
        let scope = ticked.narrowed(|token| token.as_str() != "email" || profile);
        Approval {
            scope,
            lifetime,
            approved_at: now,
            code_expires_at: now + self.code_lifetime(times),
        }
    }

    fn code_lifetime(&self, times: &Lifetimes) -> Duration {
        match self.redirect_uri.target() {
            _ if self.session.is_some() => times.app_session,
            RedirectTarget::OutOfBand => times.shown_code,
            _ => times.code,
        }
    }

    /// Whether this answer may be repeated without asking next time: never where another program on the device could
    /// take the client's place (RFC 8252 §8.6), nor for an app that nothing but a link vouches for. Nor in a session of
    /// the app's own making: whoever opened it gets the access, so a link that answers itself would give them any
    /// visitor's account (session fixation).
    pub fn may_be_remembered(&self) -> bool {
        let on_this_device = self.client.id.url().is_some_and(ClientUrl::is_loopback);
        let for_itself = self.client.has_identity() && self.session.is_none();
        self.redirect_uri.target() == RedirectTarget::Https && !on_this_device && for_itself
    }

    /// Which tokens `approval` yields. The operator's `cap` is for those that would last until they are revoked.
    pub fn token_plan(&self, approval: &Approval, cap: Option<Duration>) -> TokenPlan {
        match self.client.dialect.rules().tokens {
            Tokens::UntilRevoked => TokenPlan::Single(cap),
            Tokens::Rotating => TokenPlan::Rotating(cap),
            Tokens::Chosen if self.refreshes(approval) => TokenPlan::Refreshing,
            Tokens::Chosen => {
                let chosen = approval.lifetime.duration();
                TokenPlan::Single(chosen.into_iter().chain(cap).min())
            }
        }
    }

    fn refreshes(&self, approval: &Approval) -> bool {
        self.client.refreshes || approval.scope.contains("offline_access")
    }
}

#[cfg(test)]
mod tests;
