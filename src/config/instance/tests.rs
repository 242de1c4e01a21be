use super::super::Settings;
use super::*;

const TOKEN: &str = "a-token-of-at-least-32-characters";
const VAPID_KEY: &str = "BEl62iUYgUivxIkv69yViEuiBIa-Ib9-SkvMeAtA3LFgDzkrxZJjSgSnfckjBJuBkr3qBUYIHBQFLXYp5Nksh8U";

fn load(environment: &[(&str, &str)]) -> Result<Settings, String> {
    let variables = environment
        .iter()
        .map(|(name, value)| (format!("VESTIBULE_{name}"), (*value).to_owned()));
    Settings::load(None, variables).map_err(|faults| faults.to_string())
}

fn instance(environment: &[(&str, &str)]) -> Instance {
    load(environment).unwrap().instance
}

#[test]
fn nothing_set_means_every_dialect() {
    let settings = load(&[]).unwrap();
    let expected = Instance::of(InstanceProfile::All);
    assert_eq!(format!("{:?}", settings.instance), format!("{expected:?}"));
    for name in ["create", "read:statuses", "read:drive", "event:write"] {
        assert!(settings.scopes.find(name).is_some(), "{name}");
    }
}

#[test]
fn a_profile_sets_every_default() {
    for profile in InstanceProfile::ALL {
        let settings = load(&[("PROFILE", profile.as_str())]).unwrap();
        let expected = Instance::of(profile);
        assert_eq!(format!("{:?}", settings.instance), format!("{expected:?}"));
        for (family, name) in [
            (Family::Mastodon, "read:statuses"),
            (Family::Misskey, "read:drive"),
            (Family::Gancio, "event:write"),
        ] {
            let known = settings.scopes.find(name).is_some();
            assert_eq!(known, profile.families().contains(&family), "{profile:?}: {name}");
        }
    }
}

#[test]
fn each_switch_can_be_set_against_its_profile() {
    let instance = instance(&[
        ("PROFILE", "indieweb"),
        ("REGISTRATION__MASTODON", "true"),
        ("REGISTRATION__GANCIO", "true"),
        ("MISSKEY__STRICT_PERMISSIONS", "true"),
        ("MISSKEY__NOT_FOUND_STATUS", "404"),
        ("MASTODON__STRICT_SCOPES", "true"),
        ("MASTODON__VAPID_KEY", VAPID_KEY),
        ("NODEINFO__SOFTWARE", "pixelfed"),
        ("NODEINFO__VERSION", "0.12.5"),
        ("TOKENS__MAX_DAYS__MISSKEY", "30"),
        ("TOKENS__MAX_DAYS__OTHER", "36500"),
    ]);
    let open = &instance.registration;
    assert_eq!(
        [open.mastodon, open.misskey, open.miauth, open.gancio],
        [true, false, false, true]
    );
    assert!(instance.misskey.strict_permissions && instance.misskey.not_found_is_404);
    assert!(instance.mastodon.strict_scopes);
    assert_eq!(instance.mastodon.vapid_key.as_deref(), Some(VAPID_KEY));
    let software = instance.software.unwrap();
    assert_eq!(
        (software.name.as_str(), software.version.as_str()),
        ("pixelfed", "0.12.5")
    );
    let caps = instance.token_caps;
    assert_eq!(caps.misskey, Some(Duration::from_secs(30 * DAY_SECONDS)));
    assert_eq!(caps.other, Some(Duration::from_secs(MAX_DAYS * DAY_SECONDS)));
    assert_eq!((caps.mastodon, caps.gancio), (None, None));
}

#[test]
fn the_other_switches_can_be_set_as_well() {
    let instance = instance(&[
        ("PROFILE", "foundkey"),
        ("REGISTRATION__MISSKEY", "false"),
        ("REGISTRATION__MIAUTH", "false"),
        ("MISSKEY__STRICT_PERMISSIONS", "false"),
        ("MISSKEY__NOT_FOUND_STATUS", "400"),
        ("TOKENS__MAX_DAYS__MASTODON", "1"),
        ("TOKENS__MAX_DAYS__GANCIO", "2"),
        ("TOKENS__MAX_DAYS__OTHER", "0"),
    ]);
    assert!(!instance.registration.misskey && !instance.registration.miauth);
    assert_eq!(instance.misskey, MisskeyManners::default());
    let days = |days| Some(Duration::from_secs(days * DAY_SECONDS));
    assert_eq!(
        (
            instance.token_caps.mastodon,
            instance.token_caps.gancio,
            instance.token_caps.other
        ),
        (days(1), days(2), None)
    );
}

#[test]
fn an_initial_access_token_is_kept_as_a_digest_only() {
    let settings = load(&[
        ("REGISTRATION__DYNAMIC", "token"),
        ("REGISTRATION__INITIAL_ACCESS_TOKEN", TOKEN),
    ])
    .unwrap();
    assert!(!format!("{settings:?}").contains(TOKEN));
    let DynamicRegistration::WithToken(digest) = settings.instance.registration.dynamic else {
        panic!("{:?}", settings.instance.registration.dynamic);
    };
    assert!(digest.matches(&Digest::of(TOKEN)));
    let open = instance(&[("REGISTRATION__DYNAMIC", "open")]).registration.dynamic;
    assert!(matches!(open, DynamicRegistration::Open));
}

#[test]
fn an_empty_value_of_what_may_be_missing_is_none() {
    let instance = instance(&[
        ("REGISTRATION__INITIAL_ACCESS_TOKEN", ""),
        ("MASTODON__VAPID_KEY", ""),
        ("NODEINFO__SOFTWARE", ""),
        ("NODEINFO__VERSION", ""),
        ("SCOPES__FILE", ""),
    ]);
    assert!(instance.mastodon.vapid_key.is_none() && instance.software.is_none());
}

/// Settings, and the variables that are named, each in a line of its own.
#[test]
fn each_fault_names_its_variable() {
    let private_key = "GvZg_9rJQjYkgcs6-9qDBqm_RjTpq1z2Vdf5fpYj3Kw";
    let dynamic = ("REGISTRATION__DYNAMIC", "token");
    let token = |token: &'static str| ("REGISTRATION__INITIAL_ACCESS_TOKEN", token);
    for (environment, faulty) in [
        (&[("PROFILE", "pleroma")][..], "PROFILE"),
        (&[("REGISTRATION__MASTODON", "yes")], "REGISTRATION__MASTODON"),
        (&[("REGISTRATION__MISSKEY", "")], "REGISTRATION__MISSKEY"),
        (&[("REGISTRATION__MIAUTH", "1")], "REGISTRATION__MIAUTH"),
        (&[("REGISTRATION__GANCIO", "TRUE")], "REGISTRATION__GANCIO"),
        (&[("REGISTRATION__DYNAMIC", "on")], "REGISTRATION__DYNAMIC"),
        (&[dynamic], "REGISTRATION__INITIAL_ACCESS_TOKEN"),
        (&[dynamic, token("")], "REGISTRATION__INITIAL_ACCESS_TOKEN"),
        (&[dynamic, token(&TOKEN[2..])], "REGISTRATION__INITIAL_ACCESS_TOKEN"),
        (
            &[dynamic, token("a token of words, but long enough it is")],
            "REGISTRATION__INITIAL_ACCESS_TOKEN",
        ),
        (&[token(TOKEN)], "REGISTRATION__INITIAL_ACCESS_TOKEN"),
        (
            &[("REGISTRATION__DYNAMIC", "open"), token(TOKEN)],
            "REGISTRATION__INITIAL_ACCESS_TOKEN",
        ),
        (&[("SCOPES__CATALOGS", "mastodon,pleroma")], "SCOPES__CATALOGS"),
        (&[("SCOPES__FILE", "/nowhere/scopes.toml")], "SCOPES__FILE"),
        (&[("MISSKEY__STRICT_PERMISSIONS", "no")], "MISSKEY__STRICT_PERMISSIONS"),
        (&[("MISSKEY__NOT_FOUND_STATUS", "403")], "MISSKEY__NOT_FOUND_STATUS"),
        (&[("MASTODON__STRICT_SCOPES", "on")], "MASTODON__STRICT_SCOPES"),
        (&[("MASTODON__VAPID_KEY", private_key)], "MASTODON__VAPID_KEY"),
        (&[("MASTODON__VAPID_KEY", "BEl62+/")], "MASTODON__VAPID_KEY"),
        (
            &[("NODEINFO__SOFTWARE", "Mastodon 4"), ("NODEINFO__VERSION", "4")],
            "NODEINFO__SOFTWARE",
        ),
        (&[("NODEINFO__SOFTWARE", "mastodon")], "NODEINFO__VERSION"),
        (&[("NODEINFO__VERSION", "4.6.0")], "NODEINFO__VERSION"),
        (&[("TOKENS__MAX_DAYS__MASTODON", "-1")], "TOKENS__MAX_DAYS__MASTODON"),
        (&[("TOKENS__MAX_DAYS__MISSKEY", "36501")], "TOKENS__MAX_DAYS__MISSKEY"),
        (&[("TOKENS__MAX_DAYS__GANCIO", "a year")], "TOKENS__MAX_DAYS__GANCIO"),
        (&[("TOKENS__MAX_DAYS__OTHER", "1.5")], "TOKENS__MAX_DAYS__OTHER"),
        (&[("MASTODON__ISSUER_SLASH", "true")], "MASTODON__ISSUER_SLASH"),
    ] {
        let said = load(environment).expect_err(faulty);
        let lines: Vec<&str> = said.lines().skip(1).collect();
        assert_eq!(lines.len(), 1, "{said}");
        assert!(lines[0].contains(&format!("- VESTIBULE_{faulty} ")), "{faulty}: {said}");
    }
}

#[test]
fn faults_are_told_at_once_and_show_no_secret() {
    let short = "hunter2-hunter2";
    let said = load(&[
        ("PROFILE", "pleroma"),
        ("REGISTRATION__DYNAMIC", "token"),
        ("REGISTRATION__INITIAL_ACCESS_TOKEN", short),
        ("SCOPES__CATALOGS", "pleroma"),
        ("SCOPES__FILE", "/nowhere/scopes.toml"),
        ("NODEINFO__SOFTWARE", "pleroma"),
        ("TOKENS__MAX_DAYS__OTHER", "long"),
    ])
    .unwrap_err();
    assert_eq!(said.lines().count(), 7, "{said}");
    assert!(!said.contains(short), "{said}");
}

#[test]
fn a_settings_file_does_as_well() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = r#"
        profile = "foundkey"
        [registration]
        dynamic = "open"
        miauth = false
        [scopes]
        catalogs = ["misskey", "gancio"]
        [misskey]
        not_found_status = 400
        [tokens.max_days]
        misskey = 365
    "#;
    std::fs::write(file.path(), text).unwrap();
    let settings = Settings::load(Some(file.path()), []).unwrap();
    let instance = settings.instance;
    assert!(matches!(instance.registration.dynamic, DynamicRegistration::Open));
    assert!(instance.registration.misskey && !instance.registration.miauth);
    assert!(instance.misskey.strict_permissions && !instance.misskey.not_found_is_404);
    assert_eq!(
        instance.token_caps.misskey,
        Some(Duration::from_secs(365 * DAY_SECONDS))
    );
    assert!(settings.scopes.find("event:write").is_some() && settings.scopes.find("push").is_none());
}
