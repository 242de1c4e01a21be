use super::*;
use crate::oauth::scope::Scope;

/// Mastodon's names: each parent with what it includes.
const MASTODON: [(&str, &str); 5] = [
    (
        "follow",
        "read:blocks read:follows read:mutes write:blocks write:follows write:mutes",
    ),
    (
        "read",
        "read:accounts read:blocks read:bookmarks read:collections read:favourites read:filters \
         read:follows read:lists read:mutes read:notifications read:search read:statuses",
    ),
    (
        "write",
        "write:accounts write:blocks write:bookmarks write:collections write:conversations \
         write:favourites write:filters write:follows write:lists write:media write:mutes \
         write:notifications write:reports write:statuses",
    ),
    (
        "admin:read",
        "admin:read:accounts admin:read:canonical_email_blocks admin:read:domain_allows \
         admin:read:domain_blocks admin:read:email_domain_blocks admin:read:ip_blocks admin:read:reports",
    ),
    (
        "admin:write",
        "admin:write:accounts admin:write:canonical_email_blocks admin:write:domain_allows \
         admin:write:domain_blocks admin:write:email_domain_blocks admin:write:ip_blocks \
         admin:write:reports",
    ),
];

/// Misskey's names, in its order.
const MISSKEY: &str = "\
    read:account write:account read:blocks write:blocks read:drive write:drive read:favorites \
    write:favorites read:following write:following read:messaging write:messaging read:mutes write:mutes \
    write:notes read:notifications write:notifications read:reactions write:reactions write:votes read:pages \
    write:pages write:page-likes read:page-likes read:user-groups write:user-groups read:channels \
    write:channels read:gallery write:gallery read:gallery-likes write:gallery-likes read:flash write:flash \
    read:flash-likes write:flash-likes read:admin:abuse-user-reports write:admin:delete-account \
    write:admin:delete-all-files-of-a-user read:admin:index-stats read:admin:table-stats read:admin:user-ips \
    read:admin:meta write:admin:reset-password write:admin:resolve-abuse-user-report write:admin:send-email \
    read:admin:server-info read:admin:show-moderation-log read:admin:show-user write:admin:suspend-user \
    write:admin:unset-user-avatar write:admin:unset-user-banner write:admin:unsuspend-user write:admin:meta \
    write:admin:user-note write:admin:roles read:admin:roles write:admin:relays read:admin:relays \
    write:admin:invite-codes read:admin:invite-codes write:admin:announcements read:admin:announcements \
    write:admin:avatar-decorations read:admin:avatar-decorations write:admin:federation write:admin:account \
    read:admin:account write:admin:emoji read:admin:emoji write:admin:queue read:admin:queue \
    write:admin:promo write:admin:drive read:admin:drive write:admin:ad read:admin:ad write:invite-codes \
    read:invite-codes write:clip-favorite read:clip-favorite read:federation write:report-abuse write:chat \
    read:chat";

/// FoundKey's names, in its order.
const FOUNDKEY: &str = "\
    read:account write:account read:blocks write:blocks read:drive write:drive read:following \
    write:following read:messaging write:messaging read:mutes write:mutes write:notes read:notifications \
    write:notifications read:reactions write:reactions write:votes read:pages write:pages write:page-likes \
    read:page-likes read:user-groups write:user-groups read:channels write:channels";

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

fn catalog(families: &[Family]) -> ScopeCatalog {
    load(families, InstanceProfile::All, "").unwrap()
}

/// Loads a file beside every family.
fn with_file(text: &str) -> Result<ScopeCatalog, String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    load(&Family::ALL, InstanceProfile::All, file.path().to_str().unwrap())
}

#[test]
fn mastodons_names_have_their_parents() {
    let catalog = catalog(&[Family::Mastodon]);
    let (mut names, mut pairs) = (HashSet::from(["profile", "push"]), 0);
    for (parent, children) in MASTODON {
        names.insert(parent);
        for child in words(children) {
            names.insert(child);
            pairs += 1;
            let parents = &catalog.find(child).unwrap().parents;
            assert!(parents.iter().any(|known| known == parent), "{parent} includes {child}");
        }
    }
    assert_eq!((names.len(), pairs), (47, 46));
    assert!(names.iter().all(|name| catalog.find(name).is_some()));
    let known: usize = catalog.iter().map(|entry| entry.parents.len()).sum();
    assert_eq!(known, pairs, "no other name has a parent");
    let text: CatalogFile = toml::from_str(text_of(Family::Mastodon)).unwrap();
    let ours: HashSet<&str> = text
        .scope
        .iter()
        .map(|entry| entry.name.as_str())
        .chain(["profile"])
        .collect();
    assert_eq!(ours, names);
}

#[test]
fn follow_is_a_second_parent_of_six() {
    let follow = Scope::parse("follow").unwrap();
    let expanded = catalog(&[Family::Mastodon]).expanded(&follow);
    assert_eq!(
        expanded.to_string(),
        "follow read:blocks read:follows read:mutes write:blocks write:follows write:mutes"
    );
}

#[test]
fn misskeys_names_are_flat_and_in_its_order() {
    let catalog = catalog(&[Family::Misskey]);
    let expected = words(MISSKEY);
    assert_eq!(expected.len(), 85);
    let names: Vec<&str> = catalog.names().filter(|name| expected.contains(name)).collect();
    assert_eq!(names, expected);
    assert!(catalog.iter().all(|entry| entry.parents.is_empty()));
}

#[test]
fn foundkey_has_the_names_it_took_along_and_no_other_of_misskeys() {
    let catalog = load(&[Family::Misskey], InstanceProfile::Foundkey, "").unwrap();
    let expected = words(FOUNDKEY);
    assert_eq!(expected.len(), 26);
    let misskeys = words(MISSKEY);
    let names: Vec<&str> = catalog.names().filter(|name| misskeys.contains(name)).collect();
    assert_eq!(names.len(), 26);
    assert!(names.iter().all(|name| expected.contains(name)), "{names:?}");
    assert!(catalog.find("profile").is_some());
}

#[test]
fn a_family_that_is_not_chosen_is_not_known() {
    for (families, known, unknown) in [
        (
            &Family::ALL[..],
            "profile create read:statuses read:drive event:write read",
            "",
        ),
        (
            &[Family::Mastodon],
            "profile create read:statuses read:blocks",
            "read:drive event:write",
        ),
        (
            &[Family::Misskey],
            "profile create read:drive read:blocks",
            "read:statuses event:write push",
        ),
        (
            &[Family::Gancio],
            "profile create event:write",
            "read:statuses read:drive push",
        ),
        (
            &[],
            "profile email create offline_access read follow channels",
            "read:blocks event:write push write",
        ),
    ] {
        let catalog = catalog(families);
        for name in words(known) {
            assert!(catalog.find(name).is_some(), "{families:?}: {name}");
        }
        for name in words(unknown) {
            assert!(catalog.find(name).is_none(), "{families:?}: {name}");
        }
    }
}

#[test]
fn the_wider_words_for_read_stand_where_mastodons_names_are_in_use() {
    let sentence = |families| catalog(families).find("read").unwrap().sentences["en"].clone();
    assert!(sentence(&[Family::Mastodon]).contains("everything"));
    assert!(sentence(&[Family::Misskey]).contains("reader"));
}

#[test]
fn the_order_in_which_families_are_named_does_not_count() {
    let names = |families| catalog(families).names().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(
        names(&[Family::Gancio, Family::Mastodon, Family::Gancio]),
        names(&[Family::Mastodon, Family::Gancio])
    );
}

#[test]
fn the_operators_scopes_come_last_and_may_have_known_parents() {
    let catalog = with_file(
        r#"
        [[scope]]
        name = "library:borrow"
        group = "write"
        parents = ["write", "library"]
        en = "Borrow books in your name"

        [[scope]]
        name = "library"
        group = "write"
        en = "Do everything at the library"
        "#,
    )
    .unwrap();
    assert_eq!(catalog.names().last(), Some("library"));
    assert!(catalog.covers(&Scope::parse("write").unwrap(), "library:borrow"));
}

#[test]
fn each_fault_of_the_operators_file_is_named() {
    let entry = |name: &str, rest: &str| format!("[[scope]]\nname = \"{name}\"\ngroup = \"read\"\n{rest}\n");
    for (text, fault) in [
        (entry("read:drive", "en = \"x\""), "\"read:drive\" repeats"),
        (entry("read:blocks", "en = \"x\""), "\"read:blocks\" repeats"),
        (entry("mine", "en = \"x\"").repeat(2), "\"mine\" repeats"),
        (entry("mine", "ja = \"x\""), "\"mine\" has no English"),
        (entry("mine", "en = \" \""), "\"mine\" has no English"),
        (entry("my own", "en = \"x\""), "\"my own\" cannot be a scope"),
        (
            entry("mine", "en = \"x\"\nparents = [\"raed\"]"),
            "unknown parent \"raed\"",
        ),
        (entry("mine", "").replace("read", "most"), "is no scope catalogue"),
        ("[[scopes]]\nname = \"mine\"".to_owned(), "is no scope catalogue"),
        (
            "scopes = []\n".to_owned() + &entry("mine", "en = \"x\""),
            "is no scope catalogue",
        ),
        ("mine".to_owned(), "is no scope catalogue"),
    ] {
        let said = with_file(&text).unwrap_err();
        assert!(said.contains(fault), "{fault} in {said}");
    }
    let both = with_file(&(entry("read:drive", "") + &entry("two words", ""))).unwrap_err();
    assert!(both.contains("repeats") && both.contains("cannot be a scope"), "{both}");
    assert!(
        load(&[], InstanceProfile::All, "/nowhere/scopes.toml")
            .unwrap_err()
            .starts_with("cannot be read")
    );
}
