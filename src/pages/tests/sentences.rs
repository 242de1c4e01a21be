//! Sentences that depend on what is the case.

use super::*;

#[test]
fn an_app_that_is_only_remembered_is_not_said_to_have_access() {
    let pages = Pages::load().unwrap();
    let mut view = apps::AppsView::samples().remove(0);
    view.apps.retain(|app| app.remembered);
    let (with_scopes, without) = (0, 1);
    assert!(!view.apps[with_scopes].scopes.is_empty() && view.apps[without].scopes.is_empty());
    let html = pages.render(&view, &english(&pages)).unwrap();
    let sections = pieces(&html, "<section ", "</section>");
    let before_list = "It has no access right now, but may get this again without asking you.";
    let (said, list) = sections[with_scopes].split_once("<ul ").unwrap();
    assert!(said.contains(before_list), "{said}");
    assert!(list.contains("<li>"), "{list}");
    assert!(list.contains("Ends by itself") && !sections[without].contains("Ends by itself"));
    assert!(sections[without].contains("It knows your address and signs you in without asking."));
    for wrong in ["End access", "lasts until you end it", "no other access", "Not yet"] {
        assert!(!html.contains(wrong), "{wrong}: {html}");
    }
}

#[test]
fn an_app_is_called_what_is_known_of_it() {
    let pages = Pages::load().unwrap();
    let apps = apps::AppsView::samples().into_iter().flat_map(|view| view.apps);
    let app = apps
        .into_iter()
        .find(|app| app.host.is_none() && app.name.is_some())
        .unwrap();
    let from_link = "Known only from the link that you opened";
    let (quoted, plain, id) = (
        "“Pocket Timeline”</bdi>",
        "<bdi>Pocket Timeline</bdi>",
        "client_3mz5qk</bdi>",
    );
    for (known_by, name, says, says_not) in [
        (consent::KnownBy::Registration, true, [quoted, id], [plain, from_link]),
        (
            consent::KnownBy::Operator,
            true,
            [plain, "who runs this server"],
            [quoted, from_link],
        ),
        (consent::KnownBy::Link, true, [quoted, from_link], [plain, id]),
        (
            consent::KnownBy::Link,
            false,
            ["It does not say its name", "End access: an app without a name"],
            [plain, id],
        ),
    ] {
        let mut app = app.clone();
        app.known_by = known_by;
        app.name = app.name.filter(|_| name);
        let view = apps::AppsView {
            apps: vec![app],
            revoked: None,
            all_revoked: false,
            live: 1,
        };
        let html = pages.render(&view, &english(&pages)).unwrap();
        for words in says {
            assert!(html.contains(words), "{words}: {html}");
        }
        for words in says_not {
            assert!(!html.contains(words), "{words}: {html}");
        }
    }
}

#[test]
fn how_long_to_wait_is_said_in_minutes() {
    let pages = Pages::load().unwrap();
    for (minutes, words) in [
        (0, "Wait about one minute"),
        (1, "Wait about one minute"),
        (2, "Wait about 2 minutes"),
        (15, "Wait about 15 minutes"),
    ] {
        let mut view = sign_in::SignInView::samples().remove(0);
        view.problem = Some(sign_in::SignInProblem::TooMany { minutes });
        let html = pages.render(&view, &english(&pages)).unwrap();
        assert!(
            html.contains(&format!("Too many tries. {words}, then try again.")),
            "{html}"
        );
    }
}

#[test]
fn who_has_to_act_on_a_refused_app_depends_on_the_step() {
    let pages = Pages::load().unwrap();
    let (mut waits, mut changes) = (0, 0);
    for view in error::ErrorView::samples() {
        let Some(author) = view
            .author
            .as_ref()
            .filter(|_| view.kind == error::ErrorKind::ClientRefused)
        else {
            continue;
        };
        let html = pages.render(&view, &english(&pages)).unwrap();
        let wait = author.waiting_helps();
        assert_eq!(html.contains("Try again in a few minutes."), wait, "{:?}", author.step);
        assert_eq!(html.contains("Trying again does not help"), !wait, "{:?}", author.step);
        waits += usize::from(wait);
        changes += usize::from(!wait);
    }
    assert!(waits > 0 && changes > 0);
}

/// What the question, the sign-in form and the list say about this host.
fn three_pages_about(host: &str) -> [String; 3] {
    let pages = Pages::load().unwrap();
    let host = ShownHost::named(host);
    let mut question = consent::ConsentView::samples().remove(0);
    question.client.headline = consent::Headline::Host { host: host.clone() };
    let mut form = sign_in::SignInView::samples().remove(0);
    form.client_host = Some(host.clone());
    let mut list = apps::AppsView::samples().remove(2);
    list.apps[0].host = Some(host);
    [
        pages.render(&question, &english(&pages)).unwrap(),
        pages.render(&form, &english(&pages)).unwrap(),
        pages.render(&list, &english(&pages)).unwrap(),
    ]
}

#[test]
fn every_page_that_names_a_host_says_what_to_know_about_it() {
    for (host, says) in [
        (
            "www.photos.example:8443",
            "<span class=\"around\">www.</span><wbr>photos.example<span class=\"around\">:8443</span></bdi>",
        ),
        ("photos.example", "<bdi>photos.example</bdi>"),
        ("alice.github.io", "Anybody can have an address that ends in github.io."),
        ("github.io", "Many people share this address"),
        ("写真.example", "In its own letters: <bdi>写真.example</bdi>"),
        ("pаypal.example", "Its letters are: Latin, Cyrillic</p>"),
        ("раураӏ.example", "Its letters are: Cyrillic</p>"),
    ] {
        for html in three_pages_about(host) {
            assert!(html.contains(says), "{host}: {html}");
        }
    }
    for html in three_pages_about("photos.example") {
        assert!(!html.contains("class=\"around\""), "{html}");
        assert!(!html.contains("In its own letters"), "{html}");
    }
}
