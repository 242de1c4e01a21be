//! Which address an app gets: the person's choice, among those that are proved; and what happens when one is not any more.

use serde_json::Value;

use super::*;
use crate::harness::AuthorizationRequest;
use crate::harness::api::{REFRESHING, access_token, refresh_token};

/// A server, an app that refreshes, and alice, who has an address of her own.
struct Scene {
    app: TestApp,
    client: ClientSite,
    alice: Visitor,
    home: ClientSite,
    address: String,
}

async fn scene() -> Scene {
    let (app, alice) = signed_in().await;
    app.owner("bob").await;
    let (client, home) = (ClientSite::with_document(REFRESHING).await, ClientSite::start().await);
    let address = prove(&app, &alice, "alice", &home).await;
    Scene {
        app,
        client,
        alice,
        home,
        address,
    }
}

impl Scene {
    fn request(&self) -> AuthorizationRequest {
        AuthorizationRequest::valid(&self.client)
    }

    /// Says yes as `me`.
    async fn approve_as(&self, request: &AuthorizationRequest, me: &str) -> Answer {
        let form = self.alice.consent_page(request).await.form("/consent/");
        self.alice.submit(&form.set("me", me).set("decision", "approve")).await
    }

    /// Tokens for an app that knows alice by her own address.
    async fn tokens(&self) -> Value {
        let request = self.request();
        let code = self.approve_as(&request, &self.address).await.location_param("code");
        let answer = self.app.post_token(&request.redemption(&code.unwrap())).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()
    }

    async fn lapse(&self) {
        self.home.page("");
        check(&self.alice, &self.address).await;
    }

    async fn prove_again(&self) {
        self.home.page(&lines(&self.app, "alice"));
        check(&self.alice, &self.address).await;
    }

    fn hosted(&self) -> String {
        format!("{}/@alice", self.app.issuer)
    }
}

fn chosen(page: &Answer) -> String {
    page.form("/consent/").get("me").to_owned()
}

#[tokio::test]
async fn whoever_has_one_address_is_not_asked_which() {
    let (app, alice) = signed_in().await;
    let (client, home) = (ClientSite::start().await, ClientSite::start().await);
    add(&alice, &home.url("/")).await;
    let page = alice.consent_page(&AuthorizationRequest::valid(&client)).await;
    assert!(!page.has(r#"input[name="me"]"#));
    says(&page, &format!("It will know you as {}/@alice", app.issuer));
}

#[tokio::test]
async fn the_app_gets_the_address_that_was_chosen_everywhere() {
    let scene = scene().await;
    let resource = scene.app.resource_server("micropub").await;
    for me in [scene.hosted(), scene.address.clone()] {
        let request = scene.request();
        let code = scene.approve_as(&request, &me).await.location_param("code").unwrap();
        let tokens = scene.app.post_token(&request.redemption(&code)).await.json();
        assert_eq!(tokens["me"], *me);
        let told = scene.app.introspect(&resource, access_token(&tokens)).await.json();
        assert_eq!((&told["active"], &told["me"]), (&true.into(), &me.as_str().into()));
        assert_eq!(scene.app.check(access_token(&tokens)).await.json()["me"], *me);
        let refreshed = scene.app.refresh(&scene.client, refresh_token(&tokens)).await.json();
        assert_eq!(refreshed["me"], *me);
        let request = scene.request().with("scope", "profile");
        let code = scene.approve_as(&request, &me).await.location_param("code").unwrap();
        let profile = scene.alice.api("/oauth/authorize", &request.redemption(&code)).await;
        assert_eq!(profile.json()["me"], *me);
    }
}

#[tokio::test]
async fn the_last_choice_is_chosen_next_time_then_what_the_app_asked_for() {
    let scene = scene().await;
    let page = scene.alice.consent_page(&scene.request()).await;
    assert_eq!(chosen(&page), scene.hosted());
    let typed = scene.address.trim_end_matches('/');
    let asking = scene.request().with("me", typed);
    assert_eq!(chosen(&scene.alice.consent_page(&asking).await), scene.address);
    scene.approve_as(&scene.request(), &scene.address).await;
    let asking = scene.request().with("me", &scene.hosted());
    assert_eq!(chosen(&scene.alice.consent_page(&asking).await), scene.address);
    scene.approve_as(&scene.request(), &scene.hosted()).await;
    assert_eq!(
        chosen(&scene.alice.consent_page(&scene.request()).await),
        scene.hosted()
    );
}

/// Who tells no website has the address itself in its place, and that is known only when the button is pressed.
#[tokio::test]
async fn the_page_does_not_name_an_address_that_may_not_be_the_one_that_is_given() {
    let scene = scene().await;
    let shown = |page: &Answer| page.texts(r#"label.choice:has(input[value="profile"]) small"#).concat();
    let request = scene.request().with("scope", "profile create");
    let page = scene.alice.consent_page(&request).await;
    assert_eq!(chosen(&page), scene.hosted());
    assert_eq!(shown(&page), "alice · the address that you choose above");
    let other = page.form("/consent/").set("me", &scene.address);
    let answer = scene.alice.submit(&other.set("decision", "approve")).await;
    let code = answer.location_param("code").unwrap();
    let token = scene.app.post_token(&request.redemption(&code)).await.json();
    assert_eq!(
        (&token["me"], &token["profile"]["url"]),
        (&scene.address.as_str().into(), &token["me"])
    );
    // A website is given whatever is chosen.
    let form = scene.alice.get("/account/profile").await.form("/account/profile");
    let form = form.set("website", "https://site.example/");
    assert_eq!(scene.alice.upload(&form, "image/png", b"").await.status, 303);
    let page = scene.alice.consent_page(&request.fresh_pkce()).await;
    assert_eq!(shown(&page), "alice · https://site.example/");
}

/// R32: it is unverified input.
#[tokio::test]
async fn what_an_app_asks_for_is_only_a_hint() {
    let scene = scene().await;
    let long = format!("https://alice.example/{}", "x".repeat(2000));
    for me in [
        "https://bob.example/",
        "bob@example.com",
        "javascript:alert(1)",
        "\"><script>",
        &long,
    ] {
        let page = scene.alice.consent_page(&scene.request().with("me", me)).await;
        assert_eq!(chosen(&page), scene.hosted(), "{me}");
        assert!(!page.body.contains("bob.example"));
    }
}

#[tokio::test]
async fn an_address_that_is_not_the_persons_is_a_changed_form() {
    let scene = scene().await;
    let (bob, hers) = (scene.app.signed_in("bob", PASSWORD).await, ClientSite::start().await);
    let bobs = prove(&scene.app, &bob, "bob", &hers).await;
    let bobs_page = format!("{}/@bob", scene.app.issuer);
    let slashless = scene.address.trim_end_matches('/');
    for forged in [&*bobs, &*bobs_page, "https://nobody.example/", "x", "\0", slashless] {
        let answer = scene.approve_as(&scene.request(), forged).await;
        expect::page_error(&answer, 400);
    }
    let rows = scene.app.rows().await;
    assert_eq!(rows.count("grants WHERE approved_at IS NOT NULL").await, 0);
}

#[tokio::test]
async fn an_address_that_waits_for_its_proof_is_not_handed_out() {
    let scene = scene().await;
    let waiting = format!("{}blog", scene.address);
    add(&scene.alice, &waiting).await;
    let page = scene.alice.consent_page(&scene.request()).await;
    assert!(!page.body.contains(&waiting));
    let answer = scene.approve_as(&scene.request(), &waiting).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(chosen(&answer), scene.hosted());
    says(&answer, "cannot be used. Choose another address.");
}

#[tokio::test]
async fn a_proof_is_looked_for_again_when_an_app_is_about_to_get_the_address() {
    let scene = scene().await;
    let before = scene.home.hits();
    scene.approve_as(&scene.request(), &scene.address).await;
    assert_eq!(scene.home.hits(), before, "it was looked at just now");
    scene.app.clock.advance(Duration::from_hours(2));
    scene.approve_as(&scene.request(), &scene.address).await;
    assert_eq!(scene.home.hits(), before + 1);
    scene.app.clock.advance(Duration::from_hours(2));
    scene.home.page("");
    let page = scene.approve_as(&scene.request(), &scene.address).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    says(&page, "was not found just now");
    assert!(!page.has(r#"input[name="me"]"#), "one is left");
    let answer = scene
        .alice
        .submit(&page.form("/consent/").set("decision", "approve"))
        .await;
    assert!(answer.location_param("code").is_some(), "{answer:?}");
}

#[tokio::test]
async fn a_code_is_good_for_nothing_while_the_address_is_not_proved() {
    let scene = scene().await;
    let requests = [scene.request(), scene.request().with("scope", "profile")];
    for (request, endpoint) in requests.iter().zip(["/oauth/token", "/oauth/authorize"]) {
        let code = scene
            .approve_as(request, &scene.address)
            .await
            .location_param("code")
            .unwrap();
        scene.lapse().await;
        let refused = scene.alice.api(endpoint, &request.redemption(&code)).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["error"]),
            (400, &"invalid_grant".into())
        );
        assert!(!refused.body.contains(&scene.address));
        scene.prove_again().await;
        let answer = scene.alice.api(endpoint, &request.redemption(&code)).await;
        assert_eq!(answer.json()["me"], *scene.address);
    }
}

#[tokio::test]
async fn tokens_sleep_while_the_address_is_not_proved() {
    let scene = scene().await;
    let resource = scene.app.resource_server("micropub").await;
    let tokens = scene.tokens().await;
    let (access, refresh) = (access_token(&tokens), refresh_token(&tokens));
    scene.lapse().await;
    let told = scene.app.introspect(&resource, access).await;
    assert_eq!(told.json(), serde_json::json!({ "active": false }));
    assert_eq!(scene.app.check(access).await.status, 401);
    assert_eq!(scene.alice.get_with_token("/oauth/userinfo", access).await.status, 401);
    let refused = scene.app.refresh(&scene.client, refresh).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["error"]),
        (400, &"invalid_grant".into())
    );
    scene.prove_again().await;
    assert_eq!(
        scene.app.introspect(&resource, access).await.json()["me"],
        *scene.address
    );
    assert_eq!(scene.alice.get_with_token("/oauth/userinfo", access).await.status, 200);
    let again = scene.app.refresh(&scene.client, refresh).await;
    assert_eq!(
        (again.status.as_u16(), &again.json()["me"]),
        (200, &scene.address.as_str().into())
    );
}

/// Whoever proves the address next is not let in by what was given before.
#[tokio::test]
async fn tokens_do_not_wake_for_the_next_holder() {
    let scene = scene().await;
    let tokens = scene.tokens().await;
    let bob = scene.app.signed_in("bob", PASSWORD).await;
    prove(&scene.app, &bob, "bob", &scene.home).await;
    assert!(!scene.app.holds(access_token(&tokens)).await);
    assert_eq!(
        scene.app.refresh(&scene.client, refresh_token(&tokens)).await.status,
        400
    );
}

#[tokio::test]
async fn tokens_by_the_address_of_this_server_hold_whatever_happens_to_others() {
    let scene = scene().await;
    let request = scene.request();
    let code = scene
        .approve_as(&request, &scene.hosted())
        .await
        .location_param("code")
        .unwrap();
    scene.lapse().await;
    let tokens = scene.app.post_token(&request.redemption(&code)).await.json();
    assert!(scene.app.holds(access_token(&tokens)).await);
    assert_eq!(
        scene.app.refresh(&scene.client, refresh_token(&tokens)).await.status,
        200
    );
}

#[tokio::test]
async fn a_sleeping_token_can_be_given_back() {
    let scene = scene().await;
    for which in [access_token, refresh_token] {
        let tokens = scene.tokens().await;
        scene.lapse().await;
        let answer = scene.app.post("/oauth/revoke", &[("token", which(&tokens))]).await;
        assert_eq!(answer.status, 200);
        scene.prove_again().await;
        assert!(!scene.app.holds(access_token(&tokens)).await);
    }
}

#[tokio::test]
async fn removing_an_address_ends_what_apps_got_by_it_after_saying_so() {
    let scene = scene().await;
    let tokens = scene.tokens().await;
    let request = scene.request();
    let code = scene
        .approve_as(&request, &scene.hosted())
        .await
        .location_param("code")
        .unwrap();
    let by_hosted = scene.app.post_token(&request.redemption(&code)).await.json();
    says(
        &scene.alice.get(PAGE).await,
        "One app knows you by it. Its access ends.",
    );
    let form = form_of(&scene.alice.get(PAGE).await, &format!("{PAGE}/remove"), &scene.address);
    for _ in 0..2 {
        assert_eq!(scene.alice.submit(&form).await.location(), PAGE);
    }
    prove(&scene.app, &scene.alice, "alice", &scene.home).await;
    assert!(
        !scene.app.holds(access_token(&tokens)).await,
        "it was ended, and does not wake"
    );
    assert!(scene.app.holds(access_token(&by_hosted)).await);
    let audit = scene.app.rows().await.audit().await;
    assert_eq!(audit, ["address_proved", "address_removed", "address_proved"]);
}

/// An app on the web, which need not ask twice, and alice's address, proved by a record.
async fn remembered() -> (
    SecureWeb,
    TestApp,
    ClientSite,
    Visitor,
    NameServer,
    AuthorizationRequest,
) {
    let (web, dns) = (SecureWeb::new(), NameServer::start().await);
    let app = web.options().txt(dns.resolver()).start().await;
    let (alice, client) = (app.owner("alice").await, web.site("app.net").await);
    app.owner("bob").await;
    dns.record("alice.net", &["vestibule-verification=https://id.example/@alice"]);
    add(&alice, "alice.net").await;
    check(&alice, "https://alice.net/").await;
    let request = AuthorizationRequest::valid(&client);
    let form = alice.consent_page(&request).await.form("/consent/");
    let form = form.set("me", "https://alice.net/").set("decision", "approve");
    assert!(alice.submit(&form).await.location_param("code").is_some());
    (web, app, client, alice, dns, request.fresh_pkce())
}

#[tokio::test]
async fn a_remembered_yes_is_given_with_the_remembered_address() {
    let (_web, app, _client, alice, _dns, request) = remembered().await;
    for request in [request.clone(), request.with("me", "https://alice.net")] {
        let request = request.fresh_pkce();
        let code = alice.get_authorize(&request).await.location_param("code");
        let tokens = app
            .post_token(&request.redemption(&code.expect("no question")))
            .await
            .json();
        assert_eq!(tokens["me"], "https://alice.net/");
    }
}

#[tokio::test]
async fn a_remembered_yes_is_asked_for_again_when_its_address_is_not_proved_any_more() {
    let (_web, app, _client, alice, dns, request) = remembered().await;
    dns.forget("alice.net");
    assert!(
        alice.get_authorize(&request).await.location_param("code").is_some(),
        "looked at just now"
    );
    app.clock.advance(Duration::from_hours(2));
    let answer = alice.get_authorize(&request.fresh_pkce()).await;
    assert!(answer.location().starts_with("/consent/"), "{answer:?}");
}

#[tokio::test]
async fn a_remembered_yes_is_asked_for_again_when_the_app_wants_another_address_of_theirs() {
    let (_web, _app, _client, alice, _dns, request) = remembered().await;
    let hosted = request.clone().with("me", "https://id.example/@alice");
    let answer = alice.get_authorize(&hosted).await;
    assert!(answer.location().starts_with("/consent/"), "{answer:?}");
    let strangers = request.with("me", "https://id.example/@bob");
    assert!(alice.get_authorize(&strangers).await.location_param("code").is_some());
}
