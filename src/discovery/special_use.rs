//! Addresses, names and ports that are never fetched from, as data (RFC 6890 and the IANA special-purpose registries;
//! read 22 November 2026).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// The special-use range `ip` lies in, if any: the name is for the log.
///
/// An IPv6 form that carries an IPv4 address is refused as such. The exception is NAT64's well-known prefix, which is
/// how the whole IPv4 internet looks from an IPv6-only network: there the address inside decides.
pub(crate) fn special_use(ip: IpAddr) -> Option<&'static str> {
    if let Some(inside) = inside_well_known_nat64(ip) {
        return special_use(IpAddr::V4(inside)).map(|_| "NAT64 of a special-use address");
    }
    let row = RANGES.iter().find(|(network, _)| network.contains(&ip));
    match (row, ip) {
        (Some((_, name)), _) => Some(name),
        // Whatever is not yet handed out as global unicast is nobody's web server.
        (None, IpAddr::V6(v6)) if v6.segments()[0] >> 13 != 1 => Some("outside 2000::/3"),
        (None, _) => None,
    }
}

/// The IPv4 address that an address in NAT64's well-known prefix stands for (RFC 6052 §2.1).
pub(crate) fn inside_well_known_nat64(ip: IpAddr) -> Option<Ipv4Addr> {
    match ip {
        IpAddr::V6(v6) if matches!(v6.segments(), [0x64, 0xff9b, 0, 0, 0, 0, _, _]) => Some(last_32_bits(v6)),
        _ => None,
    }
}

/// Where a prefix of 96 bits keeps the IPv4 address (RFC 6052 §2.2).
pub(crate) fn last_32_bits(v6: Ipv6Addr) -> Ipv4Addr {
    let [.., a, b, c, d] = v6.octets();
    Ipv4Addr::new(a, b, c, d)
}

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> IpNet {
    IpNet::new_assert(IpAddr::V4(Ipv4Addr::new(a, b, c, d)), length)
}

const fn v6(s: [u16; 8], length: u8) -> IpNet {
    let address = Ipv6Addr::new(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]);
    IpNet::new_assert(IpAddr::V6(address), length)
}

/// Every row has a test of its first and last address and of their neighbours.
const RANGES: [(IpNet, &str); 38] = [
    (v4(0, 0, 0, 0, 8), "this network"),
    (v4(10, 0, 0, 0, 8), "private"),
    (v4(100, 64, 0, 0, 10), "carrier NAT"),
    (v4(127, 0, 0, 0, 8), "loopback"),
    (v4(169, 254, 0, 0, 16), "link-local, cloud metadata"),
    (v4(172, 16, 0, 0, 12), "private"),
    (v4(192, 0, 0, 0, 24), "protocol assignments"),
    (v4(192, 0, 2, 0, 24), "documentation"),
    (v4(192, 31, 196, 0, 24), "AS112"),
    (v4(192, 52, 193, 0, 24), "AMT"),
    (v4(192, 88, 99, 0, 24), "6to4 relay"),
    (v4(192, 168, 0, 0, 16), "private"),
    (v4(192, 175, 48, 0, 24), "AS112"),
    (v4(198, 18, 0, 0, 15), "benchmarking"),
    (v4(198, 51, 100, 0, 24), "documentation"),
    (v4(203, 0, 113, 0, 24), "documentation"),
    (v4(224, 0, 0, 0, 4), "multicast"),
    (v4(240, 0, 0, 0, 4), "reserved, broadcast"),
    // Looks public, and is the host channel of one large cloud.
    (v4(168, 63, 129, 16, 32), "cloud host channel"),
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 128), "unspecified"),
    (v6([0, 0, 0, 0, 0, 0, 0, 1], 128), "loopback"),
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 96), "IPv4-compatible"),
    (v6([0, 0, 0, 0, 0, 0xffff, 0, 0], 96), "IPv4-mapped"),
    (v6([0, 0, 0, 0, 0xffff, 0, 0, 0], 96), "IPv4-translated"),
    (v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48), "local NAT64"),
    (v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64), "discard"),
    (v6([0x100, 0, 0, 1, 0, 0, 0, 0], 64), "dummy"),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32), "Teredo"),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), "protocol assignments"),
    (v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), "documentation"),
    (v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), "6to4"),
    (v6([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48), "AS112"),
    (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), "documentation"),
    (v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16), "segment routing"),
    (v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), "unique local"),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), "link-local"),
    (v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), "site-local"),
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), "multicast"),
];

/// Whether a name belongs to this machine, this network or nobody (RFC 6761, RFC 8375, RFC 9476, and the suffixes that
/// home routers and companies use without asking). Such names are not even looked up.
pub(crate) fn is_special_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    if name.ends_with('.') || !name.contains('.') {
        return true;
    }
    SPECIAL_SUFFIXES
        .iter()
        .any(|suffix| name.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.')))
        || SPECIAL_NAMES.contains(&name.as_str())
}

const SPECIAL_SUFFIXES: [&str; 16] = [
    "localhost",
    "localdomain",
    "local",
    "internal",
    "home.arpa",
    "lan",
    "corp",
    "home",
    "intranet",
    "private",
    "test",
    "invalid",
    "example",
    "onion",
    "alt",
    "svc",
];

const SPECIAL_NAMES: [&str; 3] = ["home.arpa", "metadata.google.internal", "instance-data.ec2.internal"];

/// Ports of mail, chat and file servers that browsers refuse (Fetch standard "port blocking"), and Redis: a GET there
/// could be read as commands.
pub(crate) fn is_bad_port(port: u16) -> bool {
    BAD_PORTS.binary_search(&port).is_ok()
}

#[rustfmt::skip]
const BAD_PORTS: [u16; 84] = [
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
    110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531,
    532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060,
    5061, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

#[cfg(test)]
mod tests;
