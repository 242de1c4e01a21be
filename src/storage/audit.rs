//! What happened to an account that its owner may want to know.

use entity::audit_events::{ActiveModel, Entity};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use time::OffsetDateTime;

use super::{StorageError, seconds};
use crate::oauth::grant::UserId;
use crate::oauth::secret::random_id;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditEvent {
    /// A code was redeemed twice, and what it gave was revoked.
    CodeReused,
    /// A refresh token was used twice, and its family was revoked.
    RefreshTokenReused,
    /// The person ended an app's access.
    AccessRevoked,
}

impl AuditEvent {
    /// The name in the row.
    pub fn as_str(self) -> &'static str {
        match self {
            AuditEvent::CodeReused => "code_reused",
            AuditEvent::RefreshTokenReused => "refresh_token_reused",
            AuditEvent::AccessRevoked => "access_revoked",
        }
    }
}

/// Writes an event down.
///
/// # Errors
/// `Unavailable`.
pub async fn insert(
    db: &impl ConnectionTrait,
    event: AuditEvent,
    user_id: &UserId,
    client_id: &str,
    now: OffsetDateTime,
) -> Result<(), StorageError> {
    let row = ActiveModel {
        id: Set(random_id(&mut rand::rng())),
        occurred_at: Set(seconds(now)),
        user_id: Set(user_id.0.clone()),
        kind: Set(event.as_str().to_owned()),
        client_id: Set(Some(client_id.to_owned())),
    };
    Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}
