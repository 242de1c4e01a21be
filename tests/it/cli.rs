//! The binary itself: what it prints, what it refuses, and how it stops.

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::harness::ClientSite;
use crate::harness::actors::Answer;
use crate::harness::command::{Home, READY};
use crate::harness::postgres;

const PASSWORD: &str = "correct horse battery";

/// Signs in over HTTP; gives the status of the answer: 303 when the password was right.
async fn sign_in(home: &Home, name: &str, password: &str) -> StatusCode {
    let browser = home.visitor();
    let form = browser.get("/sign-in").await.form("/sign-in");
    browser
        .submit(&form.set("username", name).set("password", password))
        .await
        .status
}

#[tokio::test]
async fn serve_says_where_it_is_and_prints_a_set_up_link_that_works() {
    let home = Home::new().await;
    let mut server = home.serve(&[]);
    let ready = server.until(READY);
    assert_eq!(ready, format!("{READY}{}", home.issuer()));
    server.until("Development mode");
    let link = server.until("/set-up?token=");
    let page = home.visitor().get(&link).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.has(r#"input[name="username"]"#), "{}", page.text());
}

#[tokio::test]
async fn serve_is_what_happens_without_a_command() {
    let home = Home::new().await;
    let _server = home.start(&[]);
    assert_eq!(home.visitor().get("/health").await.json(), json!({ "status": "ok" }));
}

#[tokio::test]
async fn a_server_with_accounts_prints_no_set_up_link() {
    let home = Home::new().await;
    home.run(&["user", "add", "alice", "--password-stdin"], PASSWORD)
        .expect_success();
    let said = home.serve(&[]).everything_said();
    assert!(said.contains(READY) && !said.contains("/set-up"), "{said}");
}

#[tokio::test]
async fn without_settings_the_database_is_a_file_beside_it() {
    let home = Home::new().await.without("VESTIBULE_DATABASE_URL");
    home.run(&["user", "add", "alice", "--password-stdin"], PASSWORD)
        .expect_success();
    assert!(home.has_file("vestibule.db"));
}

#[tokio::test]
async fn without_settings_the_key_is_a_file_beside_the_database_and_goes_on_being_used() {
    let home = Home::new().await.without("VESTIBULE_DATABASE_URL");
    let home = home.without("VESTIBULE_SECRET_KEY");
    home.run(&["user", "add", "alice", "--password-stdin"], PASSWORD)
        .expect_success();
    assert!(home.has_file("vestibule.db.key"));
    let key = home.read("vestibule.db.key");
    home.run(&["user", "add", "bob", "--password-stdin"], PASSWORD)
        .expect_success();
    assert_eq!(home.read("vestibule.db.key"), key);
    home.write("vestibule.db.key", "not a key");
    let refused = home.run(&["serve"], "");
    assert!(
        !refused.success && refused.err.contains("vestibule.db.key"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_second_step_is_turned_off_by_the_operator() {
    let app = crate::harness::TestApp::start().await;
    app.owner_with_authenticator("alice").await;
    let home = Home::new().await.with("VESTIBULE_DATABASE_URL", app.database_url());
    let home = home.with("VESTIBULE_ISSUER", &app.issuer);
    let reset = ["user", "reset-second-factor", "alice"];
    let said = home.run(&reset, "").expect_success();
    assert!(said.contains("alice signs in with the password alone"), "{said}");
    assert_eq!(app.visitor().type_password("/sign-in", "alice").await.location(), "/");
    assert!(home.run(&reset, "").expect_success().contains("has no second step"));
    assert!(!home.run(&["user", "reset-second-factor", "nobody"], "").success);
    let reset = ["user", "reset-sign-in", "alice"];
    assert!(
        home.run(&reset, "")
            .expect_success()
            .contains("has nothing but the password")
    );
    assert!(!home.run(&["user", "reset-sign-in", "nobody"], "").success);
}

#[tokio::test]
async fn a_person_is_shown_and_their_e_mail_address_confirmed() {
    let app = crate::harness::TestApp::start().await;
    let alice = app.owner("alice").await;
    let home = Home::new().await.with("VESTIBULE_DATABASE_URL", app.database_url());
    let home = home.with("VESTIBULE_ISSUER", &app.issuer);
    let verify = ["user", "verify-email", "alice"];
    let refused = home.run(&verify, "");
    assert!(
        !refused.success && refused.err.contains("no e-mail address"),
        "{refused:?}"
    );
    let bare = home.run(&["user", "show", "alice"], "").expect_success();
    assert!(
        bare.contains("shown as: none") && bare.contains("e-mail: none"),
        "{bare}"
    );
    let form = alice.get("/account/profile").await.form("/account/profile");
    alice.upload(&form.set("name", "Alice Liddell"), "image/png", b"").await;
    let form = alice.get("/account/profile/email").await.form("/account/profile/email");
    alice.submit(&form.set("email", "alice@mail.example")).await;
    let said = home.run(&["user", "show", "alice"], "").expect_success();
    for line in [
        "name: alice",
        "shown as: Alice Liddell",
        "website: none",
        "picture: no",
        "e-mail: alice@mail.example (not verified)",
        "operator: no",
        "disabled: no",
        "second step: no",
    ] {
        assert!(said.lines().any(|said| said == line), "{line}: {said}");
    }
    let said = home.run(&verify, "").expect_success();
    assert!(said.contains("alice@mail.example is noted to be alice's"), "{said}");
    assert!(home.run(&verify, "").expect_success().contains("nothing was changed"));
    let said = home.run(&["user", "show", "alice"], "").expect_success();
    assert!(said.contains("e-mail: alice@mail.example (verified)"), "{said}");
    for command in ["show", "verify-email"] {
        assert!(!home.run(&["user", command, "nobody"], "").success, "{command}");
    }
}

#[tokio::test]
async fn a_server_with_another_key_does_not_start_on_secrets_it_cannot_read() {
    let app = crate::harness::TestApp::start().await;
    app.owner_with_authenticator("alice").await;
    let home = Home::new().await.with("VESTIBULE_DATABASE_URL", app.database_url());
    let home = home.with("VESTIBULE_ISSUER", &app.issuer);
    home.run(&["resource", "add", "wiki"], "").expect_success();
    let other = home.with("VESTIBULE_SECRET_KEY", &"ab".repeat(32));
    let refused = other.run(&["serve"], "");
    assert!(
        !refused.success && refused.err.contains("VESTIBULE_SECRET_KEY"),
        "{refused:?}"
    );
    // With SQLite another key is made then.
    let none = other.without("VESTIBULE_SECRET_KEY");
    let refused = none.run(&["serve"], "");
    assert!(
        !refused.success && refused.err.contains("VESTIBULE_SECRET_KEY"),
        "{refused:?}"
    );
}

/// The command that is needed when the key is lost runs without the key.
#[tokio::test]
async fn with_the_key_lost_the_message_names_the_command_that_helps_and_it_helps() {
    let app = crate::harness::TestApp::start().await;
    for name in ["alice", "bob"] {
        app.owner_with_authenticator(name).await;
    }
    app.accounts.add_user("carol", PASSWORD).await.unwrap();
    let home = Home::new().await.with("VESTIBULE_DATABASE_URL", app.database_url());
    let home = home.with("VESTIBULE_ISSUER", &app.issuer);
    let home = home.with("VESTIBULE_SECRET_KEY", &"ab".repeat(32));
    let refused = home.run(&["serve"], "");
    assert!(!refused.success, "{refused:?}");
    for words in ["vestibule user reset-second-factor NAME", "alice", "bob"] {
        assert!(refused.err.contains(words), "{words}: {refused:?}");
    }
    assert!(!refused.err.contains("carol"), "{refused:?}");
    for name in ["alice", "bob"] {
        let said = home.run(&["user", "reset-second-factor", name], "").expect_success();
        assert!(said.contains("signs in with the password alone"), "{said}");
    }
    let rows = app.rows().await;
    for table in ["second_factors", "recovery_codes"] {
        assert_eq!(rows.count(table).await, 0, "{table}");
    }
    let resets = "audit_events WHERE kind = 'second_factor_reset'";
    assert_eq!(rows.count(resets).await, 2);
    let _server = home.serve(&[]);
}

#[tokio::test]
async fn the_database_is_all_that_a_server_needs_to_know() {
    let home = Home::new().await.without("VESTIBULE_SECRET_KEY");
    let mut server = home.spawn(&["serve"]);
    server.until_ready();
    assert_eq!(home.visitor().get("/health").await.status, 200);
}

#[tokio::test]
async fn sigterm_lets_a_request_finish_and_ends_with_success() {
    let home = Home::new().await;
    let mut server = home.serve(&[]);
    let mut stream = BufReader::new(TcpStream::connect(home.address()).await.unwrap());
    let head = "POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\n\
                Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    assert!(line.starts_with("HTTP/1.1 100 "), "the request is under way: {line}");
    server.terminate();
    stream.write_all(b"a=b").await.unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert!(rest.contains("HTTP/1.1 400 "), "{rest}");
    assert!(rest.contains("grant_type is missing"), "{rest}");
    assert!(server.wait().success());
}

#[tokio::test]
async fn wrong_settings_stop_the_start_and_every_fault_is_named() {
    let home = Home::new()
        .await
        .with("VESTIBULE_ISSUER", "http://id.example")
        .with("VESTIBULE_LIMITS__SIGN_IN", "many")
        .with("VESTIBULE_DATABASE_URL", "mysql://root:hunter2@db/x")
        .with("VESTIBULE_COLOUR", "green");
    let outcome = home.run(&["serve"], "");
    assert!(!outcome.success, "{outcome:?}");
    for fault in [
        "VESTIBULE_ISSUER ",
        "VESTIBULE_LIMITS__SIGN_IN ",
        "VESTIBULE_DATABASE_URL ",
        "VESTIBULE_COLOUR ",
    ] {
        assert!(outcome.err.contains(fault), "{fault} is not in: {}", outcome.err);
    }
    assert!(!outcome.err.contains("hunter2"), "a password is shown: {}", outcome.err);
}

#[tokio::test]
async fn a_settings_file_is_read_and_variables_override_it() {
    let home = Home::new().await.without("VESTIBULE_ISSUER");
    let other = "http://localhost:1";
    home.write("settings.toml", &format!("issuer = \"{other}\"\n"));
    let arguments = ["--config", "settings.toml", "user", "add", "alice", "--password-stdin"];
    let added = home.run(&arguments, PASSWORD).expect_success();
    assert!(added.contains(&format!("{other}/@alice")), "{added}");
    let home = home.with("VESTIBULE_ISSUER", "http://localhost:2");
    let refused = home.run(&["--config", "settings.toml", "resource", "add", "x"], "");
    assert!(
        refused.err.contains("VESTIBULE_ISSUER is http://localhost:2"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_person_who_was_added_signs_in() {
    let home = Home::new().await;
    let said = home
        .run(&["user", "add", "alice", "--password-stdin"], &format!("{PASSWORD}\n"))
        .expect_success();
    assert!(said.contains(&format!("{}/@alice", home.issuer())), "{said}");
    let _server = home.serve(&[]);
    assert_eq!(sign_in(&home, "alice", PASSWORD).await, 303);
    assert_eq!(sign_in(&home, "alice", "a wrong guess").await, 400);
}

#[tokio::test]
async fn a_person_who_exists_is_not_added_again() {
    let home = Home::new().await;
    home.run(&["user", "add", "alice", "--password-stdin"], PASSWORD)
        .expect_success();
    let outcome = home.run(&["user", "add", "alice", "--password-stdin"], "another long password");
    assert!(
        !outcome.success && outcome.err.contains("that name is taken"),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_password_that_is_too_short_is_refused() {
    let home = Home::new().await;
    let outcome = home.run(&["user", "add", "alice", "--password-stdin"], "short");
    assert!(
        !outcome.success && outcome.err.contains("at least 8 characters"),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_password_is_not_asked_for_where_nobody_can_type() {
    let home = Home::new().await;
    let outcome = home.run(&["user", "add", "alice"], PASSWORD);
    assert!(
        !outcome.success && outcome.err.contains("--password-stdin"),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_new_password_replaces_the_old_one_while_the_server_runs() {
    let home = Home::new().await;
    home.run(&["user", "add", "alice", "--password-stdin"], PASSWORD)
        .expect_success();
    let _server = home.serve(&[]);
    let said = home
        .run(
            &["user", "password", "alice", "--password-stdin"],
            "another long password",
        )
        .expect_success();
    let help = home.run(&["user", "--help"], "").expect_success();
    for text in [&said, &help] {
        assert!(text.contains("every app") && text.contains("everywhere"), "{text}");
    }
    assert_eq!(sign_in(&home, "alice", PASSWORD).await, 400);
    assert_eq!(sign_in(&home, "alice", "another long password").await, 303);
}

#[tokio::test]
async fn nobody_gets_a_new_password_who_does_not_exist() {
    let home = Home::new().await;
    let outcome = home.run(&["user", "password", "alice", "--password-stdin"], PASSWORD);
    assert!(
        !outcome.success && outcome.err.contains("nobody has that name"),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_resource_server_gets_credentials_that_work() {
    let home = Home::new().await;
    let said = home.run(&["resource", "add", "micropub"], "").expect_success();
    let credentials: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(credentials["name"], "micropub");
    let endpoint = credentials["introspection_endpoint"].as_str().unwrap();
    assert_eq!(endpoint, format!("{}/oauth/introspect", home.issuer()));
    let _server = home.serve(&[]);
    let fields = [("token", "x")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let request = home
        .http()
        .post(endpoint)
        .header("content-type", "application/x-www-form-urlencoded");
    let text = |name: &str| credentials[name].as_str().unwrap().to_owned();
    let request = request.basic_auth(text("client_id"), Some(text("client_secret")));
    let answer = Answer::to(request.body(crate::harness::actors::encode(&fields))).await;
    assert_eq!(answer.json(), json!({ "active": false }), "{answer:?}");
}

#[tokio::test]
async fn two_resource_servers_cannot_share_a_name() {
    let home = Home::new().await;
    home.run(&["resource", "add", "micropub"], "").expect_success();
    let outcome = home.run(&["resource", "add", "micropub"], "");
    assert!(
        !outcome.success && outcome.err.contains("exists already"),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_database_of_another_issuer_is_refused() {
    let home = Home::new().await.with("VESTIBULE_ISSUER", "http://localhost:1");
    home.run(&["resource", "add", "first"], "").expect_success();
    let home = home.with("VESTIBULE_ISSUER", "http://localhost:2");
    for command in [&["serve"][..], &["resource", "add", "second"]] {
        let outcome = home.run(command, "");
        assert!(!outcome.success, "{outcome:?}");
        assert!(outcome.err.contains("belongs to http://localhost:1"), "{outcome:?}");
        assert!(outcome.err.contains("--change-issuer"), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_database_changes_its_issuer_when_told_to() {
    let home = Home::new().await.with("VESTIBULE_ISSUER", "http://localhost:1");
    home.run(&["resource", "add", "first"], "").expect_success();
    let home = home.with("VESTIBULE_ISSUER", "http://localhost:2");
    drop(home.serve(&["--change-issuer"]));
    home.run(&["resource", "add", "second"], "").expect_success();
}

#[tokio::test]
async fn health_succeeds_while_the_server_runs_and_fails_before() {
    let home = Home::new().await;
    let before = home.run(&["health"], "");
    assert!(!before.success && before.err.contains("nobody listens"), "{before:?}");
    let _server = home.serve(&[]);
    home.run(&["health"], "").expect_success();
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let home = Home::new().await;
    let _server = home.serve(&[]);
    let outcome = home.run(&["serve"], "");
    assert!(
        !outcome.success && outcome.err.contains("VESTIBULE_LISTEN"),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn two_servers_start_at_once_on_an_empty_database() {
    if !postgres::is_chosen() {
        return; // SQLite is for one server.
    }
    let database = postgres::fresh_database("empty", async |_| {}).await;
    let mut homes = Vec::new();
    for _ in 0..2 {
        let home = Home::new().await.with("VESTIBULE_ISSUER", "http://localhost:1");
        homes.push(home.with("VESTIBULE_DATABASE_URL", &database.url));
    }
    let servers = homes.iter().map(|home| home.spawn(&["serve"])).collect::<Vec<_>>();
    for (home, mut server) in homes.iter().zip(servers) {
        server.until_ready();
        assert_eq!(home.visitor().get("/health").await.status, 200);
    }
}

#[tokio::test]
async fn nothing_that_was_typed_as_a_secret_is_logged() {
    let home = Home::new().await.with("VESTIBULE_LOG__LEVEL", "debug");
    let server = home.serve(&[]);
    let browser = home.visitor();
    let form = browser.get("/sign-in?state=hidden-state").await.form("/sign-in");
    browser
        .submit(&form.set("username", "alice").set("password", "hidden-password"))
        .await;
    browser.get("/oauth/authorize?client_id=x&state=hidden-state").await;
    browser
        .redeem(&[
            ("grant_type", "authorization_code"),
            ("code", "hidden-code"),
            ("client_id", "https://a.example/"),
        ])
        .await;
    browser.get_with_token("/oauth/userinfo", "hidden-token").await;
    let log = server.everything_said();
    assert!(log.contains("/oauth/token"), "the log speaks of requests: {log}");
    assert!(!log.contains("hidden-"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_listed_and_looked_at() {
    let home = Home::new().await;
    home.run(&["user", "add", "alice", "--password-stdin"], PASSWORD)
        .expect_success();
    let hosted = format!("{}/@alice", home.issuer());
    assert_eq!(
        home.run(&["address", "list", "alice"], "").expect_success().trim(),
        hosted
    );
    let site = ClientSite::with_page(&format!(r#"<link rel="me" href="{hosted}">"#)).await;
    let found = home.run(&["address", "check", "alice", &site.url("/")], "");
    assert_eq!(found.expect_success(), "found: apps_lost\nproved\n");
    site.page("");
    let found = home.run(&["address", "check", "alice", &site.url("/")], "");
    assert_eq!(found.expect_success(), "found: nothing\nnot proved\n");
    for arguments in [
        ["address", "check", "alice", "http://alice.example/"],
        ["address", "check", "nobody", "https://alice.example/"],
    ] {
        let refused = home.run(&arguments, "");
        assert!(!refused.success, "{refused:?}");
    }
}
