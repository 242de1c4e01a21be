//! Who acts as the operator, and whether they may: asked inside the transaction that acts, so that somebody who is no
//! operator any more cannot finish what they began in another tab.

use entity::users::{Column, Entity};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{StorageError, server_identity};
use crate::oauth::grant::UserId;

/// Who does it.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// Somebody who can run commands beside the server, and so may do everything.
    CommandLine,
    /// An operator, on a page.
    Operator(&'a UserId),
}

impl<'a> By<'a> {
    /// Who it was, for the log of what happened.
    pub fn actor(self) -> Option<&'a UserId> {
        match self {
            By::CommandLine => None,
            By::Operator(id) => Some(id),
        }
    }
}

/// Holds the right to act for the rest of the transaction: whoever takes it away waits, or is seen here. Operators act
/// one after the other, or two who shut each other out would wait for each other for ever.
///
/// # Errors
/// `Unavailable`.
pub async fn hold(db: &impl ConnectionTrait, by: By<'_>) -> Result<bool, StorageError> {
    server_identity::hold(db).await?;
    let By::Operator(id) = by else {
        return Ok(true);
    };
    let held = Entity::update_many()
        .col_expr(Column::IsOperator, Expr::value(true))
        .filter(Column::Id.eq(&*id.0))
        .filter(Column::IsOperator.eq(true))
        .filter(Column::DisabledAt.is_null())
        .exec(db)
        .await?;
    Ok(held.rows_affected == 1)
}
