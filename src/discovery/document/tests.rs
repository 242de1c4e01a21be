use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::oauth::redirect_uri::RedirectUri;

const ID: &str = "https://app.net/apps/one/client.json";

fn id(text: &str) -> ClientUrl {
    ClientUrl::parse(text, HttpLoopback::Allowed).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn read(document: &Value) -> Result<Described, Refusal> {
    parse(document.to_string().as_bytes(), &id(ID))
}

/// A good document with one member changed; `null` takes it out.
fn with(member: &str, value: Value) -> Value {
    let mut document = json!({"client_id": ID, "client_name": "One", "redirect_uris": ["/cb"]});
    match value {
        Value::Null => document.as_object_mut().unwrap().remove(member),
        value => document.as_object_mut().unwrap().insert(member.to_owned(), value),
    };
    document
}

fn step(document: &Value) -> Option<Step> {
    read(document).err().map(|refusal| refusal.step)
}

fn texts(described: &Described) -> Vec<&str> {
    described.redirect_uris.usable.iter().map(RedirectUri::as_str).collect()
}

/// T36 of our collection.
#[test]
fn the_document_of_misskeys_tests_is_understood() {
    let text = r#"{"client_id":"https://app.net/","client_uri":"https://app.net/","client_name":"Misklient JSON","logo_uri":"/logo.png","redirect_uris":["/redirect"]}"#;
    let described = parse(text.as_bytes(), &id("https://app.net/")).unwrap();
    let display = &described.display;
    assert_eq!(display.name.as_deref(), Some("Misklient JSON"));
    assert_eq!(display.logo_uri.as_deref(), Some("https://app.net/logo.png"));
    assert_eq!(display.client_uri.as_deref(), Some("https://app.net/"));
    assert!(!display.foreign_client_uri);
    assert_eq!(texts(&described), ["https://app.net/redirect"]);
    assert!(!described.refreshes);
}

/// W9 of our collection.
#[test]
fn a_document_without_ports_on_loopback_is_understood() {
    let document = with(
        "redirect_uris",
        json!(["http://localhost/callback", "http://127.0.0.1/callback"]),
    );
    let described = read(&document).unwrap();
    let requested = RedirectUri::parse("http://localhost:58135/callback").unwrap();
    assert!(
        described
            .redirect_uris
            .usable
            .iter()
            .any(|listed| listed.permits(&requested))
    );
}

#[test]
fn the_client_id_inside_must_be_the_address_itself() {
    for (said, at, matches) in [
        (ID, ID, true),
        ("https://app.net", "https://app.net/", true),
        ("https://app.net/", "https://app.net", true),
        ("https://app.net?x=1", "https://app.net/?x=1", true),
        ("https://app.net/mismatch", "https://app.net/", false),
        ("https://app.net/apps/one/client.json/", ID, false),
        ("https://app.net/apps/one/CLIENT.json", ID, false),
        ("https://APP.net/apps/one/client.json", ID, true),
        ("http://LOCALHOST:1/x", "http://LOCALHOST:1/x", true),
        ("http://LOCALHOST:1/x", "http://localhost:1/x", true),
        ("http://localhost:1/X", "http://localhost:1/x", false),
        ("https://app.net/apps/two/../one/client.json", ID, false),
        ("https://user@app.net/apps/one/client.json", ID, false),
        ("https://app.net:443/apps/one/client.json", ID, false),
        ("https://app.net/apps/%6Fne/client.json", ID, false),
        ("https://app.net/apps/one/client.json#", ID, false),
        ("http://app.net/apps/one/client.json", ID, false),
        ("/apps/one/client.json", ID, false),
        ("", ID, false),
    ] {
        let document = with("client_id", json!(said)).to_string();
        let found = parse(document.as_bytes(), &id(at)).err().map(|refusal| refusal.step);
        let expected = (!matches).then_some(Step::ClientIdMismatch);
        assert_eq!(found, expected, "{said} at {at}");
    }
    for other in [json!(1), json!([ID]), json!(true), Value::Null] {
        assert_eq!(step(&with("client_id", other)), Some(Step::ClientIdMismatch));
    }
}

#[test]
fn shared_secrets_are_refused() {
    for document in [
        with("client_secret", json!("x")),
        with("client_secret_expires_at", json!(0)),
        with("token_endpoint_auth_method", json!("client_secret_basic")),
        with("token_endpoint_auth_method", json!("client_secret_post")),
        with("token_endpoint_auth_method", json!("client_secret_jwt")),
    ] {
        assert_eq!(step(&document), Some(Step::SharedSecret), "{document}");
    }
    let null_secret = format!(r#"{{"client_id":"{ID}","client_secret":null}}"#);
    assert_eq!(
        parse(null_secret.as_bytes(), &id(ID)).unwrap_err().step,
        Step::SharedSecret
    );
    for method in [
        json!("private_key_jwt"),
        json!("tls_client_auth"),
        json!("NONE"),
        json!(1),
        json!(["none"]),
    ] {
        assert_eq!(
            step(&with("token_endpoint_auth_method", method.clone())),
            Some(Step::Document),
            "{method}"
        );
    }
    assert_eq!(step(&with("token_endpoint_auth_method", json!("none"))), None);
}

#[test]
fn redirect_uris_of_the_wrong_shape_are_refused() {
    for value in [
        json!("/cb"),
        json!({}),
        json!(1),
        json!([]),
        json!([null]),
        json!(["/cb", 1]),
        json!(["/cb", null]),
        json!(["/cb", ["/cb"]]),
    ] {
        assert_eq!(
            step(&with("redirect_uris", value.clone())),
            Some(Step::RedirectUris),
            "{value}"
        );
    }
    let null = format!(r#"{{"client_id":"{ID}","redirect_uris":null}}"#);
    assert_eq!(parse(null.as_bytes(), &id(ID)).unwrap_err().step, Step::RedirectUris);
    let hole = format!(r#"{{"client_id":"{ID}","redirect_uris":["/a",,"/b"]}}"#);
    assert_eq!(parse(hole.as_bytes(), &id(ID)).unwrap_err().step, Step::Document);
    assert_eq!(
        step(&with("redirect_uris", json!(vec!["/cb"; 10_000]))),
        Some(Step::Document)
    );
    assert_eq!(step(&with("redirect_uris", json!(vec!["/cb"; 50]))), None);
    let missing = read(&with("redirect_uris", Value::Null)).unwrap();
    assert_eq!(missing.redirect_uris, Listed::default());
}

#[test]
fn unusable_entries_are_left_out_and_remembered() {
    let described = read(&with(
        "redirect_uris",
        json!(["javascript:alert(1)", "/cb", " JAVASCRIPT:x"]),
    ))
    .unwrap();
    assert_eq!(texts(&described), ["https://app.net/cb"]);
    assert_eq!(described.redirect_uris.unusable.len(), 2);
}

#[test]
fn a_home_page_is_shown_where_the_client_id_proves_it() {
    for (said, shown) in [
        ("https://app.net/", Some("https://app.net/")),
        ("https://app.net", Some("https://app.net/")),
        ("https://app.net/apps", Some("https://app.net/apps")),
        ("https://app.net/apps/one/", Some("https://app.net/apps/one/")),
        ("/apps/one", Some("https://app.net/apps/one")),
        (ID, Some(ID)),
        ("https://app.net/ap", None),
        ("https://app.net/apps/on", None),
        ("https://app.net/no-prefix/", None),
        ("https://app.net/apps/one/../two/", None),
        ("https://app.net/?x", None),
        ("https://app.net/#x", None),
        ("https://x@app.net/", None),
        ("https://other.net/", None),
        ("https://app.net.evil.net/", None),
        ("http://app.net/", None),
        ("https://app.net:8443/", None),
        ("javascript:alert(1)", None),
        ("http://[bad", None),
    ] {
        let display = read(&with("client_uri", json!(said))).unwrap().display;
        assert_eq!(display.client_uri.as_deref(), shown, "{said}");
        assert_eq!(display.foreign_client_uri, shown.is_none(), "{said}");
    }
    let absent = read(&with("client_uri", Value::Null)).unwrap().display;
    assert_eq!((absent.client_uri, absent.foreign_client_uri), (None, false));
}

#[test]
fn names_and_logos_are_only_claims() {
    let name = |value: Value| read(&with("client_name", value)).unwrap().display.name;
    assert_eq!(
        name(json!("<img src=x onerror=y>")).as_deref(),
        Some("<img src=x onerror=y>")
    );
    assert_eq!(
        name(json!("\u{202E}x\u{200B} \u{2714} Verified")).as_deref(),
        Some("x Verified")
    );
    assert_eq!(name(json!("  ")), None);
    assert_eq!(name(json!(7)), None);
    assert_eq!(name(json!("x".repeat(2000))).map(|name| name.len()), Some(64));
    let logo = |value: Value| read(&with("logo_uri", value)).unwrap().display.logo_uri;
    assert_eq!(
        logo(json!("logo.png")).as_deref(),
        Some("https://app.net/apps/one/logo.png")
    );
    assert_eq!(logo(json!("//cdn.net/l")).as_deref(), Some("https://cdn.net/l"));
    for refused in [
        json!("javascript:x"),
        json!("data:image/png,x"),
        json!("http://[bad"),
        json!({}),
    ] {
        assert_eq!(logo(refused.clone()), None, "{refused}");
    }
}

#[test]
fn the_refresh_grant_is_declared_in_the_list() {
    let refreshes = |value: Value| read(&with("grant_types", value)).unwrap().refreshes;
    assert!(refreshes(json!(["authorization_code", "refresh_token"])));
    assert!(!refreshes(json!(["authorization_code"])));
    assert!(!refreshes(json!("refresh_token")));
    assert!(!refreshes(json!([["refresh_token"], 1])));
}

#[test]
fn unknown_members_are_left_alone() {
    let document = with("software_statement", json!({"a": [1, {"b": null}]}));
    assert!(read(&document).is_ok());
}

#[test]
fn what_is_not_an_object_is_refused() {
    for text in ["", "[]", "null", "\"x\"", "<!doctype html>", "{", "{}x"] {
        assert_eq!(
            parse(text.as_bytes(), &id(ID)).unwrap_err().step,
            Step::Document,
            "{text}"
        );
    }
    let twice = format!(r#"{{"client_id":"{ID}","client_id":"{ID}"}}"#);
    assert_eq!(parse(twice.as_bytes(), &id(ID)).unwrap_err().step, Step::Document);
    assert_eq!(step(&json!({})), Some(Step::ClientIdMismatch));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        "(/cb|javascript:x|https://app.net/.{0,5}|none|refresh_token)".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 16, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::hash_map("[a-z]{1,5}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_value_of_any_member_makes_it_panic(
        value in any_json(),
        member in "(client_id|client_name|client_uri|logo_uri|redirect_uris|grant_types|token_endpoint_auth_method)",
    ) {
        if let Ok(described) = read(&with(&member, value)) {
            for uri in described.redirect_uris.usable {
                prop_assert!(uri.scheme() != "javascript");
            }
        }
    }
}
