//! A private PostgreSQL server for this test process, and an empty, migrated database for each test.
//!
//! Chosen with `VESTIBULE_TEST_DATABASE=postgres`. The server starts at the first [`fresh_database`], needs no root, no
//! configuration and no running service, and ends with the test process, even when that is killed.
#![cfg(test)]

use std::collections::HashSet;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use tokio::sync::Mutex;

/// How long the server may take from nothing to its first connection, on a machine that is busy with other things.
const START_LIMIT: Duration = Duration::from_secs(120);

/// Another process may take the free port between our finding it and the server's taking it.
const START_ATTEMPTS: usize = 3;

const READY: &str = "database system is ready to accept connections";

/// Runs as the server's owner. `cargo test` drops no statics and may be killed, so nothing here relies on being told to
/// stop: the test process holds the other end of standard input and never writes to it, and the end of file, which the
/// kernel sends however that process ends, stops the server. Durability is switched off, since nothing is to last.
const KEEPER: &str = r#"
set -eu
exec 3<&0 </dev/null 2>&1
umask 077
# To copy a template is to write 300 small files: measured at 0.1 to 0.3 s on a disk and under 0.02 s in memory.
free_kib=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
[ "${free_kib:-0}" -lt 1000000 ] || [ ! -w /dev/shm ] || TMPDIR=/dev/shm
directory=$(mktemp -d "$TMPDIR/vestibule-postgres.XXXXXX")
trap 'rm -rf "$directory"' EXIT
printf '%s\n' "$PASSWORD" >"$directory/password"
"$BIN/initdb" --pgdata="$directory/data" --username=vestibule --auth=password --pwfile="$directory/password" \
  --encoding=UTF8 --locale=C --no-sync >/dev/null
"$BIN/postgres" -D "$directory/data" -p "$PORT" \
  -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
  -c max_connections=400 -c shared_buffers=32MB -c max_wal_size=256MB \
  -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off 3<&- &
server=$!
{ cat <&3; kill -QUIT "$server"; } >/dev/null 2>&1 &
wait "$server"
"#;

/// Whether this run was asked to use PostgreSQL. An unknown word is refused: it would quietly test something else.
pub(crate) fn is_chosen() -> bool {
    match env::var("VESTIBULE_TEST_DATABASE").as_deref() {
        Ok("postgres") => true,
        Ok("sqlite") | Err(env::VarError::NotPresent) => false,
        other => panic!("VESTIBULE_TEST_DATABASE is `sqlite` or `postgres`, not {other:?}"),
    }
}

/// A database of one test's own, dropped some time after this value is.
pub(crate) struct FreshDatabase {
    /// `postgres://user:password@127.0.0.1:port/name`
    pub(crate) url: String,
    name: String,
}

impl Drop for FreshDatabase {
    fn drop(&mut self) {
        // Dropping a database is a statement over a connection, and so not for here: the next test that asks for one
        // clears away those that were left.
        if let Ok(mut left) = LEFT_BEHIND.lock() {
            left.push(std::mem::take(&mut self.name));
        }
    }
}

static LEFT_BEHIND: std::sync::Mutex<Vec<String>> = std::sync::Mutex::new(Vec::new());

/// One at a time: PostgreSQL refuses to copy a template while another session is at it.
static CLUSTER: Mutex<Option<Cluster>> = Mutex::const_new(None);

/// A new database, equal to what `migrate` makes of an empty one. For each name of a `template`, `migrate` runs only the
/// first time, with the template's address, and can no longer use its connections afterwards; everyone gets copies.
pub(crate) async fn fresh_database(template: &'static str, migrate: impl AsyncFnOnce(String)) -> FreshDatabase {
    let mut guard = CLUSTER.lock().await;
    let cluster = guard.get_or_insert_with(Cluster::start);
    // A connection belongs to the runtime that opened it, and each test has its own, so none is kept.
    let admin = connect(cluster.url("postgres")).await;
    if !cluster.templates.contains(template) {
        // The test that was to make it may have panicked half-way.
        run(
            &admin,
            &format!("DROP DATABASE IF EXISTS template_{template} WITH (FORCE)"),
        )
        .await;
        run(&admin, &format!("CREATE DATABASE template_{template}")).await;
        migrate(cluster.url(&format!("template_{template}"))).await;
        run(
            &admin,
            &format!("ALTER DATABASE template_{template} ALLOW_CONNECTIONS false"),
        )
        .await;
        run(
            &admin,
            &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'template_{template}'"),
        )
        .await;
        cluster.templates.insert(template);
    }
    let left = LEFT_BEHIND.lock().map(|mut left| std::mem::take(&mut *left)).unwrap();
    for name in left {
        run(&admin, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    }
    cluster.databases += 1;
    let name = format!("test_{}", cluster.databases);
    run(&admin, &format!("CREATE DATABASE {name} TEMPLATE template_{template}")).await;
    admin.close().await.unwrap();
    FreshDatabase {
        url: cluster.url(&name),
        name,
    }
}

async fn connect(url: String) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

/// Returns how many rows the statement wrote or found.
async fn run(connection: &DatabaseConnection, statement: &str) -> u64 {
    match connection.execute_unprepared(statement).await {
        Ok(result) => result.rows_affected(),
        Err(error) => panic!("{statement}: {error}"),
    }
}

struct Cluster {
    port: u16,
    password: String,
    /// Never asked for anything again, but its standard input is the pipe that keeps the server alive.
    _keeper: Child,
    templates: HashSet<&'static str>,
    databases: u32,
}

impl Cluster {
    fn start() -> Self {
        let bin = server_programs();
        let mut last_log = String::new();
        for _ in 0..START_ATTEMPTS {
            match Self::try_start(&bin) {
                Ok(cluster) => return cluster,
                Err(log) => last_log = log,
            }
        }
        panic!("PostgreSQL from {} did not start; it said:\n{last_log}", bin.display());
    }

    /// Returns the server's own words if it ends, or takes too long, before it is ready.
    fn try_start(bin: &Path) -> Result<Self, String> {
        let port = TcpListener::bind(("127.0.0.1", 0))
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        // The port is open to every user of this machine, and a database superuser can run programs.
        let password = format!("{:032x}", rand::random::<u128>());
        let mut command = Command::new("sh");
        command
            .args(["-c", KEEPER])
            .env_clear() // above all of PGDATA and its kin
            .envs([
                ("LC_ALL", OsStr::new("C")),
                ("BIN", bin.as_os_str()),
                ("PASSWORD", password.as_ref()),
            ])
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("PORT", port.to_string())
            .env("TMPDIR", env::temp_dir())
            .current_dir("/") // the server's owner may not be able to enter ours
            .process_group(0) // Ctrl-C ends the tests, and the keeper then ends the server in good order
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if id("-u", None) == Some(0) {
            // initdb and postgres refuse to run as root.
            let (uid, gid) = unprivileged_user();
            command.uid(uid).gid(gid).env("TMPDIR", "/tmp");
        }
        let mut keeper = command.spawn().map_err(|error| error.to_string())?;
        let (sender, lines) = mpsc::channel();
        let log = BufReader::new(keeper.stdout.take().unwrap());
        // Reads to the end, so that the server never waits for a full pipe.
        thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let deadline = Instant::now() + START_LIMIT;
        let mut said = Vec::new();
        while let Ok(line) = lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            if line.contains(READY) {
                return Ok(Self {
                    port,
                    password,
                    _keeper: keeper,
                    templates: HashSet::new(),
                    databases: 0,
                });
            }
            said.push(line);
        }
        Err(said.join("\n"))
    }

    fn url(&self, database: &str) -> String {
        let Self { port, password, .. } = self;
        format!("postgres://vestibule:{password}@127.0.0.1:{port}/{database}")
    }
}

/// The directory of `initdb` and `postgres`: from `PATH`, else the newest that Debian keeps outside of it.
fn server_programs() -> PathBuf {
    let on_path = env::var_os("PATH").unwrap_or_default();
    if let Some(initdb) = env::split_paths(&on_path).find_map(|directory| directory.join("initdb").canonicalize().ok())
    {
        return initdb.parent().unwrap().to_path_buf();
    }
    fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse::<u32>().ok()?,
                entry.path().join("bin"),
            ))
        })
        .filter(|(_, bin)| bin.join("initdb").exists())
        .max()
        .map(|(_, bin)| bin)
        .expect("no initdb found: install the PostgreSQL server (Debian's package: postgresql)")
}

/// The user of Debian's package, else the one that every Unix has.
fn unprivileged_user() -> (u32, u32) {
    ["postgres", "nobody"]
        .into_iter()
        .find_map(|name| Some((id("-u", Some(name))?, id("-g", Some(name))?)))
        .expect("a user `postgres` or `nobody` to run the server as")
}

fn id(which: &str, user: Option<&str>) -> Option<u32> {
    let output = Command::new("id").arg(which).args(user).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

#[tokio::test]
async fn two_fresh_databases_are_migrated_and_independent() {
    let migrate = async |url| {
        run(&connect(url).await, "CREATE TABLE proof (word text)").await;
    };
    let (one, two) = (
        fresh_database("proof", migrate).await,
        fresh_database("proof", migrate).await,
    );
    let (to_one, to_two) = (connect(one.url.clone()).await, connect(two.url.clone()).await);
    run(&to_one, "INSERT INTO proof VALUES ('only here')").await;
    assert_eq!(run(&to_one, "SELECT word FROM proof").await, 1);
    assert_eq!(run(&to_two, "SELECT word FROM proof").await, 0);
}
