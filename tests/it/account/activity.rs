//! What happened to a person's account.

use super::*;
use crate::harness::AuthorizationRequest;
use crate::harness::api::scene;
use crate::harness::app::PASSWORD;
use crate::harness::authenticator::STEP;

const PAGE: &str = "/account/activity";

#[tokio::test]
async fn sign_ins_answers_to_apps_and_ended_access_are_listed_newest_first() {
    let (app, site, alice) = scene().await;
    app.clock.advance(STEP);
    alice.tokens(&AuthorizationRequest::valid(&site)).await;
    app.clock.advance(STEP);
    alice.submit(&alice.get("/apps").await.form("/apps/revoke")).await;
    app.clock.advance(STEP);
    let question = alice
        .consent_page(&AuthorizationRequest::valid(&site).fresh_pkce())
        .await;
    alice.submit(&question.form("/consent/").set("decision", "deny")).await;
    let page = alice.get(PAGE).await;
    let host = site.client_id().replace("http://", "").replace('/', "");
    assert_eq!(
        page.texts("dd"),
        [
            format!("You said no to an app: {host}"),
            format!("You ended an app’s access: {host}"),
            format!("You let an app in: {host}"),
            "You signed in.".to_owned(),
        ]
    );
    assert_eq!(page.texts("dt")[3], "22 November 2026, 12:00 UTC");
}

#[tokio::test]
async fn every_change_of_how_a_person_signs_in_is_listed() {
    let app = TestApp::start().await;
    let (alice, _) = app.owner_with_authenticator("alice").await;
    let factor = "/account/second-step";
    app.clock.advance(STEP);
    let shown = alice
        .submit(&alice.get(factor).await.form("/account/second-step/recovery-codes"))
        .await;
    app.clock.advance(STEP);
    let phone = app.visitor();
    let form = phone.form_for_code("alice").await;
    phone
        .submit(&form.set("recovery_code", &shown.texts(".codes li")[0]))
        .await;
    app.clock.advance(STEP);
    alice
        .submit(
            &alice
                .get("/account/sessions")
                .await
                .form("/account/sessions/end-others"),
        )
        .await;
    app.clock.advance(STEP);
    alice
        .submit(&alice.get(factor).await.form("/account/second-step/turn-off"))
        .await;
    app.clock.advance(STEP);
    let form = alice.get("/account/password").await.form("/account/password");
    alice
        .submit(
            &form
                .set("password", PASSWORD)
                .set("new_password", "another long password"),
        )
        .await;
    let listed = alice.get(PAGE).await.texts("dd");
    let expected = [
        "You changed your password.",
        "You turned the second step off.",
        "You signed out other browsers.",
    ];
    assert_eq!(listed[..3], expected);
    for words in [
        "A recovery code was used.",
        "You got new recovery codes.",
        "You turned the second step on.",
    ] {
        assert!(listed.iter().any(|line| line == words), "{words}: {listed:?}");
    }
}

#[tokio::test]
async fn what_the_operator_did_is_listed_as_theirs() {
    let app = TestApp::start().await;
    app.owner_with_authenticator("alice").await;
    app.accounts.reset_second_factor("alice").await.unwrap();
    app.accounts.set_password("alice", PASSWORD).await.unwrap();
    let alice = app.signed_in("alice", PASSWORD).await;
    let listed = alice.get(PAGE).await.texts("dd").join(" ");
    assert!(
        listed.contains("The person who runs this server set a new password."),
        "{listed}"
    );
    assert!(
        listed.contains("The person who runs this server turned the second step off."),
        "{listed}"
    );
}

#[tokio::test]
async fn nobody_sees_what_happened_to_somebody_else() {
    let (app, alice) = signed_in().await;
    let bob = app.owner("bob").await;
    app.signed_in("alice", PASSWORD).await;
    assert_eq!(alice.get(PAGE).await.texts("dd").len(), 2);
    assert_eq!(bob.get(PAGE).await.texts("dd").len(), 1);
}

#[tokio::test]
async fn it_comes_in_pages() {
    let (app, alice) = signed_in().await;
    for _ in 0..30 {
        app.signed_in("alice", PASSWORD).await;
    }
    let first = alice.get(PAGE).await;
    assert_eq!(first.texts("dd").len(), 30);
    assert!(first.has(r#"a[href="/account/activity?page=1"]"#) && !first.has(r#"a[href$="page=0"]"#));
    let second = alice.get("/account/activity?page=1").await;
    assert_eq!(second.texts("dd").len(), 1);
    assert!(second.has(r#"a[href$="page=0"]"#) && !second.has(r#"a[href$="page=2"]"#));
    for odd in ["-1", "x", "4294967295", "99999999999999999999"] {
        assert_eq!(
            alice.get(&format!("{PAGE}?page={odd}")).await.status,
            StatusCode::OK,
            "{odd}"
        );
    }
}
