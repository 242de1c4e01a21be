//! Where the database is.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::str::FromStr;

use url::{Host, Url};

/// Where the database is. It may hold a password, so it does not show itself.
#[derive(Clone)]
pub struct DatabaseUrl(String);

const POSTGRES_PORT: u16 = 5432;

impl DatabaseUrl {
    /// The URL, with its password.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The URL as it may be shown. What follows `?` may hold a password as well.
    pub fn without_password(&self) -> String {
        if !self.is_postgres() {
            return self.0.clone();
        }
        let Ok(mut url) = Url::parse(&self.0) else {
            return "postgres://".to_owned();
        };
        // A URL that cannot have a password has none.
        let _ = url.set_password(None);
        url.set_query(None);
        url.set_fragment(None);
        url.into()
    }

    /// Whether it is a PostgreSQL server.
    pub fn is_postgres(&self) -> bool {
        self.0.starts_with("postgres")
    }

    /// The file, if it is SQLite's and not in memory.
    pub fn file(&self) -> Option<&Path> {
        let path = self.0.strip_prefix("sqlite:")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = path.split('?').next().unwrap_or_default();
        (!path.is_empty() && !path.starts_with(':')).then(|| Path::new(path))
    }

    /// Host and port of the PostgreSQL server; `None` for a file or a local socket. The parameters in the query go
    /// before what stands in front of them, as they do for the driver.
    pub fn server(&self) -> Option<(Host, u16)> {
        let url = Url::parse(&self.0)
            .ok()
            .filter(|url| url.scheme().starts_with("postgres"))?;
        let mut host = url.host_str().unwrap_or_default().to_owned();
        let mut port = url.port().unwrap_or(POSTGRES_PORT);
        for (name, value) in url.query_pairs() {
            match &*name {
                "host" | "hostaddr" => host = value.into_owned(),
                "port" => port = value.parse().unwrap_or(port),
                _ => {}
            }
        }
        match host.parse::<IpAddr>() {
            Ok(IpAddr::V4(ip)) => Some((Host::Ipv4(ip), port)),
            Ok(IpAddr::V6(ip)) => Some((Host::Ipv6(ip), port)),
            Err(_) if host.is_empty() => Some((Host::Domain("localhost".to_owned()), port)),
            // The path of a socket is no host.
            Err(_) => Some((Host::parse(host.trim_end_matches('.')).ok()?, port)),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl")
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<DatabaseUrl, String> {
        let known = ["sqlite:", "postgres://", "postgresql://"]
            .iter()
            .any(|scheme| text.starts_with(scheme));
        known
            .then(|| DatabaseUrl(text.to_owned()))
            .ok_or_else(|| "must start with sqlite:// or postgres://".to_owned())
    }
}
