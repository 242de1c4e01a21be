//! Registered clients, their own tokens, and the sessions that apps open for people.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary_len, binary_len_null, boolean, string, text, text_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [clients(), client_tokens(), app_sessions()] {
            manager.create_table(table).await?;
        }
        for (table, column) in [
            ("grants", string("client_dialect").default("indieauth").to_owned()),
            ("consents", string("client_dialect").default("indieauth").to_owned()),
            ("grants", boolean("client_confidential").default(false).to_owned()),
            ("grants", binary_len_null("session_digest", 32).to_owned()),
            ("tokens", binary_len_null("alias_digest", 32).to_owned()),
        ] {
            // One column a statement: SQLite can do no more.
            let add = Table::alter().table(table).add_column(column).to_owned();
            manager.alter_table(add).await?;
        }
        for (table, column, unique) in [
            ("clients", "metadata_digest", false),
            ("clients", "created_at", false),
            ("client_tokens", "client_id", false),
            ("client_tokens", "expires_at", false),
            ("app_sessions", "expires_at", false),
            ("app_sessions", "client_id", false),
            ("grants", "client_id", false),
            ("grants", "session_digest", false),
            ("tokens", "alias_digest", true),
        ] {
            let mut index = Index::create();
            index.name(format!("{table}_{column}")).table(table).col(column);
            if unique {
                index.unique();
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn clients() -> TableCreateStatement {
    Table::create()
        .table("clients")
        .col(string("id").primary_key())
        .col(string("dialect"))
        .col(text_null("name"))
        .col(text_null("description"))
        .col(text_null("client_uri"))
        .col(text_null("logo_uri"))
        .col(text("redirect_uris"))
        .col(text("scope"))
        .col(binary_len_null("secret_digest", 32).unique_key())
        .col(boolean("refreshes"))
        .col(text_null("auth_method"))
        .col(text_null("application_type"))
        .col(binary_len_null("registration_digest", 32))
        .col(binary_len_null("metadata_digest", 32))
        .col(big_integer("created_at"))
        .col(big_integer_null("approved_at"))
        .to_owned()
}

/// Rows of `table` that name a client go when the client goes.
fn belongs_to_client(table: &'static str) -> ForeignKeyCreateStatement {
    let mut key = ForeignKey::create();
    key.from(table, "client_id")
        .to("clients", "id")
        .on_delete(ForeignKeyAction::Cascade);
    key
}

fn client_tokens() -> TableCreateStatement {
    Table::create()
        .table("client_tokens")
        .col(binary_len("digest", 32).primary_key())
        .col(string("client_id"))
        .col(text("scope"))
        .col(big_integer("issued_at"))
        .col(big_integer_null("expires_at"))
        .foreign_key(&mut belongs_to_client("client_tokens"))
        .to_owned()
}

fn app_sessions() -> TableCreateStatement {
    Table::create()
        .table("app_sessions")
        .col(binary_len("digest", 32).primary_key())
        .col(string("client_id"))
        .col(text_null("redirect_uri"))
        .col(text_null("code_challenge"))
        .col(big_integer("expires_at"))
        .foreign_key(&mut belongs_to_client("app_sessions"))
        .to_owned()
}
