use super::*;

fn policy(development: bool, allow: &[&str]) -> AddressPolicy {
    let issuer = if development {
        "http://localhost:8080"
    } else {
        "https://auth.example.com"
    };
    AddressPolicy {
        development,
        allow_networks: allow.iter().map(|text| text.parse().unwrap()).collect(),
        own: OwnAddresses::new(&issuer.parse().unwrap(), vec!["0.0.0.0:8080".parse().unwrap()]),
    }
}

fn try_url(policy: &AddressPolicy, url: &str, addresses: &[&str]) -> Result<(), Step> {
    let addresses: Vec<IpAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
    let admitted = policy.admit(&url.parse().unwrap()).map_err(|refusal| refusal.step)?;
    policy.vet(&admitted, &addresses).map_err(|refusal| refusal.step)
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
        ("https://app.net:8443/", &["93.184.216.34"], Err(Step::Url)),
        ("https://app.net:22/", &[], Err(Step::Url)),
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
        ("https://app.net:4000/", &["93.184.216.34"], Err(Step::Resolve)),
        ("http://localhost:4000/", &["10.0.0.5"], Err(Step::Resolve)),
        ("http://localhost:4000/", &["93.184.216.34"], Err(Step::Resolve)),
        ("https://app.net/", &["10.0.0.5"], Err(Step::Resolve)),
        ("https://app.net/", &["64:ff9b::7f00:1"], Err(Step::Resolve)),
        ("https://app.net/", &["::ffff:127.0.0.1"], Err(Step::Resolve)),
        ("https://app.localhost/", &["127.0.0.1"], Err(Step::Resolve)),
        ("http://localhost:6667/", &["127.0.0.1"], Err(Step::Url)),
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
        ("https://app.net:8443/", &["93.184.216.34"], Err(Step::Resolve)),
        ("https://app.net:22/", &["10.1.2.3"], Err(Step::Url)),
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
        Ok(admitted) => production.vet(&admitted, addresses).unwrap_err().public,
    };
    let special = said("https://nas.local/", &[]);
    assert_eq!(special, said("https://app.net/", &["10.0.0.5".parse().unwrap()]));
    assert_eq!(special, Refusal::unresolved("no such name").public);
}
