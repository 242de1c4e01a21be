use proptest::prelude::*;

use super::*;

fn entry(name: &str, parents: &[&str]) -> ScopeEntry {
    let parents = parents.iter().map(|parent| (*parent).to_owned()).collect();
    ScopeEntry {
        name: name.to_owned(),
        group: ScopeGroup::Read,
        parents,
        spoken_by: SpokenBy::Everyone,
        sentences: HashMap::new(),
    }
}

fn scope(raw: &str) -> Scope {
    Scope::parse(raw).unwrap()
}

#[test]
fn repetition_is_dropped_and_order_kept() {
    assert_eq!(
        scope("write:notes read  write:notes\tread").to_string(),
        "write:notes read"
    );
    assert!(scope("").is_empty());
}

#[test]
fn characters_outside_nqchar_are_refused() {
    for raw in ["re\"ad", "a\\b", "é", "a\u{7f}"] {
        assert_eq!(Scope::parse(raw).unwrap_err().code, ErrorCode::InvalidScope, "{raw}");
    }
}

#[test]
fn a_choice_can_only_shrink_a_scope() {
    let narrowed = scope("read write:notes").narrowed(|token| token.as_str() != "read");
    assert_eq!(narrowed.to_string(), "write:notes");
    assert!(narrowed.is_subset_of(&scope("read write:notes")));
}

#[test]
fn what_is_granted_covers_itself_its_children_and_theirs() {
    let family = [
        entry("all", &[]),
        entry("part", &["all"]),
        entry("leaf", &["part", "other"]),
        entry("other", &[]),
    ];
    let catalog = ScopeCatalog::new(family).unwrap();
    for (granted, covered) in [
        ("all", "all part leaf"),
        ("part", "part leaf"),
        ("leaf", "leaf"),
        ("other", "leaf other"),
        ("", ""),
    ] {
        let names = catalog.names().filter(|name| catalog.covers(&scope(granted), name));
        assert_eq!(names.collect::<Vec<_>>().join(" "), covered, "{granted}");
    }
    assert!(catalog.covers(&scope("gone"), "gone"), "what was granted stays granted");
    assert!(!catalog.covers(&scope("all"), "gone"));
}

#[test]
fn an_expanded_scope_begins_with_what_was_granted() {
    let family = [entry("all", &[]), entry("part", &["all"]), entry("leaf", &["part"])];
    let catalog = ScopeCatalog::new(family).unwrap();
    for (granted, expanded) in [("gone part", "gone part leaf"), ("leaf all", "leaf all part"), ("", "")] {
        assert_eq!(catalog.expanded(&scope(granted)).to_string(), expanded);
    }
}

#[test]
fn names_that_are_each_others_parents_end_the_search() {
    let circle = [entry("a", &["b"]), entry("b", &["a"]), entry("self", &["self"])];
    let catalog = ScopeCatalog::new(circle).unwrap();
    assert!(!catalog.covers(&scope("other"), "a") && !catalog.covers(&scope("other"), "self"));
    assert_eq!(catalog.expanded(&scope("b")).to_string(), "b a");
}

#[test]
fn a_name_of_two_catalogues_keeps_its_first_words_and_has_each_parent_once() {
    let [mut first, mut second] = [entry("x", &["a", "b"]), entry("x", &["b", "c"])];
    first.sentences.insert("en".to_owned(), "First".to_owned());
    second.sentences.insert("en".to_owned(), "Second".to_owned());
    let catalog = ScopeCatalog::new([first, second]).unwrap();
    let joined = catalog.find("x").unwrap();
    assert_eq!(joined.parents, ["a", "b", "c"]);
    assert_eq!(joined.sentences["en"], "First");
}

#[test]
fn a_catalogue_refuses_a_name_that_is_no_scope_token() {
    assert_eq!(ScopeCatalog::new([entry("a b", &[])]).unwrap_err(), "a b");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(raw in "\\PC{0,80}") {
        if let Ok(scope) = Scope::parse(&raw) {
            prop_assert_eq!(Scope::parse(&scope.to_string()).unwrap(), scope);
        }
    }
}
