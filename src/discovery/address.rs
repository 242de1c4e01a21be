//! Which addresses may be fetched from: the defence against being made to knock on doors inside our own network.
//!
//! Client id metadata document -01 §6.5, IndieAuth "Client Information Discovery" (11 July 2024), RFC 6890. Pure: the
//! looking up and the connecting are in [`fetch`](super::fetch).

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use url::{Host, Url};

use super::refusal::{Refusal, Step};
use super::special_use::{is_bad_port, is_special_name, special_use};
use crate::oauth::client::is_loopback;

/// What this server may connect to.
#[derive(Debug, Clone)]
pub struct AddressPolicy {
    /// The issuer is on a loopback host: then loopback addresses may be fetched (client id metadata document -01 §6.5
    /// exempts exactly this).
    pub development: bool,
    /// Networks the operator opened although they are special-use. Nothing but these.
    pub allow_networks: Vec<IpNet>,
    /// This server itself.
    pub own: OwnAddresses,
}

/// Where this server itself answers. It is never fetched: a request could otherwise make it wait for itself.
#[derive(Debug, Clone)]
pub struct OwnAddresses {
    /// The issuer's host.
    pub host: String,
    /// The issuer's port.
    pub port: u16,
    /// The sockets it listens on.
    pub listen: Vec<SocketAddr>,
}

/// A URL that may be looked up. The addresses found are then shown to [`AddressPolicy::vet`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Admitted {
    pub(crate) host: Destination,
    pub(crate) port: u16,
}

/// What has to be connected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// One of the two loopback literals a client id may have.
    Literal(IpAddr),
    /// A name of the public DNS.
    Name(String),
    /// A name of this machine or network, looked up only because an exemption is open.
    SpecialName(String),
}

impl AddressPolicy {
    /// Whether a connection to `ip` may be opened.
    pub fn permits(&self, ip: IpAddr) -> bool {
        self.exempts(ip) || special_use(ip).is_none()
    }

    /// Whether a client id with this loopback host may be fetched at all. IndieAuth forbids it ("MUST NOT fetch"), but
    /// for the exemptions of development and of the operator.
    pub fn permits_loopback(&self, url: &Url) -> bool {
        match url.host() {
            Some(Host::Ipv4(ip)) => self.exempts(ip.into()),
            Some(Host::Ipv6(ip)) => self.exempts(ip.into()),
            Some(Host::Domain("localhost")) => LOOPBACK.into_iter().any(|ip| self.exempts(ip)),
            _ => false,
        }
    }

    /// Checks that need no lookup: scheme, host, port.
    pub(crate) fn admit(&self, url: &Url) -> Result<Admitted, Refusal> {
        let refuse = |public| Err(Refusal::new(Step::Url, public, url.as_str()));
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return refuse("the address has no host");
        };
        if !(url.scheme() == "https" || url.scheme() == "http" && is_loopback(url)) {
            return refuse("the address is not an https address");
        }
        if is_bad_port(port) {
            return refuse("the port belongs to another kind of server");
        }
        if port != 443 && !self.development && self.allow_networks.is_empty() {
            return refuse("the port is not 443");
        }
        if self.is_own_host(&host, port) {
            return refuse("the address is this authorization server itself");
        }
        let host = self.destination(&host)?;
        Ok(Admitted { host, port })
    }

    /// Checks what the name turned out to mean. One bad address among good ones refuses all: a name that mixes them
    /// only waits for the right moment.
    pub(crate) fn vet(&self, admitted: &Admitted, addresses: &[IpAddr]) -> Result<(), Refusal> {
        let port = admitted.port;
        for &ip in addresses {
            let because = |why: &str| Refusal::unresolved(format!("{ip} port {port}: {why}"));
            if self.own.listen.iter().any(|own| is_socket(own, ip, port)) {
                return Err(because("this server listens there"));
            }
            let permitted = match &admitted.host {
                Destination::SpecialName(name) if name == "localhost" => self.exempts(ip),
                Destination::SpecialName(_) => self.lists(ip),
                _ if port != 443 => self.exempts(ip),
                _ => self.permits(ip),
            };
            if !permitted {
                return Err(because(special_use(ip).unwrap_or("the port is not 443")));
            }
        }
        Ok(())
    }

    /// Whether failures at `ip` must not be told from names that do not exist: it is inside the operator's network.
    pub(crate) fn is_internal(&self, ip: IpAddr) -> bool {
        special_use(ip).is_some() && !(self.development && ip.is_loopback())
    }

    fn destination(&self, host: &Host<&str>) -> Result<Destination, Refusal> {
        let name = match host {
            Host::Ipv4(ip) if ip.is_loopback() => return Ok(Destination::Literal((*ip).into())),
            Host::Ipv6(ip) if ip.is_loopback() => return Ok(Destination::Literal((*ip).into())),
            Host::Domain(name) if !name.ends_with('.') => *name,
            _ => return Err(Refusal::unresolved(format!("{host} is not a name"))),
        };
        if !is_special_name(name) {
            return Ok(Destination::Name(name.to_owned()));
        }
        if !self.allow_networks.is_empty() || self.development && name == "localhost" {
            return Ok(Destination::SpecialName(name.to_owned()));
        }
        Err(Refusal::unresolved(format!("{name} is a special-use name")))
    }

    /// In development clients live on other ports of the same host; elsewhere nothing of ours is on another port, and
    /// an administrator's interface might be.
    fn is_own_host(&self, host: &Host<&str>, port: u16) -> bool {
        host.to_string().eq_ignore_ascii_case(&self.own.host) && (!self.development || port == self.own.port)
    }

    fn exempts(&self, ip: IpAddr) -> bool {
        self.development && ip.is_loopback() || self.lists(ip)
    }

    fn lists(&self, ip: IpAddr) -> bool {
        self.allow_networks.iter().any(|network| network.contains(&ip))
    }
}

impl OwnAddresses {
    /// The host and port of an issuer, and the sockets the server listens on.
    pub fn new(issuer: &Url, listen: Vec<SocketAddr>) -> OwnAddresses {
        OwnAddresses {
            host: issuer.host_str().unwrap_or_default().to_owned(),
            port: issuer.port_or_known_default().unwrap_or_default(),
            listen,
        }
    }
}

const LOOPBACK: [IpAddr; 2] = [
    IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
    IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
];

/// A socket that listens on all interfaces listens on loopback, whichever family it was opened with.
fn is_socket(own: &SocketAddr, ip: IpAddr, port: u16) -> bool {
    own.port() == port && (own.ip() == ip || own.ip().is_unspecified() && ip.is_loopback())
}

#[cfg(test)]
mod tests;
