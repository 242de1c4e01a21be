//! Access and refresh tokens, by their digests.

use entity::tokens::{ActiveModel, Column, Entity};
use entity::{grants, users};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect,
    RelationDef,
};
use time::OffsetDateTime;

use super::{Row, StorageError, profile_urls, seconds};
use crate::oauth::dialect::{Dialect, Tokens};
use crate::oauth::grant::{GrantId, UserId};
use crate::oauth::profile::{ProfileUrl, Username};
use crate::oauth::scope::Scope;
use crate::oauth::secret::{AccessToken, Digest, Kind, RefreshToken, TokenAlias};
use crate::oauth::token::PresentedToken;

pub mod rotation;

const ACCESS: &str = "access";
const REFRESH: &str = "refresh";

/// A token to be written.
#[derive(Debug)]
pub struct NewToken<'a, K: Kind> {
    /// Its digest.
    pub digest: Digest<K>,
    /// The approval it comes from.
    pub grant_id: &'a GrantId,
    /// What it may be used for.
    pub scope: &'a Scope,
    /// When it is made.
    pub issued_at: OffsetDateTime,
    /// When it ends; `None` until revoked.
    pub expires_at: Option<OffsetDateTime>,
    /// The refresh token it is exchanged for.
    pub parent: Option<&'a Digest<RefreshToken>>,
    /// Another word that stands for the same token.
    pub alias: Option<Digest<TokenAlias>>,
}

/// An access token that holds, with everything a resource server may learn.
#[derive(Debug, Clone)]
pub struct LiveAccessToken {
    /// Its digest.
    pub digest: Digest<AccessToken>,
    /// The approval it comes from.
    pub grant_id: GrantId,
    /// Whose.
    pub user_id: UserId,
    /// Their name.
    pub username: Username,
    /// Which address they are to the client.
    pub me: ProfileUrl,
    /// Whose token it is.
    pub client_id: String,
    /// Which kind of client that is.
    pub dialect: Dialect,
    /// It can keep a secret.
    pub client_is_confidential: bool,
    /// What it may be used for.
    pub scope: Scope,
    /// When it was made.
    pub issued_at: OffsetDateTime,
    /// When it ends; `None` until revoked.
    pub expires_at: Option<OffsetDateTime>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<OffsetDateTime>,
    /// Whether its client has a refresh token beside it that counts for more: its access tokens are short.
    pub refreshes: bool,
}

/// A refresh token of a grant that was not ended, spent or not.
#[derive(Debug, Clone)]
pub struct StoredRefreshToken {
    /// The approval it comes from.
    pub grant_id: GrantId,
    /// Whose.
    pub user_id: UserId,
    /// Their name.
    pub username: Username,
    /// Which address they are to the client.
    pub me: ProfileUrl,
    /// Whose token it is.
    pub client_id: String,
    /// Which kind of client that is.
    pub dialect: Dialect,
    /// It can keep a secret.
    pub client_is_confidential: bool,
    /// What it may be used for.
    pub scope: Scope,
    /// When it lapses unused.
    pub expires_at: OffsetDateTime,
    /// When it was first spent.
    pub redeemed_at: Option<OffsetDateTime>,
    /// When its approval was given.
    pub approved_at: OffsetDateTime,
    /// The end of the whole family.
    pub tokens_until: Option<OffsetDateTime>,
}

#[derive(FromQueryResult)]
struct Joined {
    digest: Vec<u8>,
    grant_id: String,
    user_id: String,
    username: String,
    me: String,
    client_id: String,
    client_dialect: String,
    client_confidential: bool,
    scope: String,
    issued_at: i64,
    expires_at: Option<i64>,
    redeemed_at: Option<i64>,
    last_used_at: Option<i64>,
    approved_at: Option<i64>,
    tokens_until: Option<i64>,
}

fn row<K: Kind>(token: &NewToken<'_, K>, kind: &str) -> ActiveModel {
    ActiveModel {
        digest: Set(token.digest.as_bytes().to_vec()),
        alias_digest: Set(token.alias.as_ref().map(|alias| alias.as_bytes().to_vec())),
        kind: Set(kind.to_owned()),
        grant_id: Set(token.grant_id.0.clone()),
        scope: Set(token.scope.to_string()),
        issued_at: Set(seconds(token.issued_at)),
        expires_at: Set(token.expires_at.map(seconds)),
        redeemed_at: Set(None),
        parent: Set(token.parent.map(|parent| parent.as_bytes().to_vec())),
        last_used_at: Set(None),
    }
}

/// Adds an access token and, for a client that refreshes, its refresh token, in one statement.
///
/// # Errors
/// `Unavailable`.
pub async fn insert(
    db: &impl ConnectionTrait,
    access: &NewToken<'_, AccessToken>,
    refresh: Option<&NewToken<'_, RefreshToken>>,
) -> Result<(), StorageError> {
    let rows = [row(access, ACCESS)]
        .into_iter()
        .chain(refresh.map(|token| row(token, REFRESH)));
    Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

/// By its digest, or by that of the other word for it.
fn known_as(token: &PresentedToken) -> Condition {
    Condition::any()
        .add(Column::Digest.eq(token.digest.as_bytes().to_vec()))
        .add(Column::AliasDigest.eq(token.alias.as_bytes().to_vec()))
}

/// The token with its grant and its owner, in one query, unless the grant was revoked.
async fn joined(
    db: &impl ConnectionTrait,
    which: Condition,
    kind: &str,
    holds: Condition,
) -> Result<Option<Joined>, StorageError> {
    let grant: RelationDef = Entity::belongs_to(grants::Entity)
        .from(Column::GrantId)
        .to(grants::Column::Id)
        .into();
    let owner: RelationDef = grants::Entity::belongs_to(users::Entity)
        .from(grants::Column::UserId)
        .to(users::Column::Id)
        .into();
    Ok(Entity::find()
        .filter(which)
        .filter(Column::Kind.eq(kind))
        .filter(grants::Column::RevokedAt.is_null())
        .filter(holds)
        .select_only()
        .columns([Column::Digest, Column::GrantId, Column::Scope])
        .columns([Column::IssuedAt, Column::ExpiresAt])
        .columns([Column::RedeemedAt, Column::LastUsedAt])
        .columns([
            grants::Column::UserId,
            grants::Column::Me,
            grants::Column::ClientId,
            grants::Column::ClientDialect,
            grants::Column::ClientConfidential,
            grants::Column::ApprovedAt,
            grants::Column::TokensUntil,
        ])
        .column(users::Column::Username)
        .join(JoinType::InnerJoin, grant)
        .join(JoinType::InnerJoin, owner)
        .into_model::<Joined>()
        .one(db)
        .await?)
}

/// The access token that is presented, if it holds at `now`: an address of the person's own by which it knows them must be
/// proved.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find_access(
    db: &impl ConnectionTrait,
    token: &PresentedToken,
    now: OffsetDateTime,
) -> Result<Option<LiveAccessToken>, StorageError> {
    let holds = Condition::all()
        .add(not_lapsed(now))
        .add(profile_urls::is_held_for_grant());
    let found = joined(db, known_as(token), ACCESS, holds).await?;
    found.map(LiveAccessToken::try_from).transpose()
}

/// The same, also while the address by which it knows its person is not proved: it may be ended meanwhile.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find_access_to_end(
    db: &impl ConnectionTrait,
    token: &PresentedToken,
    now: OffsetDateTime,
) -> Result<Option<LiveAccessToken>, StorageError> {
    let found = joined(db, known_as(token), ACCESS, not_lapsed(now)).await?;
    found.map(LiveAccessToken::try_from).transpose()
}

fn not_lapsed(now: OffsetDateTime) -> Condition {
    Condition::any()
        .add(Column::ExpiresAt.is_null())
        .add(Column::ExpiresAt.gt(seconds(now)))
}

impl TryFrom<Joined> for LiveAccessToken {
    type Error = StorageError;

    fn try_from(found: Joined) -> Result<LiveAccessToken, StorageError> {
        let row = Row {
            table: "tokens",
            id: &found.grant_id,
        };
        let dialect = row.value("client_dialect", Dialect::parse(&found.client_dialect))?;
        let digest = row.value("digest", found.digest.as_slice().try_into().ok())?;
        Ok(LiveAccessToken {
            digest: Digest::from_bytes(digest),
            username: row.value("username", Username::parse(&found.username))?,
            scope: row.value("scope", Scope::parse(&found.scope).ok())?,
            issued_at: row.time("issued_at", found.issued_at)?,
            expires_at: row.time_or_none("expires_at", found.expires_at)?,
            last_used_at: row.time_or_none("last_used_at", found.last_used_at)?,
            refreshes: found.tokens_until.is_some() && dialect.rules().tokens == Tokens::Chosen,
            me: ProfileUrl::from_stored(found.me),
            dialect,
            client_is_confidential: found.client_confidential,
            client_id: found.client_id,
            user_id: UserId(found.user_id),
            grant_id: GrantId(found.grant_id),
        })
    }
}

/// Why an access token that is known does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Its grant was revoked.
    Revoked,
    /// It lapsed.
    Expired,
}

/// What became of an access token that does not hold, and which kind of client it was given to. `None` when its row is
/// gone, or was never there.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn fate(db: &impl ConnectionTrait, token: &PresentedToken) -> Result<Option<(Fate, Dialect)>, StorageError> {
    let grant: RelationDef = Entity::belongs_to(grants::Entity)
        .from(Column::GrantId)
        .to(grants::Column::Id)
        .into();
    let found: Option<(String, Option<i64>, String)> = Entity::find()
        .filter(known_as(token))
        .filter(Column::Kind.eq(ACCESS))
        .select_only()
        .column(Column::GrantId)
        .column(grants::Column::RevokedAt)
        .column(grants::Column::ClientDialect)
        .join(JoinType::InnerJoin, grant)
        .into_tuple()
        .one(db)
        .await?;
    let Some((id, revoked_at, dialect)) = found else {
        return Ok(None);
    };
    let row = Row {
        table: "tokens",
        id: &id,
    };
    let dialect = row.value("client_dialect", Dialect::parse(&dialect))?;
    let fate = revoked_at.map_or(Fate::Expired, |_| Fate::Revoked);
    Ok(Some((fate, dialect)))
}

/// The refresh token with this digest, spent or lapsed or not, unless its grant was revoked, or the address of the person's
/// own by which it knows them is not proved.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find_refresh(
    db: &impl ConnectionTrait,
    digest: &Digest<RefreshToken>,
) -> Result<Option<StoredRefreshToken>, StorageError> {
    refresh_where(db, digest, profile_urls::is_held_for_grant()).await
}

/// The same, also while the address is not proved: it may be ended meanwhile.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn find_refresh_to_end(
    db: &impl ConnectionTrait,
    digest: &Digest<RefreshToken>,
) -> Result<Option<StoredRefreshToken>, StorageError> {
    refresh_where(db, digest, Condition::all()).await
}

async fn refresh_where(
    db: &impl ConnectionTrait,
    digest: &Digest<RefreshToken>,
    holds: Condition,
) -> Result<Option<StoredRefreshToken>, StorageError> {
    let which = Condition::all().add(Column::Digest.eq(digest.as_bytes().to_vec()));
    let Some(found) = joined(db, which, REFRESH, holds).await? else {
        return Ok(None);
    };
    let row = Row {
        table: "tokens",
        id: &found.grant_id,
    };
    Ok(Some(StoredRefreshToken {
        username: row.value("username", Username::parse(&found.username))?,
        scope: row.value("scope", Scope::parse(&found.scope).ok())?,
        expires_at: row.time("expires_at", row.value("expires_at", found.expires_at)?)?,
        redeemed_at: row.time_or_none("redeemed_at", found.redeemed_at)?,
        approved_at: row.time("approved_at", row.value("approved_at", found.approved_at)?)?,
        tokens_until: row.time_or_none("tokens_until", found.tokens_until)?,
        me: ProfileUrl::from_stored(found.me),
        dialect: row.value("client_dialect", Dialect::parse(&found.client_dialect))?,
        client_is_confidential: found.client_confidential,
        client_id: found.client_id,
        user_id: UserId(found.user_id),
        grant_id: GrantId(found.grant_id),
    }))
}

/// Removes one access token.
///
/// # Errors
/// `Unavailable`.
pub async fn delete_access(db: &impl ConnectionTrait, digest: &Digest<AccessToken>) -> Result<(), StorageError> {
    Entity::delete_many()
        .filter(Column::Digest.eq(digest.as_bytes().to_vec()))
        .filter(Column::Kind.eq(ACCESS))
        .exec(db)
        .await?;
    Ok(())
}

/// Notes that an access token was used, on the token and on its grant.
///
/// # Errors
/// `Unavailable`.
pub async fn record_use(
    db: &impl ConnectionTrait,
    digest: &Digest<AccessToken>,
    grant_id: &GrantId,
    at: OffsetDateTime,
) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(seconds(at)))
        .filter(Column::Digest.eq(digest.as_bytes().to_vec()))
        .exec(db)
        .await?;
    grants::Entity::update_many()
        .col_expr(grants::Column::LastUsedAt, Expr::value(seconds(at)))
        .filter(grants::Column::Id.eq(&*grant_id.0))
        .exec(db)
        .await?;
    Ok(())
}
