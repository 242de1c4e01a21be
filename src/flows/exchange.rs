//! A code is redeemed: for tokens at the token endpoint, for the profile URL alone at the authorization endpoint
//! (RFC 6749 §4.1.3, IndieAuth "Redeeming the Authorization Code").

use std::time::Duration;

use time::OffsetDateTime;

use crate::oauth::error::ProtocolError;
use crate::oauth::grant::{Approval, Grant, RevokedBecause, TokenPlan, UserId};
use crate::oauth::host_rule::HostRule;
use crate::oauth::person::{Person, ProfileInformation};
use crate::oauth::redemption::{NotRedeemed, UNKNOWN_CODE, UNPROVED_ADDRESS};
use crate::oauth::secret::{AccessToken, AuthorizationCode, Digest, Secret, TokenAlias};
use crate::oauth::token::{CodeRedemption, ProfileResponse, TokenPair, TokenResponse};
use crate::storage::audit::{self, AuditEvent};
use crate::storage::grants;
use crate::storage::profile_urls;
use crate::storage::tokens::{self, NewToken};
use crate::storage::{Tx, profiles};

use super::clients::AuthenticatedClient;
use super::hosts::rule_of;
use super::{FlowError, Flows};

/// A code that was just spent: the proof that tokens may be written, and the transaction to write them in.
struct Spent {
    tx: Tx,
    grant: Grant,
    approval: Approval,
}

impl Flows {
    /// Redeems a code for tokens, for a client that is who it says it is.
    ///
    /// # Errors
    /// `invalid_grant`; `invalid_request` when the client's kind must send what is missing.
    pub async fn exchange_code(
        &self,
        redemption: &CodeRedemption,
        client: &AuthenticatedClient,
    ) -> Result<TokenResponse, FlowError> {
        // Not burnt: some clients ask here first, and only then at the authorization endpoint.
        const NO_SCOPE: ProtocolError = ProtocolError::invalid_grant(
            "the code carries no scope, so it gives no token; redeem it at the authorization endpoint",
        );
        redemption.complete(client.dialect())?;
        let now = self.now();
        let judge = |grant: &Grant| {
            let approval = grant.redeem(&redemption.proof(client.id(), client.has_shown_secret()), now)?;
            if approval.scope.is_empty() && !grant.client.dialect.rules().token_without_scope {
                return Err(NotRedeemed::Lapsed(NO_SCOPE));
            }
            Ok(approval.clone())
        };
        let spent = self.spend(&redemption.code, now, judge, true).await?;
        self.give_tokens(spent, now, |_| None).await
    }

    /// Spends the session of an app's own making for a token. `alias` makes the other word for it that the app will use.
    ///
    /// # Errors
    /// `invalid_grant`, whatever the reason.
    pub async fn exchange_session(
        &self,
        session: &Digest<AuthorizationCode>,
        client_id: Option<&str>,
        alias: impl Fn(&Secret<AccessToken>) -> Option<Digest<TokenAlias>>,
    ) -> Result<(TokenResponse, UserId), FlowError> {
        let now = self.now();
        let judge = |grant: &Grant| {
            let client_id = client_id.unwrap_or(grant.client.id.as_str());
            grant.redeem_session(client_id, now).cloned()
        };
        let spent = self.spend(session, now, judge, true).await?;
        let user_id = spent.grant.user_id.clone();
        Ok((self.give_tokens(spent, now, alias).await?, user_id))
    }

    /// Redeems a code for who the person is, and gives no token, whatever the scope.
    ///
    /// # Errors
    /// `invalid_grant`.
    pub async fn redeem_profile(
        &self,
        redemption: &CodeRedemption,
        client: &AuthenticatedClient,
    ) -> Result<ProfileResponse, FlowError> {
        let now = self.now();
        let judge = |grant: &Grant| {
            grant
                .redeem(&redemption.proof(client.id(), client.has_shown_secret()), now)
                .cloned()
        };
        let Spent { tx, grant, approval } = self.spend(&redemption.code, now, judge, false).await?;
        let person = match approval.scope.contains("profile") {
            true => profiles::find(&*tx, &grant.user_id).await?,
            false => None,
        };
        let profile = person.and_then(|person| self.told(&person, &grant, &approval));
        tx.commit().await?;
        Ok(ProfileResponse { me: grant.me, profile })
    }

    /// Spends a code that `judge` finds good, in a transaction that stays open. With `tokens`, those of an app that
    /// refreshes get their absolute end.
    async fn spend(
        &self,
        code: &Digest<AuthorizationCode>,
        now: OffsetDateTime,
        judge: impl Fn(&Grant) -> Result<Approval, NotRedeemed>,
        tokens: bool,
    ) -> Result<Spent, FlowError> {
        let tx = self.store.begin().await?;
        let grant = grants::find_by_code(&*tx, code).await?.ok_or(UNKNOWN_CODE)?;
        let approval = match judge(&grant) {
            Ok(approval) => approval,
            Err(refused) => return self.punish(tx, &grant, refused, now).await,
        };
        // The yes may have been on its way while the host was blocked, and so not have been seen there.
        if rule_of(&*tx, &grant).await? == Some(HostRule::Block) {
            return Err(UNKNOWN_CODE.into());
        }
        // The app has proved that the code is its own. It must not learn an address that is not the person's any more.
        if grant.me_is_own && !profile_urls::holds_for(&*tx, &grant.id).await? {
            return self
                .punish(tx, &grant, NotRedeemed::Lapsed(UNPROVED_ADDRESS), now)
                .await;
        }
        let until = self.family_life(&grant, &approval).filter(|_| tokens);
        let until = until.map(|life| now + life);
        if !grants::mark_redeemed(&*tx, &grant.id, now, until).await? {
            let refused = match grant.session {
                Some(_) => NotRedeemed::Lapsed(UNKNOWN_CODE),
                None => NotRedeemed::Reuse(UNKNOWN_CODE),
            };
            return self.punish(tx, &grant, refused, now).await;
        }
        Ok(Spent { tx, grant, approval })
    }

    pub(super) fn plan(&self, grant: &Grant, approval: &Approval) -> TokenPlan {
        grant.token_plan(approval, self.policy.token_cap(grant.client.dialect))
    }

    /// How long the tokens of an app that refreshes last at most, however often it does: the operator's cap ends these,
    /// too.
    fn family_life(&self, grant: &Grant, approval: &Approval) -> Option<Duration> {
        let cap = self.policy.token_cap(grant.client.dialect);
        let absolute = self.policy.lifetimes.refresh_absolute;
        match self.plan(grant, approval) {
            TokenPlan::Single(_) => None,
            TokenPlan::Refreshing => Some(cap.map_or(absolute, |cap| cap.min(absolute))),
            TokenPlan::Rotating(_) => cap,
        }
    }

    /// Does to a code what its refusal asks for, and refuses.
    async fn punish<T>(
        &self,
        tx: Tx,
        grant: &Grant,
        refused: NotRedeemed,
        now: OffsetDateTime,
    ) -> Result<T, FlowError> {
        match refused {
            NotRedeemed::Stranger(_) | NotRedeemed::Lapsed(_) => {}
            NotRedeemed::Burn(_) => {
                grants::mark_redeemed(&*tx, &grant.id, now, None).await?;
                tx.commit().await?;
            }
            NotRedeemed::Reuse(_) => {
                if grants::revoke(&*tx, &grant.id, RevokedBecause::CodeReuse, now).await? {
                    let client_id = grant.client.id.as_str();
                    audit::insert(&*tx, AuditEvent::CodeReused, &grant.user_id, client_id, now).await?;
                }
                tx.commit().await?;
            }
        }
        Err(refused.error().into())
    }

    /// Writes the tokens of a grant that was just spent, and answers.
    async fn give_tokens(
        &self,
        spent: Spent,
        now: OffsetDateTime,
        alias: impl Fn(&Secret<AccessToken>) -> Option<Digest<TokenAlias>>,
    ) -> Result<TokenResponse, FlowError> {
        let Spent { tx, grant, approval } = spent;
        let (tokens, expires_at) = self.issue(&tx, &grant, &approval, now, alias).await?;
        let names_owner = grant.client.dialect.rules().names_owner;
        let person = match names_owner || approval.scope.contains("profile") {
            true => profiles::find(&*tx, &grant.user_id).await?,
            false => None,
        };
        let profile = person.as_ref().and_then(|person| self.told(person, &grant, &approval));
        tx.commit().await?;
        Ok(TokenResponse {
            tokens,
            scope: approval.scope,
            expires_in: expires_at.map(|end| (end - now).unsigned_abs()),
            me: Some(grant.me),
            username: person.filter(|_| names_owner).map(|person| person.username),
            profile,
            created_at: now,
        })
    }

    async fn issue(
        &self,
        tx: &Tx,
        grant: &Grant,
        approval: &Approval,
        now: OffsetDateTime,
        alias: impl Fn(&Secret<AccessToken>) -> Option<Digest<TokenAlias>>,
    ) -> Result<(TokenPair, Option<OffsetDateTime>), FlowError> {
        let plan = self.plan(grant, approval);
        let access_token = Secret::generate(&mut rand::rng());
        let refresh_token = match plan {
            TokenPlan::Single(_) => None,
            TokenPlan::Refreshing | TokenPlan::Rotating(_) => Some(Secret::generate(&mut rand::rng())),
        };
        let expires_at = match plan {
            TokenPlan::Single(lifetime) | TokenPlan::Rotating(lifetime) => lifetime.map(|lifetime| now + lifetime),
            TokenPlan::Refreshing => Some(now + self.policy.lifetimes.refreshed_access),
        };
        let (family, idle) = (self.family_life(grant, approval), self.policy.lifetimes.refresh_idle);
        let (grant_id, scope, issued_at, parent) = (&grant.id, &approval.scope, now, None);
        let access = NewToken {
            digest: access_token.digest(),
            grant_id,
            scope,
            issued_at,
            expires_at,
            parent,
            alias: alias(&access_token),
        };
        let refresh = refresh_token.as_ref().map(|token: &Secret<_>| NewToken {
            digest: token.digest(),
            grant_id,
            scope,
            issued_at,
            expires_at: Some(now + family.map_or(idle, |life| life.min(idle))),
            parent,
            alias: None,
        });
        tokens::insert(&**tx, &access, refresh.as_ref()).await?;
        Ok((
            TokenPair {
                access_token,
                refresh_token,
            },
            expires_at,
        ))
    }

    /// What the app learns of the person, as it is now: what changed since the consent page was shown, the person
    /// changed.
    fn told(&self, person: &Person, grant: &Grant, approval: &Approval) -> Option<ProfileInformation> {
        person.told(&approval.scope, &grant.me, &self.policy.issuer)
    }
}
