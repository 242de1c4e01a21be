//! Addresses of people besides the one this server gives them. One that is proved is held: no second row with the same
//! address can be, and what is handed out by it holds only while that row is there.

use entity::profile_urls::{ActiveModel, Column, Entity, Model};
use entity::{grants, users};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Query, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    SqlErr,
};
use time::OffsetDateTime;

use super::{Row, StorageError, seconds};
use crate::oauth::grant::{GrantId, UserId};
use crate::oauth::profile::ProfileUrl;
use crate::oauth::secret::random_id;

/// An address that a person says is their own.
#[derive(Debug, Clone)]
pub struct OwnAddress {
    /// The row.
    pub id: String,
    /// Whose.
    pub user_id: UserId,
    /// The address.
    pub url: ProfileUrl,
    /// Whether it is proved now.
    pub is_held: bool,
    /// How it was last proved, by the name of that.
    pub proved_by: Option<String>,
    /// When.
    pub proved_at: Option<OffsetDateTime>,
    /// When it was last looked at.
    pub checked_at: Option<OffsetDateTime>,
    /// Since when looking fails.
    pub failing_since: Option<OffsetDateTime>,
    /// What the last look found, by the names of that.
    pub finding: String,
}

impl TryFrom<Model> for OwnAddress {
    type Error = StorageError;

    fn try_from(model: Model) -> Result<OwnAddress, StorageError> {
        let row = Row {
            table: "profile_urls",
            id: &model.id,
        };
        Ok(OwnAddress {
            proved_at: row.time_or_none("proved_at", model.proved_at)?,
            checked_at: row.time_or_none("checked_at", model.checked_at)?,
            failing_since: row.time_or_none("failing_since", model.failing_since)?,
            is_held: model.held_digest.is_some(),
            url: ProfileUrl::from_stored(model.url),
            user_id: UserId(model.user_id),
            proved_by: model.proved_by,
            finding: model.finding.unwrap_or_default(),
            id: model.id,
        })
    }
}

fn digest_of(url: &ProfileUrl) -> Vec<u8> {
    url.digest().to_vec()
}

fn of_user(user_id: &UserId) -> Condition {
    Condition::all().add(Column::UserId.eq(&*user_id.0))
}

/// A person's own addresses, in the order in which they were added.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn list(db: &impl ConnectionTrait, user_id: &UserId) -> Result<Vec<OwnAddress>, StorageError> {
    let found = Entity::find()
        .filter(of_user(user_id))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    found.into_iter().map(OwnAddress::try_from).collect()
}

/// Those that are proved.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn held(db: &impl ConnectionTrait, user_id: &UserId) -> Result<Vec<OwnAddress>, StorageError> {
    let all = list(db, user_id).await?;
    Ok(all.into_iter().filter(|address| address.is_held).collect())
}

/// One of a person's own addresses, by its row.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find(db: &impl ConnectionTrait, user_id: &UserId, id: &str) -> Result<Option<OwnAddress>, StorageError> {
    // The id comes from a form; PostgreSQL fails on a NUL instead of finding nothing.
    if id.contains('\0') {
        return Ok(None);
    }
    let found = Entity::find_by_id(id).filter(of_user(user_id)).one(db).await?;
    found.map(OwnAddress::try_from).transpose()
}

/// One of a person's own addresses.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find_url(
    db: &impl ConnectionTrait,
    user_id: &UserId,
    url: &ProfileUrl,
) -> Result<Option<OwnAddress>, StorageError> {
    let found = Entity::find()
        .filter(of_user(user_id))
        .filter(Column::UrlDigest.eq(digest_of(url)))
        .one(db)
        .await?;
    found.map(OwnAddress::try_from).transpose()
}

/// Whoever holds an address now, with their name.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn holder(db: &impl ConnectionTrait, url: &ProfileUrl) -> Result<Option<OwnAddress>, StorageError> {
    let found = Entity::find()
        .filter(Column::HeldDigest.eq(digest_of(url)))
        .one(db)
        .await?;
    found.map(OwnAddress::try_from).transpose()
}

/// How many a person has.
///
/// # Errors
/// `Unavailable`.
pub async fn count(db: &impl ConnectionTrait, user_id: &UserId) -> Result<u64, StorageError> {
    Ok(Entity::find().filter(of_user(user_id)).count(db).await?)
}

/// Adds one, not proved yet, and gives its id. `None` when the person has it already.
///
/// # Errors
/// `Unavailable`.
pub async fn insert(
    db: &impl ConnectionTrait,
    user_id: &UserId,
    url: &ProfileUrl,
    now: OffsetDateTime,
) -> Result<Option<String>, StorageError> {
    let id = random_id(&mut rand::rng());
    let row = ActiveModel {
        id: Set(id.clone()),
        user_id: Set(user_id.0.clone()),
        url: Set(url.as_str().to_owned()),
        url_digest: Set(digest_of(url)),
        created_at: Set(seconds(now)),
        ..ActiveModel::default()
    };
    match Entity::insert(row).exec_without_returning(db).await {
        Ok(_) => Ok(Some(id)),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Removes one. `false` when it was gone.
///
/// # Errors
/// `Unavailable`.
pub async fn delete(db: &impl ConnectionTrait, user_id: &UserId, id: &str) -> Result<bool, StorageError> {
    let gone = Entity::delete_many()
        .filter(of_user(user_id))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(gone.rows_affected == 1)
}

/// Since when an address has not been looked at, to be looked at again.
#[derive(Debug, Clone, Copy)]
pub struct Due {
    /// The last look ended before this.
    pub checked: OffsetDateTime,
    /// A server that set out to look before this, and has not ended, is not coming back.
    pub claimed: OffsetDateTime,
}

impl Due {
    fn condition(self) -> Condition {
        let unclaimed = Column::ClaimedAt
            .is_null()
            .or(Column::ClaimedAt.lte(seconds(self.claimed)));
        Condition::all()
            .add(Column::CheckedAt.lte(seconds(self.checked)))
            .add(unclaimed)
    }
}

/// Those that are due: what is proved, and what was after `lapsed_since`.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn due(
    db: &impl ConnectionTrait,
    due: Due,
    lapsed_since: OffsetDateTime,
    take: u64,
) -> Result<Vec<OwnAddress>, StorageError> {
    let found = Entity::find()
        .filter(due.condition())
        .filter(
            Column::ProvedAt
                .gt(seconds(lapsed_since))
                .or(Column::HeldDigest.is_not_null()),
        )
        .order_by_asc(Column::CheckedAt)
        .limit(take)
        .all(db)
        .await?;
    found.into_iter().map(OwnAddress::try_from).collect()
}

/// Takes one that is due, for the server that will look at it. `false` when another one took it.
///
/// # Errors
/// `Unavailable`.
pub async fn claim(db: &impl ConnectionTrait, id: &str, due: Due, now: OffsetDateTime) -> Result<bool, StorageError> {
    let done = Entity::update_many()
        .col_expr(Column::ClaimedAt, Expr::value(seconds(now)))
        .filter(Column::Id.eq(id))
        .filter(due.condition())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// What a look at an address came to.
#[derive(Debug, Clone, Copy)]
pub struct Checked<'a> {
    /// What it found, by the names of that.
    pub finding: &'a str,
    /// When it began.
    pub began_at: OffsetDateTime,
    /// When it ended.
    pub now: OffsetDateTime,
}

/// Writes down that one is proved, and by what. `None` when somebody else holds it: then nothing more can be done in a
/// transaction of PostgreSQL, which that has aborted. Else whether it was not proved before.
///
/// # Errors
/// `Unavailable`.
pub async fn mark_proved(
    db: &impl ConnectionTrait,
    address: &OwnAddress,
    by: &str,
    checked: Checked<'_>,
) -> Result<Option<bool>, StorageError> {
    let proved = |was_held: bool| {
        Entity::update_many()
            .col_expr(Column::HeldDigest, Expr::value(digest_of(&address.url)))
            .col_expr(Column::ProvedBy, Expr::value(by))
            .col_expr(Column::ProvedAt, Expr::value(seconds(checked.now)))
            .col_expr(Column::CheckedAt, Expr::value(seconds(checked.now)))
            .col_expr(Column::FailingSince, Expr::value(Option::<i64>::None))
            .col_expr(Column::Finding, Expr::value(checked.finding))
            .filter(Column::Id.eq(&*address.id))
            .filter(match was_held {
                true => Column::HeldDigest.is_not_null(),
                false => Column::HeldDigest.is_null(),
            })
    };
    match proved(false).exec(db).await {
        Ok(done) if done.rows_affected == 1 => return Ok(Some(true)),
        Ok(_) => {}
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    proved(true).exec(db).await?;
    Ok(Some(false))
}

/// Ends a proof that is not found any more. `false` when there is none, or one that was found after the look began.
///
/// # Errors
/// `Unavailable`.
pub async fn mark_lapsed(
    db: &impl ConnectionTrait,
    address: &OwnAddress,
    checked: Checked<'_>,
) -> Result<bool, StorageError> {
    let done = Entity::update_many()
        .col_expr(Column::HeldDigest, Expr::value(Option::<Vec<u8>>::None))
        .col_expr(Column::CheckedAt, Expr::value(seconds(checked.now)))
        .col_expr(Column::FailingSince, Expr::value(Option::<i64>::None))
        .col_expr(Column::Finding, Expr::value(checked.finding))
        .filter(Column::Id.eq(&*address.id))
        .filter(Column::HeldDigest.is_not_null())
        .filter(Column::ProvedAt.lte(seconds(checked.began_at)))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Writes down what a look found that changes nothing. With `failing` it was no answer, and since when there is none is
/// kept.
///
/// # Errors
/// `Unavailable`.
pub async fn mark_checked(
    db: &impl ConnectionTrait,
    address: &OwnAddress,
    failing: bool,
    checked: Checked<'_>,
) -> Result<(), StorageError> {
    let since = match failing {
        true => Expr::col(Column::FailingSince).if_null(seconds(checked.now)),
        false => Expr::value(Option::<i64>::None),
    };
    Entity::update_many()
        .col_expr(Column::CheckedAt, Expr::value(seconds(checked.now)))
        .col_expr(Column::FailingSince, since)
        .col_expr(Column::Finding, Expr::value(checked.finding))
        .filter(Column::Id.eq(&*address.id))
        .exec(db)
        .await?;
    Ok(())
}

/// That the address by which a grant knows its person, if it is one of their own, is proved. Stands where grants are
/// searched.
pub(super) fn is_held_for_grant() -> Condition {
    let holding = Query::select()
        .expr(Expr::value(1))
        .from(Entity)
        .and_where(Expr::col((Entity, Column::HeldDigest)).equals((grants::Entity, grants::Column::OwnAddressDigest)))
        .and_where(Expr::col((Entity, Column::UserId)).equals((grants::Entity, grants::Column::UserId)))
        .to_owned();
    Condition::any()
        .add(grants::Column::OwnAddressDigest.is_null())
        .add(Expr::exists(holding))
}

/// The row by which this person holds this address.
pub(super) fn holding(user_id: &UserId, url: &ProfileUrl) -> SelectStatement {
    Query::select()
        .expr(Expr::value(1))
        .from(Entity)
        .and_where(Column::HeldDigest.eq(digest_of(url)))
        .and_where(Column::UserId.eq(&*user_id.0))
        .to_owned()
}

/// Whether the address by which a grant knows its person holds.
///
/// # Errors
/// `Unavailable`.
pub async fn holds_for(db: &impl ConnectionTrait, id: &GrantId) -> Result<bool, StorageError> {
    let holds = grants::Entity::find_by_id(id.0.clone()).filter(is_held_for_grant());
    Ok(holds.count(db).await? > 0)
}

/// How many clients know a person by each address of their own, by the address's digest.
///
/// # Errors
/// `Unavailable`.
pub async fn clients_by_address(
    db: &impl ConnectionTrait,
    user_id: &UserId,
) -> Result<Vec<(Vec<u8>, String)>, StorageError> {
    Ok(grants::Entity::find()
        .filter(grants::Column::UserId.eq(&*user_id.0))
        .filter(grants::Column::OwnAddressDigest.is_not_null())
        .filter(grants::Column::ApprovedAt.is_not_null())
        .filter(grants::Column::RevokedAt.is_null())
        .select_only()
        .column(grants::Column::OwnAddressDigest)
        .column(grants::Column::ClientId)
        .distinct()
        .into_tuple()
        .all(db)
        .await?)
}

/// Whether at most one person has an account.
///
/// # Errors
/// `Unavailable`.
pub async fn is_only_person(db: &impl ConnectionTrait) -> Result<bool, StorageError> {
    Ok(users::Entity::find().count(db).await? <= 1)
}
