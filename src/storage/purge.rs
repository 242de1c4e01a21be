//! Removal of rows that nobody needs any more.
//!
//! | table | kept | why |
//! |---|---|---|
//! | sessions | until they end | nothing asks for an ended session |
//! | pending_sign_ins | until they lapse | likewise |
//! | ceremonies | until they lapse | likewise |
//! | setup_links | until they lapse | likewise |
//! | invitations | 30 days after they lapse | whoever follows an old link is told what became of it, and operators see who came |
//! | app_sessions | until they lapse | whoever still waits is told so; an answer that was given is in its grant |
//! | consents | until they lapse | the person is asked again |
//! | grants, never approved | a day after they lapse | Back and double click get a clear page meanwhile |
//! | tokens | 30 days after they end | a spent refresh token that comes back must still be known to revoke its family |
//! | grants, approved | as long as they have tokens, and a day (and an hour) for their challenge | a code used twice must find what it gave |
//! | grants, revoked | 30 days | the apps page says why access ended |
//! | clients, never approved | 30 days after they registered, longer while a person is asked | anybody can register; those that the operator added stay |
//! | client_tokens | until they lapse, or as long as their client | without a cap they last until they are revoked |
//! | sightings | 400 days after the last yes to the client | longer than a yes is remembered, or an old friend would look new |
//! | snapshots | 400 days after the yes | likewise: the next question can say what changed |
//! | audit_events | a year | the owner may ask |

use entity::{
    app_sessions, audit_events, ceremonies, client_tokens, clients, consents, grants, invitations, pending_sign_ins,
    sessions, setup_links, sightings, snapshots, tokens,
};
use sea_orm::sea_query::{Condition, IntoCondition, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use time::{Duration, OffsetDateTime};

use super::{StorageError, seconds};
use crate::oauth::dialect::Dialect;

/// Rows removed by one statement, so that nobody waits long behind it.
const BATCH: u64 = 500;

/// How long revoked grants stay on the apps page, and spent tokens are remembered.
pub const ENDED_KEPT: Duration = Duration::days(30);

/// How long a grant without tokens is kept. Its challenge is refused for a day from when its code was redeemed, which is
/// minutes after it was approved.
const FINISHED_KEPT: Duration = Duration::hours(25);

/// How long links are kept that nobody can use any more.
const OLD_INVITATION_KEPT: Duration = Duration::days(30);

/// How long a client is kept that nobody ever said yes to.
const UNUSED_CLIENT_KEPT: Duration = Duration::days(30);

/// How long clients are kept in mind. A remembered yes, during which nobody is asked, lasts a year at most.
const CLIENTS_KEPT: Duration = Duration::days(400);

/// How long events are kept.
const AUDIT_KEPT: Duration = Duration::days(365);

/// Removes what may go, in small batches. Says how many rows went.
///
/// # Errors
/// `Unavailable`.
pub async fn delete_expired(db: &impl ConnectionTrait, now: OffsetDateTime) -> Result<u64, StorageError> {
    let mut removed = 0;
    removed += sweep::<sessions::Entity>(
        db,
        sessions::Column::Digest,
        sessions::Column::ExpiresAt.lte(seconds(now)),
    )
    .await?;
    removed += sweep::<pending_sign_ins::Entity>(
        db,
        pending_sign_ins::Column::Digest,
        pending_sign_ins::Column::ExpiresAt.lte(seconds(now)),
    )
    .await?;
    removed += sweep::<ceremonies::Entity>(
        db,
        ceremonies::Column::Digest,
        ceremonies::Column::ExpiresAt.lte(seconds(now)),
    )
    .await?;
    removed += sweep::<setup_links::Entity>(
        db,
        setup_links::Column::Digest,
        setup_links::Column::ExpiresAt.lte(seconds(now)),
    )
    .await?;
    removed += sweep::<invitations::Entity>(
        db,
        invitations::Column::Id,
        invitations::Column::ExpiresAt.lte(seconds(now - OLD_INVITATION_KEPT)),
    )
    .await?;
    removed += sweep::<app_sessions::Entity>(
        db,
        app_sessions::Column::Digest,
        app_sessions::Column::ExpiresAt.lte(seconds(now)),
    )
    .await?;
    removed += sweep::<client_tokens::Entity>(
        db,
        client_tokens::Column::Digest,
        client_tokens::Column::ExpiresAt.lte(seconds(now)),
    )
    .await?;
    removed += sweep::<consents::Entity>(
        db,
        consents::Column::Digest,
        consents::Column::ExpiresAt.lte(seconds(now)),
    )
    .await?;
    removed += sweep::<tokens::Entity>(
        db,
        tokens::Column::Digest,
        tokens::Column::ExpiresAt.lte(seconds(now - ENDED_KEPT)),
    )
    .await?;
    removed += sweep::<grants::Entity>(db, grants::Column::Id, finished(now)).await?;
    removed += sweep::<clients::Entity>(db, clients::Column::Id, unused(now)).await?;
    removed += sweep::<sightings::Entity>(
        db,
        sightings::Column::Digest,
        sightings::Column::LastSeenAt.lte(seconds(now - CLIENTS_KEPT)),
    )
    .await?;
    removed += sweep::<snapshots::Entity>(
        db,
        snapshots::Column::Digest,
        snapshots::Column::ApprovedAt.lte(seconds(now - CLIENTS_KEPT)),
    )
    .await?;
    removed += sweep::<audit_events::Entity>(
        db,
        audit_events::Column::Id,
        audit_events::Column::OccurredAt.lte(seconds(now - AUDIT_KEPT)),
    )
    .await?;
    Ok(removed)
}

/// Grants that were ended long ago, and those without tokens that nobody can ask about any more.
fn finished(now: OffsetDateTime) -> Condition {
    let long_ago = seconds(now - FINISHED_KEPT);
    let with_tokens = Query::select()
        .column(tokens::Column::GrantId)
        .from(tokens::Entity)
        .to_owned();
    let answered_long_ago = Condition::any()
        .add(grants::Column::ApprovedAt.is_null())
        .add(grants::Column::ApprovedAt.lte(long_ago));
    let without_tokens = Condition::all()
        .add(grants::Column::ExpiresAt.lte(long_ago))
        .add(answered_long_ago)
        .add(grants::Column::RevokedAt.is_null())
        .add(grants::Column::Id.not_in_subquery(with_tokens));
    Condition::any()
        .add(grants::Column::RevokedAt.lte(seconds(now - ENDED_KEPT)))
        .add(without_tokens)
}

/// Clients that registered themselves long ago, that nobody ever said yes to, and that nobody is being asked about.
fn unused(now: OffsetDateTime) -> Condition {
    let asking = Query::select()
        .column(grants::Column::ClientId)
        .from(grants::Entity)
        .to_owned();
    Condition::all()
        .add(clients::Column::CreatedAt.lte(seconds(now - UNUSED_CLIENT_KEPT)))
        .add(clients::Column::ApprovedAt.is_null())
        .add(clients::Column::Dialect.ne(Dialect::Operator.as_str()))
        .add(clients::Column::Id.not_in_subquery(asking))
}

async fn sweep<E: EntityTrait>(
    db: &impl ConnectionTrait,
    key: E::Column,
    which: impl IntoCondition,
) -> Result<u64, StorageError> {
    let which = which.into_condition();
    let mut removed = 0;
    loop {
        let batch = E::find().select_only().column(key).filter(which.clone()).limit(BATCH);
        let gone = E::delete_many()
            .filter(key.in_subquery(batch.into_query()))
            .exec(db)
            .await?
            .rows_affected;
        removed += gone;
        if gone < BATCH {
            return Ok(removed);
        }
    }
}
