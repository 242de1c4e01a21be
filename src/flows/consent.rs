//! The person's answer: shown, approved or denied. Only the owner of a grant can see or answer it, and only once.

use std::net::IpAddr;
use std::sync::Arc;

use crate::oauth::change::Snapshot;
use crate::oauth::client::ClientId;
use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::oauth::grant::{Grant, GrantId, Owner, Stage};
use crate::oauth::host_rule::HostRule;
use crate::oauth::policy::{Issuer, TokenLifetime};
use crate::oauth::profile::ProfileUrl;
use crate::oauth::secret::{AuthorizationCode, Digest, Secret};
use crate::storage::audit::{self, AuditEvent};
use crate::storage::{StorageError, clients, consents, grants, profile_urls, sessions, sightings, snapshots};

use super::addresses::Standing;
use super::hosts::rule_of;
use super::{FlowError, Flows, SignedIn};

const DENIED: ProtocolError = ProtocolError::new(ErrorCode::AccessDenied, "the resource owner said no");
const NOTHING_LEFT: ProtocolError = ProtocolError::new(
    ErrorCode::AccessDenied,
    "the resource owner allowed nothing of what was asked for",
);

/// Why a request cannot be shown or answered.
#[derive(Debug)]
pub enum ConsentError {
    /// There is no such request, or it is gone for long.
    NotFound,
    /// It was put to somebody else.
    NotYours,
    /// It was answered before: Back, or a double click.
    Answered,
    /// It waited too long.
    Lapsed,
    /// The session ended meanwhile: by its person, or with their password.
    SignedOut,
    /// The page came back without the app's session.
    SessionLost,
    /// The operator blocked a host of the app meanwhile.
    Blocked,
    /// The chosen address is not proved any more; without one, it was never the person's.
    AddressGone(Option<ProfileUrl>),
    /// The failure is ours.
    Failed(FlowError),
}

impl From<StorageError> for ConsentError {
    fn from(error: StorageError) -> ConsentError {
        ConsentError::Failed(error.into())
    }
}

/// What the person chose.
#[derive(Debug)]
pub struct Choice {
    /// The scopes that stayed ticked.
    pub scope: Vec<String>,
    /// How long a single access token lives.
    pub lifetime: TokenLifetime,
    /// The address to be, where there is a choice.
    pub me: Option<String>,
    /// The app's own session, which travels with the page: of it, too, only a digest is kept.
    pub session: Option<String>,
}

/// What a yes is known by to the client.
pub(super) enum Answer<'a> {
    /// A code of ours.
    Code(Secret<AuthorizationCode>),
    /// A session of its own.
    Session(&'a str),
}

impl Answer<'_> {
    /// What is kept of it.
    pub(super) fn digest(&self, grant: &Grant) -> Digest<AuthorizationCode> {
        match self {
            Answer::Code(code) => code.digest(),
            Answer::Session(word) => grant.client.dialect.session(word),
        }
    }

    /// Where the browser goes with it.
    pub(super) fn location(&self, grant: &Grant, issuer: &Issuer) -> String {
        let back = grant.return_address(issuer);
        match self {
            Answer::Code(code) => back.success(code),
            Answer::Session(word) => back.session(grant.client.dialect.session_parameter(), word),
        }
    }
}

impl Flows {
    /// The request to show to `owner`.
    ///
    /// # Errors
    /// As [`ConsentError`] says.
    pub async fn pending(&self, id: &GrantId, owner: &Owner) -> Result<Grant, ConsentError> {
        Ok(self.question(id, owner).await?.0)
    }

    /// The same, with what the operator decided about its client.
    ///
    /// # Errors
    /// As [`ConsentError`] says.
    pub async fn question(&self, id: &GrantId, owner: &Owner) -> Result<(Grant, Option<HostRule>), ConsentError> {
        let grant = grants::find(self.store.reader(), id)
            .await?
            .ok_or(ConsentError::NotFound)?;
        if grant.user_id != owner.user_id {
            return Err(ConsentError::NotYours);
        }
        match grant.stage {
            Stage::Pending if grant.is_open(self.now()) => match rule_of(self.store.reader(), &grant).await? {
                Some(HostRule::Block) => Err(ConsentError::Blocked),
                rule => Ok((grant, rule)),
            },
            Stage::Pending => Err(ConsentError::Lapsed),
            _ => Err(ConsentError::Answered),
        }
    }

    /// A pending grant, so that somebody else may sign in and answer the same. `None` when it is not open or not
    /// `owner`'s.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn request_again(&self, id: &GrantId, owner: &Owner) -> Result<Option<Grant>, FlowError> {
        match self.pending(id, owner).await {
            Ok(grant) => Ok(Some(grant)),
            Err(ConsentError::Failed(error)) => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// Approves, for what stayed ticked. Gives the address to send the browser to, with the code.
    ///
    /// # Errors
    /// As [`Flows::pending`].
    pub async fn approve(&self, id: &GrantId, signed_in: &SignedIn, choice: &Choice) -> Result<String, ConsentError> {
        let grant = self.pending(id, &signed_in.owner).await?;
        let approval = grant.approval(&choice.scope, choice.lifetime, self.now(), &self.policy.lifetimes);
        if approval.scope.is_empty() && !grant.requested.is_empty() {
            // The app would get a code that gives no token, and could not tell why.
            return self.refuse(&grant, &NOTHING_LEFT).await;
        }
        let answer = answer_to(&grant, choice)?;
        let grant = self.as_chosen(grant, choice.me.as_deref()).await?;
        let tx = self.store.begin().await?;
        // The session was looked at before the answer was read. Who has lost it since must not approve any more.
        if !sessions::hold(&*tx, &signed_in.session).await? {
            return Err(ConsentError::SignedOut);
        }
        let code = answer.digest(&grant);
        // An app's session is good for one yes, whoever opens its link.
        if grant.session.is_some() && grants::find_by_code(&*tx, &code).await?.is_some() {
            return Err(ConsentError::Answered);
        }
        if !grants::mark_approved(&*tx, &grant, &approval, &code).await? {
            drop(tx);
            return Err(self.why_not_approved(grant).await?);
        }
        audit::insert_about_grant(&*tx, AuditEvent::Approved, &grant.id, approval.approved_at).await?;
        if let ClientId::Registered(id) = &grant.client.id
            && !clients::mark_approved(&*tx, id, approval.approved_at).await?
        {
            // It was removed while the question stood there: its code would be good for nothing.
            return Err(ConsentError::NotFound);
        }
        if grant.may_be_remembered() {
            consents::remember(&*tx, &grant, &approval).await?;
        }
        if grant.client.has_identity() {
            snapshots::keep(&*tx, &grant, approval.approved_at).await?;
        }
        if grant.client.is_sighted() {
            sightings::record(&*tx, &grant.client.id, approval.approved_at).await?;
        }
        tx.commit().await?;
        Ok(answer.location(&grant, &self.policy.issuer))
    }

    /// The grant with the address that the person chose. One of their own is looked at first, outside of any transaction.
    async fn as_chosen(&self, mut grant: Grant, me: Option<&str>) -> Result<Grant, ConsentError> {
        let Some(me) = me.filter(|me| *me != grant.me.as_str()) else {
            return Ok(grant);
        };
        let me = ProfileUrl::from_stored(me.to_owned());
        match self.standing(&grant.user_id, &me).await? {
            Standing::Proved => {}
            Standing::Unproved => return Err(ConsentError::AddressGone(Some(me))),
            Standing::Unknown => return Err(ConsentError::AddressGone(None)),
        }
        (grant.me, grant.me_is_own) = (me, true);
        Ok(grant)
    }

    /// The address may have lapsed between the look and the yes.
    async fn why_not_approved(&self, grant: Grant) -> Result<ConsentError, StorageError> {
        if !grant.me_is_own {
            return Ok(ConsentError::Answered);
        }
        let holder = profile_urls::holder(self.store.reader(), &grant.me).await?;
        Ok(match holder.is_some_and(|holder| holder.user_id == grant.user_id) {
            true => ConsentError::Answered,
            false => ConsentError::AddressGone(Some(grant.me)),
        })
    }

    /// What the client of this request said about itself when its owner last said yes to it.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn last_yes(&self, grant: &Grant) -> Result<Option<Snapshot>, FlowError> {
        if !grant.client.has_identity() {
            return Ok(None);
        }
        Ok(snapshots::find(self.store.reader(), grant).await?)
    }

    /// The name of the logo that the client of this request shows for itself, when there is one and it came in time.
    /// `address` is where the owner's browser is: fetches are counted by it.
    pub async fn logo(&self, grant: &Grant, address: IpAddr) -> Option<String> {
        let (id, logo_uri) = (grant.client.id.url()?, grant.client.logo_uri.as_deref()?);
        self.discovery.logo(id, logo_uri, &grant.user_id.0, address).await
    }

    /// The logo with this name, as PNG.
    pub async fn logo_png(&self, name: &str) -> Option<Arc<[u8]>> {
        self.discovery.logo_png(name).await
    }

    /// Denies. Gives the address to send the browser to, with `access_denied`.
    ///
    /// # Errors
    /// As [`Flows::pending`].
    pub async fn deny(&self, id: &GrantId, owner: &Owner) -> Result<String, ConsentError> {
        let grant = self.pending(id, owner).await?;
        self.refuse(&grant, &DENIED).await
    }

    async fn refuse(&self, grant: &Grant, error: &ProtocolError) -> Result<String, ConsentError> {
        if !grants::mark_denied(self.store.writer(), &grant.id, self.now()).await? {
            return Err(ConsentError::Answered);
        }
        let back = grant.return_address(&self.policy.issuer);
        Ok(if grant.session.is_some() {
            back.session_denied()
        } else {
            back.error(error)
        })
    }
}

/// What the yes will be known by: the app's session, when the page has brought it along.
fn answer_to<'a>(grant: &Grant, choice: &'a Choice) -> Result<Answer<'a>, ConsentError> {
    match (&grant.session, &choice.session) {
        (None, _) => Ok(Answer::Code(Secret::generate(&mut rand::rng()))),
        (Some(known), Some(word)) if *known == grant.client.dialect.session(word) => Ok(Answer::Session(word)),
        (Some(_), _) => Err(ConsentError::SessionLost),
    }
}
