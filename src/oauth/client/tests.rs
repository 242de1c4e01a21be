use proptest::prelude::*;

use super::*;

fn client(redirect_uris: RedirectUris) -> Client {
    Client {
        redirect_uris,
        ..Client::unfetched(ClientUrl::parse("https://app.example/", HttpLoopback::Refused).unwrap())
    }
}

fn uri(raw: &str) -> RedirectUri {
    RedirectUri::parse(raw).unwrap()
}

#[test]
fn once_a_list_is_published_only_the_list_counts() {
    let listed = client(RedirectUris::Published(vec![
        uri("https://app.example/cb"),
        uri("myapp://cb"),
    ]));
    assert!(listed.permits(&uri("https://app.example/cb")).is_ok());
    assert!(listed.permits(&uri("myapp://cb")).is_ok());
    assert!(listed.permits(&uri("https://app.example/other")).is_err());
    assert!(
        client(RedirectUris::Published(vec![]))
            .permits(&uri("https://app.example/cb"))
            .is_err()
    );
}

#[test]
fn without_a_list_the_clients_own_origin_passes_and_nothing_else() {
    let own = client(RedirectUris::OwnOrigin);
    assert!(own.permits(&uri("https://app.example/anything?x=1")).is_ok());
    for other in [
        "https://app.example:444/cb",
        "https://evil.example/cb",
        "myapp://app.example/cb",
    ] {
        assert!(own.permits(&uri(other)).is_err(), "{other}");
    }
}

#[test]
fn a_client_with_a_secret_is_not_the_one_that_had_none() {
    let public = client(RedirectUris::OwnOrigin);
    let confidential = Client {
        secret: Some(Digest::of("secret")),
        ..public.clone()
    };
    let another_secret = Client {
        secret: Some(Digest::of("another")),
        ..public.clone()
    };
    assert_ne!(confidential.fingerprint(), public.fingerprint());
    assert_eq!(confidential.fingerprint(), another_secret.fingerprint());
}

#[test]
fn names_are_made_harmless() {
    for (claimed, shown) in [
        ("  My Great\n\t App ", Some("My Great App")),
        ("\u{202E}elgooG", Some("elgooG")),
        ("Goo\u{200B}gle", Some("Google")),
        ("✔ Verified", Some("Verified")),
        ("<img src=x onerror=alert(1)>", Some("<img src=x onerror=alert(1)>")),
        (" \u{200B}\u{3164} ", None),
        ("", None),
        ("アプリ", Some("アプリ")),
        ("Bank\" (checked) \"", Some("Bank (checked)")),
        ("“B”„a‟«n»‹k›", Some("Bank")),
        ("「B」『a』〝n〞〟k＂", Some("Bank")),
        ("Alice's ’App’", Some("Alice's ’App’")),
    ] {
        assert_eq!(display_name(claimed).as_deref(), shown, "{claimed:?}");
    }
    assert_eq!(display_name(&"x".repeat(5000)).unwrap().chars().count(), MAX_NAME_CHARS);
}

proptest! {
    #[test]
    fn a_shown_name_is_short_and_has_no_control_characters(claimed in "\\PC{0,200}|[\u{0}-\u{2fff}]{0,200}") {
        if let Some(name) = display_name(&claimed) {
            prop_assert!(name.chars().count() <= MAX_NAME_CHARS && !name.chars().any(char::is_control));
            prop_assert_eq!(name.trim(), name.as_str());
        }
    }
}
