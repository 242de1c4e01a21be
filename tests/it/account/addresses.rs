//! Addresses of a person's own: how they are proved, what is said when they are not, and whose they are.

use std::time::Duration;

use super::*;
use crate::harness::actors::Form;
use crate::harness::app::PASSWORD;
use crate::harness::client_site::{SiteAnswer, html_answer};
use crate::harness::{ClientSite, NameServer, Options, SecureWeb};

mod standing;
mod use_at_apps;

const PAGE: &str = "/account/addresses";
const ADD: &str = "/account/addresses/add";
const DAY: Duration = Duration::from_hours(24);

/// The two lines, for this person.
fn lines(app: &TestApp, name: &str) -> String {
    format!("{}{}", leads_here(app), names(app, name))
}

fn leads_here(app: &TestApp) -> String {
    let issuer = &app.issuer;
    format!(r#"<link rel="indieauth-metadata" href="{issuer}/.well-known/oauth-authorization-server">"#)
}

fn names(app: &TestApp, name: &str) -> String {
    format!(r#"<link rel="me" href="{}/@{name}">"#, app.issuer)
}

async fn add(person: &Visitor, address: &str) -> Answer {
    let form = person.get(ADD).await.form(ADD);
    person.submit(&form.set("address", address)).await
}

/// The form with this action that belongs to the address.
fn form_of(page: &Answer, action: &str, address: &str) -> Form {
    let at = page.texts("section.entry h2").iter().position(|url| url == address);
    let at = at.unwrap_or_else(|| panic!("{address} is not on the page: {}", page.text()));
    page.forms(action).swap_remove(at - 1)
}

async fn press(person: &Visitor, what: &str, address: &str) -> Answer {
    let form = form_of(&person.get(PAGE).await, &format!("{PAGE}/{what}"), address);
    person.submit(&form).await
}

/// Presses "Check now"; gives the page after it.
async fn check(person: &Visitor, address: &str) -> Answer {
    let told = press(person, "check", address).await;
    let (path, _) = told.location().split_once('#').expect("the way to the address");
    person.get(path).await
}

/// Adds an address whose page has both lines, and has it looked at.
async fn prove(app: &TestApp, person: &Visitor, name: &str, site: &ClientSite) -> String {
    site.page(&lines(app, name));
    let address = site.url("/");
    add(person, &address).await;
    let page = check(person, &address).await;
    assert!(is_proved(&page, &address), "{}", page.text());
    address
}

fn is_proved(page: &Answer, address: &str) -> bool {
    let urls = page.texts("section.entry h2");
    let at = urls.iter().position(|url| url == address).expect("it is on the page");
    page.texts("section.entry .eyebrow")[at] == "Yours"
}

#[track_caller]
fn says(page: &Answer, words: &str) {
    assert!(page.text().contains(words), "{words}: {}", page.text());
}

#[tokio::test]
async fn an_address_is_added_and_proved_with_the_lines_that_the_page_gives() {
    let (app, alice) = signed_in().await;
    app.owner("bob").await;
    let site = ClientSite::start().await;
    let address = site.url("/");
    let way = add(&alice, &address).await;
    let (path, card) = way.location().split_once('#').expect("the way to the address");
    assert_eq!(path, PAGE);
    let page = alice.get(PAGE).await;
    // Where they are needed, one line each.
    let there = page.texts(&format!("#{card} pre.paste"));
    assert_eq!(there, [leads_here(&app), names(&app, "alice")]);
    let pasted = page.texts("#how pre")[0].clone();
    assert_eq!(pasted, lines(&app, "alice").replace("><", "> <"));
    site.page(&pasted);
    let page = check(&alice, &address).await;
    assert!(is_proved(&page, &address));
    says(&page, "apps find this server from it. Nothing to do.");
    // The other direction.
    let hosted = app.visitor().get("/@alice").await;
    assert!(
        hosted.has(&format!(r#"a[rel="me"][href="{address}"]"#)),
        "{}",
        hosted.body
    );
    assert_eq!(app.rows().await.audit().await, ["address_proved"]);
}

#[tokio::test]
async fn the_header_that_the_page_gives_proves_it_as_well() {
    let (app, alice) = signed_in().await;
    app.owner("bob").await;
    let site = ClientSite::start().await;
    add(&alice, &site.url("/")).await;
    let header = alice.get(PAGE).await.texts("#how pre")[1].clone();
    let (name, value) = header.split_once(": ").unwrap();
    site.answer(SiteAnswer {
        headers: vec![(name.to_owned(), value.to_owned())],
        ..html_answer("")
    });
    assert!(is_proved(&check(&alice, &site.url("/")).await, &site.url("/")));
}

#[tokio::test]
async fn what_a_look_finds_says_what_to_do() {
    let (app, alice) = signed_in().await;
    app.owner("bob").await;
    let site = ClientSite::start().await;
    let address = site.url("/");
    add(&alice, &address).await;
    let page = |html: String| html_answer(&html);
    let status = |status| SiteAnswer {
        status,
        ..html_answer("")
    };
    let elsewhere = r#"<link rel="indieauth-metadata" href="https://other.example/">"#.to_owned();
    for (answer, words) in [
        (page(String::new()), "neither line is in it"),
        (page(leads_here(&app)), "does not say that it is you"),
        (page(lines(&app, "bob")), "names somebody else on this server"),
        (page(elsewhere), "leads apps to another server, and does not name you"),
        (status(301), "leads on to another one"),
        (status(404), "no page at this address"),
        (status(500), "answered with an error"),
    ] {
        site.answer(answer);
        let page = check(&alice, &address).await;
        says(&page, words);
        assert!(!is_proved(&page, &address), "{words}");
    }
    site.page(&names(&app, "alice"));
    let page = check(&alice, &address).await;
    says(&page, "but apps do not find this server from it");
    assert!(is_proved(&page, &address));
}

#[tokio::test]
async fn a_host_that_does_not_answer_is_said_to_be_unreachable() {
    let (_app, alice) = signed_in().await;
    let address = {
        let site = ClientSite::start().await;
        site.url("/")
    };
    add(&alice, &address).await;
    says(&check(&alice, &address).await, "could not be reached");
}

#[tokio::test]
async fn addresses_that_cannot_be_anybodys_own_are_refused_with_the_reason() {
    let (app, alice) = signed_in().await;
    for (typed, words) in [
        ("http://alice.example/", "must begin with https://"),
        ("https://alice.example:8443/", "not an address we can use"),
        ("https://192.0.2.1/", "not an address we can use"),
        ("alice", "not an address we can use"),
        ("https://alice.example/#me", "not an address we can use"),
        (&format!("{}/@alice", app.issuer), "an address on this server"),
        (&format!("{}/@bob", app.issuer), "an address on this server"),
        (&format!("https://alice.example/{}", "x".repeat(500)), "too long"),
    ] {
        let page = add(&alice, typed).await;
        assert_eq!(page.status, 400, "{typed}");
        says(&page, words);
        if typed.len() < 500 {
            assert_eq!(page.form(ADD).get("address"), typed);
        }
    }
    assert_eq!(app.rows().await.count("profile_urls").await, 0);
}

#[tokio::test]
async fn the_same_address_twice_is_one_and_twenty_are_enough() {
    let (app, alice) = signed_in().await;
    for _ in 0..2 {
        assert!(add(&alice, "Alice.example").await.location().starts_with(PAGE));
    }
    for n in 1..20 {
        add(&alice, &format!("https://alice.example/{n}")).await;
    }
    let page = add(&alice, "https://alice.example/one-more").await;
    says(&page, "as many as there can be");
    assert_eq!(app.rows().await.count("profile_urls").await, 20);
}

/// On a server with several people anybody could claim a page that merely leads there.
#[tokio::test]
async fn a_page_that_only_leads_here_proves_an_address_while_there_is_one_person() {
    let (app, alice) = signed_in().await;
    let site = ClientSite::with_page(&leads_here(&app)).await;
    let address = site.url("/");
    add(&alice, &address).await;
    let page = check(&alice, &address).await;
    assert!(is_proved(&page, &address));
    says(&page, "once somebody else has an account here");
    let bob = app.owner("bob").await;
    add(&bob, &address).await;
    let page = check(&bob, &address).await;
    says(&page, "does not say that it is you");
    assert!(!is_proved(&page, &address));
    assert!(!is_proved(&bob.get(PAGE).await, &address));
}

/// An account that a stranger makes must not cost the first person their address, nor give it to the stranger.
#[tokio::test]
async fn who_held_an_address_alone_keeps_it_when_others_come_until_the_page_says_otherwise() {
    let (app, alice) = signed_in().await;
    let site = ClientSite::with_page(&leads_here(&app)).await;
    let address = site.url("/");
    add(&alice, &address).await;
    check(&alice, &address).await;
    let bob = app.owner("bob").await;
    add(&bob, &address).await;
    for _ in 0..2 {
        assert!(!is_proved(&check(&bob, &address).await, &address));
        let page = check(&alice, &address).await;
        assert!(is_proved(&page, &address));
        says(&page, "the address stays yours");
        app.clock.advance(DAY);
        app.flows.look_again().await.unwrap();
        assert!(app.visitor().get("/@alice").await.has("a[rel=me]"));
    }
    let alice = app.signed_in("alice", PASSWORD).await;
    // It is the next one's as soon as the page names them.
    site.page(&lines(&app, "bob"));
    let bob = app.signed_in("bob", PASSWORD).await;
    assert!(is_proved(&check(&bob, &address).await, &address));
    assert!(!is_proved(&alice.get(PAGE).await, &address));
    // What ended is not kept.
    site.page(&leads_here(&app));
    assert!(!is_proved(&check(&bob, &address).await, &address));
    assert!(!is_proved(&check(&alice, &address).await, &address));
}

#[tokio::test]
async fn an_address_that_somebody_proves_is_nobody_elses() {
    let (app, alice) = signed_in().await;
    let (bob, site) = (app.owner("bob").await, ClientSite::start().await);
    let address = prove(&app, &alice, "alice", &site).await;
    add(&bob, &address).await;
    let page = check(&bob, &address).await;
    says(&page, "names somebody else");
    // A page that names both is the first one's while their proof holds.
    site.page(&format!("{}{}", lines(&app, "alice"), names(&app, "bob")));
    let page = check(&bob, &address).await;
    says(&page, "somebody else on this server has this address");
    assert!(!is_proved(&page, &address));
    assert!(is_proved(&alice.get(PAGE).await, &address));
    assert!(!app.visitor().get("/@bob").await.has("a[rel=me]"));
}

#[tokio::test]
async fn an_address_that_was_given_up_is_the_next_ones_at_once() {
    let (app, alice) = signed_in().await;
    let (bob, site) = (app.owner("bob").await, ClientSite::start().await);
    let address = prove(&app, &alice, "alice", &site).await;
    prove(&app, &bob, "bob", &site).await;
    assert!(!is_proved(&alice.get(PAGE).await, &address));
    let audit = app.rows().await.audit().await;
    assert_eq!(
        audit.iter().filter(|kind| *kind == "address_lapsed").count(),
        1,
        "{audit:?}"
    );
}

#[tokio::test]
async fn adding_and_removing_need_a_password_that_was_just_typed() {
    let (app, alice) = signed_in().await;
    let site = ClientSite::start().await;
    let address = prove(&app, &alice, "alice", &site).await;
    let (form, remove) = (
        alice.get(ADD).await.form(ADD),
        form_of(&alice.get(PAGE).await, &format!("{PAGE}/remove"), &address),
    );
    app.clock.advance(Duration::from_mins(6));
    for answer in [
        alice.get(ADD).await,
        alice.submit(&form.set("address", "https://alice.example/")).await,
    ] {
        assert_eq!(answer.location(), "/account/confirm?add-address");
    }
    assert_eq!(alice.submit(&remove).await.location(), "/account/confirm?addresses");
    assert_eq!(app.rows().await.count("profile_urls").await, 1);
    let confirm = alice.get("/account/confirm?add-address").await.form("/account/confirm");
    assert_eq!(alice.submit(&confirm.set("password", PASSWORD)).await.location(), ADD);
}

#[tokio::test]
async fn every_button_needs_a_page_of_ours_and_an_address_of_ones_own() {
    let (app, alice) = signed_in().await;
    let (bob, site) = (app.owner("bob").await, ClientSite::start().await);
    let address = prove(&app, &alice, "alice", &site).await;
    let page = alice.get(PAGE).await;
    expect_needs_a_page_of_ours(
        &alice,
        &alice.get(ADD).await.form(ADD).set("address", "https://a.example/"),
        403,
    )
    .await;
    for action in ["check", "remove"] {
        let form = form_of(&page, &format!("{PAGE}/{action}"), &address);
        expect_needs_a_page_of_ours(&alice, &form, 403).await;
        let (hits, csrf) = (site.hits(), bob.get(ADD).await.form(ADD).get("csrf").to_owned());
        for id in [form.get("address"), "", "x", "../x"] {
            let theirs = form.clone().set("csrf", &csrf).set("address", id);
            assert_eq!(bob.submit(&theirs).await.location(), PAGE, "{id:?}");
        }
        assert_eq!(site.hits(), hits);
        expect::page_error(&alice.get(&form.action).await, 405);
    }
    assert!(is_proved(&alice.get(PAGE).await, &address));
}

#[tokio::test]
async fn looks_are_counted_by_where_they_come_from() {
    let app = Options::default()
        .set("VESTIBULE_LIMITS__FIRST_FETCH", "2")
        .start()
        .await;
    let (alice, site) = (app.owner("alice").await, ClientSite::start().await);
    add(&alice, &site.url("/")).await;
    for _ in 0..2 {
        check(&alice, &site.url("/")).await;
    }
    let refused = press(&alice, "check", &site.url("/")).await;
    assert_eq!((refused.status.as_u16(), site.hits()), (429, 2));
    says(&refused, "too many checks at once");
    assert!(!refused.header("retry-after").is_empty());
}

/// A server in production: its people's addresses have no port, so no page of a test's own can be there.
async fn with_dns() -> (TestApp, Visitor, NameServer) {
    let (web, dns) = (SecureWeb::new(), NameServer::start().await);
    let app = web.options().txt(dns.resolver()).start().await;
    let alice = app.owner("alice").await;
    app.owner("bob").await;
    (app, alice, dns)
}

#[tokio::test]
async fn a_dns_record_proves_the_address_of_its_host() {
    let (app, alice, dns) = with_dns().await;
    add(&alice, "https://alice.net/").await;
    add(&alice, "https://alice.net/blog").await;
    let record = alice.get(PAGE).await.texts("section.entry dd");
    assert_eq!(
        record,
        [
            "_vestibule.alice.net",
            "vestibule-verification=https://id.example/@alice"
        ],
        "one of the two can have one"
    );
    let page = check(&alice, "https://alice.net/").await;
    assert!(!is_proved(&page, "https://alice.net/"));
    // A long value is several strings.
    let (first, second) = record[1].split_at(30);
    dns.record(&record[0], &[first, second]);
    let page = check(&alice, "https://alice.net/").await;
    assert!(is_proved(&page, "https://alice.net/"));
    says(&page, "The DNS record says that it is yours.");
    assert!(!is_proved(
        &check(&alice, "https://alice.net/blog").await,
        "https://alice.net/blog"
    ));
    assert!(
        app.visitor()
            .get("/@alice")
            .await
            .has(r#"a[rel="me"][href="https://alice.net/"]"#)
    );
}

#[tokio::test]
async fn a_dns_record_may_stand_at_the_host_itself_and_must_name_the_person() {
    let (_app, alice, dns) = with_dns().await;
    add(&alice, "alice.net").await;
    for (value, proved) in [
        ("vestibule-verification=https://id.example/@bob", false),
        ("vestibule-verification=https://id.example/@alice", true),
    ] {
        dns.record("alice.net", &[value]);
        let page = check(&alice, "https://alice.net/").await;
        assert_eq!(is_proved(&page, "https://alice.net/"), proved, "{value}");
    }
}
