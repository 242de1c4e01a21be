//! The links of invitations: what each end of one looks like, and what ends it.

use super::*;

const USED: &str = "This invitation has been used";
const LAPSED: &str = "This invitation is too old";
const WITHDRAWN: &str = "This invitation has been taken back";
const UNKNOWN: &str = "This invitation does not work";

/// Fails unless the link is at its end: the page says so, and so does the answer to a form of before.
async fn expect_ended(app: &TestApp, visitor: &Visitor, link: &str, form: &Form, words: &str) {
    is_shut(&visitor.get(link).await, 410, words);
    is_shut(&visitor.submit(form).await, 410, words);
    assert_eq!(visitor.get("/@late").await.status, StatusCode::NOT_FOUND);
    assert!(!is_signed_in(visitor).await);
    assert!(app.rows().await.count("sessions").await <= 1);
}

#[tokio::test]
async fn a_link_is_good_once() {
    let app = server("invitation").await;
    let (link, late) = (invitation(&app).await, app.visitor());
    let form = filled(&late, &link, "late").await;
    sign_up(&app.visitor(), &link, "alice").await;
    expect_ended(&app, &late, &link, &form, USED).await;
}

#[tokio::test]
async fn a_link_lapses_when_it_was_said_to() {
    let app = server("invitation").await;
    let (link, late) = (invitation(&app).await, app.visitor());
    app.clock.advance(WEEK - SECOND);
    let form = filled(&late, &link, "late").await;
    app.clock.advance(SECOND);
    expect_ended(&app, &late, &link, &form, LAPSED).await;
    assert_eq!(the_invitation(&app).await.state, InvitationState::Lapsed);
    let short = app.accounts.invite(None, None, DAY).await.unwrap();
    app.clock.advance(DAY);
    let path = format!("/invitation?token={}", short.expose());
    is_shut(&app.visitor().get(&path).await, 410, LAPSED);
}

#[tokio::test]
async fn a_link_can_be_taken_back_until_it_is_used() {
    let app = server("invitation").await;
    let (link, late) = (invitation(&app).await, app.visitor());
    let form = filled(&late, &link, "late").await;
    let id = the_invitation(&app).await.id;
    assert!(app.accounts.withdraw_invitation(&id).await.unwrap());
    assert!(!app.accounts.withdraw_invitation(&id).await.unwrap());
    assert!(!app.accounts.withdraw_invitation("unknown").await.unwrap());
    expect_ended(&app, &late, &link, &form, WITHDRAWN).await;

    let used = invitation(&app).await;
    sign_up(&app.visitor(), &used, "alice").await;
    for invitation in app.accounts.invitations().await.unwrap() {
        assert!(!app.accounts.withdraw_invitation(&invitation.id).await.unwrap());
    }
    is_shut(&late.get(&used).await, 410, USED);
}

#[tokio::test]
async fn a_made_up_link_opens_nothing() {
    let app = server("invitation").await;
    let visitor = app.visitor();
    let form = filled(&visitor, &invitation(&app).await, "late").await;
    for path in ["/invitation", "/invitation?token=", "/invitation?token=vin_guess"] {
        is_shut(&visitor.get(path).await, 410, UNKNOWN);
    }
    is_shut(&visitor.submit(&form.set("token", "vin_guess")).await, 410, UNKNOWN);
    expect::page_error(&visitor.get("/invitation?token=a&token=b").await, 400);
    assert_eq!(newcomers(&app).await, 0);
}

#[tokio::test]
async fn links_may_be_guessed_so_often_and_no_more() {
    let app = Options::default().set("VESTIBULE_LIMITS__SIGN_UP", "2").start().await;
    app.accounts.add_user("first", PASSWORD).await.unwrap();
    let (link, visitor) = (invitation(&app).await, app.visitor());
    let form = filled(&visitor, &link, "alice").await;
    is_shut(&visitor.get("/invitation?token=vin_a").await, 410, UNKNOWN);
    is_shut(&visitor.submit(&form.clone().set("token", "vin_b")).await, 410, UNKNOWN);
    expect::page_error(&visitor.get("/invitation?token=vin_c").await, 429);
    let guess = visitor.submit(&form.clone().set("token", "vin_d")).await;
    expect::page_error(&guess, 429);
    assert_ne!(guess.header("retry-after"), "");
    // A link that exists is no guess.
    assert_eq!(visitor.submit(&form).await.location(), "/");
}

/// LG-09: programs that read mail follow links.
#[tokio::test]
async fn looking_at_a_link_uses_nothing_up_and_writes_nothing() {
    let app = server("invitation").await;
    let link = invitation(&app).await;
    app.forget_statements();
    for _ in 0..3 {
        assert!(app.visitor().get(&link).await.has("#username"));
    }
    let statements = app.statements_of_requests();
    assert!(statements.iter().all(|sql| sql.starts_with("SELECT")), "{statements:?}");
    let head = app.visitor();
    head.send(head.request(Method::HEAD, &link)).await;
    assert_eq!(the_invitation(&app).await.state, InvitationState::Open);
}

#[tokio::test]
async fn a_refused_try_leaves_the_link_good() {
    let app = server("invitation").await;
    let visitor = app.visitor();
    let form = filled(&visitor, &invitation(&app).await, "alice").await;
    for (field, value) in [
        ("username", "first"),
        ("username", "f_irst"),
        ("username", "root"),
        ("username", "al ice"),
        ("password", "short"),
        ("csrf", "guess"),
    ] {
        let refused = form.clone().set("password", "another password").set(field, value);
        let answer = visitor.submit(&refused).await;
        expect::page_error(&answer, 400);
        // The link stays in the form.
        assert_eq!(answer.form(PAGE).get("token"), form.get("token"));
    }
    assert_eq!(the_invitation(&app).await.state, InvitationState::Open);
    assert_eq!(visitor.submit(&form).await.location(), "/");
}

/// The name may be taken between the look at it and the end: then the link must not be used up.
#[tokio::test]
async fn a_failure_at_the_end_leaves_nothing_behind() {
    let app = server("invitation").await;
    let visitor = app.visitor();
    let form = filled(&visitor, &invitation(&app).await, "alice").await;
    for table in ["users", "audit_events", "sessions"] {
        let rows = app.rows().await;
        rows.refuse("INSERT", table).await;
        expect::page_error(&visitor.submit(&form).await, 503);
        rows.relent(table).await;
        assert_eq!(newcomers(&app).await, 0, "{table}");
        assert_eq!(the_invitation(&app).await.state, InvitationState::Open, "{table}");
    }
    assert_eq!(visitor.submit(&form).await.location(), "/");
}

#[tokio::test]
async fn who_is_signed_in_is_told_so_and_uses_nothing_up() {
    let app = server("invitation").await;
    let (link, visitor) = (invitation(&app).await, app.signed_in("first", PASSWORD).await);
    let form = filled(&app.visitor(), &link, "alice").await;
    let page = visitor.get(&link).await;
    is_shut(&page, 200, "You are signed in as first");
    assert!(page.text().contains("has not been used"), "{}", page.text());
    is_shut(&visitor.submit(&form).await, 200, "You are signed in as first");
    is_shut(&visitor.get(PAGE).await, 200, "You are signed in as first");
    assert_eq!(newcomers(&app).await, 0);
    assert_eq!(visitor.submit(&page.form("/sign-out")).await.location(), "/");
    assert_eq!(sign_up(&visitor, &link, "alice").await.location(), "/");
}

#[tokio::test]
async fn the_token_is_told_to_no_other_site() {
    let app = server("invitation").await;
    let page = app.visitor().get(&invitation(&app).await).await;
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(!page.body.contains("href=\"http"), "{}", page.body);
}

#[tokio::test]
async fn an_operator_finds_their_invitations_among_their_own_doings() {
    let app = server("invitation").await;
    let first = vestibule::oauth::profile::Username::parse("first").unwrap();
    let operator = app.accounts.find_by_username(&first).await.unwrap().unwrap();
    let note = "Bob\u{202e} from\tthe  choir";
    app.accounts.invite(Some(&operator), Some(note), WEEK).await.unwrap();
    assert_eq!(the_invitation(&app).await.note.as_deref(), Some("Bob from the choir"));
    assert_eq!(app.rows().await.audit().await, ["invited"]);
    let page = app.signed_in("first", PASSWORD).await.get("/account/activity").await;
    assert!(
        page.text().contains("You made an invitation link. Bob from the choir"),
        "{}",
        page.text()
    );
}
