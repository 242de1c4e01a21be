//! Apps of phones: a scheme of their own, and no browser rules.

use serde_json::json;

use super::{approve, json_of, post_form, post_json};
use crate::mastodon::{Registered, scene};

/// No PKCE and no state; it reads `code` and `error` of the redirect, and lets the rest be.
#[tokio::test]
async fn tusky() {
    let (app, alice) = scene().await;
    let body = "client_name=Tusky&redirect_uris=oauth2redirect%3A%2F%2Fcom.keylesspalace.tusky%2F\
                &scopes=read%20write%20follow%20push&website=https%3A%2F%2Ftusky.app";
    let client = Registered::of(&json_of(&post_form(&app, "/api/v1/apps", body).await, 200));
    let asks = format!(
        "/oauth/authorize?client_id={}&redirect_uri=oauth2redirect%3A%2F%2Fcom.keylesspalace.tusky%2F\
         &response_type=code&scope=read%20write%20follow%20push",
        client.client_id
    );
    let back = approve(&alice, &asks).await;
    assert!(
        back.location()
            .starts_with("oauth2redirect://com.keylesspalace.tusky/?code=")
    );
    let body = format!(
        "client_id={}&client_secret={}&redirect_uri=oauth2redirect%3A%2F%2Fcom.keylesspalace.tusky%2F&code={}\
         &grant_type=authorization_code",
        client.client_id,
        client.client_secret,
        back.location_param("code").unwrap()
    );
    let token = json_of(&post_form(&app, "/oauth/token", &body).await, 200);
    let answer = alice
        .get_with_token(
            "/api/v1/apps/verify_credentials",
            token["access_token"].as_str().unwrap(),
        )
        .await;
    assert_eq!(answer.json()["name"], "Tusky");
}

/// A token of its own first, while somebody signs up; then PKCE.
#[tokio::test]
async fn mastodon_for_android() {
    let (app, alice) = scene().await;
    let redirect_uri = "mastodon-android-auth://callback";
    let registration = json!({
        "client_name": "Mastodon for Android",
        "redirect_uris": redirect_uri,
        "scopes": "read write follow push",
        "website": "https://app.joinmastodon.org/android",
    });
    let told = json_of(&post_json(&app, "/api/v1/apps", &registration).await, 200);
    assert_eq!(told["name"], "Mastodon for Android");
    let client = Registered::of(&told);
    let own = json!({
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "grant_type": "client_credentials",
        "scope": "read write follow push",
    });
    let own = json_of(&post_json(&app, "/oauth/token", &own).await, 200);
    assert_eq!(own["scope"], "read write follow push");
    let created_at = own["created_at"].as_i64().expect("it fits a long");
    assert_eq!(created_at, app.now().unix_timestamp());
    let asks = format!(
        "/oauth/authorize?response_type=code&client_id={}&redirect_uri=mastodon-android-auth%3A%2F%2Fcallback\
         &scope=read+write+follow+push&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
         &code_challenge_method=S256",
        client.client_id
    );
    let back = approve(&alice, &asks).await;
    assert!(back.location().starts_with(redirect_uri), "{}", back.location());
    let redemption = json!({
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "grant_type": "authorization_code",
        "code": back.location_param("code"),
        "redirect_uri": redirect_uri,
        "code_verifier": crate::harness::actors::VERIFIER,
    });
    json_of(&post_json(&app, "/oauth/token", &redemption).await, 200);
}
