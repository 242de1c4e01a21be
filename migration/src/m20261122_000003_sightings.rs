//! When a client was first seen here, what it said about itself when a person last said yes, and its logo.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, binary_len, string, text, text_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [sightings(), snapshots()] {
            manager.create_table(table).await?;
        }
        for column in [
            text_null("client_redirect_uris").to_owned(),
            text_null("client_logo_uri").to_owned(),
            big_integer_null("client_first_seen_at").to_owned(),
        ] {
            // One column a statement: SQLite can do no more.
            let add = Table::alter().table("grants").add_column(column).to_owned();
            manager.alter_table(add).await?;
        }
        for (table, column) in [
            ("sightings", "last_seen_at"),
            ("snapshots", "user_id"),
            ("snapshots", "approved_at"),
        ] {
            let mut index = Index::create();
            index.name(format!("{table}_{column}")).table(table).col(column);
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn sightings() -> TableCreateStatement {
    Table::create()
        .table("sightings")
        .col(binary_len("digest", 32).primary_key())
        .col(text("client_id"))
        .col(big_integer("first_seen_at"))
        .col(big_integer("last_seen_at"))
        .to_owned()
}

fn snapshots() -> TableCreateStatement {
    let mut user = ForeignKey::create();
    user.from("snapshots", "user_id")
        .to("users", "id")
        .on_delete(ForeignKeyAction::Cascade);
    Table::create()
        .table("snapshots")
        .col(binary_len("digest", 32).primary_key())
        .col(string("user_id"))
        .col(text("client_id"))
        .col(text_null("client_name"))
        .col(text_null("client_uri"))
        .col(text("redirect_uris"))
        .col(big_integer("approved_at"))
        .foreign_key(&mut user)
        .to_owned()
}
