//! `GET /api-doc`: every scope this server knows, for people who write apps.

use std::collections::BTreeMap;

use serde::Serialize;

use super::language::FALLBACK;
use super::{Language, View};
use crate::oauth::scope::{ScopeCatalog, ScopeEntry, ScopeGroup};

/// The scopes, in one language. The page adds links to itself in the others.
#[derive(Debug, Clone, Serialize)]
pub struct ApiDocView {
    /// The scopes by kind, in the order in which the consent page shows kinds. A kind without scopes is left out.
    pub sections: Vec<DocumentedSection>,
    /// Where the scopes are as JSON.
    pub json: String,
    /// Where the metadata document is.
    pub metadata: String,
}

/// The scopes of one kind.
#[derive(Debug, Clone, Serialize)]
pub struct DocumentedSection {
    /// The kind.
    pub group: ScopeGroup,
    /// The scopes, in the order they are published.
    pub scopes: Vec<DocumentedScope>,
}

/// One scope. It can be linked to as `#scope-` and its name.
#[derive(Debug, Clone, Serialize)]
pub struct DocumentedScope {
    /// Its name.
    pub name: String,
    /// What it lets an app do, as the consent page says it.
    pub sentence: String,
    /// The language of the sentence, where it is not the page's.
    pub sentence_language: Option<&'static str>,
    /// Scopes that include this one.
    pub parents: Vec<String>,
    /// Scopes that this one includes.
    pub children: Vec<String>,
}

impl ApiDocView {
    /// Everything in `catalog`, in `language`.
    pub fn new(catalog: &ScopeCatalog, language: Language, json: String, metadata: String) -> ApiDocView {
        let mut sections: BTreeMap<ScopeGroup, Vec<DocumentedScope>> = BTreeMap::new();
        for entry in catalog.iter() {
            let (sentence, sentence_language) = sentence(entry, language);
            sections.entry(entry.group).or_default().push(DocumentedScope {
                name: entry.name.clone(),
                sentence,
                sentence_language,
                parents: entry.parents.clone(),
                children: catalog.children(&entry.name).map(str::to_owned).collect(),
            });
        }
        let sections = sections.into_iter();
        ApiDocView {
            sections: sections
                .map(|(group, scopes)| DocumentedSection { group, scopes })
                .collect(),
            json,
            metadata,
        }
    }
}

/// The sentence in `language`, or the English one and its language. An operator's own scopes may have no other.
fn sentence(entry: &ScopeEntry, language: Language) -> (String, Option<&'static str>) {
    let in_language = |tag: &str| entry.sentences.get(tag).cloned();
    match in_language(language.tag()) {
        Some(sentence) => (sentence, None),
        None => (in_language(FALLBACK).unwrap_or_default(), Some(FALLBACK)),
    }
}

impl View for ApiDocView {
    const TEMPLATE: &'static str = "api_doc.html";

    fn samples() -> Vec<Self> {
        let scope = |name: &str, sentence: &str, parents: &[&str], children: &[&str]| DocumentedScope {
            name: name.to_owned(),
            sentence: sentence.to_owned(),
            sentence_language: Some("en"),
            parents: parents.iter().map(|name| (*name).to_owned()).collect(),
            children: children.iter().map(|name| (*name).to_owned()).collect(),
        };
        let section = |group, scopes: &[DocumentedScope]| DocumentedSection {
            group,
            scopes: scopes.to_vec(),
        };
        let blocks = ["read:blocks", "admin:read:canonical_email_blocks"];
        let profile = DocumentedScope {
            sentence_language: None,
            ..scope("profile", "See your name and your profile page", &[], &[])
        };
        let read = [
            scope(blocks[0], "See whom you block", &["read", "follow"], &[]),
            scope(blocks[1], "See blocked e-mail addresses", &["read"], &[]),
        ];
        let follow = scope("follow", "See and change who you follow", &[], &blocks[..1]);
        let sections = vec![
            section(ScopeGroup::Identity, &[profile]),
            section(ScopeGroup::Read, &read),
            section(ScopeGroup::Write, &[follow]),
            section(
                ScopeGroup::Sensitive,
                &[scope("read", "See everything in your account", &[], &blocks)],
            ),
        ];
        vec![ApiDocView {
            sections,
            json: "/api-doc.json".to_owned(),
            metadata: "/.well-known/oauth-authorization-server".to_owned(),
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::catalog;
    use super::*;

    fn view(tag: &'static str) -> ApiDocView {
        ApiDocView::new(&catalog(), Language::new(tag, false), String::new(), String::new())
    }

    #[test]
    fn every_scope_is_there_once_below_its_kind() {
        let names = |section: &DocumentedSection| {
            let names: Vec<&str> = section.scopes.iter().map(|scope| scope.name.as_str()).collect();
            (section.group, names.join(" "))
        };
        let shape: Vec<_> = view("en").sections.iter().map(names).collect();
        assert_eq!(
            shape,
            [
                (ScopeGroup::Identity, "profile".to_owned()),
                (ScopeGroup::Read, "read".to_owned()),
                (ScopeGroup::Write, "create media bare".to_owned()),
                (ScopeGroup::Sensitive, "offline_access".to_owned()),
            ]
        );
    }

    #[test]
    fn a_sentence_in_another_language_says_which() {
        let japanese = view("ja");
        let write = &japanese.sections[2].scopes;
        assert_eq!(
            (write[0].sentence.as_str(), write[0].sentence_language),
            ("投稿する", None)
        );
        assert_eq!(
            (write[1].sentence.as_str(), write[1].sentence_language),
            ("Upload files", Some("en"))
        );
    }
}
