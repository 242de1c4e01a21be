//! The house rules that a compiler cannot check: arrows point down, descriptions keep to their alphabet, documents name
//! what exists.

use std::fs;
use std::path::{Path, PathBuf};

/// Folder of `src` → what its code must never name.
const NEVER: [(&str, &[&str]); 12] = [
    // The composition root: it builds everything, so it may name everything but the crates that one folder each stands for.
    ("startup", &["sea_orm", "reqwest::", "tera::"]),
    (
        "oauth",
        &[
            "actix_web",
            "sea_orm",
            "entity::",
            "reqwest",
            "tera::",
            "tokio",
            "async fn",
            "crate::discovery",
            "crate::storage",
            "crate::flows",
            "crate::web",
            "crate::pages",
            "crate::config",
            "crate::accounts",
            "crate::clock",
        ],
    ),
    (
        "discovery",
        &[
            "actix_web",
            "sea_orm",
            "crate::storage",
            "crate::flows",
            "crate::config",
            "crate::web",
            "crate::pages",
        ],
    ),
    (
        "storage",
        &[
            "actix_web",
            "reqwest",
            "crate::flows",
            "crate::pages",
            "crate::web",
            "crate::accounts",
            "crate::config",
        ],
    ),
    (
        "pages",
        &[
            "actix_web",
            "sea_orm",
            "crate::storage",
            "crate::flows",
            "crate::web",
            "crate::discovery",
            "crate::config",
        ],
    ),
    (
        "flows",
        &[
            "actix_web",
            "tera::",
            "sea_orm",
            "entity::",
            "reqwest",
            "crate::web",
            "crate::pages",
            "crate::accounts",
            "crate::config",
        ],
    ),
    (
        "accounts",
        &[
            "actix_web",
            "tera::",
            "sea_orm",
            "entity::",
            "reqwest",
            "crate::web",
            "crate::pages",
            "crate::config",
        ],
    ),
    (
        "operators",
        &[
            "actix_web",
            "tera::",
            "sea_orm",
            "entity::",
            "reqwest",
            "crate::web",
            "crate::pages",
            "crate::accounts",
            "crate::config",
        ],
    ),
    (
        "web",
        &[
            "sea_orm",
            "entity::",
            "crate::storage",
            "crate::discovery",
            "reqwest",
            "crate::config",
            "crate::startup",
        ],
    ),
    (
        "config",
        &[
            "actix_web",
            "sea_orm",
            "crate::flows",
            "crate::web",
            "crate::storage",
            "crate::discovery",
            "crate::pages",
        ],
    ),
    (
        "picture",
        &["actix_web", "sea_orm", "entity::", "reqwest", "tera::", "crate::"],
    ),
    (
        "cli",
        &[
            "actix_web",
            "sea_orm",
            "entity::",
            "reqwest",
            "crate::web",
            "crate::pages",
        ],
    ),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below a folder, with its text.
fn sources(below: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(below)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&entry).unwrap();
                found.push((entry.strip_prefix(root()).unwrap().to_owned(), text));
            }
        }
    }
    found
}

/// The part of a line that is code.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

#[test]
fn arrows_only_go_down() {
    let mut broken = Vec::new();
    for (path, text) in sources("src") {
        let folder = path
            .iter()
            .nth(1)
            .unwrap()
            .to_string_lossy()
            .trim_end_matches(".rs")
            .to_owned();
        let Some((_, never)) = NEVER.iter().find(|(known, _)| *known == folder) else {
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            broken.extend(
                never
                    .iter()
                    .filter(|name| code(line).contains(**name))
                    .map(|name| format!("{}:{}: {folder} must not name {name}", path.display(), number + 1)),
            );
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_folder_has_its_rule() {
    for entry in fs::read_dir(root().join("src"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
    {
        let name = entry.file_name().unwrap().to_string_lossy().into_owned();
        assert!(
            NEVER.iter().any(|(known, _)| *known == name),
            "src/{name} has no row in the table"
        );
    }
}

#[test]
fn only_the_composition_root_and_the_commands_read_settings() {
    for (path, text) in sources("src") {
        let readers = [
            "src/cli",
            "src/startup",
            "src/startup.rs",
            "src/config",
            "src/config.rs",
        ];
        let reader = readers.iter().any(|reader| path.starts_with(reader));
        let names = text.lines().any(|line| code(line).contains("crate::config"));
        assert!(reader || !names, "{} reads settings", path.display());
    }
}

/// What a dialect may do is in one table, what it looks like in one folder. Everything between speaks RFC.
#[test]
fn dialects_are_told_apart_in_one_table_and_one_folder() {
    const NAMES: [&str; 5] = ["mastodon", "misskey", "foundkey", "gancio", "miauth"];
    const MAY: [&str; 4] = [
        "src/oauth/dialect",
        "src/oauth/instance",
        "src/config",
        "src/web/dialects",
    ];
    let mut broken = Vec::new();
    for (path, text) in sources("src") {
        let shown = path.display().to_string();
        if MAY.iter().any(|place| shown.starts_with(place)) || shown.contains("tests") {
            continue;
        }
        let product = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in product.lines().enumerate() {
            let code = code(line).to_lowercase();
            // The route table calls the folder by its parts.
            let named = NAMES.iter().any(|name| code.contains(name)) && !code.contains("dialects::");
            if named {
                broken.push(format!("{shown}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// RFC 6749 §5.2: `error_description` is printable ASCII without `"` and `\`.
#[test]
fn descriptions_keep_to_the_characters_of_the_rfc() {
    let mut seen = 0;
    for (path, text) in sources("src") {
        for start in ["invalid_request(", "invalid_grant(", "ProtocolError::new("] {
            for after in text.split(start).skip(1) {
                let Some(literal) = after
                    .split(';')
                    .next()
                    .and_then(|statement| statement.split('"').nth(1))
                else {
                    continue;
                };
                let plain = literal.bytes().all(|b| (0x20..0x7f).contains(&b) && b != b'\\');
                assert!(plain, "{}: {literal}", path.display());
                seen += 1;
            }
        }
    }
    assert!(
        seen > 40,
        "only {seen} descriptions were found: does the pattern still fit?"
    );
}

/// A word in backticks that looks like a path of this repository.
fn paths_named_in(text: &str) -> Vec<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| word.contains('/') && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_.-".contains(&b)))
        .filter(|word| {
            [
                "src",
                "entity",
                "migration",
                "templates",
                "static",
                "tests",
                "docs",
                "locales",
                "scopes",
                "examples",
                "bin",
            ]
            .contains(&word.split('/').next().unwrap_or_default())
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn documents_name_files_that_exist() {
    for document in [
        "README.md",
        "docs/architecture.md",
        "CHANGELOG.md",
        "src/lib.rs",
        "src/oauth/mod.rs",
    ] {
        let text = fs::read_to_string(root().join(document)).unwrap_or_else(|error| panic!("{document}: {error}"));
        for path in paths_named_in(&text) {
            assert!(root().join(&path).exists(), "{document} names {path}");
        }
    }
}

/// The coverage table names tests; each must exist somewhere.
#[test]
fn the_coverage_table_names_tests_that_exist() {
    let table = fs::read_to_string(root().join("src/oauth/mod.rs")).unwrap();
    let all: String = sources("src")
        .into_iter()
        .chain(sources("tests"))
        .map(|(_, text)| text)
        .collect();
    let mut named = 0;
    for row in table.lines().filter(|line| line.starts_with("//! | ")) {
        for test in row
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|word| word.starts_with("test:"))
        {
            let name = test.trim_start_matches("test:");
            assert!(all.contains(&format!("fn {name}(")), "the coverage table names {name}");
            named += 1;
        }
    }
    assert!(named > 0, "the coverage table names no test");
}
