//! Where this server itself and its database answer. Neither is ever fetched: a request could otherwise make the server
//! wait for itself, or speak to the database in its name.

use std::net::{IpAddr, SocketAddr};

use url::{Host, Url};

use super::special_use::{inside_well_known_nat64, special_use};

/// The addresses of this server and of its database.
#[derive(Debug, Clone)]
pub struct OwnAddresses {
    /// The issuer's host.
    pub host: String,
    /// The issuer's port.
    pub port: u16,
    /// The sockets it listens on.
    pub listen: Vec<SocketAddr>,
    /// Host and port of its database server, if it has one.
    pub database: Option<(Host, u16)>,
}

impl OwnAddresses {
    /// The host and port of an issuer, the sockets the server listens on, and its database server.
    pub fn new(issuer: &Url, listen: Vec<SocketAddr>, database: Option<(Host, u16)>) -> OwnAddresses {
        OwnAddresses {
            host: issuer.host_str().unwrap_or_default().to_owned(),
            port: issuer.port_or_known_default().unwrap_or_default(),
            listen,
            database,
        }
    }

    /// Whether this is the issuer. In development clients live on other ports of the same host; elsewhere nothing of
    /// ours is on another port, and an administrator's interface might be.
    pub(crate) fn is_issuer(&self, host: &Host<&str>, port: u16, development: bool) -> bool {
        host.to_string().eq_ignore_ascii_case(&self.host) && (!development || port == self.port)
    }

    /// Whether this is the database's name. On this machine its port is refused, not the name: other programs, clients
    /// under development among them, share it.
    pub(crate) fn is_database(&self, name: &str, port: u16) -> bool {
        match &self.database {
            Some((Host::Domain(own), own_port)) if name.eq_ignore_ascii_case(own) => {
                name != "localhost" || port == *own_port
            }
            _ => false,
        }
    }

    /// What of ours answers at this address.
    pub(crate) fn at(&self, ip: IpAddr, port: u16) -> Option<&'static str> {
        let ip = inside_well_known_nat64(ip).map_or(ip, IpAddr::V4);
        if self.listen.iter().any(|own| is_socket(own, ip, port)) {
            return Some("this server listens there");
        }
        let (host, own_port) = self.database.as_ref()?;
        let is_database = match host {
            Host::Ipv4(own) if !own.is_loopback() => ip == IpAddr::V4(*own),
            Host::Ipv6(own) if !own.is_loopback() => ip == IpAddr::V6(*own),
            Host::Domain(own) if own != "localhost" => false,
            _ => ip.is_loopback() && port == *own_port,
        };
        // The database's name is not looked up here. Another name for its address is caught by the port, which inside
        // the operator's networks belongs to no client.
        (is_database || port == *own_port && special_use(ip).is_some()).then_some("the database is there")
    }
}

/// A socket that listens on all interfaces listens on loopback, whichever family it was opened with.
fn is_socket(own: &SocketAddr, ip: IpAddr, port: u16) -> bool {
    own.port() == port && (own.ip() == ip || own.ip().is_unspecified() && ip.is_loopback())
}
