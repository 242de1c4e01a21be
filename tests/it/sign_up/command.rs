//! Invitations on the command line.

use serde_json::json;

use super::*;
use crate::harness::command::Home;

/// Where the operator of a running server types.
async fn home_of(app: &TestApp) -> Home {
    let home = Home::new().await.with("VESTIBULE_DATABASE_URL", app.database_url());
    home.with("VESTIBULE_ISSUER", &app.issuer)
}

#[tokio::test]
async fn a_link_is_made_listed_and_taken_back() {
    let app = server("invitation").await;
    let home = home_of(&app).await;
    assert_eq!(
        home.run(&["invitation", "list"], "").expect_success().trim(),
        "There are none."
    );
    let made = home.run(&["invitation", "create", "--note", "for Bob", "--days", "1"], "");
    let made = made.expect_success();
    let link = made.trim().strip_prefix(&app.issuer).expect("a link and nothing else");
    let visitor = app.visitor();
    assert!(visitor.get(link).await.has("#username"));
    let listed = home.run(&["invitation", "list"], "").expect_success();
    assert!(listed.contains("open") && listed.contains("for Bob"), "{listed}");
    assert!(!listed.contains("vin_"), "{listed}");

    let id = the_invitation(&app).await.id;
    home.run(&["invitation", "withdraw", &id], "").expect_success();
    is_shut(&visitor.get(link).await, 410, "taken back");
    let again = home.run(&["invitation", "withdraw", &id], "");
    assert!(!again.success && again.err.contains("no open invitation"), "{again:?}");
    let listed = home.run(&["invitation", "list"], "").expect_success();
    assert!(listed.contains("withdrawn"), "{listed}");
}

#[tokio::test]
async fn the_list_says_whose_account_a_link_made() {
    let app = server("invitation").await;
    sign_up(&app.visitor(), &invitation(&app).await, "alice").await;
    let home = home_of(&app).await;
    let listed = home.run(&["invitation", "list"], "").expect_success();
    assert!(listed.contains("used by alice"), "{listed}");
    let listed = home.run(&["invitation", "list", "--json"], "").expect_success();
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed[0]["used_by"], "alice");
    assert_eq!(listed[0]["state"], "used");
    assert_eq!(listed[0]["note"], json!("for a friend"));
}

#[tokio::test]
async fn a_link_that_nobody_could_use_is_not_made() {
    let app = server("closed").await;
    let home = home_of(&app).await.with("VESTIBULE_SIGN_UP", "closed");
    let refused = home.run(&["invitation", "create"], "");
    assert!(
        !refused.success && refused.err.contains("VESTIBULE_SIGN_UP"),
        "{refused:?}"
    );
    for days in ["0", "31", "many"] {
        assert!(
            !home.run(&["invitation", "create", "--days", days], "").success,
            "{days}"
        );
    }
    assert_eq!(app.rows().await.count("invitations").await, 0);
}

/// The operator may know both; people who sign up are refused.
#[tokio::test]
async fn adding_a_look_alike_or_a_kept_name_is_allowed_and_noticed() {
    let app = server("closed").await;
    let home = home_of(&app).await;
    let added = home
        .run(&["user", "add", "second", "--password-stdin"], PASSWORD)
        .expect_success();
    assert!(!added.contains("Take care"), "{added}");
    let added = home
        .run(&["user", "add", "fir_st", "--password-stdin"], PASSWORD)
        .expect_success();
    assert!(added.contains("may take fir_st for first"), "{added}");
    home.run(&["user", "add", "admin", "--password-stdin"], PASSWORD)
        .expect_success();
    let again = home.run(&["user", "add", "first", "--password-stdin"], PASSWORD);
    assert!(!again.success && again.err.contains("that name is taken"), "{again:?}");
}
