//! Shutting somebody out, letting them in again, and their ways back in.

use super::*;
use crate::harness::api::{access_token, refresh_token, refreshing_scene};
use crate::harness::{AuthorizationRequest, ClientSite};
use vestibule::oauth::error::ErrorCode;

#[tokio::test]
async fn shutting_somebody_out_ends_everything_at_once() {
    let (app, site, alice) = refreshing_scene().await;
    let olga = operator(&app, "olga").await;
    let request = AuthorizationRequest::valid(&site);
    let tokens = alice.tokens(&request.clone().fresh_pkce()).await;
    let unspent = request.clone().fresh_pkce();
    let code = alice.code(&unspent).await;
    let waiting = alice
        .consent_page(&request.clone().fresh_pkce().with("prompt", "consent"))
        .await;
    let resource = app.resource_server("micropub").await;
    assert!(app.holds(access_token(&tokens)).await);

    let told = press(&olga, "alice", "disable").await;
    assert_eq!(olga.get(told.location()).await.texts(".done").len(), 1);

    assert_eq!(alice.get("/apps").await.status, StatusCode::SEE_OTHER);
    assert!(!app.holds(access_token(&tokens)).await);
    assert_eq!(
        app.introspect(&resource, access_token(&tokens)).await.json()["active"],
        false
    );
    let userinfo = app
        .visitor()
        .get_with_token("/oauth/userinfo", access_token(&tokens))
        .await;
    assert_eq!(userinfo.status, StatusCode::UNAUTHORIZED);
    expect::json_error(
        &app.refresh(&site, refresh_token(&tokens)).await,
        400,
        ErrorCode::InvalidGrant,
    );
    expect::json_error(
        &app.post_token(&unspent.redemption(&code)).await,
        400,
        ErrorCode::InvalidGrant,
    );
    assert_eq!(app.visitor().get("/@alice").await.status, StatusCode::NOT_FOUND);
    let _ = waiting;
    let rows = app.rows().await;
    assert_eq!(rows.count("consents").await + rows.count("pending_sign_ins").await, 0);

    let told = press(&olga, "alice", "enable").await;
    assert_eq!(olga.get(told.location()).await.texts(".done").len(), 1);
    let alice = app.signed_in("alice", PASSWORD).await;
    assert!(!app.holds(access_token(&tokens)).await, "what ended stays ended");
    assert!(
        alice
            .get("/apps")
            .await
            .text()
            .contains("closed your account for a while")
    );
    assert_eq!(app.visitor().get("/@alice").await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_is_shut_out_is_answered_as_with_a_wrong_password() {
    let (app, olga) = desk().await;
    press(&olga, "bob", "disable").await;
    let visitor = app.visitor();
    let right = visitor.type_password("/sign-in", "bob").await;
    let form = visitor.get("/sign-in").await.form("/sign-in").set("username", "bob");
    let wrong = visitor.submit(&form.set("password", "something else")).await;
    assert_eq!(right.status, wrong.status);
    assert_eq!(right.texts("main"), wrong.texts("main"));
    assert_eq!(app.rows().await.count("sessions").await, 1, "the operator's");
}

#[tokio::test]
async fn a_second_step_on_its_way_ends_as_well() {
    let app = TestApp::start().await;
    let (_bob, authenticator) = app.owner_with_authenticator("bob").await;
    let visitor = app.visitor();
    let form = visitor.form_for_code("bob").await;
    app.operators
        .disable("bob", vestibule::operators::By::CommandLine)
        .await
        .unwrap();
    let answer = visitor.submit(&form.set("code", &authenticator.code(&app))).await;
    assert_eq!(answer.location(), "/sign-in");
    assert_eq!(app.rows().await.count("sessions").await, 0);
    // Nor is there one to be had with the right password.
    assert_eq!(
        app.visitor().type_password("/sign-in", "bob").await.status,
        StatusCode::BAD_REQUEST
    );
}

/// Not even in what is looked at and how often: a password of somebody who is shut out must not be told from a wrong one
/// by the time that it takes.
#[tokio::test]
async fn a_right_password_of_who_is_shut_out_takes_the_same_steps_as_a_wrong_one() {
    let (app, olga) = desk().await;
    press(&olga, "bob", "disable").await;
    let visitor = app.visitor();
    let form = visitor.get("/sign-in").await.form("/sign-in").set("username", "bob");
    let mut steps = Vec::new();
    for password in ["something else", PASSWORD] {
        app.forget_statements();
        visitor.submit(&form.clone().set("password", password)).await;
        steps.push(app.statements_of_requests());
    }
    assert!(!steps[0].is_empty());
    assert_eq!(steps[0], steps[1]);
}

/// Who is shut out while their password is being checked is not worth another try; another hash is.
#[tokio::test]
async fn only_another_password_is_worth_another_try() {
    use vestibule::oauth::profile::Username;
    use vestibule::storage::users;
    let (app, _olga) = desk().await;
    let store = app.store().await;
    let name = Username::parse("bob").unwrap();
    let bob = users::find_by_username(store.reader(), &name).await.unwrap().unwrap();
    let other = |hash: String| users::has_other_password(store.reader(), &bob.id, hash.leak());
    assert!(!other(bob.password_hash.clone()).await.unwrap());
    assert!(other("of before".to_owned()).await.unwrap());
    app.operators
        .disable("bob", vestibule::operators::By::CommandLine)
        .await
        .unwrap();
    assert!(!other(bob.password_hash.clone()).await.unwrap());
    assert!(!other("of before".to_owned()).await.unwrap());
    assert!(users::find_admitted(store.reader(), &name).await.unwrap().is_none());
}

/// What an operator handed out ends with their being one.
#[tokio::test]
async fn links_end_with_the_operator_who_made_them() {
    let by = vestibule::operators::By::CommandLine;
    for demotes in [true, false] {
        let (app, olga) = desk().await;
        let oskar = operator(&app, "oskar").await;
        app.accounts.add_user("carol", PASSWORD).await.unwrap();
        for (maker, person) in [(&oskar, "bob"), (&olga, "carol")] {
            let invitation = filled(maker, "/admin/invitations", &[("note", "x"), ("days", "7")]).await;
            assert_eq!(maker.submit(&invitation).await.status, StatusCode::OK);
            assert_eq!(press(maker, person, "link").await.status, StatusCode::OK);
        }
        app.operators
            .invite("by command", Duration::from_hours(24), by)
            .await
            .unwrap();
        let oskar = app.user_id("oskar").await;
        let changed = match demotes {
            true => app.operators.demote("oskar").await,
            false => app.operators.disable("oskar", by).await,
        };
        assert!(changed.unwrap());
        let rows = app.rows().await;
        assert_eq!(rows.count("password_links").await, 1, "of olga");
        let carol = app.user_id("carol").await;
        assert_eq!(rows.texts("password_links", "user_id").await, [carol]);
        let withdrawn = rows.count("invitations WHERE withdrawn_at IS NOT NULL").await;
        let his = format!("invitations WHERE withdrawn_at IS NOT NULL AND created_by = '{oskar}'");
        assert_eq!((withdrawn, rows.count(&his).await), (1, 1));
        assert_eq!(rows.count("invitations").await, 3);
    }
}

#[tokio::test]
async fn taking_an_invitation_back_is_written_down_once() {
    let (app, olga) = desk().await;
    let form = filled(&olga, "/admin/invitations", &[("note", "for a friend"), ("days", "7")]).await;
    let page = olga.submit(&form).await;
    let withdraw = page.form("/admin/invitations/withdraw");
    olga.submit(&withdraw).await;
    olga.submit(&withdraw).await;
    let rows = app.rows().await;
    let events = rows.audit().await;
    assert_eq!(events.iter().filter(|kind| *kind == "invitation_withdrawn").count(), 1);
    let own = olga.get("/account/activity").await.text();
    assert!(own.contains("You took an invitation link back."), "{own}");
}

/// Every way in ends where a session is written down: also one that never looks at a password.
#[tokio::test]
async fn no_session_begins_for_who_is_shut_out() {
    use vestibule::accounts::sessions::Browser;
    use vestibule::oauth::profile::Username;
    let (app, _olga) = desk().await;
    let name = Username::parse("bob").unwrap();
    let bob = app.accounts.find_by_username(&name).await.unwrap().unwrap();
    app.operators
        .disable("bob", vestibule::operators::By::CommandLine)
        .await
        .unwrap();
    let begun = app.accounts.begin_session(&bob, &Browser::default()).await;
    assert!(begun.unwrap().is_none());
    assert!(app.accounts.find_by_username(&name).await.unwrap().is_none());
}

#[tokio::test]
async fn operators_do_not_shut_themselves_out() {
    let (_app, olga) = desk().await;
    let page = olga.get("/admin/people/olga").await;
    assert!(!page.has(r#"button[value="disable"]"#));
    let form = page.form("/admin/people/").set("action", "disable");
    expect::page_error(&olga.submit(&form).await, 400);
    assert_eq!(olga.get("/admin").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_operator_who_is_shut_out_is_none() {
    let (app, olga) = desk().await;
    let oskar = operator(&app, "oskar").await;
    press(&olga, "oskar", "disable").await;
    assert_eq!(oskar.get("/admin").await.location(), "/sign-in?admin");
}

#[tokio::test]
async fn double_clicks_and_unknown_people_are_clear_pages() {
    let (_app, olga) = desk().await;
    let form = olga
        .get("/admin/people/bob")
        .await
        .form("/admin/people/")
        .set("action", "disable");
    let first = olga.submit(&form).await;
    assert_eq!(olga.submit(&form).await.location(), first.location());
    let unused = form.clone().set("action", "anything");
    expect::page_error(&olga.submit(&unused).await, 400);
    let nobody = Form {
        action: "/admin/people/nobody".to_owned(),
        ..form
    };
    expect::page_error(&olga.submit(&nobody).await, 404);
    for name in ["nobody", "%00", "..", "a%20b"] {
        expect::page_error(&olga.get(&format!("/admin/people/{name}")).await, 404);
    }
    // Nobody gets a link while they are shut out.
    let link = filled(&olga, "/admin/people/bob", &[("action", "link")]).await;
    expect::page_error(&olga.submit(&link).await, 400);
}

#[tokio::test]
async fn what_an_operator_did_is_told_with_their_name() {
    let (app, olga) = desk().await;
    press(&olga, "bob", "disable").await;
    press(&olga, "bob", "enable").await;
    let page = olga.get("/admin/activity?person=bob").await;
    let told = page.texts("main dd");
    assert!(
        told.iter()
            .any(|line| line.starts_with("Shut out disabled bob") && line.ends_with("by olga")),
        "{told:?}"
    );
    let bob = app.signed_in("bob", PASSWORD).await;
    assert!(
        bob.get("/account/activity")
            .await
            .text()
            .contains("opened this account again")
    );
}

#[tokio::test]
async fn a_lost_second_step_is_turned_off_on_the_page() {
    let app = TestApp::start().await;
    let (bob, _) = app.owner_with_authenticator("bob").await;
    app.visitor().form_for_code("bob").await;
    let olga = operator(&app, "olga").await;
    let told = press(&olga, "bob", "reset").await;
    assert_eq!(bob.get("/apps").await.status, StatusCode::SEE_OTHER, "signed out");
    assert_eq!(app.rows().await.count("pending_sign_ins").await, 0);
    let page = olga.get(told.location()).await;
    assert!(page.texts(".done")[0].contains("password alone"));
    assert!(!page.has(r#"button[value="reset"]"#));
    assert_eq!(app.visitor().type_password("/sign-in", "bob").await.location(), "/");
    assert!(app.rows().await.audit().await.contains(&"sign_in_reset".to_owned()));
}

#[tokio::test]
async fn an_e_mail_address_is_found_to_be_somebodys_on_the_page() {
    let (app, olga) = desk().await;
    let name = vestibule::oauth::profile::Username::parse("bob").unwrap();
    let bob = app.accounts.find_by_username(&name).await.unwrap().unwrap();
    let store = app.store().await;
    let (now, address) = (app.now(), "bob@mail.example");
    let given = vestibule::storage::profiles::set_email(store.writer(), &bob.user_id, Some(address), now).await;
    given.unwrap();
    let other = filled(
        &olga,
        "/admin/people/bob",
        &[("action", "email"), ("address", "x@mail.example")],
    )
    .await;
    olga.submit(&other).await;
    assert!(olga.get("/admin/people/bob").await.text().contains("not checked"));
    press(&olga, "bob", "email").await;
    let form = filled(&olga, "/admin/people/bob", &[("action", "email"), ("address", address)]).await;
    olga.submit(&form).await;
    assert!(
        olga.get("/admin/people/bob")
            .await
            .text()
            .contains("found to be theirs")
    );
    assert!(app.rows().await.audit().await.contains(&"email_verified".to_owned()));
}

#[tokio::test]
async fn the_first_account_is_an_operators() {
    let app = TestApp::start().await;
    let link = app.setup_link.clone().unwrap();
    let visitor = app.visitor();
    let form = visitor
        .get(link.strip_prefix(&app.issuer).unwrap())
        .await
        .form("/set-up");
    let form = form.set("username", "olga").set("password", PASSWORD);
    assert_eq!(visitor.submit(&form).await.location(), "/");
    assert_eq!(visitor.get("/admin").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_app_that_asked_before_gets_no_answer_after() {
    let (app, site) = (TestApp::start().await, ClientSite::start().await);
    let alice = app.owner("alice").await;
    let page = alice.consent_page(&AuthorizationRequest::valid(&site)).await;
    app.operators
        .disable("alice", vestibule::operators::By::CommandLine)
        .await
        .unwrap();
    let answer = alice.submit(&page.form("/consent/").set("decision", "approve")).await;
    assert!(answer.location().starts_with("/sign-in"), "{answer:?}");
}
