//! Lists: searched, a page at a time, and without secrets.

use vestibule::oauth::host_rule::HostRule;
use vestibule::operators::By;

use super::*;
use crate::harness::api::{access_token, refresh_token, refreshing_scene};
use crate::harness::{AuthorizationRequest, Options};

#[tokio::test]
async fn people_come_fifty_at_a_time_and_by_the_beginning_of_their_names() {
    use sea_orm::ConnectionTrait as _;
    let (app, olga) = desk().await;
    let rows = app.rows().await;
    for number in 0..60 {
        let insert = format!(
            "INSERT INTO users (id, username, password_hash, created_at, likeness) \
             VALUES ('id{number}', 'user_{number:02}', 'x', 0, '')"
        );
        rows.connection().execute_unprepared(&insert).await.unwrap();
    }
    let first = olga.get("/admin/people").await;
    let second = olga.get("/admin/people?page=1").await;
    let names = |page: &crate::harness::actors::Answer| page.texts("main h2");
    assert_eq!((names(&first).len(), names(&second).len()), (50, 12));
    assert!(names(&first).iter().all(|name| !names(&second).contains(name)));
    assert!(first.has(r#"a[href="/admin/people?page=1"]"#) && second.has(r#"a[href="/admin/people?page=0"]"#));
    assert!(!second.has(r#"a[href="/admin/people?page=2"]"#));
    let found = olga.get("/admin/people?search=user_0").await;
    assert_eq!(names(&found).len(), 10);
    assert_eq!(names(&olga.get("/admin/people?search=@Bob").await), ["bob"]);
    for odd in ["%25", "zzz", "'", "a%20b", "_"] {
        let found = olga.get(&format!("/admin/people?search={odd}")).await;
        assert_eq!(found.status, StatusCode::OK, "{odd}");
        assert!(names(&found).is_empty(), "{odd}");
    }
    for page in ["4294967295", "-1", "x", "99999999999999999999"] {
        for list in ["people", "clients", "hosts", "activity", "invitations"] {
            let answer = olga.get(&format!("/admin/{list}?page={page}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{list} {page}");
        }
    }
}

#[tokio::test]
async fn addresses_to_confirm_are_counted_and_lead_to_their_people() {
    const WAITING: &str = "/admin/people?email=unconfirmed";
    let (app, olga) = desk().await;
    let bob = app.signed_in("bob", PASSWORD).await;
    let form = bob.get("/account/profile/email").await.form("/account/profile/email");
    bob.submit(&form.set("email", "bob@mail.example")).await;
    let link = format!(r#"dd a[href="{WAITING}"]"#);
    assert_eq!(olga.get("/admin").await.texts(&link), ["1"]);
    assert_eq!(olga.get(WAITING).await.texts("main h2"), ["bob"]);
    assert!(
        olga.get(&format!("{WAITING}&search=o"))
            .await
            .texts("main h2")
            .is_empty()
    );
    assert_eq!(press_email(&olga, "bob@mail.example").await, StatusCode::SEE_OTHER);
    assert_eq!(olga.get("/admin").await.texts(&link), ["0"]);
    assert!(olga.get(WAITING).await.texts("main h2").is_empty());
    assert_eq!(olga.get("/admin/people").await.texts("main h2").len(), 2);
}

async fn press_email(olga: &Visitor, address: &str) -> StatusCode {
    let form = filled(olga, "/admin/people/bob", &[("action", "email"), ("address", address)]).await;
    olga.submit(&form).await.status
}

#[tokio::test]
async fn activity_is_searched_by_kind_person_and_app() {
    let (app, site, alice) = refreshing_scene().await;
    let olga = operator(&app, "olga").await;
    alice.tokens(&AuthorizationRequest::valid(&site)).await;
    let lines = async |query: &str| olga.get(&format!("/admin/activity?{query}")).await.texts("main dd");
    assert!(lines("").await.len() > 3);
    assert_eq!(lines("kind=approved").await.len(), 1);
    assert!(lines("kind=approved").await[0].contains(&site.client_id()));
    assert_eq!(lines("kind=approved&about=127.0.0.1").await.len(), 1);
    assert_eq!(lines("person=olga&kind=promoted").await.len(), 1);
    for none in [
        "kind=approved&person=olga",
        "kind=unknown",
        "person=nobody",
        "person=%21",
        "about=elsewhere",
    ] {
        assert!(lines(none).await.is_empty(), "{none}");
    }
    assert_eq!(
        olga.get("/admin/activity?about=%00&person=%00").await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn tokens_are_counted_by_kind_of_app_and_end() {
    let (app, site, alice) = refreshing_scene().await;
    let olga = operator(&app, "olga").await;
    let request = AuthorizationRequest::valid(&site);
    let tokens = alice.tokens(&request).await;
    let page = olga.get("/admin/tokens").await;
    assert!(
        page.texts("main dt").contains(&"indieauth · access".to_owned()),
        "{}",
        page.text()
    );
    assert!(page.texts("main dt").contains(&"Within an hour · access".to_owned()));
    assert!(
        page.texts("main tr").contains(&"Yes 1 1 1".to_owned()),
        "{:?}",
        page.texts("main tr")
    );
    assert_eq!(app.operators.live_tokens().await.unwrap(), 2);
    app.refresh(&site, refresh_token(&tokens)).await;
    assert_eq!(
        app.operators.live_tokens().await.unwrap(),
        3,
        "the spent one does not count"
    );
    app.operators
        .rule_host("127.0.0.1", Some(HostRule::Block), By::CommandLine)
        .await
        .unwrap();
    assert_eq!(app.operators.live_tokens().await.unwrap(), 0);
    let page = olga.get("/admin/tokens").await;
    assert!(page.texts("main tr").contains(&"The host was blocked 1 1 1".to_owned()));
    app.clock.advance(Duration::from_hours(25));
    let olga = app.signed_in("olga", PASSWORD).await;
    let page = olga.get("/admin/tokens").await;
    assert!(page.texts("main tr").contains(&"Yes 0 1 1".to_owned()));
}

#[tokio::test]
async fn apps_are_listed_with_their_people_and_rules() {
    let (app, site, alice) = refreshing_scene().await;
    let olga = operator(&app, "olga").await;
    alice.tokens(&AuthorizationRequest::valid(&site)).await;
    app.operators
        .rule_host("127.0.0.1", Some(HostRule::Ask), By::CommandLine)
        .await
        .unwrap();
    let page = olga.get("/admin/clients?kind=seen").await;
    assert!(page.text().contains(&site.client_id()), "{}", page.text());
    assert!(page.text().contains("People are asked every time."));
    assert!(page.has(r#"a[href="/admin/hosts?host=127.0.0.1"]"#));
    assert_eq!(
        olga.get("/admin/clients?kind=seen&search=elsewhere")
            .await
            .texts("main h2")
            .len(),
        0
    );
    assert_eq!(
        olga.get("/admin/hosts?host=127.0.0.1")
            .await
            .form("/admin/hosts")
            .get("host"),
        "127.0.0.1"
    );
}

#[tokio::test]
async fn invitations_are_made_shown_once_and_taken_back() {
    let (app, olga) = desk().await;
    let form = olga
        .get("/admin/invitations")
        .await
        .form("/admin/invitations")
        .set("note", "for Zoe");
    let page = olga.submit(&form).await;
    let link = page.texts("textarea#link").concat();
    assert!(
        link.starts_with(&format!("{}/invitation?token=vin_", app.issuer)),
        "{link}"
    );
    let list = olga.get("/admin/invitations").await;
    assert!(list.text().contains("for Zoe") && !list.body.contains("vin_"));
    let told = olga.submit(&list.form("/admin/invitations/withdraw")).await;
    let page = olga.get(told.location()).await;
    assert_eq!(page.texts(".done"), ["The invitation is taken back."]);
    assert!(!page.has(r#"form[action="/admin/invitations/withdraw"]"#));
    for days in ["", "0", "31", "x"] {
        expect::page_error(&olga.submit(&form.clone().set("days", days)).await, 400);
    }
}

#[tokio::test]
async fn no_page_shows_a_secret() {
    const TOKEN: &str = "an-initial-access-token-of-the-operator";
    let options = Options::default()
        .set("VESTIBULE_REGISTRATION__DYNAMIC", "token")
        .set("VESTIBULE_REGISTRATION__INITIAL_ACCESS_TOKEN", TOKEN);
    let app = options.start().await;
    let olga = operator(&app, "olga").await;
    let site = crate::harness::ClientSite::start().await;
    app.accounts.add_user("bob", PASSWORD).await.unwrap();
    let tokens = app
        .signed_in("bob", PASSWORD)
        .await
        .tokens(&AuthorizationRequest::valid(&site))
        .await;
    let rows = app.rows().await;
    let hashes = rows.texts("users", "password_hash").await;
    let database = app.database_url();
    let password = url::Url::parse(database).unwrap().password().map(str::to_owned);
    for page in PAGES {
        let body = olga.get(page).await.body;
        for secret in [TOKEN, access_token(&tokens), crate::harness::app::SECRET_KEY, "$argon2"] {
            assert!(!body.contains(secret), "{page}: {secret}");
        }
        assert!(!hashes.iter().any(|hash| body.contains(hash)), "{page}");
        let shown = password
            .as_ref()
            .is_some_and(|password| body.contains(&format!(":{password}@")));
        assert!(!shown, "{page}");
    }
    let settings = olga.get("/admin/settings").await;
    let at = |name: &str| {
        let names = settings.texts("main dt");
        let place = names
            .iter()
            .position(|known| known == name)
            .unwrap_or_else(|| panic!("{names:?}"));
        settings.texts("main dd")[place].clone()
    };
    assert_eq!(at("VESTIBULE_SECRET_KEY"), "set");
    assert_eq!(at("VESTIBULE_REGISTRATION__INITIAL_ACCESS_TOKEN"), "set");
    assert_eq!(at("VESTIBULE_ISSUER"), app.issuer);
    assert_eq!(at("VESTIBULE_PROXY__TRUSTED"), "(empty)");
}

#[tokio::test]
async fn the_settings_name_the_file_that_has_the_key_when_none_is_set() {
    let app = Options::default().set("VESTIBULE_SECRET_KEY", "").start().await;
    let olga = operator(&app, "olga").await;
    let page = olga.get("/admin/settings").await;
    let place = page
        .texts("main dt")
        .iter()
        .position(|name| name == "VESTIBULE_SECRET_KEY");
    let shown = page.texts("main dd")[place.expect("it is listed")].clone();
    let expected = match app.database_url().starts_with("sqlite") {
        true => "not set; from the file test.db.key",
        false => "not set",
    };
    assert_eq!(shown, expected);
}
