//! `vestibule client`: the operator's own clients, and the ordinary OAuth programs that they are for.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::header;
use serde_json::{Value, json};
use vestibule::oauth::error::ErrorCode;

use crate::harness::actors::{Answer, Visitor, encode};
use crate::harness::api::FORM;
use crate::harness::app::PASSWORD;
use crate::harness::command::Home;
use crate::harness::{AuthorizationRequest, expect};
use crate::registration::text;

const WIKI: &str = "https://wiki.example/doku.php?oauth=vestibule";

fn add(home: &Home, more: &[&str]) -> Value {
    let arguments = [&["client", "add", "The wiki", "--redirect-uri", WIKI, "--json"], more].concat();
    serde_json::from_str(&home.run(&arguments, "").expect_success()).expect("JSON")
}

fn listed(home: &Home, more: &[&str]) -> Value {
    let arguments = [&["client", "list", "--json"], more].concat();
    serde_json::from_str(&home.run(&arguments, "").expect_success()).expect("JSON")
}

/// Somebody signed in at a running server.
async fn alice(home: &Home) -> Visitor {
    home.run(&["user", "add", "alice", "--password-stdin"], PASSWORD)
        .expect_success();
    let visitor = home.visitor();
    let form = visitor.get("/sign-in").await.form("/sign-in");
    visitor
        .submit(&form.set("username", "alice").set("password", PASSWORD))
        .await;
    visitor
}

async fn post_token(home: &Home, basic: Option<(&str, &str)>, fields: &[(&str, &str)]) -> Answer {
    let request = home.http().post(format!("{}/oauth/token", home.issuer()));
    let request = request.header(header::CONTENT_TYPE, FORM).body(encode(fields));
    Answer::to(match basic {
        Some((id, secret)) => request.header(
            header::AUTHORIZATION,
            format!("Basic {}", BASE64_STANDARD.encode(format!("{id}:{secret}"))),
        ),
        None => request,
    })
    .await
}

/// The request of a program without PKCE.
fn plain_request(client: &Value) -> AuthorizationRequest {
    AuthorizationRequest::of(text(client, "client_id"), WIKI)
        .with("scope", "openid profile email")
        .without("code_challenge")
        .without("code_challenge_method")
}

#[tokio::test]
async fn an_ordinary_program_signs_people_in_without_pkce_and_with_openid_in_its_scope() {
    let home = Home::new().await;
    let client = add(&home, &[]);
    assert_eq!(client["scope"], "profile email");
    let _server = home.serve(&[]);
    let alice = alice(&home).await;
    let (id, secret) = (text(&client, "client_id"), text(&client, "client_secret"));
    let asked = alice.consent_page(&plain_request(&client)).await;
    assert_eq!(asked.host_shown(), "The wiki", "the operator vouches for the name");
    for in_header in [true, false] {
        let code = alice.code(&plain_request(&client).with("prompt", "consent")).await;
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", WIKI),
        ];
        if !in_header {
            fields.extend([("client_id", id), ("client_secret", secret)]);
        }
        let token = post_token(&home, in_header.then_some((id, secret)), &fields).await;
        assert_eq!(token.status, 200, "{token:?}");
        let token = token.json();
        assert_eq!(token["scope"], "profile email");
        let who = alice
            .get_with_token("/oauth/userinfo", text(&token, "access_token"))
            .await
            .json();
        assert_eq!(who["profile"], format!("{}/@alice", home.issuer()));
        assert!(!text(&who, "sub").contains("alice"), "{who}");
        assert_eq!(
            (&who["preferred_username"], &who["name"]),
            (&json!("alice"), &json!("alice"))
        );
    }
    let shown = listed(&home, &[]);
    assert!(shown[0]["last_approved"].is_string(), "{shown}");
    let refused = post_token(
        &home,
        Some((id, "wrong")),
        &[("grant_type", "authorization_code"), ("code", "x")],
    )
    .await;
    expect::json_error(&refused, 401, ErrorCode::InvalidClient);
}

#[tokio::test]
async fn a_public_program_must_use_pkce_and_may_refresh() {
    let home = Home::new().await;
    let client = add(&home, &["--public", "--refresh", "--scope", "profile create"]);
    assert_eq!(client.get("client_secret"), None);
    let _server = home.serve(&[]);
    let alice = alice(&home).await;
    let plain = plain_request(&client);
    expect::redirect_error(
        &alice.get_authorize(&plain).await,
        ErrorCode::InvalidRequest,
        &plain,
        home.issuer(),
    );
    let tokens = alice
        .tokens(&AuthorizationRequest::of(text(&client, "client_id"), WIKI))
        .await;
    assert_eq!(
        (&tokens["scope"], &tokens["expires_in"]),
        (&json!("profile create"), &json!(3600))
    );
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&tokens, "refresh_token")),
        ("client_id", text(&client, "client_id")),
    ];
    assert_eq!(post_token(&home, None, &refresh).await.status, 200);
}

#[tokio::test]
async fn what_is_printed_can_be_read_and_put_into_settings() {
    let home = Home::new().await;
    let printed = home
        .run(
            &[
                "client",
                "add",
                "The wiki",
                "--redirect-uri",
                WIKI,
                "--client-uri",
                "https://wiki.example/",
            ],
            "",
        )
        .expect_success();
    for part in [
        "Added The wiki (",
        "vcs_",
        WIKI,
        &format!("{}/oauth/authorize", home.issuer()),
        &format!("{}/oauth/token", home.issuer()),
        &format!("{}/oauth/userinfo", home.issuer()),
        "profile email",
        "not shown again",
    ] {
        assert!(printed.contains(part), "{part} is not in:\n{printed}");
    }
    let id = text(&listed(&home, &[])[0], "client_id").to_owned();
    let public = home
        .run(
            &[
                "client",
                "add",
                "An app",
                "--redirect-uri",
                "com.example.app:/cb",
                "--public",
            ],
            "",
        )
        .expect_success();
    assert!(public.contains("PKCE") && !public.contains("vcs_"), "{public}");
    for arguments in [
        &["client", "list"][..],
        &["client", "show", &id],
        &["client", "list", "--all"],
    ] {
        let shown = home.run(arguments, "").expect_success();
        assert!(shown.contains(&id) && shown.contains("The wiki"), "{shown}");
        assert!(shown.contains("never"), "when it was last approved: {shown}");
        assert!(!shown.contains("vcs_"), "a secret is shown: {shown}");
    }
    let shown = home.run(&["client", "show", &id, "--json"], "").expect_success();
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["client_uri"], "https://wiki.example/");
    assert_eq!(shown["redirect_uris"], json!([WIKI]));
    assert_eq!((&shown["kind"], &shown["public"]), (&json!("operator"), &json!(false)));
}

#[tokio::test]
async fn what_cannot_be_added_is_refused_with_its_reason() {
    let home = Home::new().await;
    for (arguments, reason) in [
        (&["x"][..], "--redirect-uri"),
        (&["x", "--redirect-uri", "javascript:alert(1)"], "scheme"),
        (&["x", "--redirect-uri", "http://wiki.example/"], "https"),
        (&["x", "--redirect-uri", "urn:ietf:wg:oauth:2.0:oob"], "shown on a page"),
        (&["x", "--redirect-uri", WIKI, "--scope", "profile openid"], "openid"),
        (&["x", "--redirect-uri", WIKI, "--scope", " "], "empty"),
        (
            &["x", "--redirect-uri", WIKI, "--client-uri", "javascript:x"],
            "http or https",
        ),
        (&["\u{202e} ", "--redirect-uri", WIKI], "name"),
    ] {
        let outcome = home.run(&[&["client", "add"], arguments].concat(), "");
        assert!(!outcome.success, "{arguments:?}");
        assert!(outcome.err.contains(reason), "{reason} is not in: {}", outcome.err);
    }
    assert_eq!(listed(&home, &["--all"]), json!([]));
    for command in ["show", "rotate-secret", "remove"] {
        let outcome = home.run(&["client", command, "unheard-of"], "");
        assert!(!outcome.success && outcome.err.contains("unheard-of"), "{outcome:?}");
    }
}

#[tokio::test]
async fn another_secret_ends_the_old_one_and_nothing_else() {
    let home = Home::new().await;
    let client = add(&home, &["--refresh"]);
    let _server = home.serve(&[]);
    let alice = alice(&home).await;
    let id = text(&client, "client_id");
    let old = text(&client, "client_secret");
    let code = alice.code(&plain_request(&client)).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", WIKI),
    ];
    let tokens = post_token(&home, Some((id, old)), &fields).await.json();
    let printed = home
        .run(&["client", "rotate-secret", id, "--json"], "")
        .expect_success();
    let rotated: Value = serde_json::from_str(&printed).unwrap();
    let new = text(&rotated, "client_secret");
    assert_ne!(new, old);
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&tokens, "refresh_token")),
    ];
    let refused = post_token(&home, Some((id, old)), &refresh).await;
    expect::json_error(&refused, 401, ErrorCode::InvalidClient);
    let live = alice
        .get_with_token("/oauth/token", text(&tokens, "access_token"))
        .await;
    assert_eq!(live.status, 200);
    assert_eq!(post_token(&home, Some((id, new)), &refresh).await.status, 200);
    let silent = alice.get_authorize(&plain_request(&client)).await;
    assert!(
        silent.location_param("code").is_some(),
        "the yes is still remembered: {silent:?}"
    );
    let public = add(&home, &["--public"]);
    let outcome = home.run(&["client", "rotate-secret", text(&public, "client_id")], "");
    assert!(!outcome.success && outcome.err.contains("public"), "{outcome:?}");
}

#[tokio::test]
async fn a_removed_client_loses_everything() {
    let home = Home::new().await;
    let client = add(&home, &[]);
    let _server = home.serve(&[]);
    let alice = alice(&home).await;
    let (id, secret) = (text(&client, "client_id"), text(&client, "client_secret"));
    let code = alice.code(&plain_request(&client)).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", WIKI),
    ];
    let tokens = post_token(&home, Some((id, secret)), &fields).await.json();
    let printed = home.run(&["client", "remove", id], "").expect_success();
    assert!(printed.contains("The wiki"), "{printed}");
    let token = text(&tokens, "access_token");
    assert_eq!(alice.get_with_token("/oauth/token", token).await.status, 401);
    expect::page_error(&alice.get_authorize(&plain_request(&client)).await, 400);
    expect::json_error(
        &post_token(&home, Some((id, secret)), &fields).await,
        401,
        ErrorCode::InvalidClient,
    );
    assert_eq!(listed(&home, &["--all"]), json!([]));
}

/// Clients of every kind are listed, shown and removed; the list is of the operator's own unless all are asked for.
#[tokio::test]
async fn clients_that_registered_themselves_are_listed_on_demand() {
    let home = Home::new().await.with("VESTIBULE_REGISTRATION__DYNAMIC", "open");
    add(&home, &[]);
    let _server = home.serve(&[]);
    let post = async |path: &str, body: Value| {
        let request = home.http().post(format!("{}{path}", home.issuer()));
        let request = request.header(header::CONTENT_TYPE, "application/json");
        let request = request.timeout(Duration::from_secs(60)).body(body.to_string());
        Answer::to(request).await.json()
    };
    let dynamic = post(
        "/oauth/register",
        json!({ "redirect_uris": [WIKI], "scope": "profile" }),
    )
    .await;
    let gancio = post(
        "/api/client",
        json!({ "redirect_uris": WIKI, "client_name": "Gancio's" }),
    )
    .await;
    assert_eq!(listed(&home, &[]).as_array().unwrap().len(), 1);
    let all = listed(&home, &["--all"]);
    let kinds: Vec<&str> = all.as_array().unwrap().iter().map(|one| text(one, "kind")).collect();
    assert_eq!(kinds.len(), 3);
    assert!(kinds.contains(&"rfc7591") && kinds.contains(&"gancio"), "{kinds:?}");
    let id = text(&gancio, "client_id");
    let rotated = home
        .run(&["client", "rotate-secret", id, "--json"], "")
        .expect_success();
    assert!(rotated.contains("vcs_"), "{rotated}");
    home.run(&["client", "remove", id], "").expect_success();
    home.run(&["client", "remove", text(&dynamic, "client_id")], "")
        .expect_success();
    assert_eq!(listed(&home, &["--all"]).as_array().unwrap().len(), 1);
}
