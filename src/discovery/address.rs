//! Which addresses may be fetched from: the defence against being made to knock on doors inside our own network.
//!
//! Client id metadata document -01 §6.5, IndieAuth "Client Information Discovery" (11 July 2024), RFC 6890. Pure: the
//! looking up and the connecting are in [`fetch`](super::fetch).

use std::net::IpAddr;

use ipnet::{IpNet, Ipv6Net};
use url::{Host, Url};

use super::own_addresses::OwnAddresses;
use super::refusal::{Refusal, Step};
use super::special_use::{is_bad_port, is_special_name, last_32_bits, special_use};
use crate::oauth::client::is_loopback;

/// What this server may connect to.
#[derive(Debug, Clone)]
pub struct AddressPolicy {
    /// The issuer is on a loopback host: then loopback addresses may be fetched (client id metadata document -01 §6.5
    /// exempts exactly this).
    pub development: bool,
    /// Networks the operator opened although they are special-use. Nothing but these.
    pub allow_networks: Vec<IpNet>,
    /// Ports besides 443 that public hosts may be fetched from. Ports of other kinds of servers stay refused.
    pub allow_ports: Vec<u16>,
    /// Names that are refused without lookup, each with its subdomains; in lower case.
    pub deny_hosts: Vec<String>,
    /// NAT64 prefixes of this network besides the well-known one, each a /96: the IPv4 address inside decides.
    pub nat64_prefixes: Vec<Ipv6Net>,
    /// This server itself.
    pub own: OwnAddresses,
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
    /// The policy without any exemption of the operator's.
    pub fn new(development: bool, own: OwnAddresses) -> AddressPolicy {
        AddressPolicy {
            development,
            allow_networks: Vec::new(),
            allow_ports: Vec::new(),
            deny_hosts: Vec::new(),
            nat64_prefixes: Vec::new(),
            own,
        }
    }

    /// Whether a connection to `ip` may be opened.
    pub fn permits(&self, ip: IpAddr) -> bool {
        self.exempts(ip) || self.special_use(ip).is_none()
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
            return Err(refused_port(
                "the port of client_id belongs to another kind of server",
                port,
            ));
        }
        if !self.opens(port) && !self.development && self.allow_networks.is_empty() {
            return Err(closed_port(port));
        }
        if self.own.is_issuer(&host, port, self.development) {
            return refuse("the address is this authorization server itself");
        }
        let host = self.destination(&host, port)?;
        Ok(Admitted { host, port })
    }

    /// Checks what the name turned out to mean, and gives back what may be connected to. One bad address among good ones
    /// refuses all: a name that mixes them only waits for the right moment.
    pub(crate) fn vet(&self, admitted: &Admitted, found: Vec<IpAddr>) -> Result<Vec<IpAddr>, Refusal> {
        let port = admitted.port;
        let because = |ip: IpAddr, why: &str| Err(Refusal::unresolved(format!("{ip} port {port}: {why}")));
        for &ip in &found {
            if let Some(what) = self.own.at(self.behind_nat64(ip), port) {
                return because(ip, what);
            }
        }
        let addresses = self.without_other_loopback(admitted, found);
        for &ip in &addresses {
            let permitted = match &admitted.host {
                Destination::SpecialName(name) if name == "localhost" => self.exempts(ip),
                Destination::SpecialName(_) => self.lists(ip),
                _ => self.permits(ip),
            };
            if !permitted {
                return because(ip, self.special_use(ip).unwrap_or("not in the networks that are open"));
            }
        }
        if self.opens(port) || addresses.iter().all(|&ip| self.exempts(ip)) {
            return Ok(addresses);
        }
        match addresses.iter().find(|&&ip| self.special_use(ip).is_some()) {
            // To speak of the port would tell that this address is in a network that is open.
            Some(&inside) => because(inside, "mixed with public addresses, whose port is not open"),
            None => Err(closed_port(port)),
        }
    }

    /// Whether failures at `ip` must not be told from names that do not exist: it is inside the operator's network.
    pub(crate) fn is_internal(&self, ip: IpAddr) -> bool {
        self.special_use(ip).is_some() && !(self.development && ip.is_loopback())
    }

    fn destination(&self, host: &Host<&str>, port: u16) -> Result<Destination, Refusal> {
        let name = match host {
            Host::Ipv4(ip) if ip.is_loopback() => return Ok(Destination::Literal((*ip).into())),
            Host::Ipv6(ip) if ip.is_loopback() => return Ok(Destination::Literal((*ip).into())),
            Host::Domain(name) if !name.ends_with('.') => *name,
            _ => return Err(Refusal::unresolved(format!("{host} is not a name"))),
        };
        if self.denies(name) || self.own.is_database(name, port) {
            return Err(Refusal::unresolved(format!("{name} is denied, or the database")));
        }
        if !is_special_name(name) {
            return Ok(Destination::Name(name.to_owned()));
        }
        if !self.allow_networks.is_empty() || self.development && name == "localhost" {
            return Ok(Destination::SpecialName(name.to_owned()));
        }
        Err(Refusal::unresolved(format!("{name} is a special-use name")))
    }

    fn exempts(&self, ip: IpAddr) -> bool {
        self.development && ip.is_loopback() || self.lists(ip)
    }

    fn lists(&self, ip: IpAddr) -> bool {
        let ip = self.behind_nat64(ip);
        self.allow_networks.iter().any(|network| network.contains(&ip))
    }

    fn special_use(&self, ip: IpAddr) -> Option<&'static str> {
        special_use(self.behind_nat64(ip))
    }

    /// Where a connection to `ip` ends: the gateway of a NAT64 prefix passes it on to the IPv4 address inside.
    fn behind_nat64(&self, ip: IpAddr) -> IpAddr {
        match ip {
            IpAddr::V6(v6) if self.nat64_prefixes.iter().any(|prefix| prefix.contains(&v6)) => {
                IpAddr::V4(last_32_bits(v6))
            }
            _ => ip,
        }
    }

    fn denies(&self, name: &str) -> bool {
        self.deny_hosts.iter().any(|denied| {
            let front = name.strip_suffix(denied.as_str());
            front.is_some_and(|front| front.is_empty() || front.ends_with('.'))
        })
    }

    fn opens(&self, port: u16) -> bool {
        port == 443 || self.allow_ports.contains(&port)
    }

    /// Leaves out the one of 127.0.0.1 and ::1 that is not permitted, where the name is `localhost`. Most machines give
    /// it both, and an operator who opened one means that one. No stranger decides what the name means (RFC 6761 §6.3),
    /// so nobody waits here for the right moment.
    fn without_other_loopback(&self, admitted: &Admitted, mut found: Vec<IpAddr>) -> Vec<IpAddr> {
        let is_localhost = matches!(&admitted.host, Destination::SpecialName(name) if name == "localhost");
        if is_localhost && found.iter().any(|&ip| self.exempts(ip)) {
            found.retain(|&ip| !ip.is_loopback() || self.exempts(ip));
        }
        found
    }
}

fn refused_port(public: &'static str, port: u16) -> Refusal {
    Refusal::new(Step::Port, public, format!("port {port}")).with_fact(&port.to_string())
}

fn closed_port(port: u16) -> Refusal {
    refused_port(
        "client_id has a port that this server does not fetch from; without a port it is 443, which it does",
        port,
    )
}

const LOOPBACK: [IpAddr; 2] = [
    IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
    IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
];

#[cfg(test)]
mod tests;
