//! The end-to-end cases of Misskey's own OAuth tests, as far as they concern a server that stands alone.

use crate::harness::{AuthorizationRequest, ClientSite, TestApp};

#[tokio::test]
async fn t1_full_flow() {
    let (app, site) = (TestApp::start().await, ClientSite::start().await);
    let alice = app.owner("alice").await;
    let request = AuthorizationRequest::valid(&site);
    let page = alice.consent_page(&request).await;
    assert!(page.text().contains("My Misskey App"), "{}", page.text());
    let back = alice.submit(&page.form("/consent/").set("decision", "approve")).await;
    assert_eq!(back.location().split('?').next(), Some(request.get("redirect_uri")));
    assert_eq!(back.location_param("state").as_deref(), Some(request.get("state")));
    assert_eq!(back.location_param("iss").as_deref(), Some(app.issuer.as_str()));
    let code = back.location_param("code").unwrap();
    let token = alice.redeem(&request.redemption(&code)).await.json();
    assert_eq!(token["token_type"], "Bearer");
    assert_eq!(token["scope"], "profile create");
    assert_eq!(token["me"], format!("{}/@alice", app.issuer));
    let answer = alice
        .get_with_token("/oauth/userinfo", token["access_token"].as_str().unwrap())
        .await;
    assert_eq!(answer.json()["name"], "alice");
}
