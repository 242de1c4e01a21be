use std::collections::HashMap;

use time::macros::date;

use super::super::client::{ClientUrl, HttpLoopback, RedirectUris};
use super::super::instance::{Instance, InstanceProfile};
use super::super::policy::{Lifetimes, SignUp};
use super::super::scope::{ScopeCatalog, ScopeEntry, ScopeGroup, SpokenBy};
use super::*;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn policy() -> Policy {
    let entry = |name: &str| ScopeEntry {
        name: name.to_owned(),
        group: ScopeGroup::Read,
        parents: vec![],
        spoken_by: SpokenBy::Everyone,
        sentences: HashMap::new(),
    };
    Policy {
        issuer: Issuer::parse("https://id.example").unwrap(),
        lifetimes: Lifetimes::default(),
        scopes: ScopeCatalog::new(["profile", "create"].map(entry)).unwrap(),
        http_loopback: HttpLoopback::Refused,
        without_pkce: HashMap::new(),
        instance: Instance::of(InstanceProfile::All),
        sign_up: SignUp::default(),
    }
}

fn client() -> Client {
    let id = ClientUrl::parse("https://app.example/", HttpLoopback::Refused).unwrap();
    let listed = RedirectUri::parse("https://app.example/cb").unwrap();
    Client {
        redirect_uris: RedirectUris::Published(vec![listed]),
        ..Client::unfetched(id)
    }
}

/// A good request, with `changes` made to it; an empty value leaves the parameter out.
fn request(changes: &[(&str, &str)]) -> Params {
    let good = [
        ("response_type", "code"),
        ("client_id", "https://app.example/"),
        ("redirect_uri", "https://app.example/cb"),
        ("state", "x"),
        ("scope", "create"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let mut pairs: Vec<(String, String)> = good.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    for (name, value) in changes {
        pairs.retain(|(known, _)| known != name);
        pairs.push(((*name).to_owned(), (*value).to_owned()));
    }
    Params::from_pairs(pairs).unwrap()
}

fn validated(changes: &[(&str, &str)]) -> Result<AuthorizationRequest, ProtocolError> {
    validate(&request(changes), &client(), &policy(), date!(2026 - 11 - 22))
}

#[test]
fn a_good_request_passes() {
    let request = validated(&[]).unwrap();
    assert_eq!(request.scope.to_string(), "create");
    assert_eq!(request.code_challenge.unwrap().as_str(), CHALLENGE);
}

#[test]
fn without_client_id_or_redirect_uri_there_is_nowhere_to_return_to() {
    for (name, value) in [
        ("client_id", ""),
        ("client_id", "http://app.example/"),
        ("redirect_uri", ""),
        ("redirect_uri", "/cb"),
    ] {
        assert_eq!(
            identify(&request(&[(name, value)]), &policy()).unwrap_err().code,
            ErrorCode::InvalidRequest
        );
    }
}

#[test]
fn a_return_address_needs_a_redirect_uri_of_the_client() {
    let identified = |uri| identify(&request(&[("redirect_uri", uri)]), &policy()).unwrap();
    let issuer = policy().issuer;
    assert!(
        identified("https://app.example/cb")
            .return_address(&client(), &issuer)
            .is_ok()
    );
    assert!(
        identified("https://app.example/redirection")
            .return_address(&client(), &issuer)
            .is_err()
    );
}

#[test]
fn each_rule_has_its_code() {
    let long_state = "x".repeat(2049);
    for (changes, code) in [
        (&[("state", long_state.as_str())][..], ErrorCode::InvalidRequest),
        (&[("response_type", "")], ErrorCode::InvalidRequest),
        (&[("response_type", "token")], ErrorCode::UnsupportedResponseType),
        (
            &[("response_type", "code id_token")],
            ErrorCode::UnsupportedResponseType,
        ),
        (&[("response_mode", "fragment")], ErrorCode::InvalidRequest),
        (&[("scope", "unknown")], ErrorCode::InvalidScope),
        (&[("scope", "cre\"ate")], ErrorCode::InvalidScope),
        (&[("code_challenge", "")], ErrorCode::InvalidRequest),
        (
            &[("code_challenge", ""), ("code_challenge_method", "")],
            ErrorCode::InvalidRequest,
        ),
        (&[("code_challenge", "code")], ErrorCode::InvalidRequest),
        (&[("code_challenge_method", "")], ErrorCode::InvalidRequest),
        (&[("code_challenge_method", "plain")], ErrorCode::InvalidRequest),
        (&[("code_challenge_method", "SSSS")], ErrorCode::InvalidRequest),
    ] {
        assert_eq!(validated(changes).unwrap_err().code, code, "{changes:?}");
    }
}

/// Every fault at once; mending them one by one must name the next one down the list.
#[test]
fn the_checks_run_in_the_order_of_the_design() {
    let long_state = "x".repeat(2049);
    let mends = [
        ("state", "x"),
        ("response_type", "code"),
        ("response_mode", "query"),
        ("scope", "create"),
        ("code_challenge", CHALLENGE),
    ];
    let mut changes = vec![
        ("state", long_state.as_str()),
        ("response_type", "token"),
        ("response_mode", "fragment"),
        ("scope", "unknown"),
        ("code_challenge", "code"),
        ("code_challenge_method", "plain"),
    ];
    let order = [
        "state",
        "response_type",
        "response_mode",
        "scope",
        "code_challenge ",
        "code_challenge_method",
    ];
    for (step, named) in order.iter().enumerate() {
        let said = format!("{} ", validated(&changes).unwrap_err().description);
        assert!(said.contains(named), "step {step}: {said}");
        if let Some((name, good)) = mends.get(step) {
            changes.retain(|(changed, _)| changed != name);
            changes.push((name, good));
        }
    }
}

#[test]
fn a_client_without_pkce_needs_an_entry_that_has_not_lapsed() {
    let bare = request(&[("code_challenge", ""), ("code_challenge_method", "")]);
    let mut policy = policy();
    policy
        .without_pkce
        .insert("https://app.example/".to_owned(), date!(2026 - 11 - 22));
    assert_eq!(
        validate(&bare, &client(), &policy, date!(2026 - 11 - 22))
            .unwrap()
            .code_challenge,
        None
    );
    assert!(validate(&bare, &client(), &policy, date!(2026 - 11 - 23)).is_err());
    // The switch forgives what is missing, not what is wrong.
    let plain = request(&[("code_challenge_method", "plain")]);
    assert!(validate(&plain, &client(), &policy, date!(2026 - 11 - 22)).is_err());
}

#[test]
fn no_scope_means_only_who_the_person_is() {
    assert!(validated(&[("scope", "")]).unwrap().scope.is_empty());
}
