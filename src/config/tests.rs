use std::io::Write;

use super::*;

fn load(environment: &[(&str, &str)]) -> Result<Settings, String> {
    let environment = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Settings::load(None, environment).map_err(|faults| faults.to_string())
}

#[test]
fn nothing_set_means_development_on_localhost() {
    let settings = load(&[]).unwrap();
    assert_eq!(settings.issuer.as_str(), "http://localhost:8080");
    assert_eq!(settings.listen, "localhost:8080");
    assert_eq!(settings.database_url.expose(), "sqlite://vestibule.db");
    assert!(settings.fetch.allow_networks.is_empty() && settings.trusted_proxies.is_empty());
    assert_eq!((settings.limits.registration, settings.limits.sign_up), (5, 5));
    assert_eq!(settings.sign_up, SignUp::Invitation);
}

#[test]
fn the_issuer_of_development_follows_the_port() {
    assert_eq!(
        load(&[("VESTIBULE_LISTEN", "127.0.0.1:9000")]).unwrap().issuer.as_str(),
        "http://localhost:9000"
    );
}

#[test]
fn every_fault_is_named_at_once_with_its_variable_and_without_its_value() {
    let said = load(&[
        ("VESTIBULE_ISSUER", "https://id.example/auth"),
        ("VESTIBULE_LISTEN", "8080"),
        ("VESTIBULE_DATABASE_URL", "mysql://root:hunter2@db"),
        ("VESTIBULE_FETCH__ALLOW_NETWORKS", "10.0.0.0/8,everything"),
        ("VESTIBULE_LIMITS__SIGN_IN", "many"),
        ("VESTIBULE_LOG__LEVEL", "debgu"),
        ("VESTIBULE_SIGN_UP", "opened"),
        ("VESTIBULE_LIMTIS__SIGN_IN", "5"),
        ("OTHER", "ignored"),
    ])
    .unwrap_err();
    for variable in [
        "ISSUER",
        "LISTEN",
        "DATABASE_URL",
        "FETCH__ALLOW_NETWORKS",
        "LIMITS__SIGN_IN",
        "SIGN_UP",
        "LIMTIS__SIGN_IN",
    ] {
        assert!(said.contains(&format!("VESTIBULE_{variable} ")), "{variable} in {said}");
    }
    assert!(!said.contains("hunter2") && !said.contains("OTHER"));
}

#[test]
fn the_environment_overrides_the_file() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    write!(
        file,
        r#"
        issuer = "https://file.example"
        listen = "127.0.0.1:1"
        [fetch]
        allow_networks = ["10.0.0.0/8", "fd00::/8"]
        max_document_bytes = 65536
        [clients.without_pkce]
        "https://old.example" = "2027-01-31"
        "#
    )
    .unwrap();
    let environment = [("VESTIBULE_LISTEN".to_owned(), "127.0.0.1:2".to_owned())];
    let settings = Settings::load(Some(file.path()), environment).unwrap();
    assert_eq!(settings.issuer.as_str(), "https://file.example");
    assert_eq!(settings.listen, "127.0.0.1:2");
    assert_eq!(settings.fetch.allow_networks.len(), 2);
    assert_eq!(settings.fetch.max_document_bytes, 65536);
    assert!(settings.without_pkce.contains_key("https://old.example/"));
}

#[test]
fn what_may_be_fetched_is_read_from_lists() {
    let settings = load(&[
        ("VESTIBULE_FETCH__ALLOW_PORTS", "8443, 9443"),
        (
            "VESTIBULE_FETCH__DENY_HOSTS",
            "Evil.example,b\u{fc}cher.example, single",
        ),
        ("VESTIBULE_FETCH__NAT64_PREFIXES", "fd00:64::/96"),
    ])
    .unwrap();
    assert_eq!(settings.fetch.allow_ports, [8443, 9443]);
    assert_eq!(
        settings.fetch.deny_hosts,
        ["evil.example", "xn--bcher-kva.example", "single"]
    );
    assert_eq!(settings.fetch.nat64_prefixes[0].to_string(), "fd00:64::/96");
    let none = load(&[]).unwrap().fetch;
    assert!(none.allow_ports.is_empty() && none.deny_hosts.is_empty() && none.nat64_prefixes.is_empty());
}

#[test]
fn what_is_no_port_no_name_and_no_prefix_is_a_fault() {
    for (variable, values) in [
        ("ALLOW_PORTS", &["0", "65536", "https", "443-445", "-1"][..]),
        (
            "DENY_HOSTS",
            &[
                "10.0.0.1",
                "[::1]",
                "*.example.com",
                "https://example.com",
                "a b",
                "example.com:443",
            ],
        ),
        ("NAT64_PREFIXES", &["fd00:64::/64", "10.0.0.0/8", "fd00:64::", "all"]),
    ] {
        for value in values {
            let variable = format!("VESTIBULE_FETCH__{variable}");
            let said = load(&[(&variable, value)]).unwrap_err();
            assert!(said.contains(&variable), "{value}: {said}");
        }
    }
}

#[test]
fn the_database_server_is_found_in_its_url() {
    for (url, expected) in [
        ("postgres://u:p@db/vestibule", Some("db:5432")),
        ("postgresql://u:p@DB.corp.example:6432/v", Some("db.corp.example:6432")),
        ("postgres://u:p@db.corp.example./v", Some("db.corp.example:5432")),
        ("postgres://10.0.0.9/v", Some("10.0.0.9:5432")),
        ("postgres://[fd00::9]:1/v", Some("[fd00::9]:1")),
        ("postgres://u:p@db/v?host=10.0.0.9&port=7", Some("10.0.0.9:7")),
        ("postgres://u@db/v?hostaddr=fd00::9", Some("[fd00::9]:5432")),
        ("postgres:///v", Some("localhost:5432")),
        ("postgres://u@%2Fvar%2Frun%2Fpostgresql/v", None),
        ("postgres:///v?host=/var/run/postgresql", None),
        ("sqlite://vestibule.db", None),
        ("sqlite::memory:", None),
    ] {
        let server = url.parse::<DatabaseUrl>().unwrap().server();
        let server = server.map(|(host, port)| format!("{host}:{port}"));
        assert_eq!(server.as_deref(), expected, "{url}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_a_fault() {
    assert!(Settings::load(Some(Path::new("/nowhere/vestibule.toml")), []).is_err());
}

#[test]
fn a_single_address_is_a_network_of_one() {
    let settings = load(&[("VESTIBULE_PROXY__TRUSTED", "10.0.0.1, fd00::/8")]).unwrap();
    assert_eq!(settings.trusted_proxies[0].to_string(), "10.0.0.1/32");
}

#[test]
fn the_key_may_be_left_out_but_not_be_something_else() {
    let (postgres, key) = ("postgres://u:p@db/v", "00ff".repeat(16));
    for left_out in [
        load(&[("VESTIBULE_DATABASE_URL", postgres)]),
        load(&[("VESTIBULE_DATABASE_URL", postgres), ("VESTIBULE_SECRET_KEY", "")]),
        load(&[]),
    ] {
        assert!(left_out.unwrap().secret_key.is_none());
    }
    let with_key = load(&[("VESTIBULE_DATABASE_URL", postgres), ("VESTIBULE_SECRET_KEY", &key)]);
    assert!(with_key.unwrap().secret_key.is_some());
    let said = load(&[("VESTIBULE_SECRET_KEY", "hunter2")]).unwrap_err();
    assert!(
        said.contains("VESTIBULE_SECRET_KEY must be 64 hexadecimal digits") && !said.contains("hunter2"),
        "{said}"
    );
}

#[test]
fn the_file_of_a_database_is_known() {
    for (url, file) in [
        ("sqlite://vestibule.db", Some("vestibule.db")),
        ("sqlite:///var/lib/v.db?cache=shared", Some("/var/lib/v.db")),
        ("sqlite:v.db", Some("v.db")),
        ("sqlite::memory:", None),
        ("postgres://u:p@db/v", None),
    ] {
        let url: DatabaseUrl = url.parse().unwrap();
        assert_eq!(url.file(), file.map(Path::new));
    }
}
