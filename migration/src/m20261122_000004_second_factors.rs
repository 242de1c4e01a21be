//! What a person sees of their sessions, when each was last proven with the password, and the second step of a sign-in.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary_len, blob_null, integer, string, string_null, text_null,
};

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
        for table in [second_factors(), recovery_codes(), pending_sign_ins()] {
            manager.create_table(table).await?;
        }
        for (table, column) in [("pending_sign_ins", "user_id"), ("pending_sign_ins", "expires_at")] {
            let mut index = Index::create();
            index.name(format!("{table}_{column}")).table(table).col(column);
            manager.create_index(index).await?;
        }
        let mut newest = Index::create();
        newest.name("audit_events_user_id_occurred_at").table("audit_events");
        for column in ["user_id", "occurred_at", "id"] {
            newest.col(column);
        }
        manager.create_index(newest).await?;
        Ok(())
    }
}

/// Rows of `table` that name a person go when the person goes.
fn belongs_to_user(table: &'static str) -> ForeignKeyCreateStatement {
    let mut key = ForeignKey::create();
    key.from(table, "user_id")
        .to("users", "id")
        .on_delete(ForeignKeyAction::Cascade);
    key
}

fn second_factors() -> TableCreateStatement {
    Table::create()
        .table("second_factors")
        .col(string("user_id").primary_key())
        .col(blob_null("sealed_secret"))
        .col(big_integer("enabled_at"))
        .col(big_integer("last_step"))
        .col(integer("tries"))
        .col(big_integer_null("tried_at"))
        .foreign_key(&mut belongs_to_user("second_factors"))
        .to_owned()
}

fn recovery_codes() -> TableCreateStatement {
    Table::create()
        .table("recovery_codes")
        .col(string("user_id"))
        .col(binary_len("digest", 32))
        .primary_key(Index::create().col("user_id").col("digest"))
        .foreign_key(&mut belongs_to_user("recovery_codes"))
        .to_owned()
}

fn pending_sign_ins() -> TableCreateStatement {
    Table::create()
        .table("pending_sign_ins")
        .col(binary_len("digest", 32).primary_key())
        .col(string("user_id"))
        .col(big_integer("expires_at"))
        .foreign_key(&mut belongs_to_user("pending_sign_ins"))
        .to_owned()
}
