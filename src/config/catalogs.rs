//! The scope catalogues: those compiled in, chosen by family, and the operator's own file.

use std::collections::HashSet;
use std::fs;

use serde::Deserialize;

use crate::oauth::instance::{Family, InstanceProfile};
use crate::oauth::scope::{ScopeCatalog, ScopeEntry, ScopeToken, SpokenBy};

const INDIEAUTH: &str = include_str!("../../scopes/indieauth.toml");
/// Comes after the families: of a name that Mastodon has as well, the wider description stands.
const MICROSUB: &str = include_str!("../../scopes/microsub.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogFile {
    scope: Vec<ScopeEntry>,
}

/// The catalogue of `families`, with what the file at `path` adds; an empty path is no file.
///
/// # Errors
/// Everything that is wrong with the file, in one sentence.
pub(super) fn load(families: &[Family], profile: InstanceProfile, path: &str) -> Result<ScopeCatalog, String> {
    let mut entries = compiled_in(families)?;
    if profile == InstanceProfile::Foundkey {
        entries.retain(|entry| !is_newer_than_foundkey(entry));
    }
    if !path.is_empty() {
        let text = fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))?;
        let added = read(&text)?;
        let faults = faults(&entries, &added);
        if !faults.is_empty() {
            return Err(format!("names a file in which {}", faults.join(", ")));
        }
        entries.extend(added);
    }
    ScopeCatalog::new(entries).map_err(|name| format!("has a name that cannot be a scope: {name:?}"))
}

fn compiled_in(families: &[Family]) -> Result<Vec<ScopeEntry>, String> {
    let chosen = Family::ALL.into_iter().filter(|family| families.contains(family));
    let texts = [(INDIEAUTH, None)]
        .into_iter()
        .chain(chosen.map(|family| (text_of(family), Some(family))))
        .chain([(MICROSUB, None)]);
    let mut entries = Vec::new();
    for (text, family) in texts {
        for mut entry in read(text)? {
            entry.spoken_by = SpokenBy::Families(family.into_iter().collect());
            entries.push(entry);
        }
    }
    Ok(entries)
}

/// FoundKey's permissions: those that Misskey had when the two parted.
const FOUNDKEY: &str = "\
    read:account write:account read:blocks write:blocks read:drive write:drive read:following write:following \
    read:messaging write:messaging read:mutes write:mutes write:notes read:notifications write:notifications \
    read:reactions write:reactions write:votes read:pages write:pages write:page-likes read:page-likes \
    read:user-groups write:user-groups read:channels write:channels";

/// Whether only Misskey's clients know a name, and FoundKey's never did.
fn is_newer_than_foundkey(entry: &ScopeEntry) -> bool {
    let misskey_only = entry.spoken_by == SpokenBy::Families(vec![Family::Misskey]);
    misskey_only && !FOUNDKEY.split_whitespace().any(|name| name == entry.name)
}

fn text_of(family: Family) -> &'static str {
    match family {
        Family::Mastodon => include_str!("../../scopes/mastodon.toml"),
        Family::Misskey => include_str!("../../scopes/misskey.toml"),
        Family::Gancio => include_str!("../../scopes/gancio.toml"),
    }
}

fn read(text: &str) -> Result<Vec<ScopeEntry>, String> {
    let file: CatalogFile = toml::from_str(text).map_err(|error| format!("is no scope catalogue: {error}"))?;
    Ok(file.scope)
}

/// What is wrong with the operator's own scopes: compiled-in ones are looked at by tests.
fn faults(known: &[ScopeEntry], added: &[ScopeEntry]) -> Vec<String> {
    let mut taken: HashSet<&str> = known.iter().map(|entry| entry.name.as_str()).collect();
    let all: HashSet<&str> = known.iter().chain(added).map(|entry| entry.name.as_str()).collect();
    let mut faults = Vec::new();
    for entry in added {
        let name = &entry.name;
        if ScopeToken::parse(name).is_none() {
            faults.push(format!("{name:?} cannot be a scope"));
        }
        if !taken.insert(name) {
            faults.push(format!("{name:?} repeats a scope that is there already"));
        }
        if entry
            .sentences
            .get("en")
            .is_none_or(|sentence| sentence.trim().is_empty())
        {
            faults.push(format!("{name:?} has no English sentence (en)"));
        }
        let unknown = entry.parents.iter().filter(|parent| !all.contains(parent.as_str()));
        faults.extend(unknown.map(|parent| format!("{name:?} has the unknown parent {parent:?}")));
    }
    faults
}

#[cfg(test)]
mod tests;
