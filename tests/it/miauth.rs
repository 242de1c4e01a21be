//! MiAuth: an app that nobody registered sends a person to a link, and fetches its key by the session in it.

use serde_json::{Value, json};

use crate::harness::actors::{Answer, encode};
use crate::harness::app::PASSWORD;
use crate::harness::{Options, TestApp, Visitor, expect};
use crate::misskey_app::{JSON, decided, not_you, question, registered, registration, standing_in_for, user_key};

const SESSION: &str = "0f1e2d3c-4b5a-4678-8123-9abcdef01234";
const CALLBACK: &str = "https://app.example/cb";

fn link(session: &str, query: &[(&str, &str)]) -> String {
    format!("/miauth/{session}?{}", encode(query))
}

fn usual() -> Vec<(&'static str, &'static str)> {
    vec![
        ("name", "My App"),
        ("icon", "https://app.example/icon.png"),
        ("callback", CALLBACK),
        ("permission", "read:account,write:notes"),
    ]
}

async fn check(app: &TestApp, session: &str) -> Answer {
    app.post_body(&format!("/api/miauth/{session}/check"), "", "").await
}

async fn scene() -> (TestApp, Visitor) {
    let app = TestApp::start().await;
    let alice = app.owner("alice").await;
    (app, alice)
}

#[track_caller]
fn nothing(answer: &Answer) {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.json(), json!({ "ok": false }));
}

#[tokio::test]
async fn the_key_is_there_once_between_the_yes_and_its_first_fetch_whatever_the_body() {
    for (content_type, body) in [
        ("", ""),
        (JSON, "{}"),
        (JSON, "{"),
        ("text/plain", "x"),
        ("multipart/form-data", "\u{0}"),
        ("application/x-www-form-urlencoded", "a=%FF"),
    ] {
        let (app, alice) = scene().await;
        let path = format!("/api/miauth/{SESSION}/check");
        let check = async || app.post_body(&path, content_type, body).await;
        nothing(&check().await);
        let form = question(&alice, &link(SESSION, &usual())).await.form("/consent/");
        nothing(&check().await);
        let back = alice.submit(&form.set("decision", "approve")).await;
        assert_eq!(back.location(), format!("{CALLBACK}?session={SESSION}"));
        let key = check().await.json();
        assert_eq!(
            key["user"],
            json!({
                "id": key["user"]["id"].as_str().unwrap(),
                "username": "alice",
                "name": "alice",
                "host": null,
                "avatarUrl": format!("{}/static/person.svg", app.issuer),
                "url": format!("{}/@alice", app.issuer),
            })
        );
        assert_eq!(key["ok"], true);
        let told = app.check(key["token"].as_str().unwrap()).await.json();
        assert_eq!(told["scope"], "read:account write:notes");
        assert_eq!(
            (&told["dialect"], &told["client_id"]),
            (&json!("miauth"), &json!("miauth:app.example"))
        );
        nothing(&check().await);
        assert!(app.holds(key["token"].as_str().unwrap()).await);
    }
}

/// The name in rows, on the apps page and to resource servers.
#[tokio::test]
async fn such_an_app_is_known_by_its_host_its_scheme_or_its_name() {
    let (app, alice) = scene().await;
    for (number, (query, id)) in [
        (
            vec![("callback", "https://app.example:8443/cb"), ("name", "A")],
            "miauth:app.example",
        ),
        (vec![("callback", "notes://back"), ("name", "A")], "miauth:notes"),
        (vec![("callback", "http://127.0.0.1:7000/")], "miauth:127.0.0.1"),
        (vec![("name", "My\u{202e} App\u{2713}")], "miauth:My App"),
        (vec![("name", "A")], "miauth:A"),
        (vec![], "miauth:"),
    ]
    .into_iter()
    .enumerate()
    {
        let session = format!("session-{number}");
        decided(&alice, &link(&session, &query), "approve").await;
        let key = check(&app, &session).await.json();
        assert_eq!(app.check(key["token"].as_str().unwrap()).await.json()["client_id"], id);
    }
    assert_eq!(alice.get("/apps").await.status, 200);
}

#[tokio::test]
async fn unknown_permissions_are_dropped_and_none_is_a_key_without_permissions() {
    let (app, alice) = scene().await;
    for (number, (permission, scope)) in [
        ("read:account,fly:kites,write:notes", "read:account write:notes"),
        ("read:account, read:account", "read:account"),
        ("read:statuses,event:write", ""),
        ("\"bad\\name\",read:drive", "read:drive"),
        ("", ""),
        (",,", ""),
    ]
    .into_iter()
    .enumerate()
    {
        let session = format!("session-{number}");
        decided(&alice, &link(&session, &[("permission", permission)]), "approve").await;
        let key = check(&app, &session).await.json();
        let told = app.check(key["token"].as_str().unwrap()).await.json();
        assert_eq!(told["scope"], scope, "{permission}");
    }
}

#[tokio::test]
async fn any_text_of_1_to_128_characters_is_a_session() {
    let (app, alice) = scene().await;
    for session in [
        "x".to_owned(),
        "x".repeat(128),
        "%E3%81%82".repeat(128),
        "a%20b%2Fc%3Fd%26e%3D%2B%25".to_owned(),
    ] {
        let back = decided(&alice, &link(&session, &usual()), "approve").await;
        let decoded = url::Url::parse(&format!("http://x/?{session}")).unwrap();
        let decoded = decoded.query_pairs().next().unwrap().0.into_owned();
        if !session.contains("%3D") {
            assert_eq!(back.location_param("session"), Some(decoded), "{session}");
        }
        assert_eq!(check(&app, &session).await.json()["ok"], true, "{session}");
    }
    for session in [
        "x".repeat(129),
        "%E3%81%82".repeat(129),
        "a%00b".to_owned(),
        "%FF".to_owned(),
    ] {
        expect::page_error(&alice.get(&link(&session, &usual())).await, 400);
        nothing(&check(&app, &session).await);
    }
}

#[tokio::test]
async fn the_session_replaces_a_parameter_of_its_name() {
    let (_app, alice) = scene().await;
    let query = [("callback", "https://app.example/cb?a=1&session=old&b=2")];
    let back = decided(&alice, &link(SESSION, &query), "approve").await;
    assert_eq!(
        back.location(),
        format!("https://app.example/cb?a=1&b=2&session={SESSION}")
    );
}

#[tokio::test]
async fn forbidden_callbacks_are_refused_on_a_page() {
    let (app, alice) = scene().await;
    for callback in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "mailto:a@b.example",
        "tel:1",
        "vbscript:x",
        "http://app.example/",
        "//app.example/",
        "https://user@app.example/",
        "urn:ietf:wg:oauth:2.0:oob",
        "urn:ietf:wg:oauth:2.0:oob:auto",
    ] {
        let path = link(SESSION, &[("callback", callback)]);
        expect::page_error(&alice.get(&path).await, 400);
        expect::page_error(&app.visitor().get(&path).await, 400);
    }
    assert_eq!(app.rows().await.count("grants").await, 0);
}

#[tokio::test]
async fn without_a_callback_the_answer_is_a_page() {
    let (app, alice) = scene().await;
    let back = decided(&alice, &link(SESSION, &[("name", "My App")]), "approve").await;
    assert_eq!(back.location(), format!("{}/oauth/authorize/native", app.issuer));
    assert_eq!(check(&app, SESSION).await.json()["ok"], true);
}

#[tokio::test]
async fn a_no_is_a_page_and_gives_nothing() {
    let (app, alice) = scene().await;
    let back = decided(&alice, &link(SESSION, &usual()), "deny").await;
    assert_eq!(
        back.location(),
        format!("{}/oauth/authorize/native?error=access_denied", app.issuer)
    );
    nothing(&check(&app, SESSION).await);
}

#[tokio::test]
async fn a_yes_is_never_remembered() {
    let (app, alice) = scene().await;
    for session in ["first", "second"] {
        let page = question(&alice, &link(session, &usual())).await;
        assert!(!page.warnings().is_empty(), "{}", page.text());
        alice.submit(&page.form("/consent/").set("decision", "approve")).await;
    }
    assert_eq!(app.rows().await.count("consents").await, 0);
}

#[tokio::test]
async fn a_session_that_was_approved_is_refused_before_and_after_its_key_is_fetched() {
    let (app, alice) = scene().await;
    let bob = app.owner("bob").await;
    let path = link(SESSION, &usual());
    let (of_alice, of_bob) = (question(&alice, &path).await, question(&bob, &path).await);
    let form = of_alice.form("/consent/").set("decision", "approve");
    assert_eq!(alice.submit(&form).await.status, 303);
    expect::page_error(&alice.submit(&form).await, 409);
    expect::page_error(
        &bob.submit(&of_bob.form("/consent/").set("decision", "approve")).await,
        409,
    );
    for fetched in [false, true] {
        for visitor in [&alice, &bob, &app.visitor()] {
            expect::page_error(&visitor.get(&path).await, 409);
        }
        if !fetched {
            assert_eq!(check(&app, SESSION).await.json()["user"]["username"], "alice");
        }
    }
}

#[tokio::test]
async fn a_changed_link_is_another_question() {
    let (app, alice) = scene().await;
    let first = alice.get(&link(SESSION, &usual())).await.location().to_owned();
    assert_eq!(alice.get(&link(SESSION, &usual())).await.location(), first);
    let mut evil = usual();
    evil[3] = ("permission", "write:account");
    let second = alice.get(&link(SESSION, &evil)).await.location().to_owned();
    assert_ne!(first, second);
    let form = alice.get(&first).await.form("/consent/").set("decision", "approve");
    alice.submit(&form).await;
    let key = check(&app, SESSION).await.json();
    let told = app.check(key["token"].as_str().unwrap()).await.json();
    assert_eq!(told["scope"], "read:account write:notes", "what was on the page");
}

#[tokio::test]
async fn a_key_that_nobody_fetches_lapses_after_half_an_hour() {
    let (app, alice) = scene().await;
    decided(&alice, &link(SESSION, &usual()), "approve").await;
    app.clock.advance(std::time::Duration::from_mins(30));
    nothing(&check(&app, SESSION).await);
}

async fn signed_in_at(visitor: &Visitor, at: &Answer, name: &str) -> Answer {
    let page = visitor.get(at.location()).await;
    assert!(
        !page.text().contains("good.example"),
        "the link proves no host: {}",
        page.text()
    );
    let form = page.form("/sign-in");
    visitor
        .submit(&form.set("username", name).set("password", PASSWORD))
        .await
}

#[tokio::test]
async fn whoever_signs_in_on_the_way_is_asked_the_same() {
    let (app, _) = scene().await;
    let visitor = app.visitor();
    let mut query = usual();
    query.push(("client_id", "https://good.example/"));
    let path = link("a%20b%2Fc", &query);
    let on_the_way = visitor.get(&path).await;
    assert_eq!(app.rows().await.count("grants").await, 0);
    let back = signed_in_at(&visitor, &on_the_way, "alice").await;
    assert_eq!(back.location(), path);
    decided(&visitor, back.location(), "approve").await;
    let key = check(&app, "a%20b%2Fc").await.json();
    let told = app.check(key["token"].as_str().unwrap()).await.json();
    assert_eq!(told["scope"], "read:account write:notes");
}

#[tokio::test]
async fn whoever_is_not_alice_signs_in_and_is_asked_the_same() {
    let (app, alice) = scene().await;
    app.owner("bob").await;
    let form = not_you(question(&alice, &link("a%20b", &usual())).await);
    let on_the_way = alice.submit(&form).await;
    let back = signed_in_at(&alice, &on_the_way, "bob").await;
    let back = decided(&alice, back.location(), "approve").await;
    assert_eq!(back.location(), format!("{CALLBACK}?session=a%20b"));
    let key = check(&app, "a%20b").await.json();
    assert_eq!(key["user"]["username"], "bob");
    let told = app.check(key["token"].as_str().unwrap()).await.json();
    assert_eq!(told["scope"], "read:account write:notes");
}

/// The session is known to whoever made the link: it must open no other door.
#[tokio::test]
async fn a_session_is_good_at_its_own_check_only() {
    let (app, alice) = scene().await;
    let of = registered(&app, &registration()).await;
    decided(&alice, &link(SESSION, &usual()), "approve").await;
    for word in [SESSION.to_owned(), format!("miauth:{SESSION}")] {
        let answer = user_key(&app, &of, &json!({ "token": word })).await;
        assert_eq!(answer.json()["error"]["code"], "NO_SUCH_SESSION");
        for (client_id, secret) in [
            (of["id"].as_str().unwrap(), of["secret"].as_str().unwrap()),
            ("miauth:app.example", ""),
            ("https://app.example/", ""),
        ] {
            let fields = [
                ("grant_type", "authorization_code"),
                ("code", &word),
                ("redirect_uri", CALLBACK),
                ("client_id", client_id),
                ("client_secret", secret),
            ];
            let answer = app.post_token(&fields).await;
            assert!(answer.status.is_client_error(), "{client_id} {answer:?}");
        }
    }
    assert_eq!(check(&app, SESSION).await.json()["ok"], true, "nothing was spoilt");
}

#[tokio::test]
async fn the_session_of_a_registered_app_is_not_good_at_the_check() {
    let (app, alice) = scene().await;
    let of = registered(&app, &registration()).await;
    let session = crate::misskey_app::generated(&app, &of).await;
    decided(&alice, crate::misskey_app::address(&session), "approve").await;
    nothing(&check(&app, session["token"].as_str().unwrap()).await);
    assert_eq!(user_key(&app, &of, &session).await.status, 200);
}

#[tokio::test]
async fn a_closed_door_is_like_an_address_that_does_not_exist() {
    let closed = Options::default().set("VESTIBULE_REGISTRATION__MIAUTH", "false");
    for app in [closed.start().await, standing_in_for("mastodon").await] {
        let alice = app.owner("alice").await;
        expect::page_error(&alice.get(&link(SESSION, &usual())).await, 404);
        let answer = check(&app, SESSION).await;
        let unknown: Value = app.post_body("/api/nothing", "", "").await.json();
        assert_eq!((answer.status.as_u16(), answer.json()), (404, unknown));
    }
}
