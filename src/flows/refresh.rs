//! A refresh token is spent (RFC 6749 §6, RFC 9700 §4.14.2, decision 7): rotation that survives a lost answer and
//! catches theft.

use time::OffsetDateTime;

use crate::oauth::dialect::Tokens;
use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::oauth::grant::RevokedBecause;
use crate::oauth::scope::Scope;
use crate::oauth::secret::Secret;
use crate::oauth::token::{RefreshRequest, RefreshUse, RefreshVerdict, TokenPair, TokenResponse};
use crate::storage::Tx;
use crate::storage::audit::{self, AuditEvent};
use crate::storage::grants;
use crate::storage::tokens::{self, NewToken, StoredRefreshToken, rotation};

use super::clients::AuthenticatedClient;
use super::{FlowError, Flows};

const UNKNOWN: ProtocolError = ProtocolError::invalid_grant("the refresh token is unknown, lapsed or revoked");

impl Flows {
    /// Spends a refresh token for a new pair.
    ///
    /// # Errors
    /// `unsupported_grant_type` for clients whose tokens last until they are revoked; `invalid_grant`; `invalid_scope` when
    /// more is asked for than was granted.
    pub async fn refresh(
        &self,
        request: &RefreshRequest,
        client: &AuthenticatedClient,
    ) -> Result<TokenResponse, FlowError> {
        const UNSUPPORTED: ProtocolError = ProtocolError::new(
            ErrorCode::UnsupportedGrantType,
            "this kind of client has nothing to refresh",
        );
        if client.dialect().rules().tokens == Tokens::UntilRevoked {
            return Err(UNSUPPORTED.into());
        }
        let now = self.now();
        let tx = self.store.begin().await?;
        rotation::hold(&*tx, &request.refresh_token).await?;
        let mut stored = tokens::find_refresh(&*tx, &request.refresh_token)
            .await?
            .ok_or(UNKNOWN)?;
        // A stranger's try ends here and changes nothing.
        let proved = client.has_shown_secret() || !stored.client_is_confidential;
        if client.id() != stored.client_id || !proved {
            return Err(ProtocolError::invalid_grant("the refresh token was issued to another client_id").into());
        }
        // What was given while the operator had set no end gets one as well.
        let cap = self.policy.token_cap(stored.dialect);
        stored.tokens_until = stored.tokens_until.or(cap.map(|cap| stored.approved_at + cap));
        let scope = narrowed(request, &stored)?;
        match self.judge(&tx, request, &stored, now).await? {
            RefreshVerdict::Lapsed => return Err(UNKNOWN.into()),
            RefreshVerdict::Revoke => return self.revoke_family(tx, &stored, now).await,
            RefreshVerdict::Rotate => rotation::mark_redeemed(&*tx, &request.refresh_token, now).await?,
            RefreshVerdict::Retry => {
                let spent_at = now - self.policy.lifetimes.refresh_grace;
                if !rotation::drop_successors(&*tx, &request.refresh_token, spent_at).await? {
                    return self.revoke_family(tx, &stored, now).await;
                }
            }
        }
        rotation::delete_lapsed_access(&*tx, &stored.grant_id, now).await?;
        if stored.dialect.rules().tokens == Tokens::Rotating {
            // It would outlast its successor. The app gets the time of a lost answer to change over.
            let changed_over = now + self.policy.lifetimes.refresh_grace;
            rotation::expire_access(&*tx, &stored.grant_id, changed_over).await?;
        }
        let response = self.reissue(&tx, request, &stored, scope, now).await?;
        tx.commit().await?;
        Ok(response)
    }

    async fn judge(
        &self,
        tx: &Tx,
        request: &RefreshRequest,
        stored: &StoredRefreshToken,
        now: OffsetDateTime,
    ) -> Result<RefreshVerdict, FlowError> {
        if stored.tokens_until.is_some_and(|end| now >= end) {
            return Ok(RefreshVerdict::Lapsed);
        }
        let successor_used =
            stored.redeemed_at.is_some() && rotation::successor_was_used(&**tx, &request.refresh_token).await?;
        let presented = RefreshUse {
            expires_at: stored.expires_at,
            redeemed_at: stored.redeemed_at,
            successor_used,
        };
        Ok(presented.judge(now, self.policy.lifetimes.refresh_grace))
    }

    async fn revoke_family<T>(&self, tx: Tx, stored: &StoredRefreshToken, now: OffsetDateTime) -> Result<T, FlowError> {
        grants::revoke(&*tx, &stored.grant_id, RevokedBecause::RefreshTokenReuse, now).await?;
        audit::insert(
            &*tx,
            AuditEvent::RefreshTokenReused,
            &stored.user_id,
            &stored.client_id,
            now,
        )
        .await?;
        tx.commit().await?;
        Err(UNKNOWN.into())
    }

    async fn reissue(
        &self,
        tx: &Tx,
        request: &RefreshRequest,
        stored: &StoredRefreshToken,
        scope: Scope,
        now: OffsetDateTime,
    ) -> Result<TokenResponse, FlowError> {
        let end = |at: OffsetDateTime| stored.tokens_until.map_or(at, |until| at.min(until));
        let lifetimes = &self.policy.lifetimes;
        let (access_token, refresh_token) = (Secret::generate(&mut rand::rng()), Secret::generate(&mut rand::rng()));
        let expires_at = match stored.dialect.rules().tokens {
            Tokens::Rotating => self.policy.token_cap(stored.dialect).map(|cap| end(now + cap)),
            Tokens::Chosen | Tokens::UntilRevoked => Some(end(now + lifetimes.refreshed_access)),
        };
        let (grant_id, parent) = (&stored.grant_id, Some(&request.refresh_token));
        let access = NewToken {
            digest: access_token.digest(),
            grant_id,
            scope: &scope,
            issued_at: now,
            expires_at,
            parent,
            alias: None,
        };
        // The new refresh token keeps the whole scope, even when this access token has less (RFC 6749 §6).
        let refresh = NewToken {
            digest: refresh_token.digest(),
            grant_id,
            scope: &stored.scope,
            issued_at: now,
            expires_at: Some(end(now + lifetimes.refresh_idle)),
            parent,
            alias: None,
        };
        tokens::insert(&**tx, &access, Some(&refresh)).await?;
        Ok(TokenResponse {
            tokens: TokenPair {
                access_token,
                refresh_token: Some(refresh_token),
            },
            scope,
            expires_in: expires_at.map(|end| (end - now).unsigned_abs()),
            me: Some(stored.me.clone()),
            username: stored.dialect.rules().names_owner.then(|| stored.username.clone()),
            profile: None,
            created_at: now,
        })
    }
}

fn narrowed(request: &RefreshRequest, stored: &StoredRefreshToken) -> Result<Scope, ProtocolError> {
    match &request.scope {
        None => Ok(stored.scope.clone()),
        Some(scope) if !scope.is_empty() && scope.is_subset_of(&stored.scope) => Ok(scope.clone()),
        Some(_) => Err(ProtocolError::new(
            ErrorCode::InvalidScope,
            "scope is more than was granted",
        )),
    }
}
