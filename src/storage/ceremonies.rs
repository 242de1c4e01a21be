//! Questions to passkeys that wait for their answer. The cookie holds a random value, the row its digest.

use entity::ceremonies::{ActiveModel, Column, Entity};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use time::OffsetDateTime;

use super::{Row, StorageError, seconds};
use crate::oauth::grant::UserId;
use crate::oauth::secret::{CeremonyKey, Digest};

const ALL: [CeremonyKind; 4] = [
    CeremonyKind::Registration,
    CeremonyKind::SignIn,
    CeremonyKind::SecondStep,
    CeremonyKind::Confirmation,
];

/// What a question is for. The answer to one is none to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CeremonyKind {
    /// A passkey is made.
    Registration,
    /// Somebody signs in, and the passkey says who.
    SignIn,
    /// A passkey takes the place of a code, after the password.
    SecondStep,
    /// A passkey takes the place of the password, before a change.
    Confirmation,
}

impl CeremonyKind {
    /// The name in the row.
    pub fn as_str(self) -> &'static str {
        match self {
            CeremonyKind::Registration => "registration",
            CeremonyKind::SignIn => "sign_in",
            CeremonyKind::SecondStep => "second_step",
            CeremonyKind::Confirmation => "confirmation",
        }
    }

    fn parse(name: &str) -> Option<CeremonyKind> {
        ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A question that waits.
#[derive(Debug, Clone)]
pub struct Ceremony {
    /// What it is for.
    pub kind: CeremonyKind,
    /// Who is asked; nobody yet when any passkey may answer.
    pub user_id: Option<UserId>,
    /// What the answer is checked against, as JSON.
    pub state: String,
}

/// Adds one.
///
/// # Errors
/// `Unavailable`.
pub async fn insert(
    db: &impl ConnectionTrait,
    digest: &Digest<CeremonyKey>,
    ceremony: &Ceremony,
    expires_at: OffsetDateTime,
) -> Result<(), StorageError> {
    let row = ActiveModel {
        digest: Set(digest.as_bytes().to_vec()),
        kind: Set(ceremony.kind.as_str().to_owned()),
        user_id: Set(ceremony.user_id.as_ref().map(|id| id.0.clone())),
        state: Set(ceremony.state.clone()),
        expires_at: Set(seconds(expires_at)),
    };
    Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// Takes one away and gives it to the caller, who is the only one to get it, if it has not lapsed. It is gone whatever
/// becomes of the answer.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn take(
    db: &impl ConnectionTrait,
    digest: &Digest<CeremonyKey>,
    now: OffsetDateTime,
) -> Result<Option<Ceremony>, StorageError> {
    let Some(model) = Entity::find_by_id(digest.as_bytes().to_vec()).one(db).await? else {
        return Ok(None);
    };
    let taken = Entity::delete_by_id(digest.as_bytes().to_vec()).exec(db).await?;
    if taken.rows_affected != 1 || model.expires_at <= seconds(now) {
        return Ok(None);
    }
    let row = Row {
        table: "ceremonies",
        id: "",
    };
    Ok(Some(Ceremony {
        kind: row.value("kind", CeremonyKind::parse(&model.kind))?,
        user_id: model.user_id.map(UserId),
        state: model.state,
    }))
}

/// Removes one, if it is there.
///
/// # Errors
/// `Unavailable`.
pub async fn delete(db: &impl ConnectionTrait, digest: &Digest<CeremonyKey>) -> Result<(), StorageError> {
    Entity::delete_by_id(digest.as_bytes().to_vec()).exec(db).await?;
    Ok(())
}

/// Removes those that a person is asked.
///
/// # Errors
/// `Unavailable`.
pub async fn delete_all_of(db: &impl ConnectionTrait, user_id: &UserId) -> Result<(), StorageError> {
    Entity::delete_many()
        .filter(Column::UserId.eq(&*user_id.0))
        .exec(db)
        .await?;
    Ok(())
}
