use std::collections::HashMap;

use super::*;
use crate::flows::authorize::Source;
use crate::oauth::authorize::identify;
use crate::oauth::client::{ClientUrl, HttpLoopback};
use crate::oauth::instance::{Instance, InstanceProfile};
use crate::oauth::params::Params;
use crate::oauth::policy::{Issuer, Lifetimes, Policy, SignUp};
use crate::oauth::scope::ScopeCatalog;

const WANTED: &str = "https://app.example/cb?a=1&b=2";
const LINK: &str = r#"<link rel="redirect_uri" href="https://app.example/cb?a=1&amp;b=2">"#;
const MEMBER: &str = r#""redirect_uris": ["https://app.example/cb?a=1&b=2"]"#;

fn about(problem: ClientProblem) -> AuthorReport {
    let pairs = [("client_id", "https://app.example/"), ("redirect_uri", WANTED)];
    let params = Params::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value.to_owned()))).unwrap();
    let policy = Policy {
        issuer: Issuer::parse("https://id.example").unwrap(),
        lifetimes: Lifetimes::default(),
        scopes: ScopeCatalog::new([]).unwrap(),
        http_loopback: HttpLoopback::Refused,
        without_pkce: HashMap::new(),
        instance: Instance::of(InstanceProfile::All),
        sign_up: SignUp::default(),
    };
    let asked = identify(&params, &policy).unwrap();
    let page = about_client(ClientReport { asked, problem });
    page.view.author.unwrap()
}

fn refused(change: impl FnOnce(&mut Refusal)) -> AuthorReport {
    let mut refusal = Refusal::new(Step::Status, "it is so", "for the log");
    refusal.status = Some(404);
    change(&mut refusal);
    about(ClientProblem::Discovery(refusal))
}

#[test]
fn the_fact_is_shown_and_else_the_status() {
    assert_eq!(refused(|_| {}).detail.as_deref(), Some("404"));
    let with_fact = refused(|refusal| refusal.fact = Some("text/plain".to_owned()));
    assert_eq!(with_fact.detail.as_deref(), Some("text/plain"));
    let neither = refused(|refusal| refusal.status = None);
    assert_eq!(neither.detail, None);
}

#[test]
fn what_to_publish_is_told_where_publishing_mends_it() {
    for step in Step::ALL {
        for (source, snippet) in [
            (Some(Source::Document), MEMBER),
            (Some(Source::Page), LINK),
            (None, LINK),
        ] {
            let report = refused(|refusal| (refusal.step, refusal.source) = (step, source));
            let expected = match step {
                Step::RedirectUris => Some(snippet),
                Step::MediaType => Some(LINK),
                _ => None,
            };
            assert_eq!(report.publish.as_deref(), expected, "{step:?} {source:?}");
        }
    }
}

#[test]
fn a_redirect_uri_that_is_not_listed_is_published_where_the_client_describes_itself() {
    for (described_by, snippet) in [
        (DescribedBy::Document, Some(MEMBER)),
        (DescribedBy::Page, Some(LINK)),
        (DescribedBy::Nothing, None),
    ] {
        let id = ClientUrl::parse("https://app.example/", HttpLoopback::Refused).unwrap();
        let client = Client {
            described_by,
            ..Client::unfetched(id)
        };
        let report = about(ClientProblem::RedirectUri(
            ProtocolError::invalid_request("redirect_uri is not listed"),
            Box::new(client),
        ));
        assert_eq!(report.publish.as_deref(), snippet, "{described_by:?}");
    }
}
