//! Where a browser is, as far as it can be believed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use actix_web::HttpRequest;
use ipnet::IpNet;

/// The address of the browser: the peer's, or what the trusted proxies nearest to us say (attack case LG-05). Anybody
/// can send `X-Forwarded-For`, so its entries are believed from the right, as long as trusted proxies wrote them.
pub fn of(request: &HttpRequest, trusted_proxies: &[IpNet]) -> IpAddr {
    let peer = request
        .peer_addr()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    let forwarded = request
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect::<Vec<_>>();
    farthest_believed(peer, &forwarded, trusted_proxies)
}

fn farthest_believed(peer: IpAddr, forwarded: &[&str], trusted_proxies: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted_proxies.iter().any(|network| network.contains(&address));
    let mut believed = peer.to_canonical();
    for hop in forwarded.iter().rev() {
        match hop.parse::<IpAddr>() {
            Ok(address) if is_trusted(believed) => believed = address.to_canonical(),
            _ => break,
        }
    }
    believed
}

/// What a limit is counted by: one IPv4 address, or an IPv6 /64, which is one customer.
pub fn counted(address: IpAddr) -> IpAddr {
    masked(address, 32, 64)
}

/// The wider block that tries against one account are counted by: /24 or /56.
pub fn block(address: IpAddr) -> IpAddr {
    masked(address, 24, 56)
}

/// The name of that block.
pub fn block_name(address: IpAddr) -> String {
    let bits = if address.to_canonical().is_ipv4() { 24 } else { 56 };
    format!("{}/{bits}", block(address))
}

fn masked(address: IpAddr, v4_bits: u32, v6_bits: u32) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & (u32::MAX << (32 - v4_bits)))),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << (128 - v6_bits)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwarded_addresses_are_believed_only_from_trusted_proxies_and_from_the_right() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        for (peer, forwarded, believed) in [
            ("203.0.113.9", &["198.51.100.1"][..], "203.0.113.9"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["192.0.2.66", "198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["198.51.100.1", "10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", &["198.51.100.1", "nonsense"], "10.0.0.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("::ffff:10.0.0.1", &["2001:db8::1"], "2001:db8::1"),
        ] {
            let found = farthest_believed(peer.parse().unwrap(), forwarded, &trusted);
            assert_eq!(found, believed.parse::<IpAddr>().unwrap(), "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn an_ipv6_customer_is_one_source() {
        let counted_as = |text: &str| counted(text.parse().unwrap()).to_string();
        assert_eq!(counted_as("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(counted_as("203.0.113.9"), "203.0.113.9");
        assert_eq!(block("203.0.113.9".parse().unwrap()).to_string(), "203.0.113.0");
        let name = |text: &str| block_name(text.parse().unwrap());
        assert_eq!(name("::ffff:203.0.113.9"), "203.0.113.0/24");
        assert_eq!(name("2001:db8:1:2ff::1"), "2001:db8:1:200::/56");
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_is_forwarded_to_an_untrusting_server_is_believed(text in "\\PC{0,60}") {
            let peer: IpAddr = "203.0.113.9".parse().unwrap();
            let hops: Vec<&str> = text.split(',').collect();
            proptest::prop_assert_eq!(farthest_believed(peer, &hops, &[]), peer);
            let _ = farthest_believed(peer, &hops, &["0.0.0.0/0".parse().unwrap()]);
        }
    }
}
