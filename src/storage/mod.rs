//! Rows and the domain values they stand for: the only code that names the database.
//!
//! One file per aggregate, free functions over a connection, so that the same function runs alone or inside a
//! transaction, on SQLite or PostgreSQL. Flows open transactions, nothing here does. Whether something may happen once
//! is a condition in the `UPDATE`, never a lock: it means the same on both databases.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use time::OffsetDateTime;

pub mod app_sessions;
pub mod audit;
pub mod audit_log;
pub mod ceremonies;
pub mod client_tokens;
pub mod clients;
pub mod consents;
pub mod grants;
pub mod host_rules;
pub mod invitations;
pub mod known_clients;
pub mod operators;
pub mod passkeys;
pub mod password_links;
pub mod pending_sign_ins;
pub mod people;
pub mod photos;
pub mod profile_urls;
pub mod profiles;
pub mod purge;
pub mod recovery_codes;
pub mod resource_servers;
pub mod second_factors;
pub mod server_identity;
pub mod sessions;
pub mod setup_links;
pub mod sightings;
pub mod snapshots;
pub mod tokens;
pub mod users;

/// What can go wrong with the database. Absence is not an error: lookups return an `Option`.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// A row that no code of ours could have written.
    #[error("row {id} of {table} has an impossible {column}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's key, or a harmless part of it.
        id: String,
    },
    /// The database is away, full or refuses.
    #[error("the database is unavailable")]
    Unavailable(#[from] DbErr),
}

/// Told of every SQL statement before its result is used; tests count with it.
pub type StatementWatch = Arc<dyn Fn(&str) + Send + Sync>;

/// What a storage function runs on: a connection or a transaction. Callers can pass one on without naming the database.
pub use sea_orm::ConnectionTrait as Connection;

/// A handle on the database. SQLite gets one connection that writes (with several, its log grows without bound and
/// writers starve each other) and a few that only read; PostgreSQL gets one pool for both.
#[derive(Clone)]
pub struct Store {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
}

impl Store {
    /// Connects, and brings the schema up to date. A SQLite file that is missing is created.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be reached or a migration fails.
    pub async fn connect(url: &str, watch: Option<StatementWatch>) -> Result<Store, StorageError> {
        let (mut writer, mut reader) = if url.starts_with("sqlite:") {
            keep_private(url);
            let writer = Database::connect(sqlite_options(url, 1)).await?;
            migrate(&writer).await?;
            (writer, Database::connect(sqlite_options(url, 4)).await?)
        } else {
            let mut options = ConnectOptions::new(url);
            options
                .max_connections(10)
                .acquire_timeout(Duration::from_secs(5))
                .sqlx_logging(false);
            options.test_before_acquire_if_idle_for(Duration::from_secs(30));
            let pool = Database::connect(options).await?;
            migrate(&pool).await?;
            (pool.clone(), pool)
        };
        if let Some(watch) = watch {
            for connection in [&mut writer, &mut reader] {
                let watch = watch.clone();
                connection.set_metric_callback(move |info| watch(&info.statement.sql));
            }
        }
        Ok(Store { writer, reader })
    }

    /// For queries outside a transaction.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// For a single statement that writes.
    pub fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Begins a transaction. It is rolled back unless it is committed.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn begin(&self) -> Result<Tx, StorageError> {
        // A deferred SQLite transaction that reads first fails at its first write when another process wrote meanwhile.
        let sqlite_transaction_mode = Some(SqliteTransactionMode::Immediate)
            .filter(|_| self.writer.get_database_backend() == DatabaseBackend::Sqlite);
        let options = TransactionOptions {
            sqlite_transaction_mode,
            ..TransactionOptions::default()
        };
        Ok(Tx(self.writer.begin_with_options(options).await?))
    }
}

/// A transaction: what is done through it holds together or not at all.
pub struct Tx(DatabaseTransaction);

impl Tx {
    /// Makes everything done through it last.
    ///
    /// # Errors
    /// `Unavailable`; then nothing of it happened.
    pub async fn commit(self) -> Result<(), StorageError> {
        Ok(self.0.commit().await?)
    }
}

impl Deref for Tx {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.0
    }
}

/// Creates a missing database file so that only its owner can read it: it holds password hashes. SQLite gives its log
/// files the same mode. Where this fails, opening the database says why.
fn keep_private(url: &str) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
        let path = path.split('?').next().unwrap_or_default();
        if !path.is_empty() && !path.starts_with(':') {
            let _ = std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(path);
        }
    }
}

fn sqlite_options(url: &str, connections: u32) -> ConnectOptions {
    let separator = if url.contains('?') { '&' } else { '?' };
    let mut options = ConnectOptions::new(format!("{url}{separator}mode=rwc"));
    options
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(5))
        .sqlx_logging(false);
    options.test_before_acquire(false);
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .pragma("journal_mode", "WAL")
            // FULL: an acknowledged code or token survives a power cut.
            .pragma("synchronous", "FULL")
            .pragma("foreign_keys", "ON")
            .busy_timeout(Duration::from_secs(5))
    });
    options
}

/// Several servers may start on one empty PostgreSQL database at once: one migrates, the others wait for its lock.
async fn migrate(connection: &DatabaseConnection) -> Result<(), StorageError> {
    const LOCK: &str = "SELECT pg_advisory_xact_lock(8606216600190023247)";
    if connection.get_database_backend() == DatabaseBackend::Postgres {
        let lock = connection.begin().await?;
        lock.execute_unprepared(LOCK).await?;
        Migrator::up(connection, None).await?;
        return Ok(lock.commit().await?);
    }
    Ok(Migrator::up(connection, None).await?)
}

fn seconds(at: OffsetDateTime) -> i64 {
    at.unix_timestamp()
}

/// Turns columns back into values, naming the row when one cannot be.
struct Row<'a> {
    table: &'static str,
    id: &'a str,
}

impl Row<'_> {
    fn inconsistent(&self, column: &'static str) -> StorageError {
        StorageError::Inconsistent {
            table: self.table,
            column,
            id: self.id.to_owned(),
        }
    }

    fn value<T>(&self, column: &'static str, value: Option<T>) -> Result<T, StorageError> {
        value.ok_or_else(|| self.inconsistent(column))
    }

    fn time(&self, column: &'static str, seconds: i64) -> Result<OffsetDateTime, StorageError> {
        self.value(column, OffsetDateTime::from_unix_timestamp(seconds).ok())
    }

    fn time_or_none(&self, column: &'static str, value: Option<i64>) -> Result<Option<OffsetDateTime>, StorageError> {
        value.map(|seconds| self.time(column, seconds)).transpose()
    }
}
