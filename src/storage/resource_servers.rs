//! Programs that may ask whether a token holds.

use entity::resource_servers::{ActiveModel, Entity};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, SqlErr};
use time::OffsetDateTime;

use super::{Row, StorageError, seconds};
use crate::oauth::secret::{Digest, ResourceServerSecret};

/// A program that may ask whether a token holds.
#[derive(Debug, Clone)]
pub struct ResourceServer {
    /// What it names itself with.
    pub id: String,
    /// What the operator calls it.
    pub name: String,
    /// The digest of its secret.
    pub secret: Digest<ResourceServerSecret>,
}

impl TryFrom<entity::resource_servers::Model> for ResourceServer {
    type Error = StorageError;

    fn try_from(model: entity::resource_servers::Model) -> Result<ResourceServer, StorageError> {
        let row = Row {
            table: "resource_servers",
            id: &model.id,
        };
        let secret = row.value("secret_digest", model.secret_digest.as_slice().try_into().ok())?;
        Ok(ResourceServer {
            id: model.id,
            name: model.name,
            secret: Digest::from_bytes(secret),
        })
    }
}

/// The program with this id.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<ResourceServer>, StorageError> {
    Entity::find_by_id(id)
        .one(db)
        .await?
        .map(ResourceServer::try_from)
        .transpose()
}

/// The program with this secret.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find_by_secret(
    db: &impl ConnectionTrait,
    secret: &Digest<ResourceServerSecret>,
) -> Result<Option<ResourceServer>, StorageError> {
    let found = Entity::find().filter(entity::resource_servers::Column::SecretDigest.eq(secret.as_bytes().to_vec()));
    found.one(db).await?.map(ResourceServer::try_from).transpose()
}

/// Adds a program. `false` when the name is taken.
///
/// # Errors
/// `Unavailable`.
pub async fn insert(
    db: &impl ConnectionTrait,
    resource: &ResourceServer,
    now: OffsetDateTime,
) -> Result<bool, StorageError> {
    let row = ActiveModel {
        id: Set(resource.id.clone()),
        name: Set(resource.name.clone()),
        secret_digest: Set(resource.secret.as_bytes().to_vec()),
        created_at: Set(seconds(now)),
    };
    match Entity::insert(row).exec_without_returning(db).await {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
