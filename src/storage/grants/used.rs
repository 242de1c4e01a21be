//! Grants whose tokens are in use: the lines of the apps page.

use entity::grants::{Column, Entity, Model};
use entity::tokens;
use sea_orm::sea_query::{Condition, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use time::OffsetDateTime;

use crate::oauth::grant::{Grant, RevokedBecause, UserId};
use crate::storage::{Row, StorageError, seconds};

/// A grant whose tokens are, or recently were, in use: a line of the apps page.
#[derive(Debug, Clone)]
pub struct UsedGrant {
    /// The grant.
    pub grant: Grant,
    /// When one of its tokens was last seen, to the minute.
    pub last_used_at: Option<OffsetDateTime>,
    /// The end of its tokens however often the client refreshes.
    pub tokens_until: Option<OffsetDateTime>,
    /// What ended it.
    pub revoked_because: Option<RevokedBecause>,
}

/// The grants of a person whose tokens have not lapsed and were not ended, or were ended since `ended_since`; latest
/// first.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn used_by(
    db: &impl ConnectionTrait,
    user_id: &UserId,
    now: OffsetDateTime,
    ended_since: OffsetDateTime,
) -> Result<Vec<UsedGrant>, StorageError> {
    let not_lapsed = Condition::any()
        .add(tokens::Column::ExpiresAt.is_null())
        .add(tokens::Column::ExpiresAt.gt(seconds(now)));
    let with_tokens = Query::select()
        .column(tokens::Column::GrantId)
        .from(tokens::Entity)
        .cond_where(not_lapsed)
        .to_owned();
    let recent = Condition::any()
        .add(Column::RevokedAt.is_null())
        .add(Column::RevokedAt.gt(seconds(ended_since)));
    let found = Entity::find()
        .filter(Column::UserId.eq(&*user_id.0))
        .filter(Column::Id.in_subquery(with_tokens))
        .filter(recent)
        .order_by_desc(Column::ApprovedAt)
        .all(db)
        .await?;
    found.into_iter().map(used).collect()
}

fn used(model: Model) -> Result<UsedGrant, StorageError> {
    let id = model.id.clone();
    let row = Row {
        table: "grants",
        id: &id,
    };
    Ok(UsedGrant {
        last_used_at: row.time_or_none("last_used_at", model.last_used_at)?,
        tokens_until: row.time_or_none("tokens_until", model.tokens_until)?,
        revoked_because: model
            .revoked_because
            .as_deref()
            .map(|text| row.value("revoked_because", RevokedBecause::parse(text)))
            .transpose()?,
        grant: Grant::try_from(model)?,
    })
}
