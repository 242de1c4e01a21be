//! What clients said about themselves when people said yes, one per person and client: the next question says what is
//! different. Kept apart from the remembered answers, since it is as useful where an answer may not be remembered.

use entity::snapshots::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::{Row, StorageError, seconds};
use crate::oauth::change::Snapshot;
use crate::oauth::grant::Grant;
use crate::oauth::profile::ProfileUrl;

impl TryFrom<Model> for Snapshot {
    type Error = StorageError;

    fn try_from(model: Model) -> Result<Snapshot, StorageError> {
        let row = Row {
            table: "snapshots",
            id: &model.client_id,
        };
        Ok(Snapshot {
            approved_at: row.time("approved_at", model.approved_at)?,
            first_approved_at: row.time("first_approved_at", model.first_approved_at)?,
            redirect_uris: model.redirect_uris.lines().map(str::to_owned).collect(),
            name: model.client_name,
            client_uri: model.client_uri,
            me: model.me.map(ProfileUrl::from_stored),
        })
    }
}

fn key(grant: &Grant) -> Vec<u8> {
    // Neither can hold a line feed.
    let named = format!("{}\n{}", grant.user_id.0, grant.client.id.as_str());
    Sha256::digest(named.as_bytes()).to_vec()
}

/// What this grant's client said when this grant's person last said yes to it.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find(db: &impl ConnectionTrait, grant: &Grant) -> Result<Option<Snapshot>, StorageError> {
    let found = Entity::find_by_id(key(grant)).one(db).await?;
    found.map(Snapshot::try_from).transpose()
}

/// Keeps what the client says now, in place of what it said before. When the first yes was stays.
///
/// # Errors
/// `Unavailable`.
pub async fn keep(db: &impl ConnectionTrait, grant: &Grant, approved_at: OffsetDateTime) -> Result<(), StorageError> {
    let row = ActiveModel {
        digest: Set(key(grant)),
        user_id: Set(grant.user_id.0.clone()),
        client_id: Set(grant.client.id.as_str().to_owned()),
        client_name: Set(grant.client.name.clone()),
        client_uri: Set(grant.client.client_uri.clone()),
        redirect_uris: Set(grant.client.redirect_uris.join("\n")),
        me: Set(Some(grant.me.as_str().to_owned())),
        approved_at: Set(seconds(approved_at)),
        first_approved_at: Set(seconds(approved_at)),
    };
    let replace = OnConflict::column(Column::Digest)
        .update_columns([
            Column::ClientName,
            Column::ClientUri,
            Column::RedirectUris,
            Column::Me,
            Column::ApprovedAt,
        ])
        .to_owned();
    Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(db)
        .await?;
    Ok(())
}
