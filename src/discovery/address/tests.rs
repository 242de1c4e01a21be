use super::*;

fn policy(development: bool, allow: &[&str]) -> AddressPolicy {
    let issuer = if development {
        "http://localhost:8080"
    } else {
        "https://auth.example.com"
    };
    let own = OwnAddresses::new(&issuer.parse().unwrap(), vec!["0.0.0.0:8080".parse().unwrap()], None);
    AddressPolicy {
        allow_networks: allow.iter().map(|text| text.parse().unwrap()).collect(),
        ..AddressPolicy::new(development, own)
    }
}

fn try_url(policy: &AddressPolicy, url: &str, addresses: &[&str]) -> Result<(), Step> {
    vetted(policy, url, addresses)
        .map(|_| ())
        .map_err(|refusal| refusal.step)
}

fn vetted(policy: &AddressPolicy, url: &str, addresses: &[&str]) -> Result<Vec<String>, Refusal> {
    let addresses = addresses.iter().map(|text| text.parse().unwrap()).collect();
    let admitted = policy.admit(&url.parse().unwrap())?;
    let vetted = policy.vet(&admitted, addresses)?;
    Ok(vetted.iter().map(IpAddr::to_string).collect())
}

#[test]
fn in_production_only_public_addresses_on_443_pass() {
    let production = policy(false, &[]);
    for (url, addresses, expected) in [
        ("https://app.net/", &["93.184.216.34"][..], Ok(())),
        ("https://app.net/", &["93.184.216.34", "2606:2800:220:1::1"], Ok(())),
        ("https://app.net/", &["93.184.216.34", "10.0.0.5"], Err(Step::Resolve)),
        ("https://app.net/", &["127.0.0.1"], Err(Step::Resolve)),
        ("https://app.net/", &["::ffff:93.184.216.34"], Err(Step::Resolve)),
        ("https://app.net:8443/", &["93.184.216.34"], Err(Step::Port)),
        ("https://app.net:22/", &[], Err(Step::Port)),
        ("http://app.net/", &[], Err(Step::Url)),
        ("http://app.net:443/", &[], Err(Step::Url)),
        ("ftp://app.net/", &[], Err(Step::Url)),
        ("https://auth.example.com/", &[], Err(Step::Url)),
        ("https://localhost/", &["127.0.0.1"], Err(Step::Resolve)),
        ("https://127.0.0.1/", &["127.0.0.1"], Err(Step::Resolve)),
        ("https://[::1]/", &["::1"], Err(Step::Resolve)),
        ("https://8.8.8.8/", &[], Err(Step::Resolve)),
        ("https://[2606:4700::1111]/", &[], Err(Step::Resolve)),
        ("https://app.net./", &[], Err(Step::Resolve)),
        ("https://nas.local/", &[], Err(Step::Resolve)),
        ("https://intranet/", &[], Err(Step::Resolve)),
    ] {
        assert_eq!(try_url(&production, url, addresses), expected, "{url} {addresses:?}");
    }
}

#[test]
fn development_opens_loopback_and_nothing_else() {
    let development = policy(true, &[]);
    for (url, addresses, expected) in [
        ("http://localhost:4000/", &["127.0.0.1", "::1"][..], Ok(())),
        ("http://127.0.0.1/", &["127.0.0.1"], Ok(())),
        ("http://[::1]:4000/", &["::1"], Ok(())),
        ("https://lvh.me:4000/", &["127.0.0.1"], Ok(())),
        ("https://app.net/", &["93.184.216.34"], Ok(())),
        ("https://app.net:4000/", &["93.184.216.34"], Err(Step::Port)),
        ("https://app.net:4000/", &["10.0.0.5"], Err(Step::Resolve)),
        ("http://localhost:4000/", &["10.0.0.5"], Err(Step::Resolve)),
        ("http://localhost:4000/", &["93.184.216.34"], Err(Step::Resolve)),
        ("https://app.net/", &["10.0.0.5"], Err(Step::Resolve)),
        ("https://app.net/", &["64:ff9b::7f00:1"], Err(Step::Resolve)),
        ("https://app.net/", &["::ffff:127.0.0.1"], Err(Step::Resolve)),
        ("https://app.localhost/", &["127.0.0.1"], Err(Step::Resolve)),
        ("http://localhost:6667/", &["127.0.0.1"], Err(Step::Port)),
        ("http://localhost:8080/", &["127.0.0.1"], Err(Step::Url)),
        ("http://127.0.0.1:8080/", &["127.0.0.1"], Err(Step::Resolve)),
        ("http://[::1]:8080/", &["::1"], Err(Step::Resolve)),
    ] {
        assert_eq!(try_url(&development, url, addresses), expected, "{url} {addresses:?}");
    }
}

#[test]
fn listed_networks_open_what_they_list() {
    let open = policy(false, &["10.1.0.0/16", "fd00:1::/32"]);
    for (url, addresses, expected) in [
        ("https://app.net/", &["10.1.2.3"][..], Ok(())),
        ("https://app.net:8443/", &["10.1.2.3"], Ok(())),
        ("https://nas.local:8443/", &["10.1.2.3", "fd00:1::5"], Ok(())),
        ("https://app.net/", &["10.2.0.1"], Err(Step::Resolve)),
        ("https://app.net:8443/", &["93.184.216.34"], Err(Step::Port)),
        (
            "https://app.net:8443/",
            &["93.184.216.34", "10.1.2.3"],
            Err(Step::Resolve),
        ),
        ("https://app.net:22/", &["10.1.2.3"], Err(Step::Port)),
        ("https://nas.local/", &["93.184.216.34"], Err(Step::Resolve)),
        ("https://nas.local/", &["10.1.2.3", "93.184.216.34"], Err(Step::Resolve)),
        ("https://nas.local./", &["10.1.2.3"], Err(Step::Resolve)),
        ("https://app.net/", &["64:ff9b::10.1.2.3"], Err(Step::Resolve)),
        ("https://app.net/", &["127.0.0.1"], Err(Step::Resolve)),
        ("https://localhost/", &["127.0.0.1"], Err(Step::Resolve)),
        ("https://auth.example.com:8443/", &["10.1.2.3"], Err(Step::Url)),
    ] {
        assert_eq!(try_url(&open, url, addresses), expected, "{url} {addresses:?}");
    }
    let loopback = policy(false, &["127.0.0.0/8"]);
    assert_eq!(try_url(&loopback, "http://localhost:4000/", &["127.0.0.1"]), Ok(()));
    assert_eq!(
        try_url(&loopback, "http://localhost:4000/", &["::1"]),
        Err(Step::Resolve)
    );
}

/// A mixed answer for 8443 says nothing of which half was listed.
#[test]
fn a_refused_port_says_so_and_names_itself() {
    let refused = |policy: &AddressPolicy| vetted(policy, "https://app.net:8443/", &["93.184.216.34"]).unwrap_err();
    let (closed, listed) = (refused(&policy(false, &[])), refused(&policy(false, &["10.0.0.0/8"])));
    assert_eq!((closed.step, closed.public), (listed.step, listed.public));
    assert!(closed.public.contains("port") && !closed.public.contains("unknown"));
    assert_eq!(closed.fact.as_deref(), Some("8443"));
}

#[test]
fn listed_ports_open_public_hosts_only() {
    let open = AddressPolicy {
        allow_ports: vec![8443, 22, 6667],
        ..policy(false, &[])
    };
    for (url, addresses, expected) in [
        ("https://app.net/", &["93.184.216.34"][..], Ok(())),
        ("https://app.net:8443/", &["93.184.216.34"], Ok(())),
        ("https://app.net:8443/", &["10.0.0.5"], Err(Step::Resolve)),
        (
            "https://app.net:8443/",
            &["93.184.216.34", "10.0.0.5"],
            Err(Step::Resolve),
        ),
        ("https://app.net:8444/", &["93.184.216.34"], Err(Step::Port)),
        ("https://app.net:22/", &["93.184.216.34"], Err(Step::Port)),
        ("https://app.net:6667/", &["93.184.216.34"], Err(Step::Port)),
        ("http://app.net:8443/", &["93.184.216.34"], Err(Step::Url)),
        ("https://nas.local:8443/", &["93.184.216.34"], Err(Step::Resolve)),
        ("https://auth.example.com:8443/", &["93.184.216.34"], Err(Step::Url)),
    ] {
        assert_eq!(try_url(&open, url, addresses), expected, "{url} {addresses:?}");
    }
}

#[test]
fn denied_hosts_are_refused_with_their_subdomains_and_without_lookup() {
    let denying = AddressPolicy {
        deny_hosts: vec!["evil.net".to_owned(), "nas.local".to_owned(), "localhost".to_owned()],
        ..policy(true, &["10.0.0.0/8"])
    };
    for (url, admitted) in [
        ("https://evil.net/", false),
        ("https://EVIL.net/", false),
        ("https://a.b.evil.net/", false),
        ("https://nas.local/", false),
        ("http://localhost:4000/", false),
        ("https://notevil.net/", true),
        ("https://evil.net.app.net/", true),
        ("https://net/", true),
    ] {
        let found = denying.admit(&url.parse().unwrap());
        assert_eq!(found.is_ok(), admitted, "{url}");
        if let Err(refusal) = found {
            assert_eq!(refusal.public, Refusal::unresolved("").public, "{url}");
        }
    }
}

#[test]
fn in_a_nat64_prefix_the_address_inside_decides() {
    let translated = AddressPolicy {
        nat64_prefixes: ["2606:4700:64::/96", "fd00:64::/96"]
            .map(|text| text.parse().unwrap())
            .to_vec(),
        ..policy(true, &["10.1.0.0/16", "fd00::/8"])
    };
    for (address, expected) in [
        ("2606:4700:64::93.184.216.34", Ok(())),
        ("fd00:64::93.184.216.34", Ok(())),
        ("64:ff9b::93.184.216.34", Ok(())),
        ("fd00:64::10.1.2.3", Ok(())),
        ("fd00:64:0:0:0:1::1", Ok(())),
        ("fd00:64::10.2.0.1", Err(Step::Resolve)),
        ("fd00:64::127.0.0.1", Err(Step::Resolve)),
        ("fd00:64::169.254.169.254", Err(Step::Resolve)),
        ("2606:4700:64::10.2.0.1", Err(Step::Resolve)),
        ("2606:4700:64::127.0.0.1", Err(Step::Resolve)),
        ("64:ff9b::10.1.2.3", Err(Step::Resolve)),
    ] {
        assert_eq!(
            try_url(&translated, "https://app.net/", &[address]),
            expected,
            "{address}"
        );
    }
    let untold = policy(false, &[]);
    assert_eq!(
        try_url(&untold, "https://app.net/", &["fd00:64::93.184.216.34"]),
        Err(Step::Resolve)
    );
    assert!(translated.is_internal("fd00:64::10.1.2.3".parse().unwrap()));
    assert!(!translated.is_internal("fd00:64::93.184.216.34".parse().unwrap()));
}

#[test]
fn of_localhost_the_permitted_addresses_remain() {
    let both = &["::1", "127.0.0.1"][..];
    let listed = policy(false, &["127.0.0.0/8"]);
    let url = "http://localhost:4000/";
    assert_eq!(vetted(&listed, url, both).unwrap(), ["127.0.0.1"]);
    let development = vetted(&policy(true, &[]), url, both);
    assert_eq!(development.unwrap(), ["::1", "127.0.0.1"]);
    for (policy, url, addresses) in [
        (&listed, url, &["::1"][..]),
        (&listed, url, &["127.0.0.1", "10.0.0.5"]),
        (&listed, url, &["127.0.0.1", "93.184.216.34"]),
        (&listed, "http://localhost:8080/", both),
        (&listed, "https://app.net/", both),
        (&listed, "https://app.localhost/", both),
    ] {
        assert_eq!(
            try_url(policy, url, addresses),
            Err(Step::Resolve),
            "{url} {addresses:?}"
        );
    }
}

#[test]
fn the_database_is_never_fetched() {
    let beside = |host: &str, development| {
        let mut policy = policy(development, &["10.0.0.0/8", "127.0.0.0/8", "fd00::/8"]);
        policy.own.database = Some((Host::parse(host).unwrap(), 5432));
        policy
    };
    for (database, url, addresses, refused) in [
        ("db", "https://db/", &["10.0.0.9"][..], true),
        ("db", "https://db:5432/", &["10.0.0.9"], true),
        ("DB.corp.net", "https://db.corp.net/", &["93.184.216.34"], true),
        ("db", "https://app.net:5432/", &["10.0.0.9"], true),
        ("db", "https://app.net/", &["10.0.0.9"], false),
        ("db", "https://app.net:8443/", &["10.0.0.9"], false),
        ("10.0.0.9", "https://app.net/", &["10.0.0.9"], true),
        ("10.0.0.9", "https://app.net:8443/", &["10.0.0.9"], true),
        ("10.0.0.9", "https://app.net/", &["10.0.0.8", "10.0.0.9"], true),
        ("10.0.0.9", "https://app.net/", &["10.0.0.8"], false),
        ("93.184.216.34", "https://app.net/", &["93.184.216.34"], true),
        ("93.184.216.34", "https://app.net/", &["64:ff9b::93.184.216.34"], true),
        ("[fd00::9]", "https://app.net/", &["fd00::9"], true),
        ("localhost", "http://localhost:5432/", &["127.0.0.1"], true),
        ("localhost", "http://127.0.0.1:5432/", &["127.0.0.1"], true),
        ("127.0.0.1", "http://localhost:5432/", &["127.0.0.1"], true),
        ("127.0.0.1", "https://lvh.me:5432/", &["127.0.0.1"], true),
        ("localhost", "http://localhost:4000/", &["127.0.0.1"], false),
        ("127.0.0.1", "http://127.0.0.1:4000/", &["127.0.0.1"], false),
    ] {
        for development in [false, true] {
            let expected = if refused { Err(Step::Resolve) } else { Ok(()) };
            let found = try_url(&beside(database, development), url, addresses);
            assert_eq!(found, expected, "{database}: {url} {addresses:?}");
        }
    }
    let names = beside("db.corp.net", false);
    assert!(
        names.admit(&"https://db.corp.net/".parse().unwrap()).is_err(),
        "without lookup"
    );
}

#[test]
fn loopback_ids_are_fetched_only_under_an_exemption() {
    let ids = ["https://127.0.0.1/", "https://[::1]/", "https://localhost/"].map(|id| id.parse::<Url>().unwrap());
    let permitted = |policy: AddressPolicy| ids.each_ref().map(|id| policy.permits_loopback(id));
    assert_eq!(permitted(policy(false, &[])), [false, false, false]);
    assert_eq!(permitted(policy(true, &[])), [true, true, true]);
    assert_eq!(permitted(policy(false, &["127.0.0.0/8"])), [true, false, true]);
    assert_eq!(permitted(policy(false, &["10.0.0.0/8"])), [false, false, false]);
}

#[test]
fn what_is_said_in_public_does_not_tell_hosts_apart() {
    let production = policy(false, &[]);
    let said = |url: &str, addresses: &[IpAddr]| match production.admit(&url.parse().unwrap()) {
        Err(refusal) => refusal.public,
        Ok(admitted) => production.vet(&admitted, addresses.to_vec()).unwrap_err().public,
    };
    let special = said("https://nas.local/", &[]);
    assert_eq!(special, said("https://app.net/", &["10.0.0.5".parse().unwrap()]));
    assert_eq!(special, Refusal::unresolved("no such name").public);
}
