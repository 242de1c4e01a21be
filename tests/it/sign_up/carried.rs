//! An app's request that waits goes along through signing up.

use super::*;

#[tokio::test]
async fn who_signs_up_midway_lands_in_the_same_request_byte_for_byte() {
    let app = server("open").await;
    let (site, visitor) = (ClientSite::start().await, app.visitor());
    let asked = format!(
        "{}&state2=%41%20+%C3%A9&bare&q=%22%3C%26",
        AuthorizationRequest::valid(&site).path()
    );
    let query = asked.split_once('?').unwrap().1;
    let to_sign_in = visitor.get(&asked).await;
    let page = visitor.get(to_sign_in.location()).await;
    let way = page.hrefs(r#"main a[href^="/sign-up"]"#).remove(0);
    assert_eq!(way, format!("{PAGE}?{query}"));
    let form = visitor.get(&way).await;
    assert!(form.text().contains("to continue to 127.0.0.1"), "{}", form.text());
    // And back to the sign-in page, for whoever has an account after all.
    assert_eq!(form.hrefs(r#"main a[href^="/sign-in"]"#), [format!("/sign-in?{query}")]);
    let refused = visitor
        .submit(
            &form
                .form(PAGE)
                .set("username", "first")
                .set("password", "no password of hers"),
        )
        .await;
    assert_eq!(refused.form(PAGE).get("continue"), query);
    let answer = visitor
        .submit(&refused.form(PAGE).set("username", "alice").set("password", PASSWORD))
        .await;
    assert_eq!(answer.location(), asked);
    let question = visitor.get(visitor.get(answer.location()).await.location()).await;
    assert!(question.is_question());
}

#[tokio::test]
async fn a_page_without_a_form_carries_the_request_to_the_sign_in_page() {
    let app = server("invitation").await;
    let query = "client_id=https%3A%2F%2Fapp.example%2F&state=%41";
    let page = app.visitor().get(&format!("{PAGE}?{query}")).await;
    assert_eq!(page.hrefs(r#"main a[href^="/sign-in"]"#), [format!("/sign-in?{query}")]);
    let signed_in = app.signed_in("first", PASSWORD).await;
    let page = signed_in.get(&format!("{PAGE}?{query}")).await;
    assert_eq!(page.hrefs("main a.primary"), [format!("/oauth/authorize?{query}")]);
}

#[tokio::test]
async fn no_address_from_outside_is_followed() {
    let app = server("open").await;
    for (number, hostile) in ["//evil.example", "https://evil.example/", "a\r\nLocation: x", "/x"]
        .into_iter()
        .enumerate()
    {
        let visitor = app.visitor();
        let form = filled(&visitor, PAGE, &format!("person{}", (b'a' + number as u8) as char)).await;
        let answer = visitor.submit(&form.set("continue", hostile)).await;
        let location = answer.location();
        assert!(
            location == "/" || location.starts_with("/oauth/authorize?"),
            "{hostile:?} {location}"
        );
    }
}

#[tokio::test]
async fn the_page_is_in_the_language_of_the_request() {
    let app = server("open").await;
    let visitor = app.visitor();
    let form = filled(&visitor, &format!("{PAGE}?ui_locales=ja"), "admin").await;
    let answer = visitor.submit(&form).await;
    assert!(answer.has(r#"html[lang="ja"]"#), "{}", answer.body);
}
