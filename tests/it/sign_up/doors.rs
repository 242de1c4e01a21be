//! Who may come in, by which door, how often.

use super::*;

#[tokio::test]
async fn without_a_setting_it_takes_an_invitation() {
    let app = TestApp::start().await;
    app.accounts.add_user("first", PASSWORD).await.unwrap();
    let visitor = app.visitor();
    is_shut(
        &visitor.get(PAGE).await,
        200,
        "You need an invitation to make an account here",
    );
    let answer = sign_up(&visitor, &invitation(&app).await, "alice").await;
    assert_eq!(answer.location(), "/");
    let home = visitor.get("/").await.text();
    assert!(home.contains(&format!("{}/@alice", app.issuer)), "{home}");
    assert_eq!(app.rows().await.audit().await, ["signed_up"]);
    let state = the_invitation(&app).await.state;
    assert!(matches!(state, InvitationState::Used(Some(by)) if by.as_str() == "alice"));
}

#[tokio::test]
async fn the_form_for_everybody_is_there_where_everybody_may() {
    for (setting, offered) in [("closed", false), ("invitation", false), ("open", true)] {
        let app = server(setting).await;
        let visitor = app.visitor();
        let link = r#"main a[href="/sign-up"]"#;
        assert_eq!(visitor.get("/").await.has(link), offered, "{setting}");
        assert_eq!(visitor.get("/sign-in").await.has(link), offered, "{setting}");
        let page = visitor.get(PAGE).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.has("#username"), offered, "{setting}");
        if offered {
            assert_eq!(sign_up(&visitor, PAGE, "alice").await.location(), "/");
            assert!(is_signed_in(&visitor).await);
        }
    }
}

/// The page is not what holds the door.
#[tokio::test]
async fn a_form_that_was_never_shown_makes_no_account() {
    for (setting, words) in [
        ("closed", "Sign-up is closed"),
        ("invitation", "You need an invitation"),
    ] {
        let app = server(setting).await;
        let visitor = app.visitor();
        let csrf = visitor.get("/sign-in").await.form("/sign-in").get("csrf").to_owned();
        let fields = [("csrf", csrf.as_str()), ("username", "mallory"), ("password", PASSWORD)];
        is_shut(&visitor.post(PAGE, &fields).await, 403, words);
        assert_eq!(newcomers(&app).await, 0);
        assert!(!is_signed_in(&visitor).await);
    }
}

#[tokio::test]
async fn closed_means_for_links_of_before_too() {
    const CLOSED: &str = "Sign-up is closed";
    let before = server("invitation").await;
    let link = invitation(&before).await;
    let app = before
        .replica(Options::default().set("VESTIBULE_SIGN_UP", "closed"))
        .await;
    let visitor = app.visitor();
    is_shut(&visitor.get(PAGE).await, 200, CLOSED);
    is_shut(&visitor.get(&link).await, 403, CLOSED);
    let form = filled(&before.visitor(), &link, "alice").await;
    let csrf = visitor.get("/sign-in").await.form("/sign-in").get("csrf").to_owned();
    is_shut(&visitor.submit(&form.set("csrf", &csrf)).await, 403, CLOSED);
    assert_eq!(newcomers(&app).await, 0);
    assert_eq!(the_invitation(&app).await.state, InvitationState::Open);
}

#[tokio::test]
async fn where_everybody_may_an_invitation_works_as_well() {
    let app = server("open").await;
    assert_eq!(
        sign_up(&app.visitor(), &invitation(&app).await, "alice")
            .await
            .location(),
        "/"
    );
    assert_ne!(the_invitation(&app).await.state, InvitationState::Open);
}

/// Or a stranger would be the first one, and the link for that would be spent.
#[tokio::test]
async fn nobody_signs_up_before_the_server_is_set_up() {
    let app = Options::default().set("VESTIBULE_SIGN_UP", "open").start().await;
    let visitor = app.visitor();
    let csrf = visitor.get("/sign-in").await.form("/sign-in").get("csrf").to_owned();
    let fields = [("csrf", csrf.as_str()), ("username", "mallory"), ("password", PASSWORD)];
    is_shut(&visitor.get(PAGE).await, 200, "not set up yet");
    is_shut(&visitor.post(PAGE, &fields).await, 403, "not set up yet");
    assert_eq!(app.rows().await.count("users").await, 0);
}

#[tokio::test]
async fn a_form_from_elsewhere_or_from_another_session_is_refused_and_keeps_what_was_typed() {
    let app = server("open").await;
    let (visitor, other) = (app.visitor(), app.visitor());
    let form = filled(&visitor, PAGE, "alice").await;
    let foreign = filled(&other, PAGE, "alice").await.get("csrf").to_owned();
    for token in ["", "guess", &foreign] {
        let answer = visitor.submit(&form.clone().set("csrf", token)).await;
        expect::page_error(&answer, 400);
        assert_eq!(answer.form(PAGE).get("username"), "alice");
    }
    let request = visitor.request(Method::POST, PAGE).header("content-type", FORM);
    let request = request
        .header("sec-fetch-site", "cross-site")
        .body(encode(&form.fields));
    expect::page_error(&visitor.send(request).await, 400);
    assert_eq!(newcomers(&app).await, 0);
    assert_eq!(visitor.submit(&form).await.location(), "/");
}

#[tokio::test]
async fn a_password_is_looked_at_before_it_is_hashed() {
    let app = server("open").await;
    let visitor = app.visitor();
    let form = filled(&visitor, PAGE, "alice").await;
    for (password, words) in [
        ("", "too short"),
        ("1234567", "too short"),
        (&"x".repeat(129), "too long"),
        (&"x".repeat(60_000), "too long"),
    ] {
        let answer = visitor.submit(&form.clone().set("password", password)).await;
        expect::page_error(&answer, 400);
        assert!(answer.text().contains(words), "{}", answer.text());
        assert!(answer.has(r#"#password[aria-invalid="true"]"#));
    }
    let huge = visitor
        .submit(&form.clone().set("password", &"x".repeat(1 << 20)))
        .await;
    expect::page_error(&huge, 413);
    assert_eq!(visitor.submit(&form).await.location(), "/");
}

#[tokio::test]
async fn whoever_was_there_before_does_not_share_the_session() {
    let app = server("open").await;
    let (visitor, attacker) = (app.visitor(), app.visitor());
    for browser in [&visitor, &attacker] {
        browser.set_cookie("vestibule_session", "vse_planted");
    }
    sign_up(&visitor, PAGE, "alice").await;
    assert!(is_signed_in(&visitor).await);
    assert!(!is_signed_in(&attacker).await);
}

#[tokio::test]
async fn one_place_makes_so_many_accounts_and_no_more() {
    let options = Options::default().set("VESTIBULE_SIGN_UP", "open");
    let app = options.set("VESTIBULE_LIMITS__SIGN_UP", "2").start().await;
    app.accounts.add_user("first", PASSWORD).await.unwrap();
    // Looking for a name that is free is not making an account.
    let undecided = app.visitor();
    for name in ["first", "admin", "f_irst", "fi__rst", "", "first"] {
        let form = filled(&undecided, PAGE, name).await;
        expect::page_error(&undecided.submit(&form.set("password", "another password")).await, 400);
    }
    for name in ["alice", "bob"] {
        assert_eq!(sign_up(&app.visitor(), PAGE, name).await.location(), "/");
    }
    let refused = sign_up(&app.visitor(), PAGE, "carol").await;
    expect::page_error(&refused, 429);
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=301).contains(&wait), "{wait}");
    assert_eq!(refused.form(PAGE).get("username"), "carol");
    assert_eq!(newcomers(&app).await, 2);
    // Whoever is invited does not wait for strangers.
    assert_eq!(
        sign_up(&app.visitor(), &invitation(&app).await, "carol")
            .await
            .location(),
        "/"
    );
}

/// An invitation is good for one account, and for a few tries more than strangers have: each costs a hash.
#[tokio::test]
async fn one_invitation_buys_so_many_tries_and_no_more() {
    let options = Options::default().set("VESTIBULE_SIGN_UP", "invitation");
    let app = options.set("VESTIBULE_LIMITS__SIGN_UP", "1").start().await;
    app.accounts.add_user("first", PASSWORD).await.unwrap();
    let rows = app.rows().await;
    rows.refuse("INSERT", "users").await;
    let link = invitation(&app).await;
    for number in 0..4 {
        let visitor = app.visitor();
        let answer = sign_up(&visitor, &link, "alice").await;
        assert_eq!(answer.status == StatusCode::TOO_MANY_REQUESTS, number == 3, "{number}");
    }
    rows.relent("users").await;
    assert_eq!(newcomers(&app).await, 0);
}
