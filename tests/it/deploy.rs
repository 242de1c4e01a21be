//! The promises of `docker-compose.yml`, `.env.example`, `Dockerfile` and `.dockerignore`, which no test can start.
#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use compose_spec::Compose;
use serde_json::Value;

const BUILD_COMMAND: &str = "cargo build --release --locked --bin vestibule";

const FILLED_IN: [(&str, &str); 2] = [
    ("POSTGRES_PASSWORD", "password-of-the-operator"),
    ("VESTIBULE_ISSUER", "https://issuer.example"),
];

/// What may be left out.
const OPTIONAL: (&str, &str) = ("VESTIBULE_SECRET_KEY", "key-of-the-operator");

fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(in_repository(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The lines that say something: no comments, no blanks.
fn entries(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Puts values where Docker Compose would. Knows only `${NAME:?message}`, and `${NAME:-}` of what is optional: any other
/// form would let Compose start with an empty value, or hide a default.
fn interpolate(text: &str, values: &BTreeMap<&str, &str>) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, from)) = rest.split_once('$') {
        let (expression, after) = from
            .strip_prefix('{')
            .and_then(|from| from.split_once('}'))
            .ok_or_else(|| format!("not an expression in braces: ${from}"))?;
        filled += before;
        filled += match expression.split_once(":?") {
            Some((name, message)) => values
                .get(name)
                .filter(|value| !value.is_empty())
                .ok_or_else(|| format!("{name}: {message}"))?,
            None if expression.strip_suffix(":-") == Some(OPTIONAL.0) => values.get(OPTIONAL.0).unwrap_or(&""),
            None => return Err(format!("{expression} may be empty")),
        };
        rest = after;
    }
    Ok(filled + rest)
}

/// Reads strictly, against the members that the Compose specification knows.
fn parse_compose(text: &str) -> Result<Value, String> {
    let compose = Compose::options()
        .from_yaml_str(text)
        .map_err(|error| error.to_string())?;
    compose.validate_all().map_err(|error| error.to_string())?;
    serde_json::to_value(compose).map_err(|error| error.to_string())
}

fn compose() -> Value {
    let filled = interpolate(&read("docker-compose.yml"), &BTreeMap::from(FILLED_IN)).unwrap();
    parse_compose(&filled).unwrap()
}

fn environment<'a>(compose: &'a Value, service: &str) -> &'a serde_json::Map<String, Value> {
    compose["services"][service]["environment"].as_object().unwrap()
}

#[test]
fn an_ill_formed_compose_file_would_be_noticed() {
    let text = interpolate(&read("docker-compose.yml"), &BTreeMap::from(FILLED_IN)).unwrap();
    for (right, wrong) in [
        ("restart: unless-stopped", "restrat: unless-stopped"),
        ("restart: unless-stopped", "restart: sometimes"),
        ("condition: service_healthy", "condition: service_happy"),
        ("internal: true", "interal: true"),
        ("subnet: 172.30.84.0/24", "subnet: 172.30.84.0/99"),
        ("- backend", "- backstage"),
        ("127.0.0.1:8080:8080", "127.0.0.1:8080:808080"),
        ("\nvolumes:", "\nvolums:"),
    ] {
        assert!(text.contains(right), "{right}");
        assert!(parse_compose(&text.replace(right, wrong)).is_err(), "{wrong}");
    }
}

#[test]
fn env_example_has_exactly_the_values_that_compose_asks_for() {
    let text = read("docker-compose.yml");
    let asked: BTreeSet<&str> = text
        .split("${")
        .skip(1)
        .filter_map(|from| Some(from.split_once([':', '}'])?.0))
        .collect();
    let filled_in: BTreeSet<&str> = FILLED_IN.iter().map(|(name, _)| *name).collect();
    assert_eq!(asked, filled_in.iter().copied().chain([OPTIONAL.0]).collect());

    let example = read(".env.example");
    let offered: Vec<(&str, &str)> = entries(&example).filter_map(|line| line.split_once('=')).collect();
    assert_eq!(
        offered.len(),
        entries(&example).count(),
        "every line of .env.example assigns"
    );
    assert_eq!(
        offered.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(),
        filled_in
    );
    assert!(
        offered.iter().all(|(_, value)| value.is_empty()),
        "an example value would be kept by someone"
    );
    let left_out = format!("#{}=", OPTIONAL.0);
    assert!(example.lines().any(|line| line == left_out), "{left_out} is offered");
}

#[test]
fn compose_does_not_start_without_all_values_and_says_where_to_set_them() {
    for (missing, _) in FILLED_IN {
        for left in [None, Some("")] {
            let mut values = BTreeMap::from(FILLED_IN);
            values.remove(missing);
            values.extend(left.map(|empty| (missing, empty)));
            let refusal = interpolate(&read("docker-compose.yml"), &values).unwrap_err();
            assert!(refusal.starts_with(missing) && refusal.contains(".env"), "{refusal}");
        }
    }
}

#[test]
fn the_values_go_where_they_belong_and_no_secret_is_written_down() {
    let bare = compose();
    assert!(environment(&bare, "vestibule")["VESTIBULE_SECRET_KEY"].is_null());
    let values = FILLED_IN.into_iter().chain([OPTIONAL]).collect();
    let compose = parse_compose(&interpolate(&read("docker-compose.yml"), &values).unwrap()).unwrap();
    let server = environment(&compose, "vestibule");
    assert_eq!(server["VESTIBULE_ISSUER"], "https://issuer.example");
    assert_eq!(
        server["VESTIBULE_DATABASE_URL"],
        "postgres://vestibule:password-of-the-operator@db/vestibule"
    );
    assert_eq!(server["VESTIBULE_SECRET_KEY"], "key-of-the-operator");
    let database = environment(&compose, "db");
    assert!(
        !database.contains_key("VESTIBULE_SECRET_KEY"),
        "the key must not lie beside the rows"
    );
    assert_eq!(database["POSTGRES_PASSWORD"], "password-of-the-operator");
    assert_eq!(
        (&database["POSTGRES_USER"], &database["POSTGRES_DB"]),
        (&"vestibule".into(), &"vestibule".into())
    );

    for service in ["vestibule", "db"] {
        for (name, value) in environment(&compose, service) {
            let secret = ["PASSWORD", "SECRET", "TOKEN", "KEY"]
                .iter()
                .any(|word| name.contains(word));
            assert!(
                !secret || value == "password-of-the-operator" || value == "key-of-the-operator",
                "{name} has a literal value"
            );
        }
    }
}

#[test]
fn only_the_server_is_published_and_only_to_this_host() {
    let compose = compose();
    assert_eq!(
        compose["services"]["vestibule"]["ports"],
        serde_json::json!(["127.0.0.1:8080:8080"])
    );
    let database = &compose["services"]["db"];
    for member in ["ports", "expose", "network_mode"] {
        assert!(database[member].is_null(), "{member}");
    }
    assert_eq!(database["networks"], serde_json::json!(["backend"]));
    assert_eq!(compose["networks"]["backend"]["internal"], true);
}

#[test]
fn the_trusted_proxy_is_the_gateway_of_the_published_network() {
    let compose = compose();
    assert_eq!(
        compose["services"]["vestibule"]["networks"],
        serde_json::json!(["frontend", "backend"])
    );
    let address_plan = &compose["networks"]["frontend"]["ipam"]["config"][0];
    let gateway: std::net::IpAddr = address_plan["gateway"].as_str().unwrap().parse().unwrap();
    let subnet: ipnet::IpNet = address_plan["subnet"].as_str().unwrap().parse().unwrap();
    let trusted: ipnet::IpNet = environment(&compose, "vestibule")["VESTIBULE_PROXY__TRUSTED"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(subnet.contains(&gateway));
    assert_eq!(trusted, ipnet::IpNet::from(gateway), "the gateway and nobody else");
}

#[test]
fn both_services_come_back_are_watched_and_have_no_power_to_spare() {
    let compose = compose();
    for service in ["vestibule", "db"] {
        let service = &compose["services"][service];
        assert_eq!(service["restart"], "unless-stopped");
        assert_eq!(service["read_only"], true);
        assert_eq!(service["cap_drop"], serde_json::json!(["ALL"]));
        assert_eq!(service["security_opt"], serde_json::json!(["no-new-privileges:true"]));
        assert!(service["tmpfs"].as_array().unwrap().contains(&"/tmp".into()));
        assert_eq!(service["healthcheck"]["test"][0], "CMD");
        assert!(service["cap_add"].is_null() && service["privileged"].is_null());
    }
    assert_eq!(compose["services"]["vestibule"]["build"], ".");
    assert_eq!(
        compose["services"]["vestibule"]["depends_on"]["db"]["condition"],
        "service_healthy"
    );
}

#[test]
fn the_database_is_not_called_healthy_while_the_image_still_creates_it() {
    // Until it has, the image's server answers on its socket, where `pg_isready` asks unless told otherwise.
    let compose = compose();
    let test = compose["services"]["db"]["healthcheck"]["test"].as_array().unwrap();
    assert!(test.contains(&"--host=127.0.0.1".into()));
}

#[test]
fn the_database_outlives_its_container() {
    let compose = compose();
    let database = &compose["services"]["db"];
    // From version 18 on, the image keeps its data one directory deeper than it did: with an older image this mount
    // would lose every row at the next `docker compose up`.
    let major: u32 = database["image"]
        .as_str()
        .unwrap()
        .strip_prefix("postgres:")
        .unwrap()
        .parse()
        .unwrap();
    assert!(major >= 18);
    assert_eq!(database["volumes"], serde_json::json!(["database:/var/lib/postgresql"]));
    assert!(compose["volumes"].as_object().unwrap().contains_key("database"));
}

/// The instructions of the Dockerfile, each on one line, in order.
fn dockerfile() -> Vec<String> {
    let text = read("Dockerfile");
    let joined = entries(&text).collect::<Vec<_>>().join("\n").replace("\\\n", "");
    joined
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

/// What `COPY` takes out of the repository.
fn copied_files() -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    for instruction in dockerfile().iter().filter_map(|line| line.strip_prefix("COPY ")) {
        let mut words: Vec<&str> = instruction.split(' ').collect();
        words.pop();
        if !words[0].starts_with("--from=") {
            files.extend(words.into_iter().map(str::to_owned));
        }
    }
    files
}

#[test]
fn everything_the_dockerfile_copies_is_there_and_reaches_the_engine() {
    let ignored = read(".dockerignore");
    for path in copied_files() {
        assert!(in_repository(&path).exists(), "{path}");
        let first = path.split('/').next().unwrap();
        assert!(
            !entries(&ignored).any(|pattern| pattern == path || pattern == first),
            "{path} is in .dockerignore"
        );
    }
}

#[test]
fn the_dockerfile_copies_every_manifest_before_it_builds_the_dependencies() {
    let copied = copied_files();
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    for member in manifest["workspace"]["members"].as_array().unwrap() {
        let path = Path::new(member.as_str().unwrap()).join("Cargo.toml");
        let path = path.strip_prefix(".").unwrap_or(&path).to_str().unwrap();
        assert!(copied.contains(path), "{path}");
    }
    assert!(copied.contains("Cargo.lock"));
}

#[test]
fn the_dockerfile_builds_the_release_binary_from_the_lock_file_with_a_new_enough_toolchain() {
    let instructions = dockerfile();
    let builds: Vec<&str> = instructions
        .iter()
        .filter_map(|line| line.strip_prefix("RUN "))
        .flat_map(|commands| commands.split("&&"))
        .map(str::trim)
        .filter(|command| command.starts_with("cargo "))
        .collect();
    assert_eq!(
        builds,
        [BUILD_COMMAND, BUILD_COMMAND],
        "once for the dependencies, once for the server"
    );

    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let image = instructions[0]
        .strip_prefix("FROM rust:")
        .unwrap()
        .split('-')
        .next()
        .unwrap();
    let minor = |version: &str| version.split('.').nth(1).unwrap().parse::<u32>().unwrap();
    assert!(minor(image) >= minor(manifest["workspace"]["package"]["rust-version"].as_str().unwrap()));
}

#[test]
fn the_image_runs_the_server_as_a_user_without_rights() {
    let instructions = dockerfile();
    let last = |word: &str| {
        instructions
            .iter()
            .rev()
            .find_map(|line| line.strip_prefix(word))
            .unwrap()
    };
    assert_eq!(last("FROM "), "debian:bookworm-slim");
    assert_eq!(last("USER "), "vestibule");
    assert_eq!(last("ENV "), "VESTIBULE_LISTEN=0.0.0.0:8080");
    assert_eq!(last("EXPOSE "), "8080");
    assert_eq!(last("ENTRYPOINT "), r#"["vestibule"]"#);
}

#[test]
fn nothing_private_and_nothing_built_reaches_the_docker_engine() {
    let ignored = read(".dockerignore");
    let patterns: BTreeSet<&str> = entries(&ignored).collect();
    for pattern in [".git", ".env", "target", "*.db", "*.db-*", "*.key"] {
        assert!(patterns.contains(pattern), "{pattern}");
    }
    assert!(
        !patterns.iter().any(|pattern| pattern.starts_with('!')),
        "an exception could bring one of them back"
    );
}
