//! Which clients have access, with where their answers went: what a rule about a host may concern.

use std::collections::BTreeSet;

use entity::{consents, grants};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::storage::StorageError;

/// The ids of clients, with the redirect URIs at which something of somebody's is approved or remembered. All of them: how
/// a host is written in them is for the client to choose, so no pattern would find each.
///
/// # Errors
/// `Unavailable`.
pub async fn with_access(db: &impl ConnectionTrait) -> Result<BTreeSet<(String, String)>, StorageError> {
    let approved: Vec<(String, String)> = grants::Entity::find()
        .select_only()
        .columns([grants::Column::ClientId, grants::Column::RedirectUri])
        .distinct()
        .filter(grants::Column::ApprovedAt.is_not_null())
        .filter(grants::Column::RevokedAt.is_null())
        .into_tuple()
        .all(db)
        .await?;
    let remembered: Vec<(String, String)> = consents::Entity::find()
        .select_only()
        .columns([consents::Column::ClientId, consents::Column::RedirectUri])
        .distinct()
        .into_tuple()
        .all(db)
        .await?;
    Ok(approved.into_iter().chain(remembered).collect())
}
