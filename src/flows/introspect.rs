//! Whether a token holds: for resource servers (RFC 7662), for the token's own holder (RFC 6750, IndieAuth "Profile
//! Information" and the token check of its 2020 edition).

use crate::oauth::dialect::Dialect;
use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::oauth::person::Person;
use crate::oauth::scope::Scope;
use crate::oauth::secret::{Digest, ResourceServerSecret, Secret, random_id};
use crate::oauth::token::{ActiveToken, IntrospectionResponse, PresentedToken};
use crate::storage::Store;
use crate::storage::client_tokens::{self, ClientToken};
use crate::storage::clients;
use crate::storage::profiles;
use crate::storage::resource_servers::{self, ResourceServer};
use crate::storage::tokens;
pub use crate::storage::tokens::LiveAccessToken;
use time::OffsetDateTime;

use super::verify_credentials::NotLive;
use super::{FlowError, Flows};

/// How the id of a resource server begins; no client's does.
const RESOURCE_SERVER: &str = "rs_";

/// What somebody who asks about tokens proves themselves with.
#[derive(Debug)]
pub enum CallerCredentials {
    /// An id and its secret.
    Client {
        /// The id.
        id: String,
        /// The digest of the secret.
        secret: [u8; 32],
    },
    /// A bearer token: the secret of a resource server alone, or an access token.
    Bearer(PresentedToken),
}

/// Who asks about tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A program that the operator added. It may ask about every token.
    ResourceServer,
    /// A registered client. It may ask about its own.
    Client(String),
}

/// What a resource server wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// Also everything that the granted names include.
    pub expand: bool,
    /// It can tell a client's own token, which has nobody behind it and which anybody gets who registers, from a person's.
    /// Otherwise such a token is not active: `active` and `scope` alone would let anybody in.
    pub client_credentials: bool,
}

impl Flows {
    /// Lets somebody ask about tokens.
    ///
    /// # Errors
    /// `invalid_client`, the same for an unknown id and a wrong secret.
    pub async fn authenticate_caller(&self, credentials: &CallerCredentials) -> Result<Caller, FlowError> {
        const REFUSED: ProtocolError = ProtocolError::new(
            ErrorCode::InvalidClient,
            "introspection needs the credentials of a resource server",
        );
        let caller = match credentials {
            CallerCredentials::Client { id, secret } => self.caller_with_secret(id, *secret).await?,
            CallerCredentials::Bearer(token) => self.caller_with_token(token).await?,
        };
        caller.ok_or_else(|| REFUSED.into())
    }

    async fn caller_with_secret(&self, id: &str, secret: [u8; 32]) -> Result<Option<Caller>, FlowError> {
        if id.starts_with(RESOURCE_SERVER) {
            let resource = resource_servers::find(self.store.reader(), id).await?;
            let known = resource.is_some_and(|found| found.secret == Digest::from_bytes(secret));
            return Ok(known.then_some(Caller::ResourceServer));
        }
        let client = clients::find(self.store.reader(), id).await?;
        let known = client.is_some_and(|found| found.client.secret == Some(Digest::from_bytes(secret)));
        Ok(known.then(|| Caller::Client(id.to_owned())))
    }

    /// Mastodon's clients may show another token of theirs instead of their secret.
    async fn caller_with_token(&self, token: &PresentedToken) -> Result<Option<Caller>, FlowError> {
        let secret = Digest::from_bytes(*token.digest.as_bytes());
        if resource_servers::find_by_secret(self.store.reader(), &secret)
            .await?
            .is_some()
        {
            return Ok(Some(Caller::ResourceServer));
        }
        let live = self.live_token(token).await?;
        let may_ask = |live: &LiveToken| live.dialect().rules().introspects_with_token;
        Ok(live
            .filter(may_ask)
            .map(|live| Caller::Client(live.client_id().to_owned())))
    }

    /// What a resource server learns of a token.
    ///
    /// # Errors
    /// Failures of ours only; a token that does not hold is an answer.
    pub async fn introspect(
        &self,
        token: &PresentedToken,
        question: &Question,
    ) -> Result<IntrospectionResponse, FlowError> {
        let live = self.live_token(token).await?;
        let asked_for = |live: &LiveToken| question.client_credentials || matches!(live, LiveToken::Person(_));
        let Some(live) = live.filter(asked_for) else {
            return Ok(IntrospectionResponse::INACTIVE);
        };
        let expanded = question
            .expand
            .then(|| self.policy.scopes.expanded(live.scope()).to_string());
        Ok(IntrospectionResponse::Active(Box::new(ActiveToken {
            scope_expanded: expanded,
            ..self.describe(live)
        })))
    }

    /// What a client learns of a token: of its own ones everything, of others that they are not for it (RFC 7662 §4).
    ///
    /// # Errors
    /// As [`Flows::introspect`].
    pub async fn introspect_own(
        &self,
        token: &PresentedToken,
        client_id: &str,
    ) -> Result<IntrospectionResponse, FlowError> {
        let own = self
            .live_token(token)
            .await?
            .filter(|live| live.client_id() == client_id);
        Ok(own.map_or(IntrospectionResponse::INACTIVE, |live| {
            IntrospectionResponse::Active(Box::new(self.describe(live)))
        }))
    }

    /// What a token that a person gave says to whoever holds it.
    ///
    /// # Errors
    /// `invalid_token`, for a client's own token as well: resource servers let in whoever holds a token that is good here.
    pub async fn check_token(&self, token: &PresentedToken) -> Result<ActiveToken, FlowError> {
        match self.live_token(token).await? {
            Some(live @ LiveToken::Person(_)) => Ok(self.describe(live)),
            Some(LiveToken::Client(_)) | None => Err(INVALID_TOKEN.into()),
        }
    }

    /// The person behind a token.
    ///
    /// # Errors
    /// `invalid_token`; `insufficient_scope` without `profile`; `invalid_request` for a client's own token, which has
    /// nobody behind it.
    pub async fn userinfo(&self, token: &PresentedToken) -> Result<(LiveAccessToken, Person), NotTold> {
        const NOT_GRANTED: ProtocolError =
            ProtocolError::new(ErrorCode::InsufficientScope, "the token needs the scope profile");
        const NOBODY: ProtocolError =
            ProtocolError::invalid_request("the token is a client's own; there is no person behind it");
        let Some(live) = self.live_token(token).await? else {
            return Err(match self.fate(token).await? {
                NotLive::Unknown => INVALID_TOKEN.into(),
                NotLive::Revoked(dialect) => NotTold::to(dialect, REVOKED_TOKEN),
                NotLive::Expired(dialect) => NotTold::to(dialect, EXPIRED_TOKEN),
            });
        };
        match live {
            LiveToken::Person(live) if live.scope.contains("profile") => {
                let person = profiles::find(self.store.reader(), &live.user_id).await?;
                Ok((live, person.ok_or(INVALID_TOKEN)?))
            }
            LiveToken::Person(live) => Err(NotTold::to(live.dialect, NOT_GRANTED)),
            LiveToken::Client(own) => Err(NotTold::to(own.dialect, NOBODY)),
        }
    }

    /// The token behind what is presented, if it holds. That counts as a use.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn live_token(&self, token: &PresentedToken) -> Result<Option<LiveToken>, FlowError> {
        let now = self.now();
        if let Some(live) = tokens::find_access(self.store.reader(), token, now).await? {
            self.uses.note(&live, now);
            return Ok(Some(LiveToken::Person(live)));
        }
        let own = client_tokens::find(self.store.reader(), &token.digest, now).await?;
        Ok(own.map(LiveToken::Client))
    }

    pub(super) fn describe(&self, live: LiveToken) -> ActiveToken {
        let dialect = live.dialect();
        let scope = live.scope().to_string();
        let exp = live.expires_at().map(OffsetDateTime::unix_timestamp);
        let issued_at = match &live {
            LiveToken::Person(live) => live.issued_at,
            LiveToken::Client(own) => own.issued_at,
        };
        let client_id = live.client_id().to_owned();
        let person = match live {
            LiveToken::Person(live) => Some(live),
            LiveToken::Client(_) => None,
        };
        ActiveToken {
            active: true,
            client_id,
            scope,
            scope_expanded: None,
            token_type: "Bearer",
            username: person.as_ref().map(|live| live.username.as_str().to_owned()),
            dialect: dialect.as_str(),
            iss: self.policy.issuer.as_str().to_owned(),
            iat: issued_at.unix_timestamp(),
            exp,
            sub: person.as_ref().map(|live| live.user_id.0.clone()),
            me: person.map(|live| live.me),
        }
    }
}

/// Why something is not done with a token.
#[derive(Debug)]
pub struct NotTold {
    /// Whose token it is, where that is known: they are refused in their own words.
    pub dialect: Option<Dialect>,
    /// Why.
    pub error: FlowError,
}

impl NotTold {
    pub(super) fn to(dialect: Dialect, error: ProtocolError) -> NotTold {
        NotTold {
            dialect: Some(dialect),
            error: error.into(),
        }
    }
}

impl<E: Into<FlowError>> From<E> for NotTold {
    fn from(error: E) -> NotTold {
        NotTold {
            dialect: None,
            error: error.into(),
        }
    }
}

/// A token that holds.
#[derive(Debug, Clone)]
pub enum LiveToken {
    /// A person gave it.
    Person(LiveAccessToken),
    /// It is a client's own, for nobody in particular.
    Client(ClientToken),
}

impl LiveToken {
    /// What it may be used for.
    pub fn scope(&self) -> &Scope {
        match self {
            LiveToken::Person(live) => &live.scope,
            LiveToken::Client(own) => &own.scope,
        }
    }

    /// When it ends; `None` until revoked.
    pub fn expires_at(&self) -> Option<OffsetDateTime> {
        match self {
            LiveToken::Person(live) => live.expires_at,
            LiveToken::Client(own) => own.expires_at,
        }
    }

    /// Which kind of client that is.
    pub fn dialect(&self) -> Dialect {
        match self {
            LiveToken::Person(live) => live.dialect,
            LiveToken::Client(own) => own.dialect,
        }
    }

    /// Whose token it is.
    pub fn client_id(&self) -> &str {
        match self {
            LiveToken::Person(live) => &live.client_id,
            LiveToken::Client(own) => &own.client_id,
        }
    }
}

pub(super) const INVALID_TOKEN: ProtocolError = ProtocolError::new(
    ErrorCode::InvalidToken,
    "the access token is unknown, lapsed or revoked",
);

/// What is told of a token whose approval was ended.
pub const REVOKED_TOKEN: ProtocolError = ProtocolError::new(ErrorCode::InvalidToken, "the access token was revoked");

/// What is told of a token that lapsed.
pub const EXPIRED_TOKEN: ProtocolError = ProtocolError::new(ErrorCode::InvalidToken, "the access token expired");

/// Lets a program in from now on. Gives its id and secret, or nothing when the name is taken.
///
/// # Errors
/// Failures of ours only.
pub async fn add_resource_server(
    store: &Store,
    name: &str,
    now: OffsetDateTime,
) -> Result<Option<(String, Secret<ResourceServerSecret>)>, FlowError> {
    let secret = Secret::generate(&mut rand::rng());
    let resource = ResourceServer {
        id: format!("{RESOURCE_SERVER}{}", random_id(&mut rand::rng())),
        name: name.to_owned(),
        secret: secret.digest(),
    };
    let added = resource_servers::insert(store.writer(), &resource, now).await?;
    Ok(added.then_some((resource.id, secret)))
}
