//! The authorization request: from the parameters of a browser to a question for its owner, or to where the browser
//! must go (RFC 6749 §4.1.1; the order of the steps is design decision and tested).

use std::net::IpAddr;
use std::time::Duration;

use crate::discovery::DiscoveryError;
pub use crate::discovery::{Refusal, Source, Step};
use crate::oauth::authorize::{AuthorizationRequest, Identified, identify, validate};
use crate::oauth::client::Client;
use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::oauth::grant::{Grant, GrantClient, GrantId, Owner, Stage};
use crate::oauth::host_rule::HostRule;
use crate::oauth::params::Params;
use crate::oauth::return_address::ReturnAddress;
use crate::oauth::secret::{Digest, Secret, SessionKey, random_id};
use crate::storage::consents::{self, Consent};
use crate::storage::{StorageError, clients, grants, sessions, sightings, snapshots};

use super::addresses::Standing;
use super::consent::Answer;
use super::hosts::rule_for;
use super::{FlowError, Flows, SignedIn};

/// Whose browser it is.
#[derive(Debug)]
pub struct Visitor {
    /// Who is signed in, if anybody.
    pub signed_in: Option<SignedIn>,
    /// Where the browser is: fetches of new clients are counted by it.
    pub address: IpAddr,
}

/// Where the browser goes.
#[derive(Debug)]
pub enum Next {
    /// To the sign-in page, with this request in hand.
    SignIn,
    /// To the consent page of this grant.
    Consent(GrantId),
    /// Back to the client: the answer was given before, and is still good.
    Return(String),
}

/// Why there is no answer, and where that may be told: the variant decides, there is no flag.
#[derive(Debug)]
pub enum AuthorizeError {
    /// On a page: there is no address to return to.
    Show(ProtocolError),
    /// On a page, with a report for the author of the client.
    Client(Box<ClientReport>),
    /// At the client: its redirect URI is verified.
    Return(ReturnAddress, ProtocolError),
    /// On a page: the operator blocked a host of the client.
    Blocked,
    /// On a page: this visitor asks for too many new clients.
    TooMany(Duration),
    /// The failure is ours: told at the client when its redirect URI is verified, on a page before.
    Failed {
        /// Where to tell it.
        back: Option<ReturnAddress>,
        /// What happened, for the log.
        source: FlowError,
    },
}

impl From<StorageError> for AuthorizeError {
    fn from(error: StorageError) -> AuthorizeError {
        AuthorizeError::Failed {
            back: None,
            source: error.into(),
        }
    }
}

/// What the author of a client needs to know when it cannot be used.
#[derive(Debug)]
pub struct ClientReport {
    /// What the client asked with.
    pub asked: Identified,
    /// What is wrong.
    pub problem: ClientProblem,
}

/// What is wrong with a client.
#[derive(Debug)]
pub enum ClientProblem {
    /// No registered client has this id.
    Unknown,
    /// Its page or document could not be used.
    Discovery(Refusal),
    /// Its redirect URI is not one it publishes.
    RedirectUri(ProtocolError, Box<Client>),
}

impl Flows {
    /// Answers a GET to the authorization endpoint.
    ///
    /// Nobody signed in: no row is written and nothing is fetched, whatever the request says.
    ///
    /// # Errors
    /// Each check's own, as its variant says.
    pub async fn begin(&self, params: &Params, visitor: &Visitor) -> Result<Next, AuthorizeError> {
        let asked = identify(params, &self.policy).map_err(AuthorizeError::Show)?;
        let registered = self.registered(&asked).await?;
        let Some(signed_in) = &visitor.signed_in else {
            return Ok(Next::SignIn);
        };
        let goes_to = match &registered {
            Some((_, back)) => Some(back.redirect_uri()),
            None => asked.redirect_uri.as_ref(),
        };
        let rule = rule_for(self.store.reader(), &asked.client_id, goes_to).await?;
        if rule == Some(HostRule::Block) {
            return Err(AuthorizeError::Blocked);
        }
        let (client, back) = match registered {
            Some(known) => known,
            None => {
                let client = self.fetch_client(&asked, visitor.address).await?;
                self.return_address(&asked, client)?
            }
        };
        let may_repeat = rule != Some(HostRule::Ask) && !client.dialect.asks_again(params);
        let decided = self.decide(params, signed_in, &client, &asked, &back, may_repeat).await;
        decided.map_err(|error| match error {
            AuthorizeError::Failed { source, .. } => AuthorizeError::Failed {
                back: Some(back),
                source,
            },
            told => told,
        })
    }

    /// The part of a request whose errors travel to the client.
    async fn decide(
        &self,
        params: &Params,
        signed_in: &SignedIn,
        client: &Client,
        asked: &Identified,
        back: &ReturnAddress,
        may_repeat: bool,
    ) -> Result<Next, AuthorizeError> {
        let refuse = |error| AuthorizeError::Return(back.clone(), error);
        let today = self.now().date();
        let request = validate(params, client, &self.policy, today).map_err(refuse)?;
        self.refuse_used_challenge(client, &request, back).await?;
        let grant = self.grant(&signed_in.owner, client, asked, back, request);
        let code = Secret::generate(&mut rand::rng());
        Ok(self.ask(&grant, signed_in, &Answer::Code(code), may_repeat).await?)
    }

    /// Puts a question to the person, unless a remembered yes answers it and may be repeated.
    pub(super) async fn ask(
        &self,
        grant: &Grant,
        signed_in: &SignedIn,
        answer: &Answer<'_>,
        repeat: bool,
    ) -> Result<Next, StorageError> {
        if repeat && self.approve_again(grant, &signed_in.session, answer).await? {
            return Ok(Next::Return(answer.location(grant, &self.policy.issuer)));
        }
        grants::insert(self.store.writer(), &self.sighted(grant.clone()).await?).await?;
        Ok(Next::Consent(grant.id.clone()))
    }

    /// The grant, with when somebody here first said yes to its client.
    async fn sighted(&self, mut grant: Grant) -> Result<Grant, StorageError> {
        if grant.client.is_sighted() {
            grant.client.first_seen_at = sightings::first(self.store.reader(), &grant.client.id).await?;
        }
        Ok(grant)
    }

    /// A registered client is looked up before anybody signs in: what is wrong with it is known at once.
    async fn registered(&self, asked: &Identified) -> Result<Option<(Client, ReturnAddress)>, AuthorizeError> {
        if asked.client_id.url().is_some() {
            return Ok(None);
        }
        match clients::find(self.store.reader(), asked.client_id.as_str()).await? {
            Some(found) => self.return_address(asked, found.client).map(Some),
            None => Err(report(asked.clone(), ClientProblem::Unknown)),
        }
    }

    fn return_address(&self, asked: &Identified, client: Client) -> Result<(Client, ReturnAddress), AuthorizeError> {
        match asked.return_address(&client, &self.policy.issuer) {
            Ok(back) => Ok((client, back)),
            Err(error) => Err(report(
                asked.clone(),
                ClientProblem::RedirectUri(error, Box::new(client)),
            )),
        }
    }

    async fn fetch_client(&self, asked: &Identified, source: IpAddr) -> Result<Client, AuthorizeError> {
        let (Some(id), Some(redirect_uri)) = (asked.client_id.url(), &asked.redirect_uri) else {
            return Err(report(asked.clone(), ClientProblem::Unknown));
        };
        self.discovery
            .client(id, redirect_uri, source)
            .await
            .map_err(|error| match error {
                DiscoveryError::Refused(refusal) => report(asked.clone(), ClientProblem::Discovery(refusal)),
                DiscoveryError::TooMany { retry_after } => AuthorizeError::TooMany(retry_after),
                DiscoveryError::Busy => AuthorizeError::Failed {
                    back: None,
                    source: FlowError::Unavailable(Box::new(error)),
                },
            })
    }

    /// A challenge that was redeemed is spent: a client that sends the same one each time has no PKCE (RFC 9700
    /// §2.1.1). Reloading the page is no reuse, since nothing was redeemed yet.
    async fn refuse_used_challenge(
        &self,
        client: &Client,
        request: &AuthorizationRequest,
        back: &ReturnAddress,
    ) -> Result<(), AuthorizeError> {
        const USED: ProtocolError = ProtocolError::new(
            ErrorCode::InvalidRequest,
            "code_challenge was used before; make a new one per request",
        );
        let Some(challenge) = &request.code_challenge else {
            return Ok(());
        };
        let since = self.now() - self.policy.lifetimes.challenge_memory;
        if grants::challenge_was_redeemed(self.store.reader(), &client.id, challenge, since).await? {
            return Err(AuthorizeError::Return(back.clone(), USED));
        }
        Ok(())
    }

    fn grant(
        &self,
        owner: &Owner,
        client: &Client,
        asked: &Identified,
        back: &ReturnAddress,
        request: AuthorizationRequest,
    ) -> Grant {
        let now = self.now();
        Grant {
            id: GrantId(random_id(&mut rand::rng())),
            user_id: owner.user_id.clone(),
            client: GrantClient::from(client),
            redirect_uri: back.redirect_uri().clone(),
            state: asked.state().map(str::to_owned),
            requested: request.scope,
            code_challenge: request.code_challenge,
            session: None,
            me: self.me(owner),
            me_is_own: false,
            asked_me: asked.me(&self.policy.issuer),
            created_at: now,
            expires_at: now + self.policy.lifetimes.pending,
            stage: Stage::Pending,
            revoked_at: None,
        }
    }

    /// Approves a request that a remembered yes answers. `false` when the person must be asked. The yes is held while the
    /// grant is written, so that whoever ends the app's access meanwhile ends this grant, too.
    async fn approve_again(
        &self,
        grant: &Grant,
        session: &Digest<SessionKey>,
        answer: &Answer<'_>,
    ) -> Result<bool, StorageError> {
        let remembered = consents::find(self.store.reader(), grant).await?;
        if !remembered.is_some_and(|consent| answers(&consent, grant)) {
            return Ok(false);
        }
        let Some(grant) = &self.as_last_time(grant).await? else {
            return Ok(false);
        };
        let tx = self.store.begin().await?;
        // Fetching the client took its time: the session may have ended.
        if !sessions::hold(&*tx, session).await? {
            return Ok(false);
        }
        let held = consents::hold(&*tx, grant).await?;
        let Some(consent) = held.filter(|consent| answers(consent, grant)) else {
            return Ok(false);
        };
        let everything: Vec<String> = grant.requested.iter().map(|token| token.as_str().to_owned()).collect();
        let approval = grant.approval(&everything, consent.lifetime, self.now(), &self.policy.lifetimes);
        grants::insert(&*tx, grant).await?;
        if !grants::mark_approved(&*tx, grant, &approval, &answer.digest(grant)).await? {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }

    /// The grant with the address that the person chose last time, looked at again. `None` when it is not proved any more,
    /// or the app asks for another one of theirs: then they choose again.
    async fn as_last_time(&self, grant: &Grant) -> Result<Option<Grant>, StorageError> {
        let last = snapshots::find(self.store.reader(), grant).await?;
        let hosted = &grant.me;
        let me = last.and_then(|last| last.me).unwrap_or_else(|| hosted.clone());
        let is_own = me != *hosted;
        if is_own && self.standing(&grant.user_id, &me).await? != Standing::Proved {
            return Ok(None);
        }
        if let Some(asked) = grant.asked_me.as_ref().filter(|asked| **asked != me) {
            let is_another = asked == hosted || self.standing(&grant.user_id, asked).await? == Standing::Proved;
            if is_another {
                return Ok(None);
            }
        }
        Ok(Some(Grant {
            me,
            me_is_own: is_own,
            ..grant.clone()
        }))
    }
}

/// Whether a remembered yes answers this request as well: nothing more is asked for, the client says the same about
/// itself, and no other program on the device could take its place.
fn answers(consent: &Consent, grant: &Grant) -> bool {
    grant.may_be_remembered()
        && grant.requested.is_subset_of(&consent.scope)
        && consent.client_fingerprint == grant.client.fingerprint
        && (grant.code_challenge.is_some() || grant.client.confidential)
}

fn report(asked: Identified, problem: ClientProblem) -> AuthorizeError {
    AuthorizeError::Client(Box::new(ClientReport { asked, problem }))
}
