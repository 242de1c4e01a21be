//! What a person sees of their sessions, and when each was last proven with the password.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string_null, text_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            text_null("user_agent"),
            string_null("address_block"),
            // A session from before was proven at some time: not a moment ago.
            big_integer("authenticated_at").default(0).to_owned(),
        ] {
            // One column a statement: SQLite can do no more.
            let add = Table::alter().table("sessions").add_column(column).to_owned();
            manager.alter_table(add).await?;
        }
        Ok(())
    }
}
