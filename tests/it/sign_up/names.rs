//! Which names can be had.

use super::*;

const INVALID: &str = "This username does not work";
const TAKEN: &str = "has this username already";
const ALIKE: &str = "looks too much like";
const KEPT: &str = "kept for those who run this server";

#[tokio::test]
async fn a_name_is_read_as_it_was_meant() {
    let app = server("open").await;
    for (typed, name) in [
        ("Alice", "alice"),
        ("Ｂob", "bob"),
        (" @carol ", "carol"),
        ("ＤＡＶＥ＿１", "dave_1"),
        ("\u{212a}ate", "kate"),
    ] {
        assert_eq!(sign_up(&app.visitor(), PAGE, typed).await.location(), "/", "{typed}");
        let page = app.visitor().get(&format!("/@{name}")).await;
        assert_eq!(page.status, StatusCode::OK, "{name}");
        assert_eq!(app.visitor().type_password("/sign-in", typed).await.location(), "/");
    }
}

#[tokio::test]
async fn a_name_that_cannot_be_had_says_why() {
    let app = server("open").await;
    for name in ["alice", "maria", "mark", "will_0"] {
        app.accounts.add_user(name, PASSWORD).await.unwrap();
    }
    let before = newcomers(&app).await;
    let visitor = app.visitor();
    let form = filled(&visitor, PAGE, "").await;
    let long = "x".repeat(31);
    for (name, words) in [
        ("", INVALID),
        ("a b", INVALID),
        ("a-b", INVALID),
        ("аlice", INVALID),
        ("al\u{200b}ice", INVALID),
        (long.as_str(), INVALID),
        ("alice", TAKEN),
        ("ALICE", TAKEN),
        ("ａｌｉｃｅ", TAKEN),
        ("a1ice", ALIKE),
        ("A1ice", ALIKE),
        ("_alice_", ALIKE),
        ("mar1a", ALIKE),
        ("aiice", ALIKE),
        ("rnark", ALIKE),
        ("vvi11o", ALIKE),
        ("admin", KEPT),
        ("Ａdmin", KEPT),
        ("r00t", KEPT),
        ("sign_in", KEPT),
        ("signin", KEPT),
        ("adrnin", KEPT),
        ("___", KEPT),
    ] {
        let answer = visitor
            .submit(&form.clone().set("username", name).set("password", "another password"))
            .await;
        expect::page_error(&answer, 400);
        assert!(answer.text().contains(words), "{name}: {}", answer.text());
        assert!(answer.has(r#"#username[aria-invalid="true"]"#), "{name}");
    }
    assert_eq!(newcomers(&app).await, before);
}

/// Whoever holds the set-up link runs the server, and nobody else is there to be mistaken for.
#[tokio::test]
async fn the_first_account_may_have_a_name_that_is_kept() {
    let app = TestApp::start().await;
    let link = app.setup_link.clone().unwrap();
    let visitor = app.visitor();
    let form = visitor.get(&link).await.form("/set-up");
    let form = form.set("username", "Ａdmin").set("password", PASSWORD);
    assert_eq!(visitor.submit(&form).await.location(), "/");
    assert_eq!(visitor.get("/@admin").await.status, StatusCode::OK);
}
