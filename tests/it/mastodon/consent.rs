//! `GET /oauth/authorize` as Mastodon's apps ask: who is asked again, in which language, and what errors travel.

use vestibule::oauth::error::ErrorCode;

use super::{CALLBACK, Registered, scene};
use crate::harness::{AuthorizationRequest, expect};

/// What Ruby on Rails reads as no, and what it reads as yes: `False` is a yes, and Mastodon.py sends it.
#[tokio::test]
async fn force_login_shows_the_question_although_the_answer_is_remembered() {
    let (app, alice) = scene().await;
    let client = Registered::app(&app, "read").await;
    alice.code(&client.asks("read")).await;
    for (value, is_asked) in [
        (None, false),
        (Some(""), false),
        (Some("0"), false),
        (Some("f"), false),
        (Some("F"), false),
        (Some("false"), false),
        (Some("FALSE"), false),
        (Some("off"), false),
        (Some("OFF"), false),
        (Some("False"), true),
        (Some("true"), true),
        (Some("1"), true),
        (Some("no"), true),
    ] {
        let request = client.asks("read");
        let request = match value {
            Some(value) => request.with("force_login", value),
            None => request,
        };
        let answer = alice.get_authorize(&request).await;
        assert_eq!(answer.location().starts_with("/consent/"), is_asked, "{value:?}");
        if is_asked {
            let page = alice.get(answer.location()).await;
            let answer = alice.submit(&page.form("/consent/").set("decision", "approve")).await;
            assert!(answer.location().starts_with(CALLBACK), "{value:?}");
            assert!(answer.location_param("code").is_some(), "{value:?}");
        }
    }
}

#[tokio::test]
async fn lang_chooses_the_language_and_a_literal_none_chooses_nothing() {
    let (app, alice) = scene().await;
    let client = Registered::app(&app, "read").await;
    for (lang, expected) in [("ja", "ja"), ("None", "en"), ("", "en"), ("xx", "en")] {
        let page = alice.consent_page(&client.asks("read").with("lang", lang)).await;
        assert!(
            page.has(&format!(r#"html[lang="{expected}"]"#)),
            "{lang}: {}",
            page.body
        );
    }
}

#[tokio::test]
async fn without_scope_an_app_asks_for_read_if_it_is_registered_for_it() {
    let (app, alice) = scene().await;
    for registered in ["read", "write read push"] {
        let client = Registered::app(&app, registered).await;
        let code = alice.code(&client.asks("x").without("scope")).await;
        let answer = app.post_token(&client.redemption(&code)).await;
        assert_eq!(answer.json()["scope"], "read", "{registered}");
    }
    let request = Registered::app(&app, "read:statuses write")
        .await
        .asks("x")
        .without("scope");
    let answer = alice.get_authorize(&request).await;
    expect::redirect_error(&answer, ErrorCode::InvalidScope, &request, &app.issuer);
}

/// Otherwise here: once client and redirect URI are known, errors travel. Mastodon shows a page for each.
#[tokio::test]
async fn errors_travel_once_the_redirect_uri_is_known() {
    let (app, alice) = scene().await;
    let client = Registered::app(&app, "read").await;
    let good = client.asks("read");
    for (name, value, code) in [
        ("response_type", "token", ErrorCode::UnsupportedResponseType),
        ("response_type", "", ErrorCode::InvalidRequest),
        ("response_mode", "form_post", ErrorCode::InvalidRequest),
        ("scope", "write", ErrorCode::InvalidScope),
        ("code_challenge_method", "plain", ErrorCode::InvalidRequest),
    ] {
        let request = good.clone().with(name, value);
        let answer = alice.get_authorize(&request).await;
        expect::redirect_error(&answer, code, &request, &app.issuer);
    }
    let strange = good.clone().with("redirect_uri", "https://app.example/other");
    expect::page_error(&alice.get_authorize(&strange).await, 400);
    let unknown = AuthorizationRequest::of("unknown", CALLBACK);
    expect::page_error(&alice.get_authorize(&unknown).await, 400);
}

#[tokio::test]
async fn a_no_is_access_denied_and_state_comes_back() {
    let (app, alice) = scene().await;
    let request = Registered::app(&app, "read").await.asks("read");
    let form = alice.consent_page(&request).await.form("/consent/");
    let answer = alice.submit(&form.set("decision", "deny")).await;
    expect::redirect_error(&answer, ErrorCode::AccessDenied, &request, &app.issuer);
}

#[tokio::test]
async fn nobody_signed_in_signs_in_first_and_comes_back_to_the_same_request() {
    let (app, _alice) = scene().await;
    let request = Registered::app(&app, "read").await.asks("read");
    let somebody = app.visitor();
    let answer = somebody.get_authorize(&request).await;
    let form = somebody.get(answer.location()).await.form("/sign-in");
    let form = form
        .set("username", "alice")
        .set("password", crate::harness::app::PASSWORD);
    let back = somebody.submit(&form).await;
    assert!(somebody.get(back.location()).await.location().starts_with("/consent/"));
}
