//! The tokens of Gancio's clients: until they are revoked, with a refresh token that rotates.

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn refreshing(client: &Value, token: &str) -> Vec<(&'static str, String)> {
    vec![
        ("grant_type", "refresh_token".to_owned()),
        ("refresh_token", token.to_owned()),
        ("client_id", text(client, "client_id").to_owned()),
        ("client_secret", text(client, "client_secret").to_owned()),
    ]
}

async fn first(app: &TestApp, alice: &Visitor, client: &Value) -> Value {
    let code = alice.code(&request_of(client).with("prompt", "consent")).await;
    app.post_token(&redemption_of(client, &code)).await.json()
}

async fn refreshed(app: &TestApp, client: &Value, tokens: &Value) -> Value {
    let answer = app.post_token(&refreshing(client, refresh_token(tokens))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

async fn is_over(app: &TestApp, client: &Value, tokens: &Value) {
    let answer = app.post_token(&refreshing(client, refresh_token(tokens))).await;
    expect::json_error(&answer, 400, ErrorCode::InvalidGrant);
    assert!(!app.holds(access_token(tokens)).await);
}

/// Every refusal. The statuses are those of RFC 6749 but for one: Gancio's clients look for 200 only.
#[tokio::test]
async fn refusals_of_the_token_endpoint() {
    let (app, alice, client) = scene().await;
    let good = redemption_of(&client, &alice.code(&request_of(&client)).await);
    for (member, value, status, code) in [
        ("code", "", 400, ErrorCode::InvalidRequest),
        ("code", "unheard-of", 400, ErrorCode::InvalidGrant),
        ("grant_type", "password", 501, ErrorCode::UnsupportedGrantType),
        ("grant_type", "client_credentials", 501, ErrorCode::UnsupportedGrantType),
        ("grant_type", "", 400, ErrorCode::InvalidRequest),
        ("client_secret", "unheard-of", 401, ErrorCode::InvalidClient),
        ("client_secret", "", 401, ErrorCode::InvalidClient),
        ("client_id", "unheard-of", 401, ErrorCode::InvalidClient),
    ] {
        let answer = app.post_token(&changed(&good, member, value)).await;
        expect::json_error(&answer, status, code);
    }
    assert_eq!(app.post_token(&good).await.status, 200, "none of it cost the code");
    let again = app.post_token(&good).await;
    expect::json_error(&again, 400, ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn the_secret_is_good_in_body_and_header_in_every_encoding() {
    let (app, alice, client) = scene().await;
    let (id, secret) = (text(&client, "client_id"), text(&client, "client_secret"));
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{id}:{secret}")));
    for encoding in ENCODINGS {
        for authorization in ["", &basic, "Bearer stray"] {
            let mut fields = redemption_of(
                &client,
                &alice.code(&request_of(&client).with("prompt", "consent")).await,
            );
            if authorization.starts_with("Basic") {
                fields.retain(|(name, _)| !name.starts_with("client_"));
            }
            let answer = encoding.post(&app, "/oauth/token", authorization, &fields).await;
            assert_eq!(answer.status, 200, "{encoding:?} {authorization}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_redirect_uri_that_is_sent_must_be_the_one_of_the_request() {
    let (app, alice, client) = scene().await;
    for (sent, status) in [(SETTINGS, 200), ("https://evil.example/", 400)] {
        let code = alice.code(&request_of(&client).with("prompt", "consent")).await;
        let mut fields = redemption_of(&client, &code);
        fields.push(("redirect_uri", sent.to_owned()));
        assert_eq!(app.post_token(&fields).await.status, status, "{sent}");
    }
}

#[tokio::test]
async fn an_access_token_lasts_until_it_is_revoked() {
    let (app, alice, client) = scene().await;
    let tokens = first(&app, &alice, &client).await;
    app.clock.advance(2000 * DAY);
    assert!(app.holds(access_token(&tokens)).await);
    let mut fields = refreshing(&client, "");
    fields.retain(|(name, _)| name.starts_with("client_"));
    fields.push(("token", access_token(&tokens).to_owned()));
    assert_eq!(app.post("/oauth/revoke", &fields).await.status, 200);
    is_over(&app, &client, &tokens).await;
}

#[tokio::test]
async fn a_refresh_ends_the_token_before_it_after_a_minute_to_change_over() {
    let (app, alice, client) = scene().await;
    let old = first(&app, &alice, &client).await;
    let new = refreshed(&app, &client, &old).await;
    assert_eq!(new.get("expires_in"), None);
    app.clock.advance(59 * SECOND);
    assert!(app.holds(access_token(&old)).await);
    app.clock.advance(SECOND);
    assert!(!app.holds(access_token(&old)).await);
    app.clock.advance(80 * DAY);
    assert!(app.holds(access_token(&new)).await, "the new one lasts");
}

#[tokio::test]
async fn a_retry_within_a_minute_gives_another_pair_and_drops_the_lost_one() {
    let (app, alice, client) = scene().await;
    let old = first(&app, &alice, &client).await;
    let lost = refreshed(&app, &client, &old).await;
    app.clock.advance(59 * SECOND);
    let new = refreshed(&app, &client, &old).await;
    assert!(!app.holds(access_token(&lost)).await);
    app.clock.advance(DAY);
    assert!(app.holds(access_token(&new)).await);
    assert!(!app.holds(access_token(&old)).await);
    refreshed(&app, &client, &new).await;
}

#[tokio::test]
async fn a_spent_refresh_token_that_comes_back_ends_everything() {
    let (app, alice, client) = scene().await;
    for used in [false, true] {
        let old = first(&app, &alice, &client).await;
        let new = refreshed(&app, &client, &old).await;
        if used {
            // Whoever has the new one has used it: two parties hold the old one.
            assert!(app.holds(access_token(&new)).await);
            app.flows.settle().await;
        } else {
            app.clock.advance(60 * SECOND);
        }
        is_over(&app, &client, &old).await;
        is_over(&app, &client, &new).await;
    }
    assert_eq!(
        app.rows().await.audit().await,
        ["refresh_token_reused", "refresh_token_reused"]
    );
}

#[tokio::test]
async fn nobody_else_spends_a_refresh_token() {
    let (app, alice, client) = scene().await;
    let stranger = register(&app).await;
    let tokens = first(&app, &alice, &client).await;
    let stolen = refreshing(&stranger, refresh_token(&tokens));
    expect::json_error(&app.post_token(&stolen).await, 400, ErrorCode::InvalidGrant);
    let own = refreshing(&client, refresh_token(&tokens));
    let without = app.post_token(&changed(&own, "client_secret", "")).await;
    expect::json_error(&without, 401, ErrorCode::InvalidClient);
    assert_eq!(app.post_token(&own).await.status, 200);
}

#[tokio::test]
async fn access_tokens_do_not_pile_up_however_often_a_client_refreshes() {
    let (app, alice, client) = scene().await;
    let mut tokens = first(&app, &alice, &client).await;
    for _ in 0..20 {
        tokens = refreshed(&app, &client, &tokens).await;
        app.clock.advance(61 * SECOND);
    }
    let living = app.rows().await.count("tokens WHERE kind = 'access'").await;
    assert!(living <= 2, "{living} access tokens");
    assert!(app.holds(access_token(&tokens)).await);
}

#[tokio::test]
async fn the_operators_cap_ends_access_however_often_a_client_refreshes() {
    let app = Options::default()
        .set("VESTIBULE_TOKENS__MAX_DAYS__GANCIO", "30")
        .start()
        .await;
    let alice = app.owner("alice").await;
    let client = register(&app).await;
    let old = first(&app, &alice, &client).await;
    assert_eq!(old["expires_in"], 30 * DAY.as_secs());
    app.clock.advance(20 * DAY);
    let new = refreshed(&app, &client, &old).await;
    assert_eq!(new["expires_in"], 10 * DAY.as_secs());
    app.clock.advance(10 * DAY - SECOND);
    assert!(app.holds(access_token(&new)).await);
    app.clock.advance(SECOND);
    is_over(&app, &client, &new).await;
    assert!(
        !alice.get("/apps").await.has(r#"form[action="/apps/revoke"]"#),
        "it is not listed as having access"
    );
}

#[tokio::test]
async fn what_a_capped_client_gives_back_ends_whole() {
    for cap in ["0", "30"] {
        let app = Options::default()
            .set("VESTIBULE_TOKENS__MAX_DAYS__GANCIO", cap)
            .start()
            .await;
        let alice = app.owner("alice").await;
        let client = register(&app).await;
        let tokens = first(&app, &alice, &client).await;
        let id = format!(
            "token={}&client_id={}&client_secret={}",
            access_token(&tokens),
            text(&client, "client_id"),
            text(&client, "client_secret")
        );
        let request = app.http.post(format!("{}/oauth/revoke", app.base));
        let request = request.header(header::CONTENT_TYPE, FORM).body(id);
        assert_eq!(Answer::to(request).await.status, 200);
        is_over(&app, &client, &tokens).await;
    }
}

/// The operator sets a cap later: it counts from the yes.
#[tokio::test]
async fn a_cap_ends_what_was_given_before_it_was_set() {
    let (app, alice, client) = scene().await;
    let old = first(&app, &alice, &client).await;
    app.clock.advance(20 * DAY);
    let capped = app
        .replica(Options::default().set("VESTIBULE_TOKENS__MAX_DAYS__GANCIO", "30"))
        .await;
    let new = refreshed(&capped, &client, &old).await;
    assert_eq!(new["expires_in"], 10 * DAY.as_secs());
    app.clock.advance(10 * DAY);
    is_over(&capped, &client, &new).await;
}
