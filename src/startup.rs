//! The composition root: builds every shared thing once, binds the port, serves.
//!
//! `main`, the commands and the tests all come through here, so what is tested is what runs.

use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use anyhow::{Context, bail};
use tracing_actix_web::TracingLogger;

use crate::accounts::Accounts;
use crate::clock::{Clock, SystemClock};
use crate::config::Settings;
use crate::discovery::{DnsTxt, ReadTxt, Resolve, SystemResolver, TrustRoot};
use crate::flows::Flows;
use crate::oauth::policy::{Issuer, Policy};
use crate::oauth::profile::Username;
use crate::operators::{Operators, Setting};
use crate::pages::Pages;
use crate::password::Passwords;
use crate::secret_key::SecretKey;
use crate::storage::{StatementWatch, Store, server_identity};
use crate::web::rate_limit::Limits;
use crate::web::{Web, error_faces, paths, routes, security_headers, span::RequestSpan};

mod housekeeping;
mod rules;

/// What the surroundings supply. Tests hand in a clock that they move and a resolver that asks nobody.
pub struct Surroundings {
    /// Where the present comes from.
    pub clock: Arc<dyn Clock>,
    /// Who resolves the names of clients' hosts.
    pub resolver: Arc<dyn Resolve>,
    /// Who reads TXT records.
    pub txt: Arc<dyn ReadTxt>,
    /// Certificate roots besides the operating system's.
    pub roots: Vec<TrustRoot>,
    /// Told of every SQL statement.
    pub watch: Option<StatementWatch>,
    /// Gives a database of another issuer to this one.
    pub change_issuer: bool,
    /// Sockets that listen already, instead of those the settings name.
    pub listeners: Vec<TcpListener>,
    /// Threads that serve; as many as there are processors when left open.
    pub workers: Option<usize>,
}

impl Default for Surroundings {
    fn default() -> Surroundings {
        Surroundings {
            clock: Arc::new(SystemClock),
            resolver: Arc::new(SystemResolver::default()),
            txt: Arc::new(DnsTxt::system()),
            roots: Vec::new(),
            watch: None,
            change_issuer: false,
            listeners: Vec::new(),
            workers: None,
        }
    }
}

/// What commands need besides the server: the same store, rules and people.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The rules.
    pub policy: Arc<Policy>,
    /// People.
    pub accounts: Accounts,
    /// What an operator sees and does.
    pub operators: Operators,
    clock: Arc<dyn Clock>,
}

impl Parts {
    /// The exchanges, for a command: nothing listens.
    ///
    /// # Errors
    /// When fetching cannot be set up.
    pub fn flows(&self, settings: &Settings, surroundings: &Surroundings) -> anyhow::Result<Flows> {
        let discovery = Arc::new(rules::discovery(settings, surroundings, Vec::new())?);
        Ok(Flows::new(
            self.store.clone(),
            discovery,
            self.clock.clone(),
            self.policy.clone(),
        ))
    }

    /// Connects to the database and builds what stands on it.
    ///
    /// # Errors
    /// When the database is away, or belongs to another issuer.
    pub async fn build(settings: &Settings, surroundings: &Surroundings) -> anyhow::Result<Parts> {
        let store = Store::connect(settings.database_url.expose(), surroundings.watch.clone())
            .await
            .context("cannot open the database that VESTIBULE_DATABASE_URL names")?;
        claim(&store, &settings.issuer, surroundings.change_issuer).await?;
        let policy = Arc::new(rules::policy(settings));
        let clock = surroundings.clock.clone();
        let key = secret_key(settings)?;
        let accounts = Accounts::new(store.clone(), Passwords::new(), key, clock.clone(), policy.clone());
        let operators = Operators::new(store.clone(), clock.clone(), policy.clone(), listed(settings));
        Ok(Parts {
            store,
            policy,
            accounts,
            operators,
            clock,
        })
    }
}

/// The settings as an operator may see them.
fn listed(settings: &Settings) -> Vec<Setting> {
    let key_file = key_file(settings).filter(|_| settings.secret_key.is_none());
    let key_file = key_file.as_deref().and_then(Path::file_name);
    let setting = |(name, value): &(String, String)| Setting {
        name: name.clone(),
        value: match key_file {
            Some(file) if name == "VESTIBULE_SECRET_KEY" => format!("{value}; from the file {}", file.display()),
            _ => value.clone(),
        },
    };
    settings.listed.iter().map(setting).collect()
}

/// The file beside the database that keeps the key, unless the operator sets one.
fn key_file(settings: &Settings) -> Option<PathBuf> {
    let mut file = settings.database_url.file()?.as_os_str().to_owned();
    file.push(".key");
    Some(PathBuf::from(file))
}

/// The operator's key, or the one in the file beside the database. A database in memory has one for as long; with
/// PostgreSQL there is no place beside it that all replicas share, so there is none.
fn secret_key(settings: &Settings) -> anyhow::Result<Option<SecretKey>> {
    if settings.secret_key.is_some() {
        return Ok(settings.secret_key.clone());
    }
    let Some(file) = key_file(settings) else {
        let in_memory = !settings.database_url.is_postgres();
        return Ok(in_memory.then(SecretKey::generate));
    };
    let key = SecretKey::of_file(&file).with_context(|| {
        format!(
            "cannot use the key file {} (VESTIBULE_SECRET_KEY is not set)",
            file.display()
        )
    })?;
    Ok(Some(key))
}

/// People whose secret cannot be read could not sign in. The commands run without: one of them is the way out.
async fn expect_readable_secrets(accounts: &Accounts) -> anyhow::Result<()> {
    let lost = accounts.whose_secrets_are_lost().await?;
    if lost.is_empty() {
        return Ok(());
    }
    let why = match accounts.offers_authenticators() {
        true => "were encrypted with another key",
        false => "are encrypted, and VESTIBULE_SECRET_KEY is not set",
    };
    let names: Vec<&str> = lost.iter().map(Username::as_str).collect();
    bail!(
        "secrets in this database {why}. Set VESTIBULE_SECRET_KEY back, or put back the key file that was beside the \
         database. If it is lost, run `vestibule user reset-second-factor NAME` for everybody concerned: then they \
         sign in with the password alone. Concerned: {}",
        names.join(", ")
    );
}

/// The server, bound and ready to run.
pub struct Application {
    server: Server,
    addresses: Vec<SocketAddr>,
    flows: Flows,
    accounts: Accounts,
    operators: Operators,
    setup_link: Option<String>,
}

impl Application {
    /// Builds the server and binds its port; connections wait until [`Application::run`].
    ///
    /// # Errors
    /// When a part cannot be built or the port cannot be bound; the message says which.
    pub async fn build(settings: &Settings, mut surroundings: Surroundings) -> anyhow::Result<Application> {
        let parts = Parts::build(settings, &surroundings).await?;
        expect_readable_secrets(&parts.accounts).await?;
        let setup_token = parts.accounts.open_setup().await?;
        let setup_link =
            setup_token.map(|token| format!("{}{}?token={}", settings.issuer, paths::SET_UP, token.expose()));
        let listeners = if surroundings.listeners.is_empty() {
            bind(&settings.listen)
                .with_context(|| format!("cannot listen on {} (VESTIBULE_LISTEN)", settings.listen))?
        } else {
            std::mem::take(&mut surroundings.listeners)
        };
        let addresses = listeners
            .iter()
            .map(TcpListener::local_addr)
            .collect::<std::io::Result<Vec<_>>>()?;
        let discovery = Arc::new(rules::discovery(settings, &surroundings, addresses.clone())?);
        let flows = Flows::new(
            parts.store.clone(),
            discovery,
            parts.clock.clone(),
            parts.policy.clone(),
        );
        let web = Data::new(Web {
            flows: flows.clone(),
            accounts: parts.accounts.clone(),
            operators: parts.operators.clone(),
            pages: Pages::load()?,
            limits: Limits::new(rules::quotas(settings)),
            trusted_proxies: settings.trusted_proxies.clone(),
        });
        tokio::spawn(housekeeping::clearing(
            web.clone(),
            parts.store.clone(),
            parts.clock.clone(),
        ));
        tokio::spawn(housekeeping::looking_again(flows.clone()));
        let server = serve(web, listeners, surroundings.workers)?;
        Ok(Application {
            server,
            addresses,
            flows,
            accounts: parts.accounts,
            operators: parts.operators,
            setup_link,
        })
    }

    /// The addresses that are listened on.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The one-time link for the first account, when there is none yet.
    pub fn setup_link(&self) -> Option<&str> {
        self.setup_link.as_deref()
    }

    /// The protocol exchanges of this server.
    pub fn flows(&self) -> Flows {
        self.flows.clone()
    }

    /// The people of this server.
    pub fn accounts(&self) -> Accounts {
        self.accounts.clone()
    }

    /// What an operator of this server sees and does.
    pub fn operators(&self) -> Operators {
        self.operators.clone()
    }

    /// Serves until a signal ends it; requests under way are finished first.
    ///
    /// # Errors
    /// When the sockets fail.
    pub async fn run(self) -> std::io::Result<()> {
        let ended = self.server.await;
        self.flows.settle().await;
        ended
    }
}

/// The HTTP server: routes, and around them the faces of errors, the headers that every answer has, and a span.
fn serve(web: Data<Web>, listeners: Vec<TcpListener>, workers: Option<usize>) -> std::io::Result<Server> {
    let mut server = HttpServer::new(move || {
        App::new()
            .app_data(web.clone())
            .configure(routes::configure)
            .wrap(from_fn(error_faces))
            .wrap(from_fn(security_headers))
            .wrap(TracingLogger::<RequestSpan>::new())
    });
    if let Some(workers) = workers {
        server = server.workers(workers);
    }
    for listener in listeners {
        server = server.listen(listener)?;
    }
    Ok(server.run())
}

/// Listens on every address behind a host and port: `localhost` has two, of which a machine may lack one.
fn bind(listen: &str) -> std::io::Result<Vec<TcpListener>> {
    let mut refused = None;
    let mut listeners = Vec::new();
    for address in listen.to_socket_addrs()? {
        match TcpListener::bind(address) {
            Ok(listener) => listeners.push(listener),
            Err(error) => refused = Some(error),
        }
    }
    match refused {
        // Another program on one of the two would answer in our place for some of the callers.
        Some(error) if listeners.is_empty() || error.kind() == std::io::ErrorKind::AddrInUse => Err(error),
        _ => Ok(listeners),
    }
}

/// Codes, tokens and people's addresses are bound to the issuer, so a database keeps the one of its first start.
async fn claim(store: &Store, issuer: &Issuer, change: bool) -> anyhow::Result<()> {
    let known = server_identity::claim(store.writer(), issuer).await?;
    if known == issuer.as_str() {
        return Ok(());
    }
    if !change {
        bail!(
            "this database belongs to {known}, but VESTIBULE_ISSUER is {issuer}. People's addresses would change and \
             apps would refuse their answers. Set VESTIBULE_ISSUER back, or start once with --change-issuer."
        );
    }
    Ok(server_identity::replace(store.writer(), issuer).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_postgres_has_no_key_without_being_given_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = format!("sqlite://{}", folder.path().join("a.db").display());
        let key = |url: &str, given: &str| {
            let environment = [("VESTIBULE_DATABASE_URL", url), ("VESTIBULE_SECRET_KEY", given)];
            let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
            secret_key(&Settings::load(None, environment).unwrap()).unwrap()
        };
        assert!(key("postgres://u:p@db/v", "").is_none());
        assert!(key("postgres://u:p@db/v", &"00ff".repeat(16)).is_some());
        assert!(key("sqlite::memory:", "").is_some());
        assert!(key(&file, "").is_some());
        assert!(folder.path().join("a.db.key").exists());
    }

    #[test]
    fn what_the_operator_says_of_fetching_arrives_in_the_policy() {
        let environment = [
            ("VESTIBULE_ISSUER", "https://id.example"),
            ("VESTIBULE_DATABASE_URL", "postgres://u:secret@db.corp.net:6432/v"),
            ("VESTIBULE_FETCH__ALLOW_NETWORKS", "10.1.0.0/16"),
            ("VESTIBULE_FETCH__ALLOW_PORTS", "8443"),
            ("VESTIBULE_FETCH__DENY_HOSTS", "evil.example"),
            ("VESTIBULE_FETCH__NAT64_PREFIXES", "fd00:64::/96"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let settings = Settings::load(None, environment).unwrap();
        let listen = vec!["192.0.2.7:8080".parse().unwrap()];
        let built = format!(
            "{:?}",
            rules::discovery(&settings, &Surroundings::default(), listen).unwrap()
        );
        for part in [
            "development: false",
            "10.1.0.0/16",
            "8443",
            "evil.example",
            "fd00:64::/96",
            "id.example",
            "192.0.2.7:8080",
            "db.corp.net",
            "6432",
        ] {
            assert!(built.contains(part), "{part} in {built}");
        }
        assert!(!built.contains("secret"));
    }
}
