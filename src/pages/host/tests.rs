use super::*;
use crate::pages::messages;

/// The host of an `https` address that has this name, written in whatever letters.
fn host(name: &str) -> ShownHost {
    ShownHost::of(&Url::parse(&format!("https://{name}/")).unwrap())
}

#[test]
fn the_part_that_somebody_registered_stands_out() {
    for (name, before, registrable, port) in [
        ("photos.example", "", "photos.example", ""),
        ("www.photos.example", "www.", "photos.example", ""),
        (
            "paypal.com.login.photos.example",
            "paypal.com.login.",
            "photos.example",
            "",
        ),
        ("a.b.photos.co.uk", "a.b.", "photos.co.uk", ""),
        ("photos.co.jp", "", "photos.co.jp", ""),
        ("www.alice.github.io", "www.", "alice.github.io", ""),
        ("photos.example:8443", "", "photos.example", ":8443"),
        ("a.photos.example:8443", "a.", "photos.example", ":8443"),
        // Nothing was registered here, so nothing stands out.
        ("github.io", "", "github.io", ""),
        ("co.uk", "", "co.uk", ""),
        ("192.0.2.7", "", "192.0.2.7", ""),
        ("[2001:db8::7]:8443", "", "[2001:db8::7]:8443", ""),
        ("localhost:4000", "", "localhost:4000", ""),
        ("app.localhost", "", "app.localhost", ""),
    ] {
        let shown = host(name);
        assert_eq!(
            (shown.before.as_str(), shown.registrable.as_str(), shown.port.as_str()),
            (before, registrable, port),
            "{name}"
        );
        assert_eq!(shown.name, name);
        assert_eq!(format!("{before}{registrable}{port}"), name);
    }
}

#[test]
fn a_host_that_gives_many_people_an_address_is_noted() {
    for (name, suffix) in [
        ("alice.github.io", Some("github.io")),
        ("www.alice.github.io", Some("github.io")),
        ("frame.vercel.app", Some("vercel.app")),
        ("alice.blogspot.com", Some("blogspot.com")),
        ("photos.example", None),
        ("photos.co.uk", None),
        ("github.com", None),
        ("co.uk", None),
        ("localhost", None),
    ] {
        let expected = suffix.map(|suffix| HostNote::Shared {
            suffix: suffix.to_owned(),
        });
        assert_eq!(host(name).note, expected, "{name}");
    }
    for name in ["github.io", "vercel.app"] {
        assert_eq!(host(name).note, Some(HostNote::SharedItself), "{name}");
    }
}

#[test]
fn harmless_names_are_shown_in_both_forms() {
    for (name, ascii) in [
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("www.münchen.example", "www.xn--mnchen-3ya.example"),
        ("пример.example", "xn--e1afmkfd.example"),
        ("παράδειγμα.example", "xn--hxajbheg2az3al.example"),
        ("写真.example", "xn--g7qs82g.example"),
        ("写真アプリ.example", "xn--cckvf7b018qkh2b.example"),
        ("テクノ.example", "xn--pck2bza.example"),
        ("한국.example", "xn--3e0b707e.example"),
        // Japanese names have Latin letters in them.
        ("eスポーツ.example", "xn--e-qfu7a1gxg.example"),
    ] {
        let shown = host(name);
        assert_eq!(shown.own_letters.as_deref(), Some(name), "{shown:?}");
        assert_eq!(shown.note, None, "{name}");
        assert_eq!(shown.name, ascii);
    }
    for name in ["photos.example", "xn--a.example", "xn--.example"] {
        let Ok(url) = Url::parse(&format!("https://{name}/")) else {
            continue;
        };
        assert_eq!(ShownHost::of(&url).own_letters, None, "{name}");
    }
}

#[test]
fn scripts_that_no_language_mixes_are_named() {
    use ScriptName::{Cyrillic, Greek, Han, Katakana, Latin};
    for (name, scripts) in [
        // Cyrillic а in a Latin word, whichever comes first.
        ("pаypal.example", &[Latin, Cyrillic][..]),
        ("аpple.example", &[Cyrillic, Latin]),
        ("www.gοogle.example", &[Latin, Greek]),
        ("аβ.example", &[Cyrillic, Greek]),
        ("aж写.example", &[Latin, Cyrillic, Han]),
        // A slash that is none: example.com/login.
        ("example.comノlogin.example", &[Latin, Katakana]),
    ] {
        let shown = host(name);
        let scripts = scripts.to_vec();
        assert_eq!(shown.note, Some(HostNote::MixedScripts { scripts }), "{name}");
        assert_eq!(shown.own_letters, None, "{name}");
        assert!(shown.name.contains("xn--"), "{name}");
    }
    // Apart, each in its own part of the name, they are no mix.
    assert_eq!(host("写真.münchen.example").note, None);
}

#[test]
fn a_name_that_reads_as_another_is_noted() {
    for (name, script) in [
        ("раураӏ.example", ScriptName::Cyrillic),
        ("ѕсоре.example", ScriptName::Cyrillic),
        ("www.аррӏе.example", ScriptName::Cyrillic),
        ("lınk.example", ScriptName::Latin),
        // No script has this slash, and it stands in no word.
        ("example.com∕login.example", ScriptName::Latin),
    ] {
        let shown = host(name);
        let scripts = vec![script];
        assert_eq!(shown.note, Some(HostNote::LookAlike { scripts }), "{name}");
        assert_eq!(shown.own_letters, None, "{name}");
    }
}

#[test]
fn a_warning_goes_before_the_calm_note() {
    let note = host("раураӏ.github.io").note;
    assert!(matches!(note, Some(HostNote::LookAlike { .. })), "{note:?}");
}

#[test]
fn signs_that_belong_into_no_name_are_not_repeated() {
    let shown = host("☕.example");
    assert_eq!((shown.own_letters, shown.note), (None, None));
}

#[test]
fn every_script_has_a_word_in_every_language() {
    for locale in messages::embedded().unwrap() {
        for script in ScriptName::ALL {
            let name = serde_json::to_value(script).unwrap();
            let key = format!("script.{}", name.as_str().unwrap());
            assert!(messages::message(&locale, &key).is_ok(), "{key}");
        }
    }
}
