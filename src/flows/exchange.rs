//! A code is redeemed: for tokens at the token endpoint, for the profile URL alone at the authorization endpoint
//! (RFC 6749 §4.1.3, IndieAuth "Redeeming the Authorization Code").

use time::OffsetDateTime;

use crate::oauth::error::ProtocolError;
use crate::oauth::grant::{Approval, Grant, RevokedBecause, TokenPlan};
use crate::oauth::profile::ProfileInformation;
use crate::oauth::redemption::{NotRedeemed, UNKNOWN_CODE};
use crate::oauth::secret::Secret;
use crate::oauth::token::{CodeRedemption, ProfileResponse, TokenPair, TokenResponse};
use crate::storage::audit::{self, AuditEvent};
use crate::storage::grants;
use crate::storage::tokens::{self, NewToken};
use crate::storage::{Tx, users};

use super::{FlowError, Flows};

impl Flows {
    /// Redeems a code for tokens.
    ///
    /// # Errors
    /// `invalid_grant`.
    pub async fn exchange_code(&self, redemption: &CodeRedemption) -> Result<TokenResponse, FlowError> {
        // Not burnt: some clients ask here first, and only then at the authorization endpoint.
        const NO_SCOPE: ProtocolError = ProtocolError::invalid_grant(
            "the code carries no scope, so it gives no token; redeem it at the authorization endpoint",
        );
        let now = self.now();
        let until = now + self.policy.lifetimes.refresh_absolute;
        let tokens_until = |grant: &Grant, approval: &Approval| match grant.token_plan(approval) {
            _ if approval.scope.is_empty() => Err(NO_SCOPE),
            TokenPlan::Refreshing => Ok(Some(until)),
            TokenPlan::Single(_) => Ok(None),
        };
        let (tx, grant, approval) = self.spend(redemption, now, tokens_until).await?;
        let (tokens, expires_at) = self.issue(&tx, &grant, &approval, now).await?;
        let profile = self.profile(&tx, &grant, &approval).await?;
        tx.commit().await?;
        Ok(TokenResponse {
            tokens,
            scope: approval.scope,
            expires_in: expires_at.map(|end| (end - now).unsigned_abs()),
            me: grant.me,
            profile,
            created_at: now,
        })
    }

    /// Redeems a code for who the person is, and gives no token, whatever the scope.
    ///
    /// # Errors
    /// `invalid_grant`.
    pub async fn redeem_profile(&self, redemption: &CodeRedemption) -> Result<ProfileResponse, FlowError> {
        let (tx, grant, approval) = self.spend(redemption, self.now(), |_, _| Ok(None)).await?;
        let profile = self.profile(&tx, &grant, &approval).await?;
        tx.commit().await?;
        Ok(ProfileResponse { me: grant.me, profile })
    }

    /// Spends the code, if the sender proves to be the client that asked for it, in a transaction that stays open.
    /// `tokens_until` says when all tokens of the grant end, or refuses before the code is spent.
    async fn spend(
        &self,
        redemption: &CodeRedemption,
        now: OffsetDateTime,
        tokens_until: impl Fn(&Grant, &Approval) -> Result<Option<OffsetDateTime>, ProtocolError>,
    ) -> Result<(Tx, Grant, Approval), FlowError> {
        let tx = self.store.begin().await?;
        let grant = grants::find_by_code(&*tx, &redemption.code)
            .await?
            .ok_or(UNKNOWN_CODE)?;
        let approval = match grant.redeem(&redemption.proof(), now) {
            Ok(approval) => approval.clone(),
            Err(refused) => return self.punish(tx, &grant, refused, now).await,
        };
        let until = tokens_until(&grant, &approval)?;
        if !grants::mark_redeemed(&*tx, &grant.id, now, until).await? {
            return self.punish(tx, &grant, NotRedeemed::Reuse(UNKNOWN_CODE), now).await;
        }
        Ok((tx, grant, approval))
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

    async fn issue(
        &self,
        tx: &Tx,
        grant: &Grant,
        approval: &Approval,
        now: OffsetDateTime,
    ) -> Result<(TokenPair, Option<OffsetDateTime>), FlowError> {
        let plan = grant.token_plan(approval);
        let access_token = Secret::generate(&mut rand::rng());
        let refresh_token = (plan == TokenPlan::Refreshing).then(|| Secret::generate(&mut rand::rng()));
        let expires_at = match plan {
            TokenPlan::Single(lifetime) => lifetime.map(|lifetime| now + lifetime),
            TokenPlan::Refreshing => Some(now + self.policy.lifetimes.refreshed_access),
        };
        let (grant_id, scope, issued_at, parent) = (&grant.id, &approval.scope, now, None);
        let access = NewToken {
            digest: access_token.digest(),
            grant_id,
            scope,
            issued_at,
            expires_at,
            parent,
        };
        let refresh = refresh_token.as_ref().map(|token: &Secret<_>| NewToken {
            digest: token.digest(),
            grant_id,
            scope,
            issued_at,
            expires_at: Some(now + self.policy.lifetimes.refresh_idle),
            parent,
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

    async fn profile(
        &self,
        tx: &Tx,
        grant: &Grant,
        approval: &Approval,
    ) -> Result<Option<ProfileInformation>, FlowError> {
        if !approval.scope.contains("profile") {
            return Ok(None);
        }
        let user = users::find(&**tx, &grant.user_id).await?.ok_or(UNKNOWN_CODE)?;
        Ok(ProfileInformation::granted(&approval.scope, &user.username, &grant.me))
    }
}
