//! Apps that are not known by their address: what is a claim looks like one, and the caution fits what is proved.

use super::*;

const STARTED: &str = "started this yourself";
const NOT_CHECKED: &str = "Nobody has checked this app";

/// The page of a registered app, after one change.
fn page(change: impl FnOnce(&mut ConsentView)) -> String {
    let mut view = view(|_| {});
    view.client.known_by = KnownBy::Registration;
    view.client.client_id = Some("client_3mz5qk".to_owned());
    view.warnings = vec![Warning::Registered];
    change(&mut view);
    html(&view)
}

fn named(view: &mut ConsentView) {
    view.client.headline = Headline::of_name(Some("Pocket"));
}

fn asked_for(view: &mut ConsentView) {
    let opens = Some("https://photos.example/back".to_owned());
    view.answer = AnswerPlace::AskedFor { opens };
}

#[test]
fn only_a_web_site_that_gets_the_answer_is_a_headline() {
    let host = |host: &str| Headline::Host {
        host: ShownHost::named(host),
    };
    let name = || Headline::Name {
        name: "Pocket".to_owned(),
    };
    for (raw, expected) in [
        ("https://elks.example/cb", host("elks.example")),
        ("https://elks.example:8443/cb", host("elks.example:8443")),
        ("http://127.0.0.1:5000/cb", name()),
        ("http://localhost/cb", name()),
        ("pocket://cb", name()),
    ] {
        let headline = Headline::of_answer(&redirect_uri(raw), Some("Pocket"));
        assert_eq!(headline, expected, "{raw}");
    }
    let nameless = Headline::of_answer(&redirect_uri("pocket://cb"), None);
    assert_eq!(nameless, Headline::Nameless);
}

#[test]
fn a_headline_that_is_a_claim_says_so() {
    let claimed = "<h1 class=\"app\"><bdi>“Pocket”</bdi></h1>";
    let html = page(named);
    assert!(
        html.contains(claimed) && html.contains("An app that calls itself"),
        "{html}"
    );
    assert!(html.contains("<title>Allow “Pocket”? "), "{html}");
    let html = page(|view| {
        named(view);
        view.client.known_by = KnownBy::Operator;
    });
    assert!(html.contains("<bdi>Pocket</bdi></h1>"), "{html}");
    assert!(!html.contains("calls itself"), "{html}");
    let belongs = "An app that says it belongs to";
    assert!(page(asked_for).contains(belongs));
    assert!(page(|view| view.client.known_by = KnownBy::Link).contains(belongs));
    assert!(!page(|_| {}).contains(belongs));
}

#[test]
fn a_host_that_gets_the_answer_is_what_to_go_by() {
    let html = page(|_| {});
    assert!(html.contains("Go by the address at the top"), "{html}");
    assert!(!html.contains(STARTED), "{html}");
    for (change, calm) in [(named as fn(&mut ConsentView), true), (asked_for, false)] {
        let html = page(change);
        assert_eq!(html.contains("<section class=\"notice\">"), calm, "{html}");
        assert!(!html.contains("Go by the address at the top"), "{html}");
        assert_eq!(html.matches(STARTED).count(), 1, "{html}");
    }
}

#[test]
fn nobody_is_told_twice_to_have_started_it() {
    for view in ConsentView::samples() {
        let html = html(&view);
        assert!(html.matches(STARTED).count() <= 1, "{html}");
    }
    let scheme = || Warning::CustomScheme {
        scheme: "pocket".to_owned(),
    };
    let alone = page(|view| {
        named(view);
        view.client.known_by = KnownBy::Operator;
        view.warnings = vec![scheme()];
    });
    assert!(alone.contains(STARTED) && !alone.contains(NOT_CHECKED), "{alone}");
}

#[test]
fn the_session_goes_back_with_the_decision_and_with_whoever_changes_the_account() {
    let field = "<input type=\"hidden\" name=\"session\" value=\"s-1\">";
    let html = page(|view| view.session = Some("s-1".to_owned()));
    assert_eq!(html.matches("s-1").count(), 2, "{html}");
    let (before, decision) = html.split_once("action=\"/consent/").unwrap();
    let (_, sign_out) = before.split_once("action=\"/sign-out\"").unwrap();
    assert!(decision.contains(field) && sign_out.contains(field), "{html}");
    assert!(!page(|_| {}).contains("name=\"session\""));
}

#[test]
fn how_long_it_lasts_is_said_once() {
    let says = [
        "For one day.",
        "For 30 days.",
        "Until you end it. It also ends by itself",
        "Until you end it.</p>",
    ];
    for (expires_days, refreshes, expected) in [
        (Some(1), true, 0),
        (Some(30), false, 1),
        (None, true, 2),
        (None, false, 3),
    ] {
        let html = page(|view| {
            view.lifetimes = Vec::new();
            view.until_ended = true;
            view.refreshes = refreshes;
            view.expires_days = expires_days;
        });
        for (number, words) in says.into_iter().enumerate() {
            assert_eq!(html.contains(words), number == expected, "{words}: {html}");
        }
    }
}

#[test]
fn where_the_answer_goes_is_true() {
    for (answer, says) in [
        (AnswerPlace::ShownCode, "To you: this server shows you a code"),
        (
            AnswerPlace::AskedFor { opens: None },
            "Nowhere: the app asks this server",
        ),
    ] {
        let html = page(|view| view.answer = answer);
        assert!(html.contains(says) && !html.contains("Sent to"), "{html}");
        assert!(!html.contains("Then opens"), "{html}");
    }
    let html = page(asked_for);
    assert!(
        html.contains("Then opens") && html.contains("https://photos.example/back"),
        "{html}"
    );
}

#[test]
fn an_app_without_an_id_has_no_empty_list_of_facts() {
    let html = page(|view| {
        view.answer = AnswerPlace::AskedFor { opens: None };
        view.client.client_id = None;
        view.client.client_uri = None;
    });
    assert!(!html.contains("<dl") && !html.contains("The app’s id"), "{html}");
}

#[test]
fn a_key_without_permissions_is_still_a_key() {
    let html = page(|view| {
        view.scopes = Vec::new();
        view.no_permissions = true;
        view.lifetimes = Vec::new();
        view.until_ended = true;
    });
    assert!(html.contains("An app asks who you are"), "{html}");
    assert!(html.contains("It gets a key that opens nothing else."), "{html}");
    assert!(
        html.contains("Until you end it.") && html.contains("You can end this at any time"),
        "{html}"
    );
    assert!(!html.contains("It gets no access"), "{html}");
}
