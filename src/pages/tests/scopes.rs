//! The scope catalogues as files: a sentence in every language, and one measure of what is sensitive.

use std::collections::BTreeMap;

use super::*;

/// Microsub's are apart: its `read` and `follow` are Mastodon's names with a narrower meaning.
const MICROSUB: &str = include_str!("../../../scopes/microsub.toml");
const CATALOGUES: [&str; 4] = [
    include_str!("../../../scopes/indieauth.toml"),
    include_str!("../../../scopes/mastodon.toml"),
    include_str!("../../../scopes/misskey.toml"),
    include_str!("../../../scopes/gancio.toml"),
];

fn scopes_of(text: &str) -> BTreeMap<String, toml::Table> {
    let mut all = BTreeMap::new();
    let file: toml::Table = text.parse().unwrap();
    for scope in file["scope"].as_array().unwrap() {
        let scope = scope.as_table().unwrap().clone();
        let name = scope["name"].as_str().unwrap().to_owned();
        assert!(all.insert(name.clone(), scope).is_none(), "{name} is there twice");
    }
    all
}

fn scopes() -> BTreeMap<String, toml::Table> {
    let mut all: BTreeMap<String, toml::Table> = BTreeMap::new();
    for (name, scope) in CATALOGUES.into_iter().flat_map(scopes_of) {
        if let Some(known) = all.get(&name) {
            for part in ["group", "en", "ja"] {
                assert_eq!(known[part], scope[part], "{name} means one thing");
            }
        } else {
            all.insert(name, scope);
        }
    }
    all
}

#[test]
fn every_scope_has_a_sentence_in_every_language() {
    for (name, scope) in scopes().into_iter().chain(scopes_of(MICROSUB)) {
        for locale in messages::embedded().unwrap() {
            let tag = locale.language.tag();
            let sentence = scope.get(tag).and_then(toml::Value::as_str).unwrap_or_default();
            assert!(!sentence.trim().is_empty(), "{name} has no words in {tag}");
        }
    }
}

#[test]
fn what_shows_private_messages_or_reaches_everything_is_sensitive() {
    for (name, scope) in scopes() {
        let sentence = scope["en"].as_str().unwrap();
        let is_for_administrators = name.split(':').any(|part| part == "admin");
        let is_broad = ["read", "write", "offline_access"].contains(&name.as_str());
        let is_private = ["private", "chat"].iter().any(|word| sentence.contains(word));
        let sensitive = is_for_administrators || is_broad || is_private;
        assert_eq!(scope["group"].as_str() == Some("sensitive"), sensitive, "{name}");
    }
}

#[test]
fn microsubs_scopes_are_known() {
    let scopes = scopes_of(CATALOGUES[0]).into_iter().chain(scopes_of(MICROSUB));
    let names: Vec<String> = scopes.map(|(name, _)| name).collect();
    for name in ["read", "follow", "mute", "block", "channels"] {
        assert!(names.iter().any(|known| known == name), "{name}");
    }
}
