use super::*;

fn refused(text: &str) -> bool {
    special_use(text.parse().unwrap_or_else(|_| panic!("{text}"))).is_some()
}

/// First, last, the one before and the one after; a star marks a neighbour that another row refuses.
#[test]
fn every_row_begins_and_ends_where_it_should() {
    for (first, last, before, after) in [
        ("0.0.0.0", "0.255.255.255", "", "1.0.0.0"),
        ("10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"),
        ("100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0"),
        ("127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0"),
        ("169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0"),
        ("172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0"),
        ("192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0"),
        ("192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0"),
        ("192.31.196.0", "192.31.196.255", "192.31.195.255", "192.31.197.0"),
        ("192.52.193.0", "192.52.193.255", "192.52.192.255", "192.52.194.0"),
        ("192.88.99.0", "192.88.99.255", "192.88.98.255", "192.88.100.0"),
        ("192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0"),
        ("192.175.48.0", "192.175.48.255", "192.175.47.255", "192.175.49.0"),
        ("198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0"),
        ("198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0"),
        ("203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0"),
        ("224.0.0.0", "239.255.255.255", "223.255.255.255", "*240.0.0.0"),
        ("240.0.0.0", "255.255.255.255", "*239.255.255.255", ""),
        ("168.63.129.16", "168.63.129.16", "168.63.129.15", "168.63.129.17"),
        ("::", "::", "", "*::1"),
        ("::1", "::1", "*::", "*::2"),
        ("::", "::ffff:ffff", "", "*::1:0:0"),
        (
            "::ffff:0:0",
            "::ffff:255.255.255.255",
            "*::fffe:ffff:ffff",
            "*::1:0:0:0",
        ),
        (
            "::ffff:0:0:0",
            "::ffff:0:ffff:ffff",
            "*::fffe:ffff:ffff:ffff",
            "*::ffff:1:0:0",
        ),
        (
            "64:ff9b::0.0.0.0",
            "64:ff9b::255.255.255.255",
            "*64:ff9a::",
            "*64:ff9b::1:0:0",
        ),
        (
            "64:ff9b:1::",
            "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
            "*64:ff9b::1:0:0",
            "*64:ff9b:2::",
        ),
        ("100::", "100::ffff:ffff:ffff:ffff", "*ff:ffff::", "*100:0:0:2::"),
        ("100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff", "*100::", "*100:0:0:2::"),
        (
            "2001::",
            "2001:0:ffff:ffff:ffff:ffff:ffff:ffff",
            "2000:ffff::",
            "*2001:1::",
        ),
        (
            "2001::",
            "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
            "2000:ffff::",
            "2001:200::",
        ),
        (
            "2001:db8::",
            "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
            "2001:db7:ffff::",
            "2001:db9::",
        ),
        (
            "2002::",
            "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            "2001:ffff::",
            "2003::",
        ),
        (
            "2620:4f:8000::",
            "2620:4f:8000:ffff:ffff:ffff:ffff:ffff",
            "2620:4f:7fff:ffff::",
            "2620:4f:8001::",
        ),
        (
            "3fff::",
            "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
            "3ffe:ffff::",
            "3fff:1000::",
        ),
        (
            "5f00::",
            "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            "*5eff::",
            "*5f01::",
        ),
        (
            "fc00::",
            "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            "*fbff::",
            "*fe00::",
        ),
        (
            "fe80::",
            "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            "*fe7f::",
            "*fec0::",
        ),
        (
            "fec0::",
            "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            "*febf::",
            "*ff00::",
        ),
        ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "*feff::", ""),
    ] {
        assert!(refused(first), "{first}");
        assert!(refused(last), "{last}");
        for neighbour in [before, after] {
            match neighbour.strip_prefix('*') {
                Some(other_row) => assert!(refused(other_row), "{other_row}"),
                None if neighbour.is_empty() => {}
                None => assert!(!refused(neighbour), "{neighbour}"),
            }
        }
    }
}

#[test]
fn the_rows_and_the_table_are_the_same_ones() {
    for (network, name) in RANGES {
        assert_eq!(network, network.trunc(), "{name} is written from its first address");
        assert!(special_use(network.network()).is_some(), "{name}");
        assert!(special_use(network.broadcast()).is_some(), "{name}");
    }
}

#[test]
fn addresses_met_in_attacks_are_refused() {
    for text in [
        "169.254.169.254",
        "169.254.170.2",
        "100.100.100.200",
        "192.0.0.192",
        "fd00:ec2::254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "::127.0.0.1",
        "::ffff:8.8.8.8",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:30::1",
    ] {
        assert!(refused(text), "{text}");
    }
    for text in ["8.8.8.8", "2606:4700::1111", "64:ff9b::8.8.8.8"] {
        assert!(!refused(text), "{text}");
    }
}

#[test]
fn names_of_this_machine_and_network_are_special() {
    for name in [
        "localhost",
        "app.localhost",
        "intranet",
        "com",
        "example.com.",
        "nas.local",
        "LOCAL.NAS.Local",
        "x.internal",
        "metadata.google.internal",
        "instance-data",
        "x.home.arpa",
        "home.arpa",
        "x.lan",
        "x.corp",
        "x.home",
        "x.intranet",
        "x.private",
        "x.test",
        "x.invalid",
        "x.example",
        "x.onion",
        "x.alt",
        "api.default.svc",
    ] {
        assert!(is_special_name(name), "{name}");
    }
    for name in ["example.com", "local.example.com", "mylocal.net", "xn--p1ai.xn--p1ai"] {
        assert!(!is_special_name(name), "{name}");
    }
}

#[test]
fn the_ports_are_sorted_for_the_search() {
    assert!(BAD_PORTS.is_sorted());
    for port in [0, 22, 25, 6379, 6667, 10080] {
        assert!(is_bad_port(port), "{port}");
    }
    for port in [80, 443, 3000, 4000, 8080, 8443] {
        assert!(!is_bad_port(port), "{port}");
    }
}
