//! An app, or whoever crafts a link, chooses many of the words on these pages.

use super::*;

#[test]
fn what_an_app_says_comes_out_as_text() {
    let hostile = "\"><script>alert(1)</script>{{7*7}}{host}'";
    let escaped = "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}{host}&#39;";
    let mut question = consent::ConsentView::samples().remove(0);
    question.client.headline = consent::Headline::Host {
        host: ShownHost::named(hostile),
    };
    question.client.name = Some(hostile.to_owned());
    question.client.client_id = Some(hostile.to_owned());
    question.client.client_uri = Some(format!("javascript:{hostile}"));
    question.answer = consent::AnswerPlace::RedirectUri {
        uri: hostile.to_owned(),
    };
    question.session = Some(hostile.to_owned());
    question.warnings = vec![consent::Warning::DifferentHost {
        host: hostile.to_owned(),
    }];
    question.profile = Some(crate::oauth::person::ProfileInformation {
        name: hostile.to_owned(),
        url: hostile.to_owned(),
        photo: None,
        email: Some(hostile.to_owned()),
        email_verified: Some(false),
    });
    question.photo = Some(hostile.to_owned());
    question.scopes[1].scopes[0].name = hostile.to_owned();
    question.changed = Some(consent::Changed {
        since: 0,
        differences: vec![
            consent::Difference::Name {
                was: Some(hostile.to_owned()),
                is: Some(hostile.to_owned()),
            },
            consent::Difference::RedirectUris {
                added: vec![hostile.to_owned()],
                added_more: 0,
                gone: vec![hostile.to_owned()],
                gone_more: 0,
            },
        ],
    });
    let mut named = question.clone();
    named.client = consent::ConsentClient {
        headline: consent::Headline::of_name(Some(hostile)),
        known_by: consent::KnownBy::Link,
        client_id: None,
        ..named.client
    };
    named.answer = consent::AnswerPlace::AskedFor {
        opens: Some(hostile.to_owned()),
    };
    let goodbye = answered::AnsweredView {
        kind: answered::Answered::Denied {
            app: Some(hostile.to_owned()),
        },
    };
    let mut refusal = error::ErrorView::samples().remove(0);
    refusal.author = Some(error::AuthorReport {
        description: hostile.to_owned(),
        step: None,
        detail: Some(hostile.to_owned()),
        client_id: Some(hostile.to_owned()),
        redirect_uri: Some(hostile.to_owned()),
        found: vec![hostile.to_owned()],
        publish: Some(hostile.to_owned()),
        near_miss: None,
    });
    let mut form = sign_in::SignInView::samples().remove(0);
    form.username = hostile.to_owned();
    form.continue_query = hostile.to_owned();
    let mut list = apps::AppsView::samples().remove(2);
    list.apps[0].host = None;
    list.apps[0].name = Some(hostile.to_owned());
    list.revoked = Some(hostile.to_owned());

    let mut browsers = account::sessions::SessionsView::samples().remove(0);
    browsers.sessions.truncate(1);
    browsers.sessions[0].browser = None;
    browsers.sessions[0].said = Some(hostile.to_owned());
    browsers.sessions[0].is_current = false;
    browsers.sessions[0].id = hostile.to_owned();

    let mut own = account::profile::OwnProfileView::samples().remove(1);
    own.username = hostile.to_owned();
    own.name = hostile.to_owned();
    own.website = hostile.to_owned();
    own.photo = Some(hostile.to_owned());
    own.email = Some(hostile.to_owned());
    let address = account::email::EmailView {
        email: hostile.to_owned(),
        problem: Some(account::email::EmailProblem::NoAddress),
    };
    let mut card = profile::ProfileView::samples().remove(1);
    card.name = hostile.to_owned();
    card.photo = Some(hostile.to_owned());
    card.website = Some(format!("https://{hostile}"));
    let mut link = card.clone();
    link.website = Some(format!("javascript:{hostile}"));
    let mut start = home::HomeView::samples().remove(3);
    start.account.as_mut().unwrap().name = Some(hostile.to_owned());

    let pages = Pages::load().unwrap();
    for language in pages.languages().iter() {
        let frame = frame(language);
        let (consent, error) = (
            pages.render(&question, &frame).unwrap(),
            pages.render(&refusal, &frame).unwrap(),
        );
        let (sign_in, apps) = (
            pages.render(&form, &frame).unwrap(),
            pages.render(&list, &frame).unwrap(),
        );
        let (named, goodbye) = (
            pages.render(&named, &frame).unwrap(),
            pages.render(&goodbye, &frame).unwrap(),
        );
        for (html, times) in [
            (consent, 19),
            (named, 17),
            (goodbye, 1),
            (error, 6),
            (sign_in, 3),
            (apps, 3),
            (pages.render(&browsers, &frame).unwrap(), 3),
            (pages.render(&own, &frame).unwrap(), 6),
            (pages.render(&address, &frame).unwrap(), 1),
            (pages.render(&card, &frame).unwrap(), 6),
            (pages.render(&link, &frame).unwrap(), 4),
            (pages.render(&start, &frame).unwrap(), 1),
        ] {
            assert!(!html.contains("<script>"), "{html}");
            assert!(!html.contains("javascript:"), "{html}");
            assert_eq!(html.matches(escaped).count(), times, "{html}");
        }
    }
}
