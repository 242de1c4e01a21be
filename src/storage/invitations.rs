//! Links that make one account each. A link has one end: it is used, withdrawn, or lapses.

use entity::invitations::{ActiveModel, Column, Entity};
use entity::users;
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use time::OffsetDateTime;

use super::audit::Page;
use super::{Row, StorageError, seconds};
use crate::oauth::grant::UserId;
use crate::oauth::profile::Username;
use crate::oauth::secret::{Digest, InvitationToken};

/// A link to write down.
#[derive(Debug)]
pub struct NewInvitation<'a> {
    /// What it is called where the secret must not be seen.
    pub id: &'a str,
    /// Of the token in the link.
    pub digest: &'a Digest<InvitationToken>,
    /// For whom it is, in the words of whoever made it.
    pub note: Option<&'a str>,
    /// Which operator makes it; none: the command line.
    pub created_by: Option<&'a UserId>,
    /// When it lapses.
    pub expires_at: OffsetDateTime,
}

/// A link that was made.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// What it is called where the secret must not be seen.
    pub id: String,
    /// For whom it is, in the words of whoever made it.
    pub note: Option<String>,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it lapses or has lapsed.
    pub expires_at: OffsetDateTime,
    /// What became of it.
    pub state: InvitationState,
}

/// What became of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvitationState {
    /// It can be used.
    Open,
    /// It made the account of this person; none: of somebody who is gone.
    Used(Option<Username>),
    /// Its time is over.
    Lapsed,
    /// It was taken back.
    Withdrawn,
}

/// Adds a link.
///
/// # Errors
/// `Unavailable`.
pub async fn insert(
    db: &impl ConnectionTrait,
    new: &NewInvitation<'_>,
    now: OffsetDateTime,
) -> Result<(), StorageError> {
    let row = ActiveModel {
        id: Set(new.id.to_owned()),
        digest: Set(new.digest.as_bytes().to_vec()),
        note: Set(new.note.map(str::to_owned)),
        created_by: Set(new.created_by.map(|by| by.0.clone())),
        created_at: Set(seconds(now)),
        expires_at: Set(seconds(new.expires_at)),
        used_at: Set(None),
        used_by: Set(None),
        withdrawn_at: Set(None),
    };
    Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// Every link there is, newest first.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn all(db: &impl ConnectionTrait, now: OffsetDateTime) -> Result<Vec<Invitation>, StorageError> {
    let found = with_person()
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .into_model::<Joined>()
        .all(db)
        .await?;
    found.into_iter().map(|joined| joined.invitation(now)).collect()
}

/// A part of the links, newest first.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn list(db: &impl ConnectionTrait, page: Page, now: OffsetDateTime) -> Result<Vec<Invitation>, StorageError> {
    let found = with_person()
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .offset(page.skip)
        .limit(page.take)
        .into_model::<Joined>()
        .all(db)
        .await?;
    found.into_iter().map(|joined| joined.invitation(now)).collect()
}

/// The link behind a token.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find(
    db: &impl ConnectionTrait,
    digest: &Digest<InvitationToken>,
    now: OffsetDateTime,
) -> Result<Option<Invitation>, StorageError> {
    let found = with_person()
        .filter(Column::Digest.eq(digest.as_bytes().to_vec()))
        .into_model::<Joined>()
        .one(db)
        .await?;
    found.map(|joined| joined.invitation(now)).transpose()
}

/// Uses a link for an account. `false` when it was used, withdrawn or has lapsed.
///
/// # Errors
/// `Unavailable`.
pub async fn spend(
    db: &impl ConnectionTrait,
    digest: &Digest<InvitationToken>,
    used_by: &UserId,
    now: OffsetDateTime,
) -> Result<bool, StorageError> {
    let spent = Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(seconds(now)))
        .col_expr(Column::UsedBy, Expr::value(&*used_by.0))
        .filter(Column::Digest.eq(digest.as_bytes().to_vec()))
        .filter(is_open(now))
        .exec(db)
        .await?;
    Ok(spent.rows_affected == 1)
}

/// Takes a link back. `false` when it was used or withdrawn before, or has lapsed.
///
/// # Errors
/// `Unavailable`.
pub async fn withdraw(db: &impl ConnectionTrait, id: &str, now: OffsetDateTime) -> Result<bool, StorageError> {
    let withdrawn = Entity::update_many()
        .col_expr(Column::WithdrawnAt, Expr::value(seconds(now)))
        .filter(Column::Id.eq(id))
        .filter(is_open(now))
        .exec(db)
        .await?;
    Ok(withdrawn.rows_affected == 1)
}

/// Takes every link back that an operator made and nobody used.
///
/// # Errors
/// `Unavailable`.
pub async fn withdraw_all_by(
    db: &impl ConnectionTrait,
    created_by: &UserId,
    now: OffsetDateTime,
) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::WithdrawnAt, Expr::value(seconds(now)))
        .filter(Column::CreatedBy.eq(&*created_by.0))
        .filter(is_open(now))
        .exec(db)
        .await?;
    Ok(())
}

/// For whom a link is, in the words of whoever made it.
///
/// # Errors
/// `Unavailable`.
pub async fn note_of(db: &impl ConnectionTrait, id: &str) -> Result<Option<String>, StorageError> {
    let found = Entity::find_by_id(id)
        .select_only()
        .column(Column::Note)
        .into_tuple::<Option<String>>()
        .one(db)
        .await?;
    Ok(found.flatten())
}

fn is_open(now: OffsetDateTime) -> Condition {
    Condition::all()
        .add(Column::UsedAt.is_null())
        .add(Column::WithdrawnAt.is_null())
        .add(Column::ExpiresAt.gt(seconds(now)))
}

/// Links with the names of those who used them.
fn with_person() -> Select<Entity> {
    let person = Entity::belongs_to(users::Entity)
        .from(Column::UsedBy)
        .to(users::Column::Id)
        .into();
    Entity::find()
        .select_only()
        .columns([
            Column::Id,
            Column::Note,
            Column::CreatedAt,
            Column::ExpiresAt,
            Column::UsedAt,
            Column::WithdrawnAt,
        ])
        .column(users::Column::Username)
        .join(JoinType::LeftJoin, person)
}

#[derive(FromQueryResult)]
struct Joined {
    id: String,
    note: Option<String>,
    created_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
    withdrawn_at: Option<i64>,
    username: Option<String>,
}

impl Joined {
    fn invitation(self, now: OffsetDateTime) -> Result<Invitation, StorageError> {
        let row = Row {
            table: "invitations",
            id: &self.id,
        };
        let expires_at = row.time("expires_at", self.expires_at)?;
        let used_by = self
            .username
            .map(|name| row.value("used_by", Username::parse(&name)))
            .transpose()?;
        let state = match (self.used_at, self.withdrawn_at) {
            (Some(_), _) => InvitationState::Used(used_by),
            (None, Some(_)) => InvitationState::Withdrawn,
            (None, None) if expires_at <= now => InvitationState::Lapsed,
            (None, None) => InvitationState::Open,
        };
        Ok(Invitation {
            created_at: row.time("created_at", self.created_at)?,
            expires_at,
            state,
            note: self.note,
            id: self.id,
        })
    }
}
