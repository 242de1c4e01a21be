//! Refresh tokens that are spent: what it takes to rotate them once and to know one that comes back (RFC 9700 §4.14.2).

use entity::tokens::{Column, Entity};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use time::OffsetDateTime;

use super::{ACCESS, REFRESH};
use crate::oauth::grant::GrantId;
use crate::oauth::secret::{Digest, RefreshToken};
use crate::storage::{StorageError, seconds};

/// Makes this transaction the only one that spends this refresh token until it ends. On PostgreSQL two retries would
/// otherwise each drop the other's unseen successors and leave two live families; SQLite has one writer anyway. An
/// access token is left alone: it must not become a refresh token by being presented as one.
///
/// # Errors
/// `Unavailable`.
pub async fn hold(db: &impl ConnectionTrait, digest: &Digest<RefreshToken>) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::Kind, Expr::value(REFRESH))
        .filter(Column::Digest.eq(digest.as_bytes().to_vec()))
        .filter(Column::Kind.eq(REFRESH))
        .exec(db)
        .await?;
    Ok(())
}

/// Notes that a refresh token was spent for the first time.
///
/// # Errors
/// `Unavailable`.
pub async fn mark_redeemed(
    db: &impl ConnectionTrait,
    digest: &Digest<RefreshToken>,
    now: OffsetDateTime,
) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::RedeemedAt, Expr::value(seconds(now)))
        .filter(Column::Digest.eq(digest.as_bytes().to_vec()))
        .filter(Column::RedeemedAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

fn successors(of: &Digest<RefreshToken>) -> Condition {
    Condition::all().add(Column::Parent.eq(of.as_bytes().to_vec()))
}

/// Whether a token that this refresh token was exchanged for has been used.
///
/// # Errors
/// `Unavailable`.
pub async fn successor_was_used(
    db: &impl ConnectionTrait,
    digest: &Digest<RefreshToken>,
) -> Result<bool, StorageError> {
    let used = Condition::any()
        .add(Column::RedeemedAt.is_not_null())
        .add(Column::LastUsedAt.is_not_null());
    Ok(Entity::find().filter(successors(digest)).filter(used).count(db).await? > 0)
}

/// Marks the refresh tokens this one was exchanged for as spent long ago and removes their access tokens: whoever
/// still holds one of them got an answer that was believed lost. `false` when the refresh token among them was spent
/// meanwhile, by somebody who did get it: then there must be no second family beside theirs.
///
/// # Errors
/// `Unavailable`.
pub async fn drop_successors(
    db: &impl ConnectionTrait,
    digest: &Digest<RefreshToken>,
    spent_at: OffsetDateTime,
) -> Result<bool, StorageError> {
    let dropped = Entity::update_many()
        .col_expr(Column::RedeemedAt, Expr::value(seconds(spent_at)))
        .col_expr(Column::Parent, Expr::value(Option::<Vec<u8>>::None))
        .filter(successors(digest))
        .filter(Column::Kind.eq(REFRESH))
        .filter(Column::RedeemedAt.is_null())
        .exec(db)
        .await?;
    Entity::delete_many()
        .filter(successors(digest))
        .filter(Column::Kind.eq(ACCESS))
        .exec(db)
        .await?;
    Ok(dropped.rows_affected == 1)
}

/// Removes the access tokens of a grant that have lapsed: an app may refresh as often as it likes, and its rows must not
/// pile up. Spent refresh tokens stay, to be known when they come back.
///
/// # Errors
/// `Unavailable`.
pub async fn delete_lapsed_access(
    db: &impl ConnectionTrait,
    grant_id: &GrantId,
    now: OffsetDateTime,
) -> Result<(), StorageError> {
    Entity::delete_many()
        .filter(Column::GrantId.eq(&*grant_id.0))
        .filter(Column::Kind.eq(ACCESS))
        .filter(Column::ExpiresAt.lte(seconds(now)))
        .exec(db)
        .await?;
    Ok(())
}

/// Lets the access tokens of a grant that would last longer lapse at `end`.
///
/// # Errors
/// `Unavailable`.
pub async fn expire_access(
    db: &impl ConnectionTrait,
    grant_id: &GrantId,
    end: OffsetDateTime,
) -> Result<(), StorageError> {
    let later = Condition::any()
        .add(Column::ExpiresAt.is_null())
        .add(Column::ExpiresAt.gt(seconds(end)));
    Entity::update_many()
        .col_expr(Column::ExpiresAt, Expr::value(seconds(end)))
        .filter(Column::GrantId.eq(&*grant_id.0))
        .filter(Column::Kind.eq(ACCESS))
        .filter(later)
        .exec(db)
        .await?;
    Ok(())
}
