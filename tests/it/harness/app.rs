//! The server under test: the same `Application` that `main` builds, on a port and a database of its own.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use time::macros::datetime;
use vestibule::accounts::Accounts;
use vestibule::accounts::sessions::{Browser, SignIn};
use vestibule::clock::ManualClock;
use vestibule::config::Settings;
use vestibule::discovery::txt::Reading;
use vestibule::discovery::{ReadTxt, Resolve, SystemResolver, TrustRoot};
use vestibule::flows::Flows;
use vestibule::oauth::profile::Username;
use vestibule::operators::Operators;
use vestibule::startup::{Application, Surroundings};
use vestibule::storage::Store;

use super::actors::Visitor;
use super::port;
use super::postgres::{self, FreshDatabase};

/// What a test may choose about its server.
pub struct Options {
    /// The issuer; the address it listens on when left open, which makes it development mode.
    pub issuer: Option<&'static str>,
    /// More settings, by their variables.
    pub environment: Vec<(&'static str, String)>,
    /// Who resolves the names of clients' hosts.
    pub resolver: Arc<dyn Resolve>,
    /// Who reads TXT records.
    pub txt: Arc<dyn ReadTxt>,
    /// Certificate roots to trust.
    pub roots: Vec<TrustRoot>,
}

impl Default for Options {
    fn default() -> Options {
        // Limits count by address, and every test comes from the same one.
        let names = [
            "VESTIBULE_LIMITS__SIGN_IN",
            "VESTIBULE_LIMITS__AUTHORIZE",
            "VESTIBULE_LIMITS__TOKEN",
            "VESTIBULE_LIMITS__REGISTRATION",
            "VESTIBULE_LIMITS__SIGN_UP",
            "VESTIBULE_LIMITS__FIRST_FETCH",
        ];
        Options {
            issuer: None,
            environment: names.map(|name| (name, "0".to_owned())).to_vec(),
            resolver: Arc::new(SystemResolver::new()),
            txt: Arc::new(NoTxt),
            roots: Vec::new(),
        }
    }
}

impl Options {
    /// Sets a variable, in place of an earlier value.
    pub fn set(mut self, name: &'static str, value: impl Into<String>) -> Options {
        self.environment.retain(|(known, _)| *known != name);
        self.environment.push((name, value.into()));
        self
    }

    /// Runs under this issuer.
    pub fn issuer(mut self, issuer: &'static str) -> Options {
        self.issuer = Some(issuer);
        self
    }

    /// Resolves names with `resolver`.
    pub fn resolver(mut self, resolver: Arc<dyn Resolve>) -> Options {
        self.resolver = resolver;
        self
    }

    /// Reads TXT records from `txt`.
    pub fn txt(mut self, txt: Arc<dyn ReadTxt>) -> Options {
        self.txt = txt;
        self
    }

    /// Starts the server.
    pub async fn start(self) -> TestApp {
        TestApp::with(self).await
    }
}

/// No name has a record, and nobody is asked.
struct NoTxt;

impl ReadTxt for NoTxt {
    fn read(&self, _: &str) -> Reading {
        Box::pin(async { Ok(Vec::new()) })
    }
}

/// A running server. It stops when it is dropped.
pub struct TestApp {
    /// Where it is reached.
    pub base: String,
    /// Who it says it is.
    pub issuer: String,
    /// Its clock, which stands still until it is moved.
    pub clock: Arc<ManualClock>,
    /// Its people.
    pub accounts: Accounts,
    /// What its operators do.
    pub operators: Operators,
    /// Its exchanges, for waiting until uses are written.
    pub flows: Flows,
    /// The link for the first account that it would print.
    pub setup_link: Option<String>,
    pub http: reqwest::Client,
    statements: Arc<Mutex<Vec<String>>>,
    database: Arc<Database>,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

/// A database of its own; removed with the last handle.
pub struct Database {
    url: String,
    _keep: Keep,
}

enum Keep {
    Sqlite { _folder: tempfile::TempDir },
    Postgres { _database: FreshDatabase },
}

impl Database {
    /// An empty database of the kind this run is for.
    pub async fn fresh() -> Database {
        if postgres::is_chosen() {
            let database = postgres::fresh_database("vestibule", async |url: String| {
                Store::connect(&url, None).await.expect("the template migrates");
            })
            .await;
            return Database {
                url: database.url.clone(),
                _keep: Keep::Postgres { _database: database },
            };
        }
        // Memory, where there is some: these databases need not survive a power cut.
        let memory = std::path::Path::new("/dev/shm");
        let folder = if memory.is_dir() {
            tempfile::tempdir_in(memory)
        } else {
            tempfile::tempdir()
        };
        let folder = folder.expect("a folder for the database");
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        Database {
            url,
            _keep: Keep::Sqlite { _folder: folder },
        }
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl TestApp {
    /// A server in development mode, without limits.
    pub async fn start() -> TestApp {
        Options::default().start().await
    }

    async fn with(options: Options) -> TestApp {
        let database = Arc::new(Database::fresh().await);
        let clock = Arc::new(ManualClock::starting_at(datetime!(2026-11-22 12:00 UTC)));
        TestApp::on(options, database, clock).await
    }

    /// Another server on the same database and clock: a replica, or the same after a restart.
    pub async fn replica(&self, options: Options) -> TestApp {
        TestApp::on(options, self.database.clone(), self.clock.clone()).await
    }

    /// The database's address.
    pub fn database_url(&self) -> &str {
        self.database.url()
    }

    async fn on(options: Options, database: Arc<Database>, clock: Arc<ManualClock>) -> TestApp {
        let listener = port::listen();
        let base = format!("http://{}", listener.local_addr().expect("its address"));
        let issuer = options.issuer.map_or_else(|| base.clone(), str::to_owned);
        let mut environment: Vec<(String, String)> = options
            .environment
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        environment.push(("VESTIBULE_ISSUER".to_owned(), issuer.clone()));
        environment.push(("VESTIBULE_DATABASE_URL".to_owned(), database.url().to_owned()));
        if !environment.iter().any(|(name, _)| name == "VESTIBULE_SECRET_KEY") {
            environment.push(("VESTIBULE_SECRET_KEY".to_owned(), SECRET_KEY.to_owned()));
        }
        let settings = Settings::load(None, environment).expect("settings that hold");
        let statements: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = statements.clone();
        let surroundings = Surroundings {
            clock: clock.clone(),
            resolver: options.resolver,
            txt: options.txt,
            roots: options.roots,
            watch: Some(Arc::new(move |sql| {
                seen.lock().expect("no panic holds it").push(sql.to_owned());
            })),
            change_issuer: options.issuer.is_none(),
            listeners: vec![listener],
            workers: Some(1),
        };
        let application = Application::build(&settings, surroundings)
            .await
            .expect("the server starts");
        let (accounts, flows) = (application.accounts(), application.flows());
        let operators = application.operators();
        let setup_link = application.setup_link().map(str::to_owned);
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(30))
            .build()
            .expect("a client");
        let server = tokio::spawn(application.run());
        TestApp {
            base,
            issuer,
            clock,
            accounts,
            operators,
            flows,
            setup_link,
            http,
            statements,
            database,
            server,
        }
    }

    /// Somebody's browser; nobody is signed in.
    pub fn visitor(&self) -> Visitor {
        Visitor::new(&self.base, self.http.clone())
    }

    /// The browser of a person with an account, signed in.
    pub async fn owner(&self, name: &str) -> Visitor {
        self.accounts.add_user(name, PASSWORD).await.expect("a new account");
        self.signed_in(name, PASSWORD).await
    }

    /// Another browser of a person who has an account, signed in.
    pub async fn signed_in(&self, name: &str, password: &str) -> Visitor {
        let signed_in = self.accounts.sign_in(name, password, &Browser::default()).await;
        let Some(SignIn::Done(key)) = signed_in.expect("no failure") else {
            panic!("not signed in with the right password");
        };
        let visitor = self.visitor();
        let cookie = if self.issuer.starts_with("https") {
            "__Host-vestibule_session"
        } else {
            "vestibule_session"
        };
        visitor.set_cookie(cookie, key.expose());
        visitor
    }

    /// The id of a person's account.
    pub async fn user_id(&self, name: &str) -> String {
        let name = Username::parse(name).expect("a name");
        let found = self.accounts.find_by_username(&name).await;
        found.expect("no failure").expect("an account").user_id.0
    }

    /// Forgets the statements seen so far.
    pub fn forget_statements(&self) {
        self.statements.lock().expect("no panic holds it").clear();
    }

    /// The SQL statements since the start, or since they were forgotten.
    pub fn statements(&self) -> Vec<String> {
        self.statements.lock().expect("no panic holds it").clone()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The key of every server: with PostgreSQL no second step could be turned on without one, and replicas share it.
pub const SECRET_KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";
