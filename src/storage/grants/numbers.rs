//! Tokens and grants in numbers: counted by the database, never read.

use std::collections::HashMap;

use entity::{grants, tokens};
use sea_orm::sea_query::{CaseStatement, Condition};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    RelationDef, Select,
};
use time::{Duration, OffsetDateTime};

use crate::storage::{StorageError, seconds};

/// Ends of tokens, as numbers tell them apart: within this time, and none of those before.
pub const ENDS: [(&str, Duration); 4] = [
    ("hour", Duration::HOUR),
    ("day", Duration::DAY),
    ("month", Duration::days(30)),
    ("quarter", Duration::days(90)),
];
/// Later than all of them.
pub const LATER: &str = "later";
/// Not by themselves.
pub const NEVER: &str = "never";

/// So many tokens have something in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenCount {
    /// `access` or `refresh`.
    pub kind: String,
    /// What they have in common: the kind of their clients, or when they end.
    pub of: String,
    /// How many there are.
    pub count: i64,
}

/// Tokens that hold at `now`, with their grants.
fn live(now: OffsetDateTime) -> Select<tokens::Entity> {
    let grant: RelationDef = tokens::Entity::belongs_to(grants::Entity)
        .from(tokens::Column::GrantId)
        .to(grants::Column::Id)
        .into();
    tokens::Entity::find()
        .join(JoinType::InnerJoin, grant)
        .filter(grants::Column::RevokedAt.is_null())
        .filter(not_lapsed(now))
        .filter(tokens::Column::RedeemedAt.is_null())
}

pub(in crate::storage) fn not_lapsed(now: OffsetDateTime) -> Condition {
    Condition::any()
        .add(tokens::Column::ExpiresAt.is_null())
        .add(tokens::Column::ExpiresAt.gt(seconds(now)))
}

/// How many tokens hold.
///
/// # Errors
/// `Unavailable`.
pub async fn live_tokens(db: &impl ConnectionTrait, now: OffsetDateTime) -> Result<u64, StorageError> {
    Ok(live(now).count(db).await?)
}

/// How many hold, by the kind of client.
///
/// # Errors
/// `Unavailable`.
pub async fn by_client(db: &impl ConnectionTrait, now: OffsetDateTime) -> Result<Vec<TokenCount>, StorageError> {
    let found: Vec<(String, String, i64)> = live(now)
        .select_only()
        .column(tokens::Column::Kind)
        .column(grants::Column::ClientDialect)
        .column_as(tokens::Column::Digest.count(), "how_many")
        .group_by(tokens::Column::Kind)
        .group_by(grants::Column::ClientDialect)
        .order_by_asc(tokens::Column::Kind)
        .order_by_asc(grants::Column::ClientDialect)
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().map(counted).collect())
}

/// How many hold, by when they end.
///
/// # Errors
/// `Unavailable`.
pub async fn by_end(db: &impl ConnectionTrait, now: OffsetDateTime) -> Result<Vec<TokenCount>, StorageError> {
    let mut end = CaseStatement::new().case(tokens::Column::ExpiresAt.is_null(), NEVER);
    for (name, within) in ENDS {
        end = end.case(tokens::Column::ExpiresAt.lte(seconds(now + within)), name);
    }
    let mut counts: HashMap<(String, String), i64> = HashMap::new();
    let found: Vec<(String, String, i64)> = live(now)
        .select_only()
        .column(tokens::Column::Kind)
        .expr_as(end.finally(LATER), "ends")
        .column_as(tokens::Column::Digest.count(), "how_many")
        .group_by(tokens::Column::Kind)
        .group_by(sea_orm::sea_query::Expr::col("ends"))
        .into_tuple()
        .all(db)
        .await?;
    for (kind, ends, count) in found {
        counts.insert((kind, ends), count);
    }
    let names = ENDS.iter().map(|(name, _)| *name).chain([LATER, NEVER]);
    let cells = names.flat_map(|name| ["access", "refresh"].map(|kind| (kind.to_owned(), name.to_owned())));
    Ok(cells
        .filter_map(|cell| {
            let count = *counts.get(&cell)?;
            Some(counted((cell.0, cell.1, count)))
        })
        .collect())
}

fn counted((kind, of, count): (String, String, i64)) -> TokenCount {
    TokenCount { kind, of, count }
}

/// How many grants were revoked since then, by why.
///
/// # Errors
/// `Unavailable`.
pub async fn revoked_since(
    db: &impl ConnectionTrait,
    since: OffsetDateTime,
) -> Result<HashMap<String, i64>, StorageError> {
    let found: Vec<(Option<String>, i64)> = grants::Entity::find()
        .select_only()
        .column(grants::Column::RevokedBecause)
        .column_as(grants::Column::Id.count(), "how_many")
        .filter(grants::Column::RevokedAt.gt(seconds(since)))
        .group_by(grants::Column::RevokedBecause)
        .into_tuple()
        .all(db)
        .await?;
    Ok(found
        .into_iter()
        .filter_map(|(because, count)| Some((because?, count)))
        .collect())
}
