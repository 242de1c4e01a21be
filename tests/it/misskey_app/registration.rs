//! `app/create` and `app/show`.

use serde_json::{Value, json};

use super::{
    CALLBACK, JSON, call, decided, generated, refused, registered, registration, scene, standing_in_for, user_key,
};
use crate::harness::api::access_token;
use crate::harness::{Options, TestApp};

#[tokio::test]
async fn an_app_gets_its_id_its_secret_and_what_it_said() {
    let app = TestApp::start().await;
    let made = registered(&app, &registration()).await;
    let id = made["id"].as_str().unwrap();
    assert!(id.bytes().all(|b| b.is_ascii_alphanumeric()), "{id}");
    assert!(made["secret"].as_str().unwrap().starts_with("vcs_"), "{made}");
    let mut said = json!({
        "id": id,
        "name": "Pocket Notes",
        "description": "Notes in your pocket",
        "callbackUrl": CALLBACK,
        "permission": ["read:account", "write:notes"],
    });
    let shown = call(&app, "app/show", &json!({ "appId": id, "i": null, "x": {} }))
        .await
        .json();
    assert_eq!(shown, said, "without its secret");
    said["secret"] = made["secret"].clone();
    assert_eq!(made, said);
}

#[tokio::test]
async fn a_callback_is_optional() {
    let app = TestApp::start().await;
    for callback in [None, Some(json!(null)), Some(json!(""))] {
        let mut asked = registration();
        match callback {
            Some(value) => asked["callbackUrl"] = value,
            None => drop(asked.as_object_mut().unwrap().remove("callbackUrl")),
        }
        let made = registered(&app, &asked).await;
        assert_eq!(made["callbackUrl"], Value::Null);
    }
}

/// Registers with this permission.
async fn permission(app: &TestApp, names: &Value) -> Value {
    let mut asked = registration();
    asked["permission"] = names.clone();
    registered(app, &asked).await["permission"].clone()
}

#[tokio::test]
async fn unknown_permissions_are_kept_and_old_spellings_are_rewritten() {
    let app = TestApp::start().await;
    for (sent, stored) in [
        (
            json!(["read:account", "fly:kites"]),
            json!(["read:account", "fly:kites"]),
        ),
        (json!(["account/read", "read:account"]), json!(["read:account"])),
        (json!(["note-write", "drive-read"]), json!(["write:note", "read:drive"])),
        (json!([]), json!([])),
    ] {
        assert_eq!(permission(&app, &sent).await, stored, "{sent}");
    }
}

#[tokio::test]
async fn unknown_permissions_are_never_granted() {
    let (app, _, alice) = scene().await;
    let mut asked = registration();
    asked["permission"] = json!(["fly:kites", "write:notes", "read:statuses", "write:note"]);
    let of = registered(&app, &asked).await;
    let session = generated(&app, &of).await;
    decided(&alice, super::address(&session), "approve").await;
    let key = user_key(&app, &of, &session).await.json();
    let token = app.check(key["accessToken"].as_str().unwrap()).await.json();
    assert_eq!(token["scope"], "write:notes");
}

#[tokio::test]
async fn a_strict_server_refuses_unknown_permissions() {
    let app = standing_in_for("foundkey").await;
    for (sent, accepted) in [
        (json!(["read:account", "account/write"]), true),
        (json!(["read:account", "fly:kites"]), false),
        (json!(["note-write"]), false),
    ] {
        let mut asked = registration();
        asked["permission"] = sent.clone();
        let answer = call(&app, "app/create", &asked).await;
        if accepted {
            assert_eq!(answer.status, 200, "{sent}");
        } else {
            let error = refused(&answer, 400, "INVALID_PARAM");
            assert_eq!(error["info"]["param"], "#/properties/permission/items/enum");
        }
    }
}

#[tokio::test]
async fn what_is_missing_or_wrong_is_named() {
    let app = TestApp::start().await;
    let long = "x".repeat(513);
    for (name, value, param) in [
        ("name", None, "#/required"),
        ("description", None, "#/required"),
        ("permission", None, "#/required"),
        ("name", Some(json!(null)), "#/properties/name/type"),
        ("name", Some(json!(1)), "#/properties/name/type"),
        ("name", Some(json!("x".repeat(129))), "#/properties/name/maxLength"),
        ("description", Some(json!(["x"])), "#/properties/description/type"),
        ("description", Some(json!(long)), "#/properties/description/maxLength"),
        ("permission", Some(json!({})), "#/properties/permission/type"),
        ("permission", Some(json!([1])), "#/properties/permission/type"),
        (
            "permission",
            Some(json!(["a", "a"])),
            "#/properties/permission/uniqueItems",
        ),
        (
            "permission",
            Some(json!(["a b"])),
            "#/properties/permission/items/pattern",
        ),
        ("callbackUrl", Some(json!(7)), "#/properties/callbackUrl/type"),
        (
            "callbackUrl",
            Some(json!(format!("https://app.example/{long}"))),
            "#/properties/callbackUrl/maxLength",
        ),
        (
            "callbackUrl",
            Some(json!("javascript:alert(1)")),
            "#/properties/callbackUrl/format",
        ),
        (
            "callbackUrl",
            Some(json!("http://app.example/")),
            "#/properties/callbackUrl/format",
        ),
        ("callbackUrl", Some(json!("/cb")), "#/properties/callbackUrl/format"),
        (
            "callbackUrl",
            Some(json!("urn:ietf:wg:oauth:2.0:oob")),
            "#/properties/callbackUrl/format",
        ),
    ] {
        let mut asked = registration();
        match value {
            Some(value) => asked[name] = value,
            None => drop(asked.as_object_mut().unwrap().remove(name)),
        }
        let error = refused(&call(&app, "app/create", &asked).await, 400, "INVALID_PARAM");
        assert_eq!(error["info"]["param"], param, "{asked}");
        assert!(!error["info"]["reason"].as_str().unwrap().is_empty());
        assert_eq!(error["endpoint"], "app/create");
    }
    assert_eq!(app.rows().await.count("clients").await, 0);
}

#[tokio::test]
async fn limits_of_length_are_in_characters() {
    let app = TestApp::start().await;
    let mut asked = registration();
    asked["name"] = json!("あ".repeat(128));
    asked["description"] = json!("あ".repeat(512));
    assert_eq!(registered(&app, &asked).await["description"], asked["description"]);
}

#[tokio::test]
async fn a_body_that_is_no_object_is_refused() {
    let app = TestApp::start().await;
    for (content_type, body) in [
        (JSON, "{"),
        (JSON, "[]"),
        (JSON, "\"x\""),
        ("text/plain", "{}"),
        ("", "{}"),
        (JSON, r#"{"name":"a","name":"b"}"#),
    ] {
        let answer = app.post_body("/api/app/create", content_type, body).await;
        let error = refused(&answer, 400, "INVALID_PARAM");
        assert_eq!(error["info"]["param"], "#", "{body}");
    }
    refused(&app.post_body("/api/app/create", "", "").await, 400, "INVALID_PARAM");
}

#[tokio::test]
async fn a_form_registers_as_well() {
    let app = TestApp::start().await;
    let fields = [
        ("name", "Pocket Notes"),
        ("description", ""),
        ("permission[]", "read:account"),
        ("permission[]", "write:notes"),
    ];
    let answer = app.post("/api/app/create", &fields).await;
    assert_eq!(
        answer.json()["permission"],
        json!(["read:account", "write:notes"]),
        "{answer:?}"
    );
    assert_eq!(answer.json()["description"], "");
}

#[tokio::test]
async fn an_unknown_app_is_not_found_and_other_kinds_of_clients_are_unknown_here() {
    for (profile, status) in [("all", 400), ("misskey", 400), ("foundkey", 404)] {
        let app = standing_in_for(profile).await;
        for id in ["", "nobody", "https://app.example/"] {
            let error = refused(
                &call(&app, "app/show", &json!({ "appId": id })).await,
                status,
                "NO_SUCH_APP",
            );
            assert_eq!(error["id"], "dce83913-2dc6-4093-8a7b-71dbb11718a3");
        }
    }
    let (app, of, _) = scene().await;
    let rows = app.rows().await;
    sea_orm::ConnectionTrait::execute_unprepared(rows.connection(), "UPDATE clients SET dialect = 'mastodon'")
        .await
        .unwrap();
    refused(
        &call(&app, "app/show", &json!({ "appId": of["id"] })).await,
        400,
        "NO_SUCH_APP",
    );
    refused(
        &call(&app, "auth/session/generate", &json!({ "appSecret": of["secret"] })).await,
        400,
        "NO_SUCH_APP",
    );
}

#[tokio::test]
async fn only_its_own_token_learns_that_an_app_is_let_in() {
    let (app, of, alice) = scene().await;
    let other = registered(&app, &registration()).await;
    let mut keys = Vec::new();
    for of in [&of, &other] {
        let session = generated(&app, of).await;
        decided(&alice, super::address(&session), "approve").await;
        keys.push(user_key(&app, of, &session).await.json()["accessToken"].clone());
    }
    let show = async |i: &Value| call(&app, "app/show", &json!({ "appId": of["id"], "i": i })).await;
    assert_eq!(show(&keys[0]).await.json()["isAuthorized"], true);
    assert_eq!(show(&keys[1]).await.json().get("isAuthorized"), None);
    assert_eq!(show(&Value::Null).await.json().get("isAuthorized"), None);
    let session = call(
        &app,
        "auth/session/generate",
        &json!({ "appSecret": of["secret"], "i": keys[0] }),
    )
    .await;
    assert_eq!(session.json()["app"]["isAuthorized"], true);
    let mut again = registration();
    again["i"] = keys[0].clone();
    assert_eq!(registered(&app, &again).await.get("isAuthorized"), None);
    let failed = show(&json!("vat_unknown")).await;
    refused(&failed, 401, "AUTHENTICATION_FAILED");
    assert_eq!(
        failed.header("www-authenticate"),
        r#"Bearer realm="Misskey", error="invalid_token""#
    );
}

#[tokio::test]
async fn a_closed_registration_is_like_an_endpoint_that_does_not_exist() {
    for profile in ["mastodon", "gancio", "indieweb"] {
        let app = standing_in_for(profile).await;
        let closed = call(&app, "app/create", &registration()).await;
        let unknown = call(&app, "app/nothing", &registration()).await;
        assert_eq!(closed.status, 404, "{profile}");
        assert_eq!((closed.status, &closed.body), (unknown.status, &unknown.body));
        let get = app.visitor().get("/api/app/create").await;
        assert_eq!((get.status, &get.body), (unknown.status, &unknown.body));
        assert_eq!(closed.header("allow"), unknown.header("allow"));
    }
    let app = Options::default()
        .set("VESTIBULE_REGISTRATION__MISSKEY", "false")
        .start()
        .await;
    assert_eq!(call(&app, "app/create", &registration()).await.status, 404);
}

/// The other ways to a token are open to such an app as well.
#[tokio::test]
async fn its_credentials_are_good_at_the_token_endpoint() {
    let (app, of, alice) = scene().await;
    let session = generated(&app, &of).await;
    decided(&alice, super::address(&session), "approve").await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", session["token"].as_str().unwrap()),
        ("redirect_uri", CALLBACK),
        ("client_id", of["id"].as_str().unwrap()),
        ("client_secret", of["secret"].as_str().unwrap()),
    ];
    let token = app.post_token(&fields).await.json();
    assert!(app.holds(access_token(&token)).await);
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "vrt_unknown"),
        ("client_id", of["id"].as_str().unwrap()),
        ("client_secret", of["secret"].as_str().unwrap()),
    ];
    let answer = app.post_token(&refresh).await;
    assert_eq!(answer.status, 400);
    let unsupported = json!({
        "error": "unsupported_grant_type",
        "error_description": "only authorization_code grants are supported",
    });
    assert_eq!(answer.json(), unsupported);
}
