//! Settings: defaults in code, then one optional TOML file, then environment variables. They leave as domain values;
//! every fault is reported at once, with the variable that mends it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use ipnet::{IpNet, Ipv6Net};
use time::Date;
use time::macros::format_description;
use url::Host;

use crate::oauth::client::{ClientUrl, HttpLoopback};
use crate::oauth::instance::Instance;
use crate::oauth::policy::{Issuer, SignUp};
use crate::oauth::scope::ScopeCatalog;
use crate::secret_key::SecretKey;

mod catalogs;
mod database_url;
mod instance;

pub use database_url::DatabaseUrl;

const PREFIX: &str = "VESTIBULE_";

/// Everything an operator can choose.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `issuer`: the public address of this server. Default: `http://localhost:` and the port of `listen`.
    pub issuer: Issuer,
    /// `listen`: host and port to bind. Default `localhost:8080`.
    pub listen: String,
    /// `database_url`: `sqlite://FILE` or `postgres://USER:PASSWORD@HOST/NAME`. Default `sqlite://vestibule.db`.
    pub database_url: DatabaseUrl,
    /// `secret_key`: 64 hexadecimal digits that encrypt what is in the database and must be read again, as the secrets
    /// of authenticator apps. Default with SQLite: made once, in a file beside the database; with PostgreSQL: none, and
    /// nobody can turn a second step on.
    pub secret_key: Option<SecretKey>,
    /// `fetch.*`.
    pub fetch: FetchSettings,
    /// `proxy.trusted`: networks of reverse proxies whose `X-Forwarded-For` is believed. Default: none.
    pub trusted_proxies: Vec<IpNet>,
    /// `limits.*`.
    pub limits: LimitSettings,
    /// `clients.without_pkce`: clients that may come without PKCE, each until a day (decision 8). Default: none.
    pub without_pkce: HashMap<String, Date>,
    /// `profile`, `registration.*`, `misskey.*`, `mastodon.*`, `nodeinfo.*` and `tokens.*`: what this server stands in
    /// for. Each is described in `src/config/instance.rs`.
    pub instance: Instance,
    /// `sign_up`: who may make an account: `closed` (people are added with `vestibule user add`), `invitation` (whoever has a
    /// link that an operator made) or `open` (anybody). Default `invitation`: a server is not open to the world unawares.
    pub sign_up: SignUp,
    /// `scopes.*`: the scope names it knows, described in the same place.
    pub scopes: ScopeCatalog,
    /// `log.*`.
    pub log: LogSettings,
}

/// What may be fetched on behalf of URL clients.
#[derive(Debug, Clone)]
pub struct FetchSettings {
    /// `fetch.allow_networks`: special-use networks that may be fetched from after all. Default: none.
    pub allow_networks: Vec<IpNet>,
    /// `fetch.allow_ports`: ports besides 443 that public hosts may be fetched from. Ports of mail, chat and the like
    /// stay refused. Default: none.
    pub allow_ports: Vec<u16>,
    /// `fetch.deny_hosts`: names that are never fetched from or looked up, each with its subdomains. Default: none.
    pub deny_hosts: Vec<String>,
    /// `fetch.nat64_prefixes`: the NAT64 prefixes (/96) of this network besides `64:ff9b::/96`. Of an address in one,
    /// the IPv4 address inside decides. Default: none.
    pub nat64_prefixes: Vec<Ipv6Net>,
    /// `fetch.max_document_bytes`: largest JSON client metadata document. Default 5120, the draft's recommendation.
    pub max_document_bytes: usize,
    /// `fetch.max_page_bytes`: largest HTML page of a client. Default 262144.
    pub max_page_bytes: usize,
}

/// How often one address may ask, per minute where nothing else is said. 0 switches a limit off.
#[derive(Debug, Clone, Copy)]
pub struct LimitSettings {
    /// `limits.sign_in`: tries of a password. Default 10.
    pub sign_in: u32,
    /// `limits.authorize`: authorization requests. Default 60.
    pub authorize: u32,
    /// `limits.token`: requests to the token, revocation and userinfo endpoints, and introspection with wrong credentials.
    /// Default 300. Introspection with good ones is not limited: a resource server asks from one address for everybody.
    pub token: u32,
    /// `limits.registration`: clients registered at the open endpoints, in ten minutes. Default 5, as Mastodon has it.
    pub registration: u32,
    /// `limits.sign_up`: accounts made without an invitation, and invitations that do not exist, in ten minutes. Default 5.
    pub sign_up: u32,
    /// `limits.first_fetch`: pages of URL clients that are not in memory. Default 20.
    pub first_fetch: u32,
}

/// What is logged, and how.
#[derive(Debug, Clone)]
pub struct LogSettings {
    /// `log.level`: `error`, `warn`, `info`, `debug` or `trace`. Default `info`.
    pub level: String,
    /// `log.json`: one JSON object a line instead of text. Default `false`.
    pub json: bool,
}

/// Everything that is wrong with the settings.
#[derive(Debug)]
pub struct Faults(Vec<String>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Vestibule cannot start with these settings:")?;
        self.0.iter().try_for_each(|fault| writeln!(f, "  - {fault}"))
    }
}

impl std::error::Error for Faults {}

impl Settings {
    /// Reads the file, if one is named, and the variables.
    ///
    /// # Errors
    /// Every fault: a value that cannot be, a key that does not exist, a file that cannot be read.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Settings, Faults> {
        let mut given = Given::default();
        if let Some(path) = file {
            given.read_file(path);
        }
        for (name, value) in environment {
            if let Some(key) = name.strip_prefix(PREFIX) {
                given.values.insert(key.to_ascii_lowercase().replace("__", "."), value);
            }
        }
        given.settings()
    }
}

/// Values as text by their dotted key; what is asked for is taken out, what remains is unknown.
#[derive(Default)]
struct Given {
    values: BTreeMap<String, String>,
    faults: Vec<String>,
}

impl Given {
    fn read_file(&mut self, path: &Path) {
        let table = std::fs::read_to_string(path)
            .map_err(|error| error.to_string())
            .and_then(|text| text.parse::<toml::Table>().map_err(|error| error.to_string()));
        match table {
            Ok(table) => self.flatten("", &table),
            Err(error) => self.faults.push(format!("{}: {error}", path.display())),
        }
    }

    fn flatten(&mut self, prefix: &str, table: &toml::Table) {
        for (name, value) in table {
            let key = format!("{prefix}{name}");
            match value {
                toml::Value::Table(pairs) if key == "clients.without_pkce" => {
                    let pairs = pairs.iter().map(|(client, until)| format!("{client}={}", plain(until)));
                    self.values.insert(key, pairs.collect::<Vec<_>>().join(","));
                }
                toml::Value::Table(section) => self.flatten(&format!("{key}."), section),
                toml::Value::Array(items) => {
                    self.values
                        .insert(key, items.iter().map(plain).collect::<Vec<_>>().join(","));
                }
                single => {
                    self.values.insert(key, plain(single));
                }
            }
        }
    }

    fn settings(mut self) -> Result<Settings, Faults> {
        let listen = self.take("listen", "localhost:8080", listen_address);
        let port = listen
            .as_deref()
            .and_then(|listen| listen.rsplit(':').next())
            .unwrap_or("8080")
            .to_owned();
        let issuer = self.take("issuer", &format!("http://localhost:{port}"), Issuer::parse);
        let database_url = self.take("database_url", "sqlite://vestibule.db", str::parse);
        let secret_key = self.take("secret_key", "", secret_key);
        let fetch = self.fetch();
        let trusted_proxies = self.take("proxy.trusted", "", networks);
        let limits = self.limits();
        let without_pkce = self.take("clients.without_pkce", "", clients_until);
        let sign_up = self.take("sign_up", SignUp::default().as_str(), sign_up);
        let instance = self.instance();
        let level = self.take("log.level", "info", log_level);
        let json = self.take("log.json", "false", boolean);
        for unknown in self.values.keys() {
            self.faults
                .push(format!("{} is no setting of Vestibule", variable(unknown)));
        }
        let settings = (|| {
            let (instance, scopes) = instance?;
            Some(Settings {
                issuer: issuer?,
                listen: listen?,
                database_url: database_url?,
                secret_key: secret_key?,
                fetch: fetch?,
                trusted_proxies: trusted_proxies?,
                limits: limits?,
                without_pkce: without_pkce?,
                instance,
                sign_up: sign_up?,
                scopes,
                log: LogSettings {
                    level: level?,
                    json: json?,
                },
            })
        })();
        settings.filter(|_| self.faults.is_empty()).ok_or(Faults(self.faults))
    }

    fn fetch(&mut self) -> Option<FetchSettings> {
        let allow_networks = self.take("fetch.allow_networks", "", networks);
        let allow_ports = self.take("fetch.allow_ports", "", ports);
        let deny_hosts = self.take("fetch.deny_hosts", "", host_names);
        let nat64_prefixes = self.take("fetch.nat64_prefixes", "", nat64_prefixes);
        let max_document_bytes = self.take("fetch.max_document_bytes", "5120", number);
        let max_page_bytes = self.take("fetch.max_page_bytes", "262144", number);
        Some(FetchSettings {
            allow_networks: allow_networks?,
            allow_ports: allow_ports?,
            deny_hosts: deny_hosts?,
            nat64_prefixes: nat64_prefixes?,
            max_document_bytes: max_document_bytes?,
            max_page_bytes: max_page_bytes?,
        })
    }

    fn limits(&mut self) -> Option<LimitSettings> {
        let [sign_in, authorize, token, registration, sign_up, first_fetch] = [
            ("sign_in", "10"),
            ("authorize", "60"),
            ("token", "300"),
            ("registration", "5"),
            ("sign_up", "5"),
            ("first_fetch", "20"),
        ]
        .map(|(name, default)| self.take(&format!("limits.{name}"), default, number));
        Some(LimitSettings {
            sign_in: sign_in?,
            authorize: authorize?,
            token: token?,
            registration: registration?,
            sign_up: sign_up?,
            first_fetch: first_fetch?,
        })
    }

    /// Takes a value out and reads it. A fault is noted under the variable that mends it, without the value: it may
    /// be a password.
    fn take<T>(&mut self, key: &str, default: &str, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let given = self.values.remove(key);
        match read(given.as_deref().unwrap_or(default).trim()) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.faults.push(format!("{} {problem}", variable(key)));
                None
            }
        }
    }
}

fn secret_key(text: &str) -> Result<Option<SecretKey>, String> {
    match text {
        "" => Ok(None),
        text => text.parse().map(Some),
    }
}

fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_ascii_uppercase().replace('.', "__"))
}

fn plain(value: &toml::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn boolean(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "must be true or false".to_owned())
}

fn sign_up(text: &str) -> Result<SignUp, String> {
    SignUp::parse(text).ok_or_else(|| "must be closed, invitation or open".to_owned())
}

fn log_level(text: &str) -> Result<String, String> {
    let known = ["error", "warn", "info", "debug", "trace"].contains(&text);
    known
        .then(|| text.to_owned())
        .ok_or_else(|| "must be error, warn, info, debug or trace".to_owned())
}

fn listen_address(text: &str) -> Result<String, String> {
    let valid = text
        .rsplit_once(':')
        .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    valid
        .then(|| text.to_owned())
        .ok_or_else(|| "must be a host and a port, like 127.0.0.1:8080".to_owned())
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// Reads every item of a list, or says what they must be.
fn each<T>(text: &str, read: impl Fn(&str) -> Option<T>, must_be: &str) -> Result<Vec<T>, String> {
    let items: Option<Vec<T>> = list(text).map(read).collect();
    items.ok_or_else(|| format!("must be {must_be}, separated by commas"))
}

fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let network = |item: &str| item.parse().ok();
    let address = |item: &str| item.parse::<std::net::IpAddr>().ok().map(IpNet::from);
    let read = |item: &str| network(item).or_else(|| address(item));
    each(text, read, "networks like 10.0.0.0/8,fd00::/8")
}

fn ports(text: &str) -> Result<Vec<u16>, String> {
    let read = |item: &str| item.parse().ok().filter(|port| *port != 0);
    each(text, read, "ports like 8443")
}

fn nat64_prefixes(text: &str) -> Result<Vec<Ipv6Net>, String> {
    let read = |item: &str| item.parse().ok().filter(|prefix: &Ipv6Net| prefix.prefix_len() == 96);
    each(text, read, "IPv6 networks of 96 bits like fd00:64::/96")
}

/// Names in the form in which hosts are compared: A-labels, lower case, no dot at the end.
fn host_names(text: &str) -> Result<Vec<String>, String> {
    let read = |item: &str| match Host::parse(item) {
        Ok(Host::Domain(name)) => Some(name.trim_end_matches('.').to_owned()).filter(|name| is_host_name(name)),
        _ => None,
    };
    each(
        text,
        read,
        "names like example.com, which stand for their subdomains, too",
    )
}

fn is_host_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

fn number<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| {
        format!(
            "must be a {}",
            std::any::type_name::<T>()
                .replace("usize", "number")
                .replace("u32", "number")
        )
    })
}

fn clients_until(text: &str) -> Result<HashMap<String, Date>, String> {
    let day = format_description!("[year]-[month]-[day]");
    list(text)
        .map(|item| {
            let (client, until) = item.rsplit_once('=')?;
            let client = ClientUrl::parse(client, HttpLoopback::Allowed).ok()?;
            Some((client.as_str().to_owned(), Date::parse(until, &day).ok()?))
        })
        .collect::<Option<_>>()
        .ok_or_else(|| "must be client ids with a last day, like https://app.example/=2027-01-31".to_owned())
}

#[cfg(test)]
mod tests;
