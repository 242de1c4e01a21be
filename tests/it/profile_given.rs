//! What apps learn of a person: by scope, at every endpoint the same, and the very thing that the consent page shows.

use serde_json::{Value, json};
use vestibule::oauth::grant::UserId;

use crate::harness::actors::Answer;
use crate::harness::api::{access_token, scene};
use crate::harness::app::PASSWORD;
use crate::harness::{AuthorizationRequest, TestApp, Visitor};
use crate::mastodon::Registered;

/// Tells all there is to tell, and gives the address of the picture.
async fn tell_all(app: &TestApp, alice: &Visitor) -> String {
    let mut png = std::io::Cursor::new(Vec::new());
    let square = image::RgbImage::from_pixel(20, 20, image::Rgb([1, 2, 3]));
    square.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let form = alice.get("/account/profile").await.form("/account/profile");
    let form = form.set("name", "Alice & Co").set("website", "https://alice.example/");
    assert_eq!(alice.upload(&form, "image/png", &png.into_inner()).await.status, 303);
    let form = alice.get("/account/profile/email").await.form("/account/profile/email");
    alice.submit(&form.set("email", "alice@mail.example")).await;
    let page = alice.get("/account/profile").await;
    let photo = page.body.split("<img class=\"portrait\" src=\"").nth(1).unwrap();
    format!("{}{}", app.issuer, photo.split('"').next().unwrap())
}

fn profile(photo: &str, email: Option<bool>) -> Value {
    let mut profile = json!({ "name": "Alice & Co", "url": "https://alice.example/", "photo": photo });
    if let Some(verified) = email {
        profile["email"] = "alice@mail.example".into();
        profile["email_verified"] = verified.into();
    }
    profile
}

/// What the page has under the box of a scope.
fn shown(page: &Answer, scope: &str) -> String {
    let lines = page.texts(&format!(r#"label.choice:has(input[value="{scope}"]) small"#));
    lines.concat()
}

#[tokio::test]
async fn the_consent_page_shows_what_is_given_and_no_more() {
    let (app, site, alice) = scene().await;
    let photo = tell_all(&app, &alice).await;
    let verified = UserId(app.user_id("alice").await);
    for is_verified in [false, true] {
        if is_verified {
            let done = app.accounts.verify_email(&verified, "alice@mail.example", None).await;
            assert!(done.unwrap());
        }
        let request = AuthorizationRequest::valid(&site).with("scope", "profile email");
        let page = alice.consent_page(&request).await;
        let code = alice.submit(&page.form("/consent/").set("decision", "approve")).await;
        let code = code.location_param("code").unwrap();
        let token = app.post_token(&request.redemption(&code)).await.json();
        let given = &token["profile"];
        assert_eq!(*given, profile(&photo, Some(is_verified)));
        let told = |member: &str| given[member].as_str().unwrap().to_owned();
        assert_eq!(shown(&page, "profile"), format!("{} · {}", told("name"), told("url")));
        let path = told("photo").replace(&app.issuer, "");
        assert!(page.has(&format!(r#"label.choice img.portrait[src="{path}"]"#)));
        let state = if is_verified { "Confirmed" } else { "Not confirmed." };
        assert!(
            shown(&page, "email").starts_with(&format!("{} · {state}", told("email"))),
            "{}",
            shown(&page, "email")
        );
        // The next question comes although this was answered.
        alice.submit(&alice.get("/apps").await.form("/apps/revoke")).await;
    }
}

#[tokio::test]
async fn every_endpoint_tells_what_the_scope_allows_and_no_member_more() {
    let (app, site, alice) = scene().await;
    let photo = tell_all(&app, &alice).await;
    let sub = app.user_id("alice").await;
    for (asked, kept, expected) in [
        ("create", "create", None),
        ("email create", "create", None),
        ("profile create", "profile create", Some(profile(&photo, None))),
        ("profile email", "profile email", Some(profile(&photo, Some(false)))),
        ("profile email create", "profile create", Some(profile(&photo, None))),
        // Without the profile the address stays here as well.
        ("profile email create", "email create", None),
    ] {
        let request = AuthorizationRequest::valid(&site).with("scope", asked);
        let code = async |request: &AuthorizationRequest| {
            let mut form = alice.consent_page(request).await.form("/consent/");
            for scope in asked
                .split(' ')
                .filter(|scope| !kept.split(' ').any(|kept| kept == *scope))
            {
                form = form.untick("scope", scope);
            }
            let answer = alice.submit(&form.set("decision", "approve")).await;
            answer.location_param("code").unwrap()
        };
        let what = format!("{asked}, of which {kept}");
        let token = app.post_token(&request.redemption(&code(&request).await)).await.json();
        assert_eq!(token.get("profile"), expected.as_ref(), "{what}");
        let userinfo = alice.get_with_token("/oauth/userinfo", access_token(&token)).await;
        match &expected {
            None => assert_eq!(userinfo.status, 403, "{what}"),
            Some(told) => {
                let mut told = told.clone();
                told["sub"] = sub.clone().into();
                assert_eq!(userinfo.json(), told, "{what}");
            }
        }
        alice.submit(&alice.get("/apps").await.form("/apps/revoke")).await;
        let request = request.fresh_pkce();
        let redemption = request.redemption(&code(&request).await);
        let told = app.post("/oauth/authorize", &redemption).await.json();
        assert_eq!(told.get("profile"), expected.as_ref(), "{what}");
    }
}

#[tokio::test]
async fn who_has_told_nothing_is_shown_so() {
    let (_app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site).with("scope", "profile email");
    let page = alice.consent_page(&request).await;
    assert!(
        shown(&page, "profile").starts_with("alice · http"),
        "{}",
        shown(&page, "profile")
    );
    assert!(
        shown(&page, "email").contains("You have not given"),
        "{}",
        shown(&page, "email")
    );
    assert!(!page.has("label.choice img"));
}

#[tokio::test]
async fn what_changes_between_yes_and_exchange_is_given_as_it_is_then() {
    let (app, site, alice) = scene().await;
    let request = AuthorizationRequest::valid(&site);
    let code = alice.code(&request).await;
    tell_all(&app, &alice).await;
    let token = app.post_token(&request.redemption(&code)).await.json();
    assert_eq!(token["profile"]["name"], "Alice & Co");
}

#[tokio::test]
async fn sub_is_the_same_for_every_app_and_whatever_else_changes() {
    let (app, site, alice) = scene().await;
    let resource = app.resource_server("micropub").await;
    let mut seen = Vec::new();
    for round in 0..2 {
        let token = alice.tokens(&AuthorizationRequest::valid(&site)).await;
        let told = app.introspect(&resource, access_token(&token)).await.json();
        let userinfo = alice
            .get_with_token("/oauth/userinfo", access_token(&token))
            .await
            .json();
        seen.extend([told["sub"].clone(), userinfo["sub"].clone()]);
        if round == 0 {
            tell_all(&app, &alice).await;
            app.accounts.set_password("alice", PASSWORD).await.unwrap();
            let again = app.signed_in("alice", PASSWORD).await;
            alice.set_cookie("vestibule_session", &again.cookie("vestibule_session").unwrap());
        }
    }
    let id = app.user_id("alice").await;
    assert!(seen.iter().all(|sub| *sub == id), "{seen:?}");
}

#[tokio::test]
async fn mastodons_apps_get_claims_with_the_picture_and_a_sub_that_is_an_address() {
    let (app, alice) = crate::mastodon::scene().await;
    let photo = tell_all(&app, &alice).await;
    let client = Registered::app(&app, "profile").await;
    let token = client.token(&app, &alice, "profile").await;
    let me = format!("{}/@alice", app.issuer);
    assert_eq!(
        alice.get_with_token("/oauth/userinfo", &token).await.json(),
        json!({
            "iss": app.issuer,
            "sub": me,
            "name": "Alice & Co",
            "preferred_username": "alice",
            "profile": me,
            "picture": photo,
            "website": "https://alice.example/",
        })
    );
}

#[tokio::test]
async fn the_key_of_an_unregistered_app_comes_with_what_stands_on_the_public_page() {
    let (app, alice) = crate::mastodon::scene().await;
    let photo = tell_all(&app, &alice).await;
    let asked = alice.get("/miauth/a-session?name=Notes&permission=read:account").await;
    let form = alice.get(asked.location()).await.form("/consent/");
    alice.submit(&form.set("decision", "approve")).await;
    let key = app.post("/api/miauth/a-session/check", &[("", "")]).await.json();
    assert_eq!(
        key["user"],
        json!({
            "id": app.user_id("alice").await,
            "username": "alice",
            "name": "Alice & Co",
            "host": null,
            "avatarUrl": photo,
            "url": format!("{}/@alice", app.issuer),
        })
    );
}

#[tokio::test]
async fn an_overview_counts_what_is_open_in_somebodys_name() {
    let (app, site, alice) = scene().await;
    app.signed_in("alice", PASSWORD).await;
    for _ in 0..2 {
        alice.tokens(&AuthorizationRequest::valid(&site)).await;
    }
    let other = crate::harness::ClientSite::start().await;
    alice.tokens(&AuthorizationRequest::valid(&other)).await;
    let overview = app.accounts.overview("@Alice").await.unwrap();
    assert_eq!((overview.sessions, overview.apps), (2, 2));
    assert!(!overview.standing.is_operator && overview.standing.disabled_at.is_none());
    let apps = alice.get("/apps").await.form("/apps/revoke");
    alice.submit(&apps).await;
    assert_eq!(app.accounts.overview("alice").await.unwrap().apps, 1);
}
