//! Removal of rows that nobody needs any more.
//!
//! | table | kept | why |
//! |---|---|---|
//! | sessions | until they end | nothing asks for an ended session |
//! | setup_links | until they lapse | likewise |
//! | consents | until they lapse | the person is asked again |
//! | grants, never approved | a day after they lapse | Back and double click get a clear page meanwhile |
//! | tokens | 30 days after they end | a spent refresh token that comes back must still be known to revoke its family |
//! | grants, approved | as long as they have tokens, and a day for their challenge | a code used twice must find what it gave |
//! | grants, revoked | 30 days | the apps page says why access ended |
//! | audit_events | a year | the owner may ask |

use entity::{audit_events, consents, grants, sessions, setup_links, tokens};
use sea_orm::sea_query::{Condition, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use time::{Duration, OffsetDateTime};

use super::{StorageError, seconds};

/// Rows removed by one statement, so that nobody waits long behind it.
const BATCH: u64 = 500;

/// How long revoked grants stay on the apps page, and spent tokens are remembered.
pub const ENDED_KEPT: Duration = Duration::days(30);

/// Removes what may go, in small batches. Says how many rows went.
///
/// # Errors
/// `Unavailable`.
pub async fn delete_expired(db: &impl ConnectionTrait, now: OffsetDateTime) -> Result<u64, StorageError> {
    let mut removed = 0;
    removed += sessions::Entity::delete_many()
        .filter(sessions::Column::ExpiresAt.lte(seconds(now)))
        .exec(db)
        .await?
        .rows_affected;
    removed += setup_links::Entity::delete_many()
        .filter(setup_links::Column::ExpiresAt.lte(seconds(now)))
        .exec(db)
        .await?
        .rows_affected;
    removed += consents::Entity::delete_many()
        .filter(consents::Column::ExpiresAt.lte(seconds(now)))
        .exec(db)
        .await?
        .rows_affected;
    removed += delete_tokens(db, now).await?;
    removed += delete_grants(db, now).await?;
    removed += audit_events::Entity::delete_many()
        .filter(audit_events::Column::OccurredAt.lte(seconds(now - Duration::days(365))))
        .exec(db)
        .await?
        .rows_affected;
    Ok(removed)
}

async fn delete_tokens(db: &impl ConnectionTrait, now: OffsetDateTime) -> Result<u64, StorageError> {
    let mut removed = 0;
    loop {
        let batch = tokens::Entity::find()
            .select_only()
            .column(tokens::Column::Digest)
            .filter(tokens::Column::ExpiresAt.lte(seconds(now - ENDED_KEPT)))
            .limit(BATCH);
        let gone = tokens::Entity::delete_many()
            .filter(tokens::Column::Digest.in_subquery(batch.into_query()))
            .exec(db)
            .await?
            .rows_affected;
        removed += gone;
        if gone < BATCH {
            return Ok(removed);
        }
    }
}

async fn delete_grants(db: &impl ConnectionTrait, now: OffsetDateTime) -> Result<u64, StorageError> {
    let day_ago = seconds(now - Duration::DAY);
    let with_tokens = Query::select()
        .column(tokens::Column::GrantId)
        .from(tokens::Entity)
        .to_owned();
    let finished = Condition::any()
        .add(grants::Column::RevokedAt.lte(seconds(now - ENDED_KEPT)))
        .add(
            Condition::all()
                .add(grants::Column::ExpiresAt.lte(day_ago))
                .add(
                    Condition::any()
                        .add(grants::Column::ApprovedAt.is_null())
                        .add(grants::Column::ApprovedAt.lte(day_ago)),
                )
                .add(grants::Column::RevokedAt.is_null())
                .add(grants::Column::Id.not_in_subquery(with_tokens)),
        );
    let mut removed = 0;
    loop {
        let batch = grants::Entity::find()
            .select_only()
            .column(grants::Column::Id)
            .filter(finished.clone())
            .limit(BATCH);
        let gone = grants::Entity::delete_many()
            .filter(grants::Column::Id.in_subquery(batch.into_query()))
            .exec(db)
            .await?
            .rows_affected;
        removed += gone;
        if gone < BATCH {
            return Ok(removed);
        }
    }
}
