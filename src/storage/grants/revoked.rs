//! What ends the tokens and codes of grants. The reason stays in the row: the person reads it on their apps page.

use entity::grants::{Column, Entity};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use time::OffsetDateTime;

use crate::oauth::grant::{GrantId, RevokedBecause, UserId};
use crate::oauth::profile::ProfileUrl;
use crate::storage::{StorageError, seconds};

/// Ends every token of a grant, and its code. `false` when they had ended before.
///
/// # Errors
/// `Unavailable`.
pub async fn revoke(
    db: &impl ConnectionTrait,
    id: &GrantId,
    because: RevokedBecause,
    now: OffsetDateTime,
) -> Result<bool, StorageError> {
    revoke_where(db, Condition::all().add(Column::Id.eq(&*id.0)), because, now)
        .await
        .map(|count| count > 0)
}

/// Ends every token and code this person gave this client. Says how many grants that were.
///
/// # Errors
/// `Unavailable`.
pub async fn revoke_all_for(
    db: &impl ConnectionTrait,
    user_id: &UserId,
    client_id: &str,
    now: OffsetDateTime,
) -> Result<u64, StorageError> {
    let of_client = Condition::all()
        .add(Column::UserId.eq(&*user_id.0))
        .add(Column::ClientId.eq(client_id))
        .add(Column::ApprovedAt.is_not_null());
    revoke_where(db, of_client, RevokedBecause::Owner, now).await
}

/// Ends every token and code of clients that know this person by this address of their own: they removed it. Says how many
/// grants that were.
///
/// # Errors
/// `Unavailable`.
pub async fn revoke_all_by(
    db: &impl ConnectionTrait,
    user_id: &UserId,
    address: &ProfileUrl,
    now: OffsetDateTime,
) -> Result<u64, StorageError> {
    let by_address = Condition::all()
        .add(Column::UserId.eq(&*user_id.0))
        .add(Column::OwnAddressDigest.eq(address.digest().to_vec()))
        .add(Column::ApprovedAt.is_not_null());
    revoke_where(db, by_address, RevokedBecause::Owner, now).await
}

/// Ends every token and code anybody gave this client: it is removed.
///
/// # Errors
/// `Unavailable`.
pub async fn revoke_all_to(
    db: &impl ConnectionTrait,
    client_id: &str,
    now: OffsetDateTime,
) -> Result<u64, StorageError> {
    let to_client = Condition::all()
        .add(Column::ClientId.eq(client_id))
        .add(Column::ApprovedAt.is_not_null());
    revoke_where(db, to_client, RevokedBecause::ClientRemoved, now).await
}

/// Ends every token and code this person ever gave: their password was changed, or they are shut out.
///
/// # Errors
/// `Unavailable`.
pub async fn revoke_all_of(
    db: &impl ConnectionTrait,
    user_id: &UserId,
    because: RevokedBecause,
    now: OffsetDateTime,
) -> Result<u64, StorageError> {
    let of_user = Condition::all()
        .add(Column::UserId.eq(&*user_id.0))
        .add(Column::ApprovedAt.is_not_null());
    revoke_where(db, of_user, because, now).await
}

/// Ends every token and code that was given to this client at this redirect URI: the operator blocked a host of theirs.
///
/// # Errors
/// `Unavailable`.
pub async fn revoke_all_at(
    db: &impl ConnectionTrait,
    client_id: &str,
    redirect_uri: &str,
    now: OffsetDateTime,
) -> Result<u64, StorageError> {
    let at = Condition::all()
        .add(Column::ClientId.eq(client_id))
        .add(Column::RedirectUri.eq(redirect_uri))
        .add(Column::ApprovedAt.is_not_null());
    revoke_where(db, at, RevokedBecause::HostBlocked, now).await
}

async fn revoke_where(
    db: &impl ConnectionTrait,
    which: Condition,
    because: RevokedBecause,
    now: OffsetDateTime,
) -> Result<u64, StorageError> {
    let done = Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(seconds(now)))
        .col_expr(Column::RevokedBecause, Expr::value(because.as_str()))
        .filter(which)
        .filter(Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected)
}
