//! Grants: requests waiting for a person, their codes, and what ended their tokens.

use entity::grants::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, SqlErr};
use time::OffsetDateTime;

use super::audit::{self, AuditEvent};
use super::{Row, StorageError, profile_urls, seconds};
use crate::oauth::client::ClientId;
use crate::oauth::dialect::Dialect;
use crate::oauth::grant::{Approval, Grant, GrantClient, GrantId, Stage, UserId};
use crate::oauth::pkce::CodeChallenge;
use crate::oauth::policy::TokenLifetime;
use crate::oauth::profile::ProfileUrl;
use crate::oauth::redirect_uri::RedirectUri;
use crate::oauth::scope::Scope;
use crate::oauth::secret::{AuthorizationCode, Digest};

pub mod hosts;
pub mod numbers;
mod revoked;
pub mod used;

pub use revoked::{revoke, revoke_all_at, revoke_all_by, revoke_all_for, revoke_all_of, revoke_all_to};

impl TryFrom<Model> for Grant {
    type Error = StorageError;

    fn try_from(model: Model) -> Result<Grant, StorageError> {
        let row = Row {
            table: "grants",
            id: &model.id,
        };
        let challenge = model.code_challenge.as_deref().map(CodeChallenge::parse).transpose();
        Ok(Grant {
            stage: stage(&row, &model)?,
            client: client(&row, &model)?,
            redirect_uri: row.value("redirect_uri", RedirectUri::parse(&model.redirect_uri).ok())?,
            requested: row.value("requested_scope", Scope::parse(&model.requested_scope).ok())?,
            code_challenge: row.value("code_challenge", challenge.ok())?,
            session: session(&row, model.session_digest.as_deref())?,
            created_at: row.time("created_at", model.created_at)?,
            expires_at: row.time("expires_at", model.expires_at)?,
            revoked_at: row.time_or_none("revoked_at", model.revoked_at)?,
            me: ProfileUrl::from_stored(model.me),
            me_is_own: model.own_address_digest.is_some(),
            asked_me: model.asked_me.map(ProfileUrl::from_stored),
            state: model.state,
            user_id: UserId(model.user_id),
            id: GrantId(model.id),
        })
    }
}

fn client(row: &Row<'_>, model: &Model) -> Result<GrantClient, StorageError> {
    let dialect = row.value("client_dialect", Dialect::parse(&model.client_dialect))?;
    Ok(GrantClient {
        id: row.value("client_id", dialect.client_id(&model.client_id))?,
        dialect,
        confidential: model.client_confidential,
        name: model.client_name.clone(),
        client_uri: model.client_uri.clone(),
        foreign_client_uri: model.client_uri_is_foreign,
        refreshes: model.client_refreshes,
        fetched: model.client_fetched,
        fingerprint: model.client_fingerprint.clone(),
        redirect_uris: model
            .client_redirect_uris
            .as_deref()
            .map_or_else(Vec::new, |uris| uris.lines().map(str::to_owned).collect()),
        logo_uri: model.client_logo_uri.clone(),
        first_seen_at: row.time_or_none("client_first_seen_at", model.client_first_seen_at)?,
    })
}

fn session(row: &Row<'_>, bytes: Option<&[u8]>) -> Result<Option<Digest<AuthorizationCode>>, StorageError> {
    bytes
        .map(|bytes| row.value("session_digest", bytes.try_into().ok().map(Digest::from_bytes)))
        .transpose()
}

fn stage(row: &Row<'_>, model: &Model) -> Result<Stage, StorageError> {
    let Some(approved_at) = model.approved_at else {
        return Ok(if model.denied_at.is_some() {
            Stage::Denied
        } else {
            Stage::Pending
        });
    };
    let approval = Approval {
        scope: row.value(
            "scope",
            model.scope.as_deref().and_then(|scope| Scope::parse(scope).ok()),
        )?,
        lifetime: row.value("lifetime", model.lifetime.as_deref().and_then(TokenLifetime::parse))?,
        approved_at: row.time("approved_at", approved_at)?,
        code_expires_at: row.time("code_expires_at", row.value("code_expires_at", model.code_expires_at)?)?,
    };
    Ok(match row.time_or_none("redeemed_at", model.redeemed_at)? {
        Some(at) => Stage::Redeemed(approval, at),
        None => Stage::Approved(approval),
    })
}

/// Adds a grant, waiting for its answer.
///
/// # Errors
/// `Unavailable`.
pub async fn insert(db: &impl ConnectionTrait, grant: &Grant) -> Result<(), StorageError> {
    let row = ActiveModel {
        id: Set(grant.id.0.clone()),
        user_id: Set(grant.user_id.0.clone()),
        client_id: Set(grant.client.id.as_str().to_owned()),
        client_dialect: Set(grant.client.dialect.as_str().to_owned()),
        client_confidential: Set(grant.client.confidential),
        client_name: Set(grant.client.name.clone()),
        client_uri: Set(grant.client.client_uri.clone()),
        client_uri_is_foreign: Set(grant.client.foreign_client_uri),
        client_refreshes: Set(grant.client.refreshes),
        client_fetched: Set(grant.client.fetched),
        client_fingerprint: Set(grant.client.fingerprint.clone()),
        client_redirect_uris: Set(Some(grant.client.redirect_uris.join("\n"))),
        client_logo_uri: Set(grant.client.logo_uri.clone()),
        client_first_seen_at: Set(grant.client.first_seen_at.map(seconds)),
        redirect_uri: Set(grant.redirect_uri.as_str().to_owned()),
        state: Set(grant.state.clone()),
        requested_scope: Set(grant.requested.to_string()),
        code_challenge: Set(grant
            .code_challenge
            .as_ref()
            .map(|challenge| challenge.as_str().to_owned())),
        session_digest: Set(grant.session.as_ref().map(|session| session.as_bytes().to_vec())),
        me: Set(grant.me.as_str().to_owned()),
        own_address_digest: Set(None),
        asked_me: Set(grant.asked_me.as_ref().map(|me| me.as_str().to_owned())),
        created_at: Set(seconds(grant.created_at)),
        expires_at: Set(seconds(grant.expires_at)),
        ..ActiveModel::default()
    };
    Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// The grant with this id.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find(db: &impl ConnectionTrait, id: &GrantId) -> Result<Option<Grant>, StorageError> {
    // The id comes from an address; PostgreSQL fails on a NUL instead of finding nothing.
    if id.0.contains('\0') {
        return Ok(None);
    }
    Entity::find_by_id(id.0.clone())
        .one(db)
        .await?
        .map(Grant::try_from)
        .transpose()
}

/// The grant whose code has this digest.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find_by_code(
    db: &impl ConnectionTrait,
    code: &Digest<AuthorizationCode>,
) -> Result<Option<Grant>, StorageError> {
    let found = Entity::find()
        .filter(Column::CodeDigest.eq(code.as_bytes().to_vec()))
        .one(db)
        .await?;
    found.map(Grant::try_from).transpose()
}

/// The question that this person was already asked for the same session, unanswered: they came back to the app's link.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find_by_session(
    db: &impl ConnectionTrait,
    session: &Digest<AuthorizationCode>,
    user_id: &UserId,
    now: OffsetDateTime,
) -> Result<Option<Grant>, StorageError> {
    let found = Entity::find()
        .filter(Column::SessionDigest.eq(session.as_bytes().to_vec()))
        .filter(Column::UserId.eq(&*user_id.0))
        .filter(Column::ExpiresAt.gt(seconds(now)))
        .filter(unanswered())
        .one(db)
        .await?;
    found.map(Grant::try_from).transpose()
}

fn unanswered() -> Condition {
    Condition::all()
        .add(Column::ApprovedAt.is_null())
        .add(Column::DeniedAt.is_null())
}

/// Writes down a yes, its code and the address that was chosen, and that it was given. `false` when the request was
/// answered before, or the address is one of the person's own and not proved any more, or the session whose word the code
/// is was answered: then nothing more can be done in a transaction of PostgreSQL, which that has aborted.
///
/// # Errors
/// `Unavailable`.
pub async fn mark_approved(
    db: &impl ConnectionTrait,
    grant: &Grant,
    approval: &Approval,
    code: &Digest<AuthorizationCode>,
) -> Result<bool, StorageError> {
    let own = grant.me_is_own.then(|| grant.me.digest().to_vec());
    let chosen = Condition::all().add_option(
        grant
            .me_is_own
            .then(|| Expr::exists(profile_urls::holding(&grant.user_id, &grant.me))),
    );
    let done = Entity::update_many()
        .col_expr(Column::Me, Expr::value(grant.me.as_str()))
        .col_expr(Column::OwnAddressDigest, Expr::value(own))
        .col_expr(Column::ApprovedAt, Expr::value(seconds(approval.approved_at)))
        .col_expr(Column::Scope, Expr::value(approval.scope.to_string()))
        .col_expr(Column::Lifetime, Expr::value(approval.lifetime.as_str()))
        .col_expr(Column::CodeDigest, Expr::value(code.as_bytes().to_vec()))
        .col_expr(Column::CodeExpiresAt, Expr::value(seconds(approval.code_expires_at)))
        .filter(Column::Id.eq(&*grant.id.0))
        .filter(unanswered())
        .filter(chosen)
        .exec(db)
        .await;
    match done {
        Ok(done) => Ok(done.rows_affected == 1),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Writes down a no, and that it was given. `false` when the request was answered before.
///
/// # Errors
/// `Unavailable`.
pub async fn mark_denied(db: &impl ConnectionTrait, id: &GrantId, now: OffsetDateTime) -> Result<bool, StorageError> {
    let done = Entity::update_many()
        .col_expr(Column::DeniedAt, Expr::value(seconds(now)))
        .filter(Column::Id.eq(&*id.0))
        .filter(unanswered())
        .exec(db)
        .await?;
    let won = done.rows_affected == 1;
    if won {
        audit::insert_about_grant(db, AuditEvent::Denied, id, now).await?;
    }
    Ok(won)
}

/// Spends a code: the single use itself. `false` when somebody else was first.
///
/// # Errors
/// `Unavailable`.
pub async fn mark_redeemed(
    db: &impl ConnectionTrait,
    id: &GrantId,
    now: OffsetDateTime,
    tokens_until: Option<OffsetDateTime>,
) -> Result<bool, StorageError> {
    let done = Entity::update_many()
        .col_expr(Column::RedeemedAt, Expr::value(seconds(now)))
        .col_expr(Column::TokensUntil, Expr::value(tokens_until.map(seconds)))
        .filter(Column::Id.eq(&*id.0))
        .filter(Column::RedeemedAt.is_null())
        .filter(Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Whether this client already had a code redeemed for this challenge since `since` (decision 8).
///
/// # Errors
/// `Unavailable`.
pub async fn challenge_was_redeemed(
    db: &impl ConnectionTrait,
    client_id: &ClientId,
    challenge: &CodeChallenge,
    since: OffsetDateTime,
) -> Result<bool, StorageError> {
    let found = Entity::find()
        .filter(Column::ClientId.eq(client_id.as_str()))
        .filter(Column::CodeChallenge.eq(challenge.as_str()))
        .filter(Column::RedeemedAt.gt(seconds(since)));
    Ok(found.count(db).await? > 0)
}

/// Whether this client ever asked this person, as far as that is still known.
///
/// # Errors
/// `Unavailable`.
pub async fn is_known_to(db: &impl ConnectionTrait, user_id: &UserId, client_id: &str) -> Result<bool, StorageError> {
    let asked = Entity::find()
        .filter(Column::ClientId.eq(client_id))
        .filter(Column::UserId.eq(&*user_id.0));
    Ok(asked.count(db).await? > 0)
}
