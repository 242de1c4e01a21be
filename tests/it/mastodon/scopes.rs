//! Which scopes an app may ask for: names of Mastodon's, those it is registered for and what these include.

use vestibule::oauth::error::ErrorCode;

use super::{Registered, scene, with};
use crate::harness::{Options, expect};

/// Registered, asked for, and what is granted; `None` when it is refused.
const ROWS: [(&str, &str, Option<&str>, bool); 13] = [
    ("read", "read", Some("read"), true),
    ("read write", "write read write", Some("write read"), true),
    ("read", "read:statuses", Some("read:statuses"), false),
    (
        "write",
        "write:statuses write:media",
        Some("write:statuses write:media"),
        false,
    ),
    (
        "follow",
        "read:blocks write:follows",
        Some("read:blocks write:follows"),
        false,
    ),
    ("admin:read", "admin:read:reports", Some("admin:read:reports"), false),
    ("read:statuses", "read", None, false),
    ("read", "write:statuses", None, false),
    ("read", "admin:read", None, false),
    ("read", "profile", None, false),
    ("follow", "read:statuses", None, false),
    ("read", "read fly", None, false),
    ("read", "read:drive", None, false),
];

#[tokio::test]
async fn an_ancestor_in_the_registration_will_do() {
    let (app, alice) = scene().await;
    for (registered, asked, granted, _) in ROWS {
        let client = Registered::app(&app, registered).await;
        let request = client.asks(asked);
        let Some(granted) = granted else {
            let answer = alice.get_authorize(&request).await;
            expect::redirect_error(&answer, ErrorCode::InvalidScope, &request, &app.issuer);
            continue;
        };
        let code = alice.code(&request).await;
        let told = app.post_token(&client.redemption(&code)).await.json();
        assert_eq!(told["scope"], granted, "{registered}: {asked}");
        let mut own = client.own_token_request();
        own.push(("scope", asked.to_owned()));
        assert_eq!(
            app.post_token(&own).await.json()["scope"],
            granted,
            "{registered}: {asked}"
        );
    }
}

#[tokio::test]
async fn a_strict_server_compares_names_as_mastodon_does() {
    let options = Options::default().set("VESTIBULE_MASTODON__STRICT_SCOPES", "true");
    let (app, alice) = with(options).await;
    for (registered, asked, _, is_named) in ROWS {
        let client = Registered::app(&app, registered).await;
        let request = client.asks(asked);
        let answer = alice.get_authorize(&request).await;
        if is_named {
            assert!(answer.location().starts_with("/consent/"), "{registered}: {asked}");
        } else {
            expect::redirect_error(&answer, ErrorCode::InvalidScope, &request, &app.issuer);
        }
    }
}
