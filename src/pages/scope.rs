//! Scopes in words: sections of boxes on the consent page, a plain list on the apps page.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Language;
use super::language::FALLBACK;
use crate::oauth::scope::{Scope, ScopeCatalog, ScopeGroup, ScopeToken};

/// Scopes of one kind, under one heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScopeSection {
    /// The kind.
    pub group: ScopeGroup,
    /// The scopes in it.
    pub scopes: Vec<ScopeLine>,
}

/// One scope: a box to tick.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScopeLine {
    /// Its name, which is the value of the box.
    pub name: String,
    /// What it lets the app do, in the page's language.
    pub sentence: String,
}

/// What `scope` lets an app do: sentences in `language`, in the order in which the consent page shows them.
pub fn scope_sentences(scope: &Scope, catalog: &ScopeCatalog, language: Language) -> Vec<String> {
    let sections = scope_sections(scope, catalog, language);
    let lines = sections.into_iter().flat_map(|section| section.scopes);
    lines.map(|line| line.sentence).collect()
}

/// The sections of `scope`, by kind; within one, the order of the request. A kind without scopes is left out.
pub(super) fn scope_sections(scope: &Scope, catalog: &ScopeCatalog, language: Language) -> Vec<ScopeSection> {
    let mut sections: BTreeMap<ScopeGroup, Vec<ScopeLine>> = BTreeMap::new();
    for token in scope.iter() {
        // A name that has left the catalogue since the request was made says nothing, so it counts as far-reaching.
        let group = catalog
            .find(token.as_str())
            .map_or(ScopeGroup::Sensitive, |entry| entry.group);
        sections.entry(group).or_default().push(ScopeLine {
            name: token.as_str().to_owned(),
            sentence: sentence(token, catalog, language),
        });
    }
    sections
        .into_iter()
        .map(|(group, scopes)| ScopeSection { group, scopes })
        .collect()
}

/// What one scope lets an app do, in `language`: the text beside its box.
pub(super) fn sentence(token: &ScopeToken, catalog: &ScopeCatalog, language: Language) -> String {
    let written = catalog.find(token.as_str()).and_then(|entry| {
        let sentences = &entry.sentences;
        sentences.get(language.tag()).or_else(|| sentences.get(FALLBACK))
    });
    written.map_or_else(|| token.as_str().to_owned(), Clone::clone)
}

#[cfg(test)]
mod tests {
    use super::super::tests::catalog;
    use super::*;

    fn japanese() -> Language {
        Language::new("ja", false)
    }

    fn scope(raw: &str) -> Scope {
        Scope::parse(raw).unwrap()
    }

    #[test]
    fn sections_come_in_the_order_of_their_kinds_and_lines_in_that_of_the_request() {
        let requested = scope("offline_access media create read profile");
        let sections = scope_sections(&requested, &catalog(), japanese());
        let shape: Vec<(ScopeGroup, Vec<&str>)> = sections
            .iter()
            .map(|section| {
                let names = section.scopes.iter().map(|line| line.name.as_str());
                (section.group, names.collect())
            })
            .collect();
        assert_eq!(
            shape,
            [
                (ScopeGroup::Identity, vec!["profile"]),
                (ScopeGroup::Read, vec!["read"]),
                (ScopeGroup::Write, vec!["media", "create"]),
                (ScopeGroup::Sensitive, vec!["offline_access"]),
            ]
        );
    }

    #[test]
    fn a_sentence_is_in_the_pages_language_or_english_or_is_the_name() {
        let requested = scope("create media bare gone");
        assert_eq!(
            scope_sentences(&requested, &catalog(), japanese()),
            ["投稿する", "Upload files", "bare", "gone"]
        );
    }

    #[test]
    fn a_name_that_left_the_catalogue_is_sensitive() {
        let sections = scope_sections(&scope("gone"), &catalog(), japanese());
        assert_eq!(sections[0].group, ScopeGroup::Sensitive);
    }
}
