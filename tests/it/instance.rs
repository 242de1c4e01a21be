//! What the server stands in for, as others see it.

use http::StatusCode;
use serde_json::json;

use crate::harness::{Options, TestApp, expect};

fn with(settings: &[(&'static str, &str)]) -> Options {
    settings
        .iter()
        .fold(Options::default(), |options, (name, value)| options.set(name, *value))
}

#[tokio::test]
async fn a_profile_decides_which_scopes_are_published() {
    for (profile, known, unknown) in [
        (
            "all",
            &["read:statuses", "read:drive", "event:write", "create"][..],
            &[][..],
        ),
        ("mastodon", &["read:statuses", "create"], &["read:drive", "event:write"]),
        (
            "misskey",
            &["read:drive", "read:blocks", "create"],
            &["read:statuses", "event:write"],
        ),
        (
            "foundkey",
            &["read:drive", "create"],
            &["read:statuses", "event:write", "read:favorites"],
        ),
        ("gancio", &["event:write", "create"], &["read:statuses", "read:drive"]),
        (
            "indieweb",
            &["create", "read"],
            &["read:statuses", "read:drive", "event:write"],
        ),
    ] {
        let app = with(&[("VESTIBULE_PROFILE", profile)]).start().await;
        let metadata = app
            .visitor()
            .get("/.well-known/oauth-authorization-server")
            .await
            .json();
        let published = metadata["scopes_supported"].as_array().unwrap();
        let publishes = |name: &&str| published.iter().any(|scope| scope == name);
        assert!(known.iter().all(publishes), "{profile}: {published:?}");
        assert!(!unknown.iter().any(publishes), "{profile}: {published:?}");
    }
}

#[tokio::test]
async fn nodeinfo_is_left_to_others_until_the_software_is_named() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    for path in ["/.well-known/nodeinfo", "/nodeinfo/2.0"] {
        let unknown = visitor.get("/nodeinfo/9.9").await;
        let answer = visitor.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.header("content-type"), unknown.header("content-type"), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
        expect::page_error(&visitor.post::<&str, &str>(path, &[]).await, 404);
    }
}

#[tokio::test]
async fn nodeinfo_names_the_software_that_the_operator_named() {
    let options = with(&[
        ("VESTIBULE_NODEINFO__SOFTWARE", "foundkey"),
        ("VESTIBULE_NODEINFO__VERSION", "13.0.0-preview6"),
    ]);
    let app = options.start().await;
    let visitor = app.visitor();
    let way = visitor.get("/.well-known/nodeinfo").await;
    assert_eq!(way.header("access-control-allow-origin"), "*");
    let link = &way.json()["links"][0];
    assert_eq!(link["rel"], "http://nodeinfo.diaspora.software/ns/schema/2.0");
    assert_eq!(link["href"], format!("{}/nodeinfo/2.0", app.issuer));
    let answer = visitor.get("/nodeinfo/2.0").await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(answer.header("content-type").contains("ns/schema/2.0#"));
    assert_eq!(
        answer.json(),
        json!({
            "version": "2.0",
            "software": { "name": "foundkey", "version": "13.0.0-preview6" },
            "protocols": [],
            "services": { "inbound": [], "outbound": [] },
            "openRegistrations": false,
            "usage": { "users": {} },
            "metadata": {},
        })
    );
}
