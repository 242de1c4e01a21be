//! People: operators, people who are shut out, what a person tells of themselves, passkeys, invitations, addresses of their
//! own, links for another password, and what the operator decides about the hosts of apps.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary_len, binary_len_null, blob, boolean, integer, string, string_null, text,
    text_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("users", boolean("is_operator").default(false).to_owned()),
            ("users", big_integer_null("disabled_at")),
            ("users", string_null("language")),
            ("users", string("likeness").default("").to_owned()),
            ("grants", binary_len_null("own_address_digest", 32)),
            ("grants", text_null("asked_me")),
            ("snapshots", text_null("me")),
            ("snapshots", big_integer("first_approved_at").default(0).to_owned()),
            ("audit_events", string_null("actor_id")),
            ("audit_events", text_null("detail")),
            ("second_factors", integer("locks").default(0).to_owned()),
        ] {
            // One column a statement: SQLite can do no more.
            let add = Table::alter().table(table).add_column(column).to_owned();
            manager.alter_table(add).await?;
        }
        // A time that has passed locks nothing.
        let rename = Table::alter()
            .table("second_factors")
            .rename_column("tried_at", "locked_until")
            .to_owned();
        manager.alter_table(rename).await?;
        // What names of before look like, written as `Username::likeness` does.
        let likeness = "UPDATE users SET likeness = replace(replace(replace(replace(replace(replace(username, '_', ''), \
                        '0', 'o'), '1', 'l'), 'i', 'l'), 'rn', 'm'), 'vv', 'w')";
        manager.get_connection().execute_unprepared(likeness).await?;
        // Clients used to be written down when they first asked; from now on, when somebody first said yes.
        for step in [
            "UPDATE snapshots SET first_approved_at = approved_at",
            "DELETE FROM sightings WHERE client_id NOT IN (SELECT client_id FROM snapshots)",
            "UPDATE sightings SET \
             first_seen_at = (SELECT min(approved_at) FROM snapshots WHERE snapshots.client_id = sightings.client_id), \
             last_seen_at = (SELECT max(approved_at) FROM snapshots WHERE snapshots.client_id = sightings.client_id)",
        ] {
            manager.get_connection().execute_unprepared(step).await?;
        }
        for table in [
            profiles(),
            photos(),
            passkeys(),
            ceremonies(),
            invitations(),
            profile_urls(),
            host_rules(),
            password_links(),
        ] {
            manager.create_table(table).await?;
        }
        for (table, column) in [
            ("users", "likeness"),
            ("passkeys", "user_id"),
            ("ceremonies", "expires_at"),
            ("invitations", "expires_at"),
            ("profile_urls", "user_id"),
            ("profile_urls", "checked_at"),
            ("grants", "own_address_digest"),
            ("password_links", "user_id"),
            ("password_links", "expires_at"),
        ] {
            let mut index = Index::create();
            index.name(format!("{table}_{column}")).table(table).col(column);
            manager.create_index(index).await?;
        }
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

fn profiles() -> TableCreateStatement {
    Table::create()
        .table("profiles")
        .col(string("user_id").primary_key())
        .col(string_null("name"))
        .col(text_null("website"))
        .col(string_null("email"))
        .col(big_integer_null("email_verified_at"))
        .col(big_integer("updated_at"))
        .foreign_key(&mut belongs_to_user("profiles"))
        .to_owned()
}

fn photos() -> TableCreateStatement {
    Table::create()
        .table("photos")
        .col(string("user_id").primary_key())
        .col(string("name").unique_key())
        .col(blob("png"))
        .foreign_key(&mut belongs_to_user("photos"))
        .to_owned()
}

fn passkeys() -> TableCreateStatement {
    Table::create()
        .table("passkeys")
        .col(string("id").primary_key())
        .col(string("user_id"))
        .col(binary_len("credential_digest", 32).unique_key())
        .col(text("credential"))
        .col(string("name"))
        .col(big_integer("created_at"))
        .col(big_integer_null("last_used_at"))
        .foreign_key(&mut belongs_to_user("passkeys"))
        .to_owned()
}

fn ceremonies() -> TableCreateStatement {
    Table::create()
        .table("ceremonies")
        .col(binary_len("digest", 32).primary_key())
        .col(string("kind"))
        .col(string_null("user_id"))
        .col(text("state"))
        .col(big_integer("expires_at"))
        .foreign_key(&mut belongs_to_user("ceremonies"))
        .to_owned()
}

/// Whoever made it may go without it: it names nobody by a foreign key.
fn invitations() -> TableCreateStatement {
    Table::create()
        .table("invitations")
        .col(string("id").primary_key())
        .col(binary_len("digest", 32).unique_key())
        .col(string_null("note"))
        .col(string_null("created_by"))
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .col(big_integer_null("used_at"))
        .col(string_null("used_by"))
        .col(big_integer_null("withdrawn_at"))
        .to_owned()
}

/// An address has one owner at a time: `held_digest` is there while it is proved.
fn profile_urls() -> TableCreateStatement {
    Table::create()
        .table("profile_urls")
        .col(string("id").primary_key())
        .col(string("user_id"))
        .col(text("url"))
        .col(binary_len("url_digest", 32))
        .col(binary_len_null("held_digest", 32).unique_key())
        .col(string_null("proved_by"))
        .col(big_integer_null("proved_at"))
        .col(big_integer_null("checked_at"))
        .col(big_integer_null("claimed_at"))
        .col(big_integer_null("failing_since"))
        .col(string_null("finding"))
        .col(big_integer("created_at"))
        .index(
            Index::create()
                .unique()
                .name("profile_urls_user_id_url_digest")
                .col("user_id")
                .col("url_digest"),
        )
        .foreign_key(&mut belongs_to_user("profile_urls"))
        .to_owned()
}

fn password_links() -> TableCreateStatement {
    Table::create()
        .table("password_links")
        .col(binary_len("digest", 32).primary_key())
        .col(string("user_id"))
        .col(string_null("created_by"))
        .col(big_integer("expires_at"))
        .foreign_key(&mut belongs_to_user("password_links"))
        .to_owned()
}

fn host_rules() -> TableCreateStatement {
    Table::create()
        .table("host_rules")
        .col(string("host").primary_key())
        .col(string("rule"))
        .col(big_integer("created_at"))
        .to_owned()
}
