//! What the operator decided about the apps of hosts.

use entity::host_rules::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use time::OffsetDateTime;

use super::audit::Page;
use super::{Row, StorageError, seconds};
use crate::oauth::host_rule::{HostRule, decide, governing};

/// A rule as a list shows it.
#[derive(Debug, Clone)]
pub struct RuledHost {
    /// The host.
    pub host: String,
    /// What was decided.
    pub rule: HostRule,
    /// When.
    pub since: OffsetDateTime,
}

impl TryFrom<Model> for RuledHost {
    type Error = StorageError;

    fn try_from(model: Model) -> Result<RuledHost, StorageError> {
        let row = Row {
            table: "host_rules",
            id: &model.host,
        };
        Ok(RuledHost {
            rule: row.value("rule", HostRule::parse(&model.rule))?,
            since: row.time("created_at", model.created_at)?,
            host: model.host,
        })
    }
}

/// What holds for an app with these hosts.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn rule_for(db: &impl ConnectionTrait, hosts: &[String]) -> Result<Option<HostRule>, StorageError> {
    let names: Vec<&str> = hosts.iter().flat_map(|host| governing(host)).collect();
    if names.is_empty() {
        return Ok(None);
    }
    let found = Entity::find().filter(Column::Host.is_in(names)).all(db).await?;
    Ok(decide(hosts, &pairs(found)?))
}

fn pairs(models: Vec<Model>) -> Result<Vec<(String, HostRule)>, StorageError> {
    let pair = |model| RuledHost::try_from(model).map(|ruled| (ruled.host, ruled.rule));
    models.into_iter().map(pair).collect()
}

/// Every rule.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<(String, HostRule)>, StorageError> {
    pairs(Entity::find().all(db).await?)
}

/// A part of the rules, by host.
///
/// # Errors
/// `Unavailable`, `Inconsistent`.
pub async fn list(db: &impl ConnectionTrait, page: Page) -> Result<Vec<RuledHost>, StorageError> {
    let found = Entity::find()
        .order_by_asc(Column::Host)
        .offset(page.skip)
        .limit(page.take)
        .all(db)
        .await?;
    found.into_iter().map(RuledHost::try_from).collect()
}

/// Sets a rule, in place of an earlier one.
///
/// # Errors
/// `Unavailable`.
pub async fn set(
    db: &impl ConnectionTrait,
    host: &str,
    rule: HostRule,
    now: OffsetDateTime,
) -> Result<(), StorageError> {
    let row = ActiveModel {
        host: Set(host.to_owned()),
        rule: Set(rule.as_str().to_owned()),
        created_at: Set(seconds(now)),
    };
    let replace = OnConflict::column(Column::Host)
        .update_columns([Column::Rule, Column::CreatedAt])
        .to_owned();
    Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Removes a rule. `false` when there was none.
///
/// # Errors
/// `Unavailable`.
pub async fn clear(db: &impl ConnectionTrait, host: &str) -> Result<bool, StorageError> {
    let gone = Entity::delete_by_id(host).exec(db).await?;
    Ok(gone.rows_affected == 1)
}
