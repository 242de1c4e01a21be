//! The first schema. Times are seconds since 1970, digests are 32 bytes: the same on SQLite and PostgreSQL.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary_len, binary_len_null, boolean, integer, string, string_null, text, text_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            users(),
            sessions(),
            grants(),
            consents(),
            tokens(),
            resource_servers(),
            setup_links(),
            audit_events(),
            server_identity(),
        ] {
            manager.create_table(table).await?;
        }
        for (table, columns) in [
            ("sessions", &["user_id"][..]),
            ("sessions", &["expires_at"]),
            ("grants", &["user_id", "client_id"]),
            ("grants", &["client_id", "code_challenge"]),
            ("grants", &["expires_at"]),
            ("grants", &["revoked_at"]),
            ("consents", &["user_id"]),
            ("consents", &["expires_at"]),
            ("tokens", &["grant_id"]),
            ("tokens", &["parent"]),
            ("tokens", &["expires_at"]),
            ("setup_links", &["expires_at"]),
            ("audit_events", &["occurred_at"]),
        ] {
            manager.create_index(index(table, columns)).await?;
        }
        Ok(())
    }
}

fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(format!("{table}_{}", columns.join("_"))).table(table);
    for column in columns {
        index.col(*column);
    }
    index
}

/// Rows of `table` that name a person go when the person goes.
fn belongs_to_user(table: &'static str) -> ForeignKeyCreateStatement {
    let mut key = ForeignKey::create();
    key.from(table, "user_id")
        .to("users", "id")
        .on_delete(ForeignKeyAction::Cascade);
    key
}

fn users() -> TableCreateStatement {
    Table::create()
        .table("users")
        .col(string("id").primary_key())
        .col(string("username").unique_key())
        .col(text("password_hash"))
        .col(big_integer("created_at"))
        .to_owned()
}

fn sessions() -> TableCreateStatement {
    Table::create()
        .table("sessions")
        .col(binary_len("digest", 32).primary_key())
        .col(string("user_id"))
        .col(big_integer("created_at"))
        .col(big_integer("last_used_at"))
        .col(big_integer("expires_at"))
        .foreign_key(&mut belongs_to_user("sessions"))
        .to_owned()
}

fn grants() -> TableCreateStatement {
    Table::create()
        .table("grants")
        .col(string("id").primary_key())
        .col(string("user_id"))
        .col(text("client_id"))
        .col(text_null("client_name"))
        .col(text_null("client_uri"))
        .col(boolean("client_uri_is_foreign"))
        .col(boolean("client_refreshes"))
        .col(boolean("client_fetched"))
        .col(string("client_fingerprint"))
        .col(text("redirect_uri"))
        .col(text_null("state"))
        .col(text("requested_scope"))
        .col(string_null("code_challenge"))
        .col(text("me"))
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .col(big_integer_null("denied_at"))
        .col(big_integer_null("approved_at"))
        .col(text_null("scope"))
        .col(string_null("lifetime"))
        .col(binary_len_null("code_digest", 32).unique_key())
        .col(big_integer_null("code_expires_at"))
        .col(big_integer_null("redeemed_at"))
        .col(big_integer_null("tokens_until"))
        .col(big_integer_null("last_used_at"))
        .col(big_integer_null("revoked_at"))
        .col(string_null("revoked_because"))
        .foreign_key(&mut belongs_to_user("grants"))
        .to_owned()
}

fn consents() -> TableCreateStatement {
    Table::create()
        .table("consents")
        .col(binary_len("digest", 32).primary_key())
        .col(string("user_id"))
        .col(text("client_id"))
        .col(text("redirect_uri"))
        .col(text("scope"))
        .col(string("lifetime"))
        .col(string("client_fingerprint"))
        .col(text_null("client_name"))
        .col(big_integer("approved_at"))
        .col(big_integer("expires_at"))
        .foreign_key(&mut belongs_to_user("consents"))
        .to_owned()
}

fn tokens() -> TableCreateStatement {
    let mut grant = ForeignKey::create();
    grant
        .from("tokens", "grant_id")
        .to("grants", "id")
        .on_delete(ForeignKeyAction::Cascade);
    Table::create()
        .table("tokens")
        .col(binary_len("digest", 32).primary_key())
        .col(string("kind"))
        .col(string("grant_id"))
        .col(text("scope"))
        .col(big_integer("issued_at"))
        .col(big_integer_null("expires_at"))
        .col(big_integer_null("redeemed_at"))
        .col(binary_len_null("parent", 32))
        .col(big_integer_null("last_used_at"))
        .foreign_key(&mut grant)
        .to_owned()
}

fn resource_servers() -> TableCreateStatement {
    Table::create()
        .table("resource_servers")
        .col(string("id").primary_key())
        .col(string("name").unique_key())
        .col(binary_len("secret_digest", 32).unique_key())
        .col(big_integer("created_at"))
        .to_owned()
}

fn setup_links() -> TableCreateStatement {
    Table::create()
        .table("setup_links")
        .col(binary_len("digest", 32).primary_key())
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .to_owned()
}

fn audit_events() -> TableCreateStatement {
    Table::create()
        .table("audit_events")
        .col(string("id").primary_key())
        .col(big_integer("occurred_at"))
        .col(string("user_id"))
        .col(string("kind"))
        .col(text_null("client_id"))
        .foreign_key(&mut belongs_to_user("audit_events"))
        .to_owned()
}

fn server_identity() -> TableCreateStatement {
    Table::create()
        .table("server_identity")
        .col(integer("id").primary_key())
        .col(text("issuer"))
        .to_owned()
}
