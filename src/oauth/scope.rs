//! Scope: what a token may be used for (RFC 6749 §3.3), and the catalogue of names this server knows.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::error::{ErrorCode, ProtocolError};
use super::instance::Family;

const MAX_SCOPE_TOKENS: usize = 200;

/// One `scope-token`: printable ASCII without `"` and `\`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScopeToken(String);

impl ScopeToken {
    /// Reads one scope token; `None` when it is empty or has another character.
    pub fn parse(raw: &str) -> Option<ScopeToken> {
        let valid = !raw.is_empty() && raw.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
        valid.then(|| ScopeToken(raw.to_owned()))
    }

    /// The token's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A list of scope tokens without repetition, in the order of the request. It may be empty: then the client only
/// learns who the person is (IndieAuth "Authorization Request").
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope(Vec<ScopeToken>);

impl Scope {
    /// Reads a space-separated list.
    ///
    /// # Errors
    /// `invalid_scope` when a token has a character that RFC 6749 §3.3 does not allow, or there are too many.
    pub fn parse(raw: &str) -> Result<Scope, ProtocolError> {
        const MALFORMED: ProtocolError = ProtocolError::new(ErrorCode::InvalidScope, "scope is malformed");
        let tokens: Option<Vec<_>> = raw.split_ascii_whitespace().map(ScopeToken::parse).collect();
        let scope: Scope = tokens.ok_or(MALFORMED)?.into_iter().collect();
        if scope.0.len() > MAX_SCOPE_TOKENS {
            Err(MALFORMED)
        } else {
            Ok(scope)
        }
    }

    /// Whether no scope is asked for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this very name is in the list.
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|token| token.0 == name)
    }

    /// The tokens, in order.
    pub fn iter(&self) -> impl Iterator<Item = &ScopeToken> {
        self.0.iter()
    }

    /// Whether every token of this list is also in `other`.
    pub fn is_subset_of(&self, other: &Scope) -> bool {
        self.0.iter().all(|token| other.0.contains(token))
    }

    /// Without `email`, unless `profile` is beside it (IndieAuth "Profile Information").
    #[must_use]
    pub fn without_lone_email(self) -> Scope {
        let profile = self.contains("profile");
        self.narrowed(|token| token.0 != "email" || profile)
    }

    /// The tokens that `keep` says yes to. A choice can only shrink a scope.
    pub fn narrowed(&self, keep: impl Fn(&ScopeToken) -> bool) -> Scope {
        Scope(self.0.iter().filter(|token| keep(token)).cloned().collect())
    }
}

impl FromIterator<ScopeToken> for Scope {
    fn from_iter<I: IntoIterator<Item = ScopeToken>>(tokens: I) -> Scope {
        let mut kept = Vec::new();
        for token in tokens {
            if !kept.contains(&token) {
                kept.push(token);
            }
        }
        Scope(kept)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(ScopeToken::as_str).collect();
        f.write_str(&names.join(" "))
    }
}

/// Where a scope stands on the consent page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeGroup {
    /// Who the person is.
    Identity,
    /// Seeing things.
    Read,
    /// Changing things.
    Write,
    /// What a person should look at twice.
    Sensitive,
}

/// Whose clients may ask for a scope. URL clients and those of RFC 7591 may ask for every one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SpokenBy {
    /// Every kind of client.
    #[default]
    Everyone,
    /// Clients of these families.
    Families(Vec<Family>),
}

/// One scope name as a catalogue file describes it: its name, its place, and a sentence per language.
#[derive(Debug, Clone, Deserialize)]
pub struct ScopeEntry {
    /// The wire name.
    pub name: String,
    /// Where it stands on the consent page.
    pub group: ScopeGroup,
    /// Names that include this one (Mastodon: `read` includes `read:statuses`).
    #[serde(default)]
    pub parents: Vec<String>,
    /// Who may ask for it.
    #[serde(skip)]
    pub spoken_by: SpokenBy,
    /// What granting it lets an app do, by language tag.
    #[serde(flatten)]
    pub sentences: HashMap<String, String>,
}

/// Every scope name this server knows, in the order it publishes them.
#[derive(Debug, Clone, Default)]
pub struct ScopeCatalog(Vec<ScopeEntry>);

impl ScopeCatalog {
    /// Joins catalogues. A name that two of them have keeps its first description and gains the second's parents.
    ///
    /// # Errors
    /// The offending name, when it cannot be a scope token.
    pub fn new(entries: impl IntoIterator<Item = ScopeEntry>) -> Result<ScopeCatalog, String> {
        let mut kept: Vec<ScopeEntry> = Vec::new();
        for entry in entries {
            if ScopeToken::parse(&entry.name).is_none() {
                return Err(entry.name);
            }
            match kept.iter_mut().find(|known| known.name == entry.name) {
                Some(known) => {
                    let new = entry
                        .parents
                        .into_iter()
                        .filter(|parent| !known.parents.contains(parent));
                    known.parents.extend(new.collect::<Vec<_>>());
                    if let (SpokenBy::Families(known), SpokenBy::Families(more)) =
                        (&mut known.spoken_by, entry.spoken_by)
                    {
                        known.extend(more);
                    }
                }
                None => kept.push(entry),
            }
        }
        Ok(ScopeCatalog(kept))
    }

    /// The description of a name.
    pub fn find(&self, name: &str) -> Option<&ScopeEntry> {
        self.0.iter().find(|entry| entry.name == name)
    }

    /// All descriptions, in the order they are published.
    pub fn iter(&self) -> impl Iterator<Item = &ScopeEntry> {
        self.0.iter()
    }

    /// All names, in the order they are published (`scopes_supported`, RFC 8414 §2).
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|entry| entry.name.as_str())
    }

    /// The names that have `name` as a parent, in the order they are published.
    pub fn children(&self, name: &str) -> impl Iterator<Item = &str> {
        let children = self
            .0
            .iter()
            .filter(move |entry| entry.parents.iter().any(|parent| parent == name));
        children.map(|entry| entry.name.as_str())
    }

    /// Whether what was granted includes `name`: the name itself, or one of its parents, or one of theirs.
    pub fn covers(&self, granted: &Scope, name: &str) -> bool {
        let mut names = vec![name];
        let mut at = 0;
        while let Some(name) = names.get(at).copied() {
            if granted.contains(name) {
                return true;
            }
            for parent in self.find(name).into_iter().flat_map(|entry| &entry.parents) {
                // Names may be each other's parents in an operator's file.
                if !names.contains(&parent.as_str()) {
                    names.push(parent);
                }
            }
            at += 1;
        }
        false
    }

    /// What was granted, and after it everything that it includes, in the order of the catalogue. For resource servers
    /// that compare names literally.
    pub fn expanded(&self, granted: &Scope) -> Scope {
        let included = self.names().filter(|name| self.covers(granted, name));
        let included = included.filter_map(ScopeToken::parse);
        granted.iter().cloned().chain(included).collect()
    }

    /// Whether a client of this family may ask for this name, or for any that is known when it is of none.
    pub fn speaks(&self, name: &str, family: Option<Family>) -> bool {
        self.find(name).is_some_and(|entry| match (&entry.spoken_by, family) {
            (SpokenBy::Everyone, _) | (_, None) => true,
            (SpokenBy::Families(families), Some(family)) => families.contains(&family),
        })
    }
}

#[cfg(test)]
mod tests;
