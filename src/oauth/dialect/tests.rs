use std::collections::HashMap;

use super::super::client::{Client, ClientId, ClientUrl, HttpLoopback};
use super::super::error::ErrorCode;
use super::super::instance::{Instance, InstanceProfile};
use super::super::policy::{Issuer, Lifetimes, SignUp};
use super::super::scope::{Scope, ScopeCatalog, ScopeEntry, ScopeGroup, SpokenBy};
use super::*;

fn catalog() -> ScopeCatalog {
    let entry = |name: &str, parents: &[&str], family: Option<Family>| ScopeEntry {
        name: name.to_owned(),
        group: ScopeGroup::Read,
        parents: parents.iter().map(|parent| (*parent).to_owned()).collect(),
        spoken_by: SpokenBy::Families(family.into_iter().collect()),
        sentences: HashMap::new(),
    };
    ScopeCatalog::new([
        entry("profile", &[], None),
        entry("profile", &[], Some(Family::Mastodon)),
        entry("email", &[], None),
        entry("create", &[], None),
        entry("read", &[], Some(Family::Mastodon)),
        entry("read:statuses", &["read"], Some(Family::Mastodon)),
        entry("write", &[], Some(Family::Mastodon)),
        entry("read:account", &[], Some(Family::Misskey)),
        entry("write:notes", &[], Some(Family::Misskey)),
        entry("event:write", &[], Some(Family::Gancio)),
    ])
    .unwrap()
}

fn policy(strict_scopes: bool) -> Policy {
    let mut instance = Instance::of(InstanceProfile::All);
    instance.mastodon.strict_scopes = strict_scopes;
    Policy {
        issuer: Issuer::parse("https://id.example").unwrap(),
        lifetimes: Lifetimes::default(),
        scopes: catalog(),
        http_loopback: HttpLoopback::Refused,
        without_pkce: HashMap::new(),
        instance,
        sign_up: SignUp::default(),
    }
}

fn client(dialect: Dialect, registered: Option<&str>) -> Client {
    let id = ClientUrl::parse("https://app.example/", HttpLoopback::Refused).unwrap();
    Client {
        id: match registered {
            Some(_) => ClientId::Registered("app".to_owned()),
            None => ClientId::Url(id.clone()),
        },
        dialect,
        scope: registered.map(|raw| Scope::parse(raw).unwrap()),
        ..Client::at(id)
    }
}

fn asked(dialect: Dialect, registered: Option<&str>, raw: Option<&str>) -> Result<String, ErrorCode> {
    let scope = client(dialect, registered).requested_scope(raw, &policy(false));
    scope.map(|scope| scope.to_string()).map_err(|error| error.code)
}

#[test]
fn every_kind_survives_its_row() {
    for dialect in Dialect::ALL {
        assert_eq!(Dialect::parse(dialect.as_str()), Some(dialect));
    }
    assert_eq!(Dialect::parse("pleroma"), None);
}

#[test]
fn scope_is_read_as_each_kind_reads_it() {
    let refused = Err(ErrorCode::InvalidScope);
    let known = |scope: &str| Ok(scope.to_owned());
    let (mastodon, misskey, gancio) = (Dialect::Mastodon, Dialect::MisskeyApp, Dialect::Gancio);
    for (dialect, registered, raw, expected) in [
        // Mastodon: all of it must be registered, itself or by an ancestor, and none means `read`.
        (mastodon, Some("read write"), Some("read"), known("read")),
        (mastodon, Some("read"), Some("read:statuses"), known("read:statuses")),
        (mastodon, Some("read:statuses"), Some("read"), refused.clone()),
        (mastodon, Some("read"), Some("read write"), refused.clone()),
        (mastodon, Some("read"), Some("read nonsense"), refused.clone()),
        (mastodon, Some("read"), None, known("read")),
        (mastodon, Some("write"), None, refused.clone()),
        (
            mastodon,
            Some("read profile"),
            Some("profile read"),
            known("profile read"),
        ),
        (mastodon, Some("write:notes"), Some("write:notes"), refused.clone()),
        // Misskey's apps: what is not registered is dropped, and none means all.
        (
            misskey,
            Some("read:account write:notes"),
            Some("write:notes read:drive"),
            known("write:notes"),
        ),
        (misskey, Some("read:account"), Some("write:notes"), known("")),
        (misskey, Some("read:account read:future"), None, known("read:account")),
        (misskey, Some("read"), Some("read"), known("")),
        // A link: nothing is registered, and none means none.
        (
            Dialect::MiAuth,
            None,
            Some("write:notes read nonsense"),
            known("write:notes"),
        ),
        (Dialect::MiAuth, None, None, known("")),
        // Gancio: what is asked for does not count.
        (gancio, Some("event:write"), Some("read"), known("event:write")),
        (gancio, Some("event:write"), None, known("event:write")),
        // URL clients: unknown names are dropped unless nothing is left, and none means identity.
        (Dialect::IndieAuth, None, Some("create nonsense"), known("create")),
        (Dialect::IndieAuth, None, Some("nonsense"), refused.clone()),
        (Dialect::IndieAuth, None, None, known("")),
        (
            Dialect::IndieAuth,
            None,
            Some("read write:notes event:write"),
            known("read write:notes event:write"),
        ),
        // Registered without a dialect: the same within what is registered, and none means all of it.
        (
            Dialect::Operator,
            Some("profile create"),
            Some("openid create"),
            known("create"),
        ),
        (
            Dialect::Operator,
            Some("profile create"),
            Some("openid"),
            refused.clone(),
        ),
        (Dialect::Rfc7591, Some("profile create"), None, known("profile create")),
        (Dialect::Rfc7591, Some("profile"), Some("create"), refused.clone()),
    ] {
        assert_eq!(
            asked(dialect, registered, raw),
            expected,
            "{dialect:?} {registered:?} {raw:?}"
        );
    }
}

#[test]
fn unknown_names_are_dropped_unless_nothing_is_left() {
    let url_client = |raw| asked(Dialect::IndieAuth, None, Some(raw));
    assert_eq!(url_client("create test:unknown"), Ok("create".to_owned()));
    assert_eq!(url_client("test:unknown test:unknown2"), Err(ErrorCode::InvalidScope));
    assert_eq!(url_client(""), Ok(String::new()));
}

#[test]
fn email_is_dropped_without_profile() {
    let url_client = |raw| asked(Dialect::IndieAuth, None, Some(raw));
    assert_eq!(url_client("create email"), Ok("create".to_owned()));
    assert_eq!(url_client("email profile"), Ok("email profile".to_owned()));
    assert!(url_client("email").is_err());
    assert_eq!(
        asked(Dialect::Operator, Some("create email"), None),
        Ok("create".to_owned())
    );
}

#[test]
fn strictly_an_ancestor_does_not_count() {
    let app = client(Dialect::Mastodon, Some("read"));
    let strictly = app.requested_scope(Some("read:statuses"), &policy(true));
    assert_eq!(strictly.unwrap_err().code, ErrorCode::InvalidScope);
    assert!(app.requested_scope(Some("read"), &policy(true)).is_ok());
}

#[test]
fn force_login_is_cast_as_rails_does() {
    let forced = |raw: &str| {
        let params = Params::parse(format!("force_login={raw}").as_bytes()).unwrap();
        Dialect::Mastodon.asks_again(&params)
    };
    for no in ["0", "f", "F", "false", "FALSE", "off", "OFF", ""] {
        assert!(!forced(no), "{no}");
    }
    for yes in ["False", "true", "1", "no", "None"] {
        assert!(forced(yes), "{yes}");
    }
    assert!(!Dialect::IndieAuth.asks_again(&Params::parse(b"force_login=1").unwrap()));
    assert!(Dialect::IndieAuth.asks_again(&Params::parse(b"prompt=consent").unwrap()));
}

#[test]
fn sessions_of_the_two_kinds_never_mix() {
    let word = "0b3c";
    assert!(Dialect::MiAuth.session(word) != Dialect::MisskeyApp.session(word));
    assert!(
        Dialect::MiAuth.session(word) != Digest::of(word),
        "a session is no code"
    );
}

#[test]
fn each_kind_of_client_has_its_row() {
    let row = |dialect: Dialect| {
        let rules = dialect.rules();
        (
            rules.pkce_is_optional,
            rules.redirect_uri_at_token,
            rules.out_of_band,
            rules.tokens,
            rules.token_type,
        )
    };
    use AtToken::{Optional, Proof, Required};
    use Tokens::{Chosen, Rotating, UntilRevoked};
    for (dialect, expected) in [
        (Dialect::IndieAuth, (false, Proof, false, Chosen, "Bearer")),
        (Dialect::Mastodon, (true, Required, true, UntilRevoked, "Bearer")),
        (Dialect::MisskeyApp, (true, Proof, false, UntilRevoked, "bearer")),
        (Dialect::MiAuth, (true, Proof, false, UntilRevoked, "Bearer")),
        (Dialect::Gancio, (true, Optional, false, Rotating, "Bearer")),
        (Dialect::Rfc7591, (true, Proof, false, Chosen, "Bearer")),
        (Dialect::Operator, (true, Proof, false, Chosen, "Bearer")),
    ] {
        assert_eq!(row(dialect), expected, "{dialect:?}");
    }
}
