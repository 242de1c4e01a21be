//! A look into the database beside the server: what is written there, and how it would be searched.

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, QueryResult, Statement};

use super::app::TestApp;
use super::postgres;

/// A connection of the test's own.
pub struct Rows(DatabaseConnection);

impl TestApp {
    /// Opens a connection of the test's own.
    pub async fn rows(&self) -> Rows {
        let mut options = ConnectOptions::new(self.database_url());
        options.max_connections(1).sqlx_logging(false);
        Rows(Database::connect(options).await.expect("the database is there"))
    }

    /// The statements of requests since they were forgotten: without those of the sweep, which runs beside them once a
    /// minute and first when the server starts.
    pub fn statements_of_requests(&self) -> Vec<String> {
        let is_sweep = |sql: &String| sql.starts_with("DELETE") && sql.contains("_at\" <= ");
        let mut statements = self.statements();
        statements.retain(|sql| !is_sweep(sql));
        statements
    }

    /// Waits until PostgreSQL makes somebody wait for a row. SQLite has one writer and nothing to wait for: there it
    /// returns at once.
    pub async fn until_somebody_waits(&self) {
        const WAITING: &str = "pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let rows = self.rows().await;
        while postgres::is_chosen() && rows.count(WAITING).await == 0 {
            tokio::task::yield_now().await;
        }
    }
}

impl Rows {
    /// The connection.
    pub fn connection(&self) -> &DatabaseConnection {
        &self.0
    }

    async fn execute(&self, sql: &str) {
        if let Err(error) = self.0.execute_unprepared(sql).await {
            panic!("{sql}: {error}");
        }
    }

    /// Makes the database refuse to `INSERT` into a table or to `UPDATE` it, as with a full disk.
    pub async fn refuse(&self, what: &str, table: &str) {
        if postgres::is_chosen() {
            let body = "BEGIN RAISE EXCEPTION 'full'; END";
            self.execute(&format!(
                "CREATE FUNCTION refuse_{table}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"
            ))
            .await;
            let then = format!("FOR EACH ROW EXECUTE FUNCTION refuse_{table}()");
            self.execute(&format!(
                "CREATE TRIGGER refuse_{table} BEFORE {what} ON {table} {then}"
            ))
            .await;
        } else {
            let then = "BEGIN SELECT RAISE(ABORT, 'full'); END";
            self.execute(&format!(
                "CREATE TRIGGER refuse_{table} BEFORE {what} ON {table} {then}"
            ))
            .await;
        }
    }

    /// Ends [`Rows::refuse`].
    pub async fn relent(&self, table: &str) {
        let of = if postgres::is_chosen() {
            format!(" ON {table}")
        } else {
            String::new()
        };
        self.execute(&format!("DROP TRIGGER refuse_{table}{of}")).await;
    }

    /// Takes a table away.
    pub async fn rename(&self, table: &str, to: &str) {
        self.execute(&format!("ALTER TABLE {table} RENAME TO {to}")).await;
    }

    async fn query(&self, sql: &str) -> Vec<QueryResult> {
        let statement = Statement::from_string(self.0.get_database_backend(), sql);
        let found = self.0.query_all_raw(statement).await;
        found.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> i64 {
        let found = self.query(&format!("SELECT COUNT(*) AS n FROM {table}")).await;
        found[0].try_get("", "n").expect("a number")
    }

    /// The kinds of what was written into the audit log, oldest first, without what a person does every
    /// day.
    pub async fn audit(&self) -> Vec<String> {
        const DAILY: &str = "'signed_in', 'approved', 'denied'";
        let wanted = format!("SELECT kind FROM audit_events WHERE kind NOT IN ({DAILY}) ORDER BY occurred_at");
        let found = self.query(&wanted).await;
        found
            .iter()
            .map(|row| row.try_get("", "kind").expect("a kind"))
            .collect()
    }

    /// A column of times, NULLs left out.
    pub async fn times(&self, table: &str, column: &str) -> Vec<i64> {
        let found = self.query(&format!("SELECT {column} AS at FROM {table}")).await;
        found
            .iter()
            .filter_map(|row| row.try_get::<Option<i64>>("", "at").expect("a time"))
            .collect()
    }

    /// A column of text.
    pub async fn texts(&self, table: &str, column: &str) -> Vec<String> {
        let found = self.query(&format!("SELECT {column} AS text FROM {table}")).await;
        found
            .iter()
            .map(|row| row.try_get("", "text").expect("a text"))
            .collect()
    }

    /// A column of bytes.
    pub async fn blobs(&self, table: &str, column: &str) -> Vec<Vec<u8>> {
        let found = self.query(&format!("SELECT {column} AS bytes FROM {table}")).await;
        found
            .iter()
            .map(|row| row.try_get("", "bytes").expect("bytes"))
            .collect()
    }

    /// How SQLite would search for this statement, a line a step. PostgreSQL scans tables this small whatever indexes
    /// they have, so there is nothing to learn from it: `None`.
    pub async fn plan(&self, sql: &str) -> Option<Vec<String>> {
        if postgres::is_chosen() {
            return None;
        }
        let found = self.query(&format!("EXPLAIN QUERY PLAN {sql}")).await;
        let steps = found
            .iter()
            .map(|row| row.try_get("", "detail").expect("a step"))
            .collect();
        Some(steps)
    }
}
