//! The token endpoint: how a code is redeemed, and what the answer says (RFC 6749 §4.1.3, §5; IndieAuth "Redeeming the
//! Authorization Code", "Access Token Response").

use reqwest::Method;
use serde_json::{Map, Value, json};
use vestibule::oauth::error::ErrorCode;

use crate::harness::actors::{Answer, changed, encode};
use crate::harness::api::{FORM, access_token, scene};
use crate::harness::{AuthorizationRequest, expect};

const DAY: i64 = 24 * 60 * 60;

#[tokio::test]
async fn a_code_is_redeemed_with_a_form() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let code = alice.code(&request).await;
    let answer = app.post_token(&request.redemption(&code)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(app.holds(access_token(&answer.json())).await);
}

#[tokio::test]
async fn a_code_is_redeemed_with_a_json_object() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let fields = request.redemption(&alice.code(&request).await);
    let object: Map<String, Value> = fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    let body = Value::from(object).to_string();
    let answer = app
        .post_body("/oauth/token", "application/json; charset=utf-8", body)
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(app.holds(access_token(&answer.json())).await);
}

#[tokio::test]
async fn the_response_names_token_scope_person_and_times() {
    let (app, site, alice) = scene().await;
    let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let me = format!("{}/@alice", app.issuer);
    let expected = json!({
        "access_token": access_token(&token),
        "token_type": "Bearer",
        "expires_in": 90 * DAY,
        "scope": "profile create",
        "me": me,
        "profile": { "name": "alice", "url": me },
        "created_at": app.now().unix_timestamp(),
    });
    assert_eq!(token, expected);
}

#[tokio::test]
async fn the_response_has_no_profile_without_its_scope() {
    let (_app, site, alice) = scene().await;
    let token = alice
        .tokens(&AuthorizationRequest::valid(&site).with("scope", "create"))
        .await;
    assert_eq!(token.get("profile"), None, "{token}");
}

#[tokio::test]
async fn an_unticked_scope_is_not_granted() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let form = alice.consent_page(&request).await.form("/consent/");
    let back = alice
        .submit(&form.untick("scope", "create").set("decision", "approve"))
        .await;
    let code = back.location_param("code").unwrap();
    let token = app.post_token(&request.redemption(&code)).await.json();
    assert_eq!(token["scope"], "profile");
    assert_eq!(app.check(access_token(&token)).await.json()["scope"], "profile");
}

#[tokio::test]
async fn a_success_is_not_stored_by_caches() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let answer = app.post_token(&request.redemption(&alice.code(&request).await)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("pragma"), "no-cache");
}

#[tokio::test]
async fn a_refusal_is_not_stored_by_caches() {
    let (app, site, _alice) = scene().await;
    let answer = app
        .post_token(&AuthorizationRequest::valid(&site).redemption("vc_guess"))
        .await;
    expect::json_error(&answer, 400, ErrorCode::InvalidGrant);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("pragma"), "no-cache");
}

/// Approves with this lifetime; gives the response of the token endpoint.
async fn token_for(lifetime: &str, days: i64) {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let form = alice.consent_page(&request).await.form("/consent/");
    let back = alice
        .submit(&form.set("lifetime", lifetime).set("decision", "approve"))
        .await;
    let code = back.location_param("code").unwrap();
    let token = app.post_token(&request.redemption(&code)).await.json();
    assert_eq!(token["expires_in"], days * DAY, "{token}");
    app.clock
        .advance(time::Duration::days(days).unsigned_abs() - std::time::Duration::from_secs(1));
    assert!(app.holds(access_token(&token)).await, "until its last second");
    app.clock.advance(std::time::Duration::from_secs(1));
    assert!(!app.holds(access_token(&token)).await, "and no longer");
}

#[tokio::test]
async fn a_token_for_a_day_ends_after_a_day() {
    token_for("day", 1).await;
}

#[tokio::test]
async fn a_token_for_30_days_ends_after_30_days() {
    token_for("30_days", 30).await;
}

#[tokio::test]
async fn a_token_for_90_days_ends_after_90_days() {
    token_for("90_days", 90).await;
}

#[tokio::test]
async fn a_token_until_revoked_has_no_expires_in_and_holds_after_years() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let form = alice.consent_page(&request).await.form("/consent/");
    let back = alice
        .submit(&form.set("lifetime", "until_revoked").set("decision", "approve"))
        .await;
    let code = back.location_param("code").unwrap();
    let token = app.post_token(&request.redemption(&code)).await.json();
    assert_eq!(token.get("expires_in"), None, "{token}");
    app.clock
        .advance(std::time::Duration::from_secs(10 * 365 * 24 * 60 * 60));
    assert!(app.holds(access_token(&token)).await);
}

/// Sends the redemption in some other way, expects this refusal, and that it cost nothing: the code still works.
async fn refused_and_harmless(
    status: u16,
    code: ErrorCode,
    send: impl AsyncFnOnce(&crate::harness::TestApp, Vec<(&'static str, String)>) -> Answer,
) {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let redemption = request.redemption(&alice.code(&request).await);
    expect::json_error(&send(&app, redemption.clone()).await, status, code);
    assert_eq!(app.post_token(&redemption).await.status, 200);
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    for media_type in [
        "text/plain",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "",
    ] {
        refused_and_harmless(400, ErrorCode::InvalidRequest, async |app, fields| {
            app.post_body("/oauth/token", media_type, encode(&fields)).await
        })
        .await;
    }
}

#[tokio::test]
async fn a_form_that_says_it_is_json_is_refused() {
    refused_and_harmless(400, ErrorCode::InvalidRequest, async |app, fields| {
        app.post_body("/oauth/token", "application/json", encode(&fields)).await
    })
    .await;
}

#[tokio::test]
async fn a_parameter_in_both_address_and_body_is_refused() {
    refused_and_harmless(400, ErrorCode::InvalidRequest, async |app, fields| {
        let path = format!("/oauth/token?{}", encode(&fields[2..3]));
        app.post(&path, &fields).await
    })
    .await;
}

#[tokio::test]
async fn parameters_may_come_in_the_address_unless_they_are_secret() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let fields = request.redemption(&alice.code(&request).await);
    let (secret, public): (Vec<_>, Vec<_>) = fields
        .iter()
        .cloned()
        .partition(|(name, _)| ["code", "code_verifier"].contains(name));
    for (name, _) in &secret {
        let (in_address, in_body): (Vec<_>, Vec<_>) = fields.iter().cloned().partition(|(field, _)| field == name);
        let path = format!("/oauth/token?{}", encode(&in_address));
        expect::json_error(&app.post(&path, &in_body).await, 400, ErrorCode::InvalidRequest);
        expect::json_error(&app.post(&path, &fields).await, 400, ErrorCode::InvalidRequest);
    }
    let path = format!("/oauth/token?{}&lang=None", encode(&public));
    assert_eq!(app.post(&path, &secret).await.status, 200);
}

#[tokio::test]
async fn a_parameter_given_twice_in_a_form_is_refused() {
    refused_and_harmless(400, ErrorCode::InvalidRequest, async |app, mut fields| {
        fields.push(("client_id", fields[2].1.clone()));
        app.post_token(&fields).await
    })
    .await;
}

#[tokio::test]
async fn a_member_given_twice_in_json_is_refused() {
    refused_and_harmless(400, ErrorCode::InvalidRequest, async |app, fields| {
        let members = fields
            .iter()
            .chain(&fields[2..3])
            .map(|(name, value)| format!("{}:{}", json!(name), json!(value)));
        let body = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
        app.post_body("/oauth/token", "application/json", body).await
    })
    .await;
}

/// A number or a boolean counts as its text, so it is a code that nobody was given; anything else counts as left out.
#[tokio::test]
async fn a_code_that_is_no_string_redeems_nothing() {
    for value in [json!(["code"]), json!({ "a": "b" }), json!(7), json!(true)] {
        let code = match value {
            Value::Number(_) | Value::Bool(_) => ErrorCode::InvalidGrant,
            _ => ErrorCode::InvalidRequest,
        };
        refused_and_harmless(400, code, async |app, fields| {
            let mut object: Map<String, Value> = fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), json!(value)))
                .collect();
            object.insert("code".to_owned(), value);
            app.post_body("/oauth/token", "application/json", Value::from(object).to_string())
                .await
        })
        .await;
    }
}

#[tokio::test]
async fn a_parameter_with_brackets_is_another_parameter() {
    refused_and_harmless(400, ErrorCode::InvalidRequest, async |app, fields| {
        let mut bracketed = changed(&fields, "code", "");
        bracketed.push(("code[a]", fields[1].1.clone()));
        app.post_token(&bracketed).await
    })
    .await;
}

#[tokio::test]
async fn a_missing_grant_type_is_refused() {
    refused_and_harmless(400, ErrorCode::InvalidRequest, async |app, fields| {
        app.post_token(&changed(&fields, "grant_type", "")).await
    })
    .await;
}

#[tokio::test]
async fn grants_that_url_clients_cannot_have_are_refused() {
    for grant_type in [
        "client_credentials",
        "password",
        "implicit",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
    ] {
        refused_and_harmless(400, ErrorCode::UnsupportedGrantType, async |app, fields| {
            app.post_token(&changed(&fields, "grant_type", grant_type)).await
        })
        .await;
    }
}

#[tokio::test]
async fn a_get_does_not_redeem() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let redemption = request.redemption(&alice.code(&request).await);
    let answer = alice.get(&format!("/oauth/token?{}", encode(&redemption))).await;
    assert_eq!(answer.status, 401, "{answer:?}");
    assert_eq!(app.post_token(&redemption).await.status, 200);
}

#[tokio::test]
async fn other_methods_are_refused_in_json() {
    let (_app, _site, alice) = scene().await;
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let answer = alice.send(alice.request(method, "/oauth/token")).await;
        expect::json_error(&answer, 405, ErrorCode::InvalidRequest);
    }
}

#[tokio::test]
async fn an_empty_body_is_a_refusal_and_no_failure() {
    let (app, _site, _alice) = scene().await;
    for media_type in ["", FORM, "application/json"] {
        let answer = app.post_body("/oauth/token", media_type, "").await;
        expect::json_error(&answer, 400, ErrorCode::InvalidRequest);
    }
}
