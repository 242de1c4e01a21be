use super::*;
use crate::oauth::client::HttpLoopback;
use crate::oauth::error::ErrorCode;
use crate::oauth::instance::{Family, Instance, InstanceProfile};
use crate::oauth::policy::{Issuer, Lifetimes, Policy, SignUp};
use crate::oauth::scope::{ScopeCatalog, ScopeEntry, ScopeGroup, SpokenBy};

fn catalog() -> ScopeCatalog {
    let entry = |(name, family): (&str, Option<Family>)| ScopeEntry {
        name: name.to_owned(),
        group: ScopeGroup::Read,
        parents: Vec::new(),
        spoken_by: family.map_or(SpokenBy::Everyone, |family| SpokenBy::Families(vec![family])),
        sentences: std::collections::HashMap::new(),
    };
    let names = [("profile", None), ("read", Some(Family::Mastodon)), ("email", None)];
    ScopeCatalog::new(names.map(entry)).unwrap()
}

fn policy() -> Policy {
    Policy {
        issuer: Issuer::parse("https://id.example").unwrap(),
        lifetimes: Lifetimes::default(),
        scopes: catalog(),
        http_loopback: HttpLoopback::Refused,
        without_pkce: std::collections::HashMap::new(),
        instance: Instance::of(InstanceProfile::All),
        sign_up: SignUp::default(),
    }
}

fn good() -> ClientMetadata<'static> {
    ClientMetadata {
        redirect_uris: Some(vec!["https://app.example/cb"]),
        ..ClientMetadata::default()
    }
}

fn check(metadata: &ClientMetadata<'_>) -> Result<DynamicClient, ErrorCode> {
    metadata.check(&catalog()).map_err(|error| error.code)
}

fn refused_uris(uris: &[&'static str], application_type: Option<&'static str>) -> Option<ErrorCode> {
    let metadata = ClientMetadata {
        redirect_uris: Some(uris.to_vec()),
        application_type,
        ..ClientMetadata::default()
    };
    check(&metadata).err()
}

#[test]
fn what_is_left_out_has_the_defaults_of_the_rfc() {
    let client = check(&good()).unwrap();
    assert_eq!(client.auth_method, AuthMethod::ClientSecretBasic);
    assert_eq!(client.application_type, None);
    assert!(client.registration.confidential && !client.registration.refreshes);
    assert!(client.registration.scope.is_empty());
    let client = client.registration.client("id".to_owned(), None);
    assert_eq!(client.scope, None, "it may ask for everything");
    let asked = client.requested_scope(Some("read profile unheard-of"), &policy());
    assert_eq!(asked.unwrap().to_string(), "read profile");
    let nothing = client.requested_scope(None, &policy());
    assert_eq!(nothing.unwrap().to_string(), "profile", "and gets little unasked");
}

#[test]
fn a_redirect_uri_is_needed_and_every_one_is_judged() {
    assert_eq!(
        check(&ClientMetadata::default()).unwrap_err(),
        ErrorCode::InvalidRedirectUri
    );
    assert_eq!(refused_uris(&[], None), Some(ErrorCode::InvalidRedirectUri));
    for bad in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "https://app.example/a b",
        "https://app.example/#x",
        "/relative",
        "http://app.example/cb",
        "urn:ietf:wg:oauth:2.0:oob",
        "",
    ] {
        let listed = ["https://app.example/cb", bad];
        assert_eq!(
            refused_uris(&listed, None),
            Some(ErrorCode::InvalidRedirectUri),
            "{bad}"
        );
    }
}

#[test]
fn a_repeated_redirect_uri_is_one_and_too_many_are_refused() {
    let twice = ClientMetadata {
        redirect_uris: Some(vec!["https://app.example/cb"; 2]),
        ..ClientMetadata::default()
    };
    assert_eq!(check(&twice).unwrap().registration.redirect_uris.len(), 1);
    let many: Vec<String> = (0..33).map(|n| format!("https://app.example/{n}")).collect();
    let listed = |count: usize| ClientMetadata {
        redirect_uris: Some(many[..count].iter().map(String::as_str).collect()),
        ..ClientMetadata::default()
    };
    assert!(check(&listed(32)).is_ok());
    assert_eq!(check(&listed(33)).unwrap_err(), ErrorCode::InvalidRedirectUri);
}

#[test]
fn the_application_type_decides_where_answers_may_go() {
    let refused = Some(ErrorCode::InvalidRedirectUri);
    for (uri, web, native) in [
        ("https://app.example/cb", None, None),
        ("http://127.0.0.1/cb", refused, None),
        ("http://localhost:1/cb", refused, None),
        ("https://localhost/cb", refused, None),
        ("com.example.app:/cb", refused, None),
        ("http://app.example/cb", refused, refused),
    ] {
        assert_eq!(refused_uris(&[uri], Some("web")), web, "{uri}");
        assert_eq!(refused_uris(&[uri], Some("native")), native, "{uri}");
        assert_eq!(refused_uris(&[uri], None), native, "{uri}");
    }
    let other = refused_uris(&["https://app.example/cb"], Some("desktop"));
    assert_eq!(other, Some(ErrorCode::InvalidClientMetadata));
}

#[test]
fn methods_with_a_secret_give_one_and_methods_with_keys_do_not_exist() {
    for (method, confidential) in [
        ("none", Some(false)),
        ("client_secret_basic", Some(true)),
        ("client_secret_post", Some(true)),
        ("private_key_jwt", None),
        ("client_secret_jwt", None),
        ("tls_client_auth", None),
        ("None", None),
    ] {
        let metadata = ClientMetadata {
            token_endpoint_auth_method: Some(method),
            ..good()
        };
        let found = check(&metadata);
        let expected = confidential.ok_or(ErrorCode::InvalidClientMetadata);
        assert_eq!(
            found.map(|client| client.registration.confidential),
            expected,
            "{method}"
        );
    }
}

#[test]
fn grants_that_do_not_exist_are_left_out_and_the_code_grant_must_be_there() {
    for (grants, refreshes) in [
        (&["authorization_code"][..], Some(false)),
        (&["authorization_code", "refresh_token"], Some(true)),
        (
            &[
                "refresh_token",
                "urn:ietf:params:oauth:grant-type:device_code",
                "authorization_code",
            ],
            Some(true),
        ),
        (&["authorization_code", "client_credentials", "password"], Some(false)),
        (&["refresh_token"], None),
        (&["implicit"], None),
        (&["client_credentials"], None),
        (&[], None),
    ] {
        let metadata = ClientMetadata {
            grant_types: Some(grants.to_vec()),
            ..good()
        };
        let found = check(&metadata).map(|client| client.registration.refreshes);
        assert_eq!(found, refreshes.ok_or(ErrorCode::InvalidClientMetadata), "{grants:?}");
    }
    for (types, fine) in [
        (&["code"][..], true),
        (&["code", "token"], true),
        (&["token"], false),
        (&["code id_token"], false),
    ] {
        let metadata = ClientMetadata {
            response_types: Some(types.to_vec()),
            ..good()
        };
        let expected = if fine {
            None
        } else {
            Some(ErrorCode::InvalidClientMetadata)
        };
        assert_eq!(check(&metadata).err(), expected, "{types:?}");
    }
}

#[test]
fn known_scopes_are_kept_and_with_none_it_is_who_the_person_is() {
    for (scope, kept) in [
        ("profile read", Some("profile read")),
        ("read admin:everything", Some("read")),
        ("  ", Some("")),
        ("", Some("")),
        ("admin:everything", Some("profile")),
        ("mcp:tools mcp:resources", Some("profile")),
        ("sp\"oken", None),
    ] {
        let metadata = ClientMetadata {
            scope: Some(scope),
            ..good()
        };
        let found = check(&metadata).map(|client| client.registration.scope.to_string());
        let expected = kept.map(str::to_owned).ok_or(ErrorCode::InvalidClientMetadata);
        assert_eq!(found, expected, "{scope:?}");
    }
}

#[test]
fn addresses_and_names_are_made_harmless() {
    let shown = ClientMetadata {
        client_name: Some("An\u{202e}\u{7} app ✔"),
        client_uri: Some("https://app.example/"),
        logo_uri: Some(""),
        ..good()
    };
    let display = check(&shown).unwrap().registration.display;
    assert_eq!(display.name.as_deref(), Some("An app"));
    assert_eq!(display.client_uri.as_deref(), Some("https://app.example/"));
    assert_eq!(display.logo_uri, None);
    for bad in [
        "javascript:alert(1)",
        "javascript://app.example/%0aalert(1)",
        "https://bank.example@app.example/",
        "https://app.example/a b",
        "app.example",
        "https:app.example",
    ] {
        for metadata in [
            ClientMetadata {
                client_uri: Some(bad),
                ..good()
            },
            ClientMetadata {
                logo_uri: Some(bad),
                ..good()
            },
        ] {
            assert_eq!(check(&metadata).unwrap_err(), ErrorCode::InvalidClientMetadata, "{bad}");
        }
    }
}

#[test]
fn only_public_clients_that_say_the_same_are_the_same() {
    let public = || ClientMetadata {
        token_endpoint_auth_method: Some("none"),
        ..good()
    };
    let digest = |metadata: ClientMetadata<'_>| check(&metadata).unwrap().digest();
    assert_eq!(digest(good()), None);
    let first = digest(public());
    assert!(first.is_some());
    assert_eq!(first, digest(public()));
    for other in [
        ClientMetadata {
            client_name: Some("x"),
            ..public()
        },
        ClientMetadata {
            client_uri: Some("https://app.example/"),
            ..public()
        },
        ClientMetadata {
            logo_uri: Some("https://app.example/"),
            ..public()
        },
        ClientMetadata {
            scope: Some("read"),
            ..public()
        },
        ClientMetadata {
            application_type: Some("native"),
            ..public()
        },
        ClientMetadata {
            grant_types: Some(vec!["authorization_code", "refresh_token"]),
            ..public()
        },
        ClientMetadata {
            redirect_uris: Some(vec!["https://app.example/cb", "https://app.example/cb2"]),
            ..public()
        },
    ] {
        assert_ne!(first, digest(other.clone()), "{other:?}");
    }
}

#[test]
fn a_web_address_is_told_from_everything_else() {
    assert_eq!(
        web_address("http://localhost:4000/").as_deref(),
        Some("http://localhost:4000/")
    );
    let long = format!("https://app.example/{}", "x".repeat(MAX_ADDRESS_BYTES));
    for bad in ["", "mailto:a@app.example", "data:text/html,x", "//app.example/", &long] {
        assert_eq!(web_address(bad), None, "{bad:.40}");
    }
}
