//! The commands that do what the pages do.

use super::*;
use crate::harness::AuthorizationRequest;
use crate::harness::api::refreshing_scene;
use crate::harness::command::Home;

/// The command line beside a running server, on the same database.
async fn terminal(app: &TestApp) -> Home {
    let home = Home::new().await.with("VESTIBULE_DATABASE_URL", app.database_url());
    home.with("VESTIBULE_ISSUER", &app.issuer)
}

#[tokio::test]
async fn people_are_promoted_shut_out_and_listed() {
    let (app, olga) = desk().await;
    let home = terminal(&app).await;
    let say = |arguments: &[&str]| home.run(arguments, "").expect_success();
    let bob = app.signed_in("bob", PASSWORD).await;
    assert!(say(&["user", "promote", "bob"]).contains("an operator now"));
    assert!(say(&["user", "promote", "@Bob"]).contains("nothing was changed"));
    assert_eq!(bob.get("/admin").await.status, StatusCode::OK);
    assert!(say(&["user", "demote", "bob"]).contains("no operator any more"));
    expect::page_error(&bob.get("/admin").await, 404);
    // Also the last one.
    say(&["user", "demote", "olga"]);
    expect::page_error(&olga.get("/admin").await, 404);
    say(&["user", "disable", "bob"]);
    assert_eq!(bob.get("/apps").await.status, StatusCode::SEE_OTHER);
    let list = say(&["user", "list"]);
    assert!(
        list.lines()
            .any(|line| line.starts_with("bob ") && line.ends_with("shut out")),
        "{list}"
    );
    assert!(!say(&["user", "list", "ol"]).contains("bob"));
    assert!(say(&["user", "show", "bob"]).contains("disabled: since"));
    assert!(say(&["user", "enable", "bob"]).contains("can sign in again"));
    assert!(say(&["user", "enable", "bob"]).contains("nothing was changed"));
    for action in ["promote", "demote", "disable", "enable", "link", "show"] {
        assert!(!home.run(&["user", action, "nobody"], "").success, "{action}");
    }
}

#[tokio::test]
async fn a_link_for_another_password_is_made() {
    let (app, _olga) = desk().await;
    let said = terminal(&app).await.run(&["user", "link", "bob"], "").expect_success();
    let link = said.lines().find(|line| line.contains("/password-link")).unwrap();
    let page = app.visitor().get(link.strip_prefix(&app.issuer).unwrap()).await;
    assert_eq!(page.status, StatusCode::OK);
}

#[tokio::test]
async fn hosts_are_decided_about() {
    let (app, olga) = desk().await;
    let home = terminal(&app).await;
    let say = |arguments: &[&str]| home.run(arguments, "").expect_success();
    assert!(say(&["host", "list"]).contains("none"));
    say(&["host", "block", "https://Bad.example/app"]);
    say(&["host", "allow", "good.example"]);
    say(&["host", "ask", "odd.example"]);
    let list = say(&["host", "list"]);
    for (rule, host) in [
        ("block", "bad.example"),
        ("allow", "good.example"),
        ("ask", "odd.example"),
    ] {
        assert!(
            list.lines().any(|line| line.starts_with(rule) && line.ends_with(host)),
            "{list}"
        );
    }
    assert_eq!(olga.get("/admin/hosts").await.texts("main h2").len(), 3);
    say(&["host", "clear", "bad.example"]);
    assert!(say(&["host", "clear", "bad.example"]).contains("nothing was changed"));
    assert!(!home.run(&["host", "block", "a b"], "").success);
}

#[tokio::test]
async fn numbers_activity_and_settings_are_printed_without_secrets() {
    let (app, _olga) = desk().await;
    let home = terminal(&app)
        .await
        .with("VESTIBULE_SECRET_KEY", crate::harness::app::SECRET_KEY);
    let say = |arguments: &[&str]| home.run(arguments, "").expect_success();
    assert!(
        say(&["overview"])
            .lines()
            .any(|line| line.starts_with("people ") && line.ends_with(" 2"))
    );
    assert!(say(&["tokens"]).contains("approved"));
    let activity = say(&["activity", "--person", "olga"]);
    assert!(
        activity.contains("promoted") && activity.contains("signed_in"),
        "{activity}"
    );
    let one = say(&["activity", "--person", "olga", "--kind", "promoted", "--limit", "1"]);
    assert_eq!(one.lines().count(), 1);
    assert!(!home.run(&["activity", "--kind", "anything"], "").success);
    let settings = say(&["settings"]);
    assert!(settings.contains("VESTIBULE_SECRET_KEY=set"), "{settings}");
    for text in [
        settings,
        activity,
        say(&["user", "list"]),
        say(&["client", "list", "--all"]),
    ] {
        assert!(
            !text.contains(crate::harness::app::SECRET_KEY) && !text.contains("$argon2"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn apps_with_an_address_of_their_own_are_listed_as_on_the_page() {
    let (app, site, alice) = refreshing_scene().await;
    let home = terminal(&app).await;
    let say = |arguments: &[&str]| home.run(arguments, "").expect_success();
    assert!(say(&["client", "list", "--seen"]).contains("none"));
    alice.tokens(&AuthorizationRequest::valid(&site)).await;
    say(&["host", "ask", "127.0.0.1"]);
    let listed = say(&["client", "list", "--seen"]);
    let line = listed.lines().last().unwrap();
    let words: Vec<&str> = line.split_whitespace().skip(1).collect();
    assert_eq!(words, ["1", "ask", site.client_id().as_str()], "{listed}");
    let listed: serde_json::Value = serde_json::from_str(&say(&["client", "list", "--seen", "--json"])).unwrap();
    assert_eq!(listed[0]["client_id"], site.client_id());
    assert!(!home.run(&["client", "list", "--seen", "--all"], "").success);
}
