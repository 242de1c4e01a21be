//! Access that an app asks for by a session of its own making: it sends a person there, and fetches the key when they have
//! said yes. A registered app opens its session here (Misskey's app flow); one that is not registered makes one up and puts
//! everything into its link (MiAuth).
//!
//! Whoever knows the session, and for a registered app its secret, gets the key. So every yes is asked for anew
//! ([`Grant::may_be_remembered`]), and one session is good for one yes.

use time::OffsetDateTime;

use crate::oauth::client::Client;
use crate::oauth::error::ProtocolError;
use crate::oauth::grant::{Grant, GrantClient, GrantId, Owner, Stage, UserId};
use crate::oauth::host_rule::HostRule;
use crate::oauth::person::Person;
use crate::oauth::pkce::CodeChallenge;
use crate::oauth::redemption::UNKNOWN_CODE;
use crate::oauth::redirect_uri::RedirectUri;
use crate::oauth::scope::Scope;
use crate::oauth::secret::{AccessToken, AuthorizationCode, Digest, Secret, TokenAlias, random_id};
use crate::oauth::token::{TokenResponse, alias};
pub use crate::storage::app_sessions::AppSession;
pub use crate::storage::clients::RegisteredClient;
use crate::storage::{StorageError, app_sessions, clients, grants, profiles};

use super::authorize::Next;
use super::consent::Answer;
use super::hosts::rule_for;
use super::{FlowError, Flows, SignedIn};

/// Why a session cannot be used.
#[derive(Debug)]
pub enum SessionError {
    /// There is none, or no more: it lapsed, or its key was fetched.
    Unknown,
    /// Nobody has said yes yet.
    Pending,
    /// Somebody has said yes already.
    Answered,
    /// The operator blocked the host that its answer goes to.
    Blocked,
    /// The failure is ours.
    Failed(FlowError),
}

impl From<StorageError> for SessionError {
    fn from(error: StorageError) -> SessionError {
        SessionError::Failed(error.into())
    }
}

impl From<FlowError> for SessionError {
    fn from(error: FlowError) -> SessionError {
        SessionError::Failed(error)
    }
}

impl From<ProtocolError> for SessionError {
    fn from(error: ProtocolError) -> SessionError {
        SessionError::Failed(error.into())
    }
}

/// What an app gets for a session that was answered with a yes.
#[derive(Debug)]
pub struct Key {
    /// Its token.
    pub tokens: TokenResponse,
    /// The id of who said yes.
    pub user_id: UserId,
    /// Who that is.
    pub person: Person,
}

/// What a person is asked in a session.
struct Question<'a> {
    client: &'a Client,
    /// The session, in clear text.
    word: &'a str,
    redirect_uri: Option<&'a RedirectUri>,
    scope: Scope,
    code_challenge: Option<CodeChallenge>,
    /// When the session itself lapses.
    expires_at: Option<OffsetDateTime>,
}

impl Flows {
    /// The registered app with this id, of a kind that opens sessions.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn app(&self, id: &str) -> Result<Option<RegisteredClient>, FlowError> {
        let found = clients::find(self.store.reader(), id).await?;
        Ok(found.filter(opens_sessions))
    }

    /// The registered app that shows this secret, of a kind that opens sessions.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn app_with_secret(&self, secret: &str) -> Result<Option<RegisteredClient>, FlowError> {
        let found = clients::find_by_secret(self.store.reader(), &Digest::of(secret)).await?;
        Ok(found.filter(opens_sessions))
    }

    /// Opens a session. Its answer goes to `redirect_uri`, which must be one of the app's, or to its only one.
    ///
    /// # Errors
    /// `invalid_request` for another redirect URI.
    pub async fn open_session(
        &self,
        app: &Client,
        redirect_uri: Option<&str>,
        code_challenge: Option<CodeChallenge>,
    ) -> Result<(Secret<AuthorizationCode>, AppSession), FlowError> {
        let redirect_uri = match redirect_uri {
            Some(raw) => {
                let uri = RedirectUri::parse(raw)?;
                app.permits(&uri)?;
                Some(uri)
            }
            None => app.only_redirect_uri().cloned(),
        };
        let token = Secret::generate(&mut rand::rng());
        let session = AppSession {
            digest: token.digest(),
            client_id: app.id.as_str().to_owned(),
            redirect_uri,
            code_challenge,
            expires_at: self.now() + self.policy.lifetimes.app_session,
        };
        app_sessions::insert(self.store.writer(), &session).await?;
        Ok((token, session))
    }

    /// The session with this token and its app, until its key is fetched.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn app_session(&self, token: &str) -> Result<Option<(AppSession, RegisteredClient)>, FlowError> {
        let digest = Digest::of(token);
        let Some(session) = app_sessions::find(self.store.reader(), &digest, self.now()).await? else {
            return Ok(None);
        };
        let answered = grants::find_by_code(self.store.reader(), &digest).await?;
        if answered.is_some_and(|grant| !matches!(grant.stage, Stage::Approved(_))) {
            return Ok(None);
        }
        let app = clients::find(self.store.reader(), &session.client_id).await?;
        Ok(app.map(|app| (session, app)))
    }

    /// Asks the visitor of a session what its app wants. Nobody signed in: nothing is written.
    ///
    /// # Errors
    /// As [`SessionError`] says.
    pub async fn begin_session(&self, token: &str, signed_in: Option<&SignedIn>) -> Result<Next, SessionError> {
        let (session, app) = self.app_session(token).await?.ok_or(SessionError::Unknown)?;
        let question = Question {
            client: &app.client,
            word: token,
            redirect_uri: session.redirect_uri.as_ref(),
            scope: app.client.requested_scope(None, &self.policy)?,
            code_challenge: session.code_challenge.clone(),
            expires_at: Some(session.expires_at),
        };
        self.put(question, signed_in).await
    }

    /// The same for an app that is not registered, and made its session up.
    ///
    /// # Errors
    /// As [`SessionError`] says.
    pub async fn begin_unregistered(
        &self,
        client: &Client,
        session: &str,
        scope: &str,
        signed_in: Option<&SignedIn>,
    ) -> Result<Next, SessionError> {
        let question = Question {
            client,
            word: session,
            redirect_uri: client.only_redirect_uri(),
            scope: client.requested_scope(Some(scope), &self.policy)?,
            code_challenge: None,
            expires_at: None,
        };
        self.put(question, signed_in).await
    }

    /// Puts a question, unless its session was answered, or the same question waits for the same person already.
    async fn put(&self, question: Question<'_>, signed_in: Option<&SignedIn>) -> Result<Next, SessionError> {
        let session = question.client.dialect.session(question.word);
        if grants::find_by_code(self.store.reader(), &session).await?.is_some() {
            return Err(SessionError::Answered);
        }
        let Some(signed_in) = signed_in else {
            return Ok(Next::SignIn);
        };
        let rule = rule_for(self.store.reader(), &question.client.id, question.redirect_uri).await?;
        if rule == Some(HostRule::Block) {
            return Err(SessionError::Blocked);
        }
        let answer = Answer::Session(question.word);
        let grant = self.session_grant(&signed_in.owner, session.clone(), &question);
        let asked = grants::find_by_session(self.store.reader(), &session, &grant.user_id, self.now()).await?;
        match asked.filter(|asked| asks_the_same(asked, &grant)) {
            Some(asked) => Ok(Next::Consent(asked.id)),
            None => Ok(self.ask(&grant, signed_in, &answer, true).await?),
        }
    }

    fn session_grant(&self, owner: &Owner, session: Digest<AuthorizationCode>, question: &Question<'_>) -> Grant {
        let now = self.now();
        let lapses = now + self.policy.lifetimes.pending;
        Grant {
            id: GrantId(random_id(&mut rand::rng())),
            user_id: owner.user_id.clone(),
            client: GrantClient::from(question.client),
            redirect_uri: question.redirect_uri.cloned().unwrap_or_else(RedirectUri::out_of_band),
            state: None,
            requested: question.scope.clone(),
            code_challenge: question.code_challenge.clone(),
            session: Some(session),
            me: self.me(owner),
            me_is_own: false,
            asked_me: None,
            created_at: now,
            expires_at: question.expires_at.map_or(lapses, |end| lapses.min(end)),
            stage: Stage::Pending,
            revoked_at: None,
        }
    }

    /// Gives a registered app, which has shown its secret, the key of its session. The token also has another word, which
    /// the app can make of it and its secret.
    ///
    /// # Errors
    /// As [`SessionError`] says.
    pub async fn redeem_app_session(
        &self,
        app: &Client,
        client_secret: &str,
        token: &str,
    ) -> Result<Key, SessionError> {
        let session = app.dialect.session(token);
        let word = |token: &Secret<AccessToken>| Some(Digest::of(&alias(token.expose(), client_secret)));
        match self.key(&session, Some(app.id.as_str()), word).await {
            Err(FlowError::Protocol(_)) => Err(self.why_not(&session, app).await?),
            answer => Ok(answer?),
        }
    }

    async fn why_not(&self, session: &Digest<AuthorizationCode>, app: &Client) -> Result<SessionError, StorageError> {
        let open = app_sessions::find(self.store.reader(), session, self.now()).await?;
        let is_its_own = open.is_some_and(|open| open.client_id == app.id.as_str());
        let answered = grants::find_by_code(self.store.reader(), session).await?.is_some();
        Ok(match is_its_own && !answered {
            true => SessionError::Pending,
            false => SessionError::Unknown,
        })
    }

    /// Gives the key of a session that an app made up to whoever knows the session. `None` until somebody has said yes,
    /// and when it was fetched.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn redeem_unregistered(&self, session: &Digest<AuthorizationCode>) -> Result<Option<Key>, FlowError> {
        match self.key(session, None, |_| None).await {
            Ok(key) => Ok(Some(key)),
            Err(FlowError::Protocol(_)) => Ok(None),
            Err(failed) => Err(failed),
        }
    }

    async fn key(
        &self,
        session: &Digest<AuthorizationCode>,
        client_id: Option<&str>,
        alias: impl Fn(&Secret<AccessToken>) -> Option<Digest<TokenAlias>>,
    ) -> Result<Key, FlowError> {
        let (tokens, user_id) = self.exchange_session(session, client_id, alias).await?;
        let person = profiles::find(self.store.reader(), &user_id)
            .await?
            .ok_or(UNKNOWN_CODE)?;
        Ok(Key {
            tokens,
            user_id,
            person,
        })
    }
}

fn opens_sessions(app: &RegisteredClient) -> bool {
    app.client.dialect.rules().opens_sessions
}

/// Somebody may change a link and keep its session: then it is another question.
fn asks_the_same(asked: &Grant, grant: &Grant) -> bool {
    asked.client == grant.client && asked.redirect_uri == grant.redirect_uri && asked.requested == grant.requested
}
