//! Answers that need not be asked for again, one per person, client and redirect URI.

use entity::consents::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::{Row, StorageError, seconds};
use crate::oauth::client::ClientId;
use crate::oauth::dialect::Dialect;
use crate::oauth::grant::{Approval, Grant, UserId};
use crate::oauth::policy::TokenLifetime;
use crate::oauth::redirect_uri::RedirectUri;
use crate::oauth::scope::Scope;

/// A remembered yes.
#[derive(Debug, Clone)]
pub struct Consent {
    /// To whom.
    pub client_id: ClientId,
    /// Which kind of client that is.
    pub dialect: Dialect,
    /// What the client called itself then.
    pub client_name: Option<String>,
    /// Where the answers go.
    pub redirect_uri: RedirectUri,
    /// To what.
    pub scope: Scope,
    /// For how long a single access token lives.
    pub lifetime: TokenLifetime,
    /// What the client said about itself then.
    pub client_fingerprint: String,
    /// When.
    pub approved_at: OffsetDateTime,
    /// Until when it is remembered.
    pub expires_at: OffsetDateTime,
}

impl TryFrom<Model> for Consent {
    type Error = StorageError;

    fn try_from(model: Model) -> Result<Consent, StorageError> {
        let row = Row {
            table: "consents",
            id: &model.client_id,
        };
        let dialect = row.value("client_dialect", Dialect::parse(&model.client_dialect))?;
        Ok(Consent {
            client_id: row.value("client_id", dialect.client_id(&model.client_id))?,
            dialect,
            redirect_uri: row.value("redirect_uri", RedirectUri::parse(&model.redirect_uri).ok())?,
            scope: row.value("scope", Scope::parse(&model.scope).ok())?,
            lifetime: row.value("lifetime", TokenLifetime::parse(&model.lifetime))?,
            approved_at: row.time("approved_at", model.approved_at)?,
            expires_at: row.time("expires_at", model.expires_at)?,
            client_name: model.client_name,
            client_fingerprint: model.client_fingerprint,
        })
    }
}

fn key(grant: &Grant) -> Vec<u8> {
    // None of the three can hold a line feed.
    let named = format!(
        "{}\n{}\n{}",
        grant.user_id.0,
        grant.client.id.as_str(),
        grant.redirect_uri.as_str()
    );
    Sha256::digest(named.as_bytes()).to_vec()
}

/// The yes that this grant's person gave to the same client and redirect URI, if it is still remembered when the grant is
/// made.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find(db: &impl ConnectionTrait, grant: &Grant) -> Result<Option<Consent>, StorageError> {
    Entity::find_by_id(key(grant))
        .filter(Column::ExpiresAt.gt(seconds(grant.created_at)))
        .one(db)
        .await?
        .map(Consent::try_from)
        .transpose()
}

/// The same, held for the rest of the transaction: whoever forgets it waits for the transaction.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn hold(db: &impl ConnectionTrait, grant: &Grant) -> Result<Option<Consent>, StorageError> {
    Entity::update_many()
        .col_expr(Column::Digest, Expr::value(key(grant)))
        .filter(Column::Digest.eq(key(grant)))
        .exec(db)
        .await?;
    find(db, grant).await
}

/// Everything this person said yes to that is remembered at `now`, latest first.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn list(
    db: &impl ConnectionTrait,
    user_id: &UserId,
    now: OffsetDateTime,
) -> Result<Vec<Consent>, StorageError> {
    let found = Entity::find()
        .filter(Column::UserId.eq(&*user_id.0))
        .filter(Column::ExpiresAt.gt(seconds(now)))
        .order_by_desc(Column::ApprovedAt)
        .all(db)
        .await?;
    found.into_iter().map(Consent::try_from).collect()
}

/// Remembers an approval, in place of an earlier one.
///
/// # Errors
/// `Unavailable`.
pub async fn remember(db: &impl ConnectionTrait, grant: &Grant, approval: &Approval) -> Result<(), StorageError> {
    let row = ActiveModel {
        digest: Set(key(grant)),
        user_id: Set(grant.user_id.0.clone()),
        client_id: Set(grant.client.id.as_str().to_owned()),
        client_dialect: Set(grant.client.dialect.as_str().to_owned()),
        redirect_uri: Set(grant.redirect_uri.as_str().to_owned()),
        scope: Set(approval.scope.to_string()),
        lifetime: Set(approval.lifetime.as_str().to_owned()),
        client_fingerprint: Set(grant.client.fingerprint.clone()),
        client_name: Set(grant.client.name.clone()),
        approved_at: Set(seconds(approval.approved_at)),
        expires_at: Set(seconds(approval.remembered_until())),
    };
    let replace = OnConflict::column(Column::Digest)
        .update_columns([
            Column::Scope,
            Column::Lifetime,
            Column::ClientFingerprint,
            Column::ClientName,
            Column::ApprovedAt,
            Column::ExpiresAt,
        ])
        .to_owned();
    Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Forgets every yes of this person to this client.
///
/// # Errors
/// `Unavailable`.
pub async fn forget(db: &impl ConnectionTrait, user_id: &UserId, client_id: &str) -> Result<(), StorageError> {
    Entity::delete_many()
        .filter(Column::UserId.eq(&*user_id.0))
        .filter(Column::ClientId.eq(client_id))
        .exec(db)
        .await?;
    Ok(())
}

/// Forgets every yes to this client: it is removed.
///
/// # Errors
/// `Unavailable`.
pub async fn forget_client(db: &impl ConnectionTrait, client_id: &str) -> Result<(), StorageError> {
    Entity::delete_many()
        .filter(Column::ClientId.eq(client_id))
        .exec(db)
        .await?;
    Ok(())
}

/// Forgets every yes to this client at this redirect URI: the operator blocked a host of theirs.
///
/// # Errors
/// `Unavailable`.
pub async fn forget_at(db: &impl ConnectionTrait, client_id: &str, redirect_uri: &str) -> Result<(), StorageError> {
    Entity::delete_many()
        .filter(Column::ClientId.eq(client_id))
        .filter(Column::RedirectUri.eq(redirect_uri))
        .exec(db)
        .await?;
    Ok(())
}

/// Forgets every yes of this person.
///
/// # Errors
/// `Unavailable`.
pub async fn forget_all(db: &impl ConnectionTrait, user_id: &UserId) -> Result<(), StorageError> {
    Entity::delete_many()
        .filter(Column::UserId.eq(&*user_id.0))
        .exec(db)
        .await?;
    Ok(())
}
