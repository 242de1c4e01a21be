//! Proofs are looked for again: an answer without one ends it, silence is borne for a week, and what returns counts again.

use super::*;

async fn proved() -> (TestApp, Visitor, ClientSite, String) {
    let (app, alice) = signed_in().await;
    app.owner("bob").await;
    let site = ClientSite::start().await;
    let address = prove(&app, &alice, "alice", &site).await;
    (app, alice, site, address)
}

fn broken() -> SiteAnswer {
    SiteAnswer {
        status: 503,
        ..html_answer("")
    }
}

/// Alice's page, whoever looks: her session may have ended meanwhile.
async fn still_listed(app: &TestApp, address: &str) -> bool {
    let hosted = app.visitor().get("/@alice").await;
    hosted.has(&format!(r#"a[rel="me"][href="{address}"]"#))
}

#[tokio::test]
async fn a_proof_is_looked_for_once_a_day() {
    let (app, _alice, site, address) = proved().await;
    app.clock.advance(DAY - Duration::from_secs(1));
    assert_eq!(app.flows.look_again().await.unwrap(), 0);
    app.clock.advance(Duration::from_secs(1));
    let before = site.hits();
    assert_eq!(app.flows.look_again().await.unwrap(), 1);
    assert_eq!(app.flows.look_again().await.unwrap(), 0);
    assert_eq!(site.hits(), before + 1);
    assert!(still_listed(&app, &address).await);
    assert_eq!(
        app.rows().await.audit().await,
        ["address_proved"],
        "nothing has happened"
    );
}

#[tokio::test]
async fn two_servers_share_the_work() {
    let (app, _alice, site, _address) = proved().await;
    let other = app.replica(Options::default()).await;
    app.clock.advance(DAY);
    let before = site.hits();
    let looked = tokio::join!(app.flows.look_again(), other.flows.look_again());
    assert_eq!((looked.0.unwrap() + looked.1.unwrap(), site.hits()), (1, before + 1));
}

/// A server that stops while it looks has found nothing.
#[tokio::test]
async fn a_look_that_never_ended_is_no_look_and_another_follows() {
    use sea_orm::ConnectionTrait as _;
    let (app, _alice, site, _address) = proved().await;
    app.clock.advance(DAY);
    let rows = app.rows().await;
    let claimed = format!("UPDATE profile_urls SET claimed_at = {}", app.now().unix_timestamp());
    rows.connection().execute_unprepared(&claimed).await.unwrap();
    let before = site.hits();
    assert_eq!(app.flows.look_again().await.unwrap(), 0);
    app.clock.advance(Duration::from_mins(10));
    assert_eq!(app.flows.look_again().await.unwrap(), 1);
    assert_eq!(app.flows.look_again().await.unwrap(), 0);
    assert_eq!(site.hits(), before + 1);
}

#[tokio::test]
async fn who_sets_out_to_look_has_not_looked_yet() {
    use vestibule::storage::profile_urls::{Due, claim};
    let (app, _alice, _site, _address) = proved().await;
    app.clock.advance(DAY);
    let store = app.store().await;
    let due = Due {
        checked: app.now() - DAY,
        claimed: app.now() - Duration::from_mins(10),
    };
    let rows = app.rows().await;
    let unseen = format!("profile_urls WHERE checked_at <= {}", due.checked.unix_timestamp());
    let id = vestibule::oauth::grant::UserId(app.user_id("alice").await);
    let listed = vestibule::storage::profile_urls::list(store.reader(), &id)
        .await
        .unwrap();
    assert!(claim(store.writer(), &listed[0].id, due, app.now()).await.unwrap());
    assert!(!claim(store.writer(), &listed[0].id, due, app.now()).await.unwrap());
    assert_eq!(rows.count(&unseen).await, 1);
}

#[tokio::test]
async fn an_address_that_was_never_proved_is_not_looked_at_by_itself() {
    let (app, alice) = signed_in().await;
    let site = ClientSite::start().await;
    add(&alice, &site.url("/")).await;
    check(&alice, &site.url("/")).await;
    app.clock.advance(DAY * 2);
    assert_eq!((app.flows.look_again().await.unwrap(), site.hits()), (0, 1));
}

#[tokio::test]
async fn an_answer_without_the_proof_ends_it_and_the_proof_brings_it_back() {
    let (app, alice, site, address) = proved().await;
    let without = [
        html_answer("<h1>A new page</h1>"),
        SiteAnswer {
            status: 404,
            ..html_answer("")
        },
        SiteAnswer {
            status: 302,
            ..html_answer("")
        },
        html_answer(&lines(&app, "bob")),
    ];
    for answer in without {
        site.answer(answer.clone());
        app.clock.advance(DAY);
        app.flows.look_again().await.unwrap();
        assert!(!still_listed(&app, &address).await, "{answer:?}");
        site.page(&lines(&app, "alice"));
        app.clock.advance(DAY);
        app.flows.look_again().await.unwrap();
        assert!(still_listed(&app, &address).await, "{answer:?}");
    }
    let page = alice.get(PAGE).await;
    assert!(is_proved(&page, &address));
    let audit = app.rows().await.audit().await;
    assert_eq!(audit.len(), 1 + 2 * 4, "{audit:?}");
}

#[tokio::test]
async fn a_lapsed_address_says_why() {
    let (app, alice, site, address) = proved().await;
    site.page("");
    app.clock.advance(DAY);
    app.flows.look_again().await.unwrap();
    let page = alice.get(PAGE).await;
    says(&page, "The proof is gone");
    says(&page, "neither line is in it");
    assert_eq!(page.texts("section.entry .eyebrow")[1], "Not working now");
    let activity = alice.get("/account/activity").await;
    says(
        &activity,
        &format!("The proof that an address is yours is gone: {address}"),
    );
}

#[tokio::test]
async fn failures_to_look_are_borne_for_a_week() {
    let (app, alice, site, address) = proved().await;
    site.answer(broken());
    for day in 0..7 {
        app.clock.advance(DAY);
        assert_eq!(app.flows.look_again().await.unwrap(), 1);
        assert!(still_listed(&app, &address).await, "day {day}");
    }
    says(&alice.get(PAGE).await, "Checking has failed since");
    app.clock.advance(DAY);
    app.flows.look_again().await.unwrap();
    assert!(!still_listed(&app, &address).await);
}

#[tokio::test]
async fn one_answer_ends_the_count_of_failures() {
    let (app, _alice, site, address) = proved().await;
    for _ in 0..3 {
        site.answer(broken());
        for _ in 0..5 {
            app.clock.advance(DAY);
            app.flows.look_again().await.unwrap();
        }
        site.page(&lines(&app, "alice"));
        app.clock.advance(DAY);
        app.flows.look_again().await.unwrap();
    }
    assert!(still_listed(&app, &address).await);
}

#[tokio::test]
async fn a_lapsed_address_is_looked_at_for_a_month() {
    let (app, _alice, site, _address) = proved().await;
    site.page("");
    let mut looks = 0;
    for _ in 0..40 {
        app.clock.advance(DAY);
        looks += app.flows.look_again().await.unwrap();
    }
    assert_eq!(looks, 29);
}

#[tokio::test]
async fn a_dns_record_that_is_gone_ends_the_proof_and_a_silent_server_does_not() {
    let (app, alice, dns) = with_dns().await;
    let (name, address) = ("_vestibule.alice.net", "https://alice.net/");
    let record = ["vestibule-verification=https://id.example/@alice"];
    dns.record(name, &record);
    add(&alice, address).await;
    assert!(is_proved(&check(&alice, address).await, address));
    for (is_silent, holds) in [(true, true), (false, false)] {
        match is_silent {
            true => dns.fail(name),
            false => dns.forget(name),
        }
        app.clock.advance(DAY);
        app.flows.look_again().await.unwrap();
        assert_eq!(still_listed(&app, address).await, holds, "silent: {is_silent}");
    }
    dns.record(name, &record);
    app.clock.advance(DAY);
    app.flows.look_again().await.unwrap();
    assert!(still_listed(&app, address).await);
}
