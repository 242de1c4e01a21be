//! Tables: what a page and records say → whose the address is.

use super::*;

const HERE: &str = "https://id.example/.well-known/oauth-authorization-server";

struct Person {
    issuer: Issuer,
    hosted: ProfileUrl,
}

fn alice() -> Person {
    Person {
        issuer: Issuer::parse("https://id.example").unwrap(),
        hosted: ProfileUrl::from_stored("https://id.example/@alice".to_owned()),
    }
}

impl Person {
    fn claim(&self, is_only_person: bool) -> Claim<'_> {
        Claim {
            issuer: &self.issuer,
            hosted: &self.hosted,
            is_only_person,
            held_by: None,
        }
    }
}

fn links(metadata: Option<&str>, me: &[&str]) -> Look {
    Look {
        page: Ok(PageLinks {
            metadata: metadata.map(|url| url.parse().unwrap()),
            me: me.iter().map(|url| url.parse().unwrap()).collect(),
        }),
        records: Records::NotAsked,
    }
}

fn records(page: Finding, records: &[&str]) -> Look {
    Look {
        page: Err(page),
        records: Records::Found(records.iter().map(|&record| record.to_owned()).collect()),
    }
}

/// Verdict and findings where others have accounts, too.
fn among_others(look: &Look) -> (Verdict, Vec<Finding>) {
    let alice = alice();
    let claim = alice.claim(false);
    (look.verdict(claim), look.findings(claim))
}

#[test]
fn a_page_proves_an_address_when_it_names_the_person() {
    let elsewhere = "https://other.example/.well-known/oauth-authorization-server";
    for (metadata, me, verdict, finding) in [
        (
            Some(HERE),
            &["https://id.example/@alice"][..],
            Verdict::Proved(ProvedBy::Page),
            Finding::Found,
        ),
        (
            None,
            &["https://id.example/@alice/"],
            Verdict::Proved(ProvedBy::Page),
            Finding::AppsLost,
        ),
        (
            Some(elsewhere),
            &["https://id.example/@alice"],
            Verdict::Proved(ProvedBy::Page),
            Finding::AppsElsewhere,
        ),
        (
            Some(HERE),
            &["https://id.example/@bob", "https://id.example/@alice"],
            Verdict::Proved(ProvedBy::Page),
            Finding::Found,
        ),
        (Some(HERE), &[], Verdict::Absent, Finding::NotYou),
        (
            Some(HERE),
            &["https://social.example/@alice"],
            Verdict::Absent,
            Finding::NotYou,
        ),
        (
            Some(HERE),
            &["https://id.example/@bob"],
            Verdict::Absent,
            Finding::AnotherPerson,
        ),
        (
            None,
            &["https://id.example/@bob"],
            Verdict::Absent,
            Finding::AnotherPerson,
        ),
        (Some(elsewhere), &[], Verdict::Absent, Finding::Elsewhere),
        (None, &[], Verdict::Absent, Finding::Nothing),
        (None, &["https://id.example/"], Verdict::Absent, Finding::Nothing),
    ] {
        let look = links(metadata, me);
        assert_eq!(among_others(&look), (verdict, vec![finding]), "{metadata:?} {me:?}");
    }
}

#[test]
fn the_persons_page_is_named_exactly() {
    for near in [
        "https://id.example/@alice2",
        "https://id.example/@alice//",
        "https://id.example/@alice?x",
        "https://id.example/@alice#x",
        "https://id.example/@ALICE",
        "https://id.example/%40alice",
        "http://id.example/@alice",
        "https://id.example:8443/@alice",
        "https://id.example.evil.example/@alice",
        "https://evil.example/@alice",
    ] {
        assert_eq!(among_others(&links(Some(HERE), &[near])).0, Verdict::Absent, "{near}");
    }
}

/// Anybody on the server could claim a page that only leads to it.
#[test]
fn a_page_that_names_only_the_server_proves_an_address_while_there_is_one_person() {
    let (alice, look) = (alice(), links(Some(HERE), &[]));
    let alone = alice.claim(true);
    assert_eq!(look.verdict(alone), Verdict::Proved(ProvedBy::Server));
    assert_eq!(look.findings(alone), [Finding::OnlyServer]);
    assert_eq!(among_others(&look), (Verdict::Absent, vec![Finding::NotYou]));
    let names_another = links(Some(HERE), &["https://id.example/@bob"]);
    assert_eq!(names_another.verdict(alone), Verdict::Absent);
    for other in [
        "https://id.example/",
        "https://id.example/oauth/token",
        "http://id.example/.well-known/oauth-authorization-server",
    ] {
        assert_eq!(links(Some(other), &[]).verdict(alone), Verdict::Absent, "{other}");
    }
    let alias = "https://id.example/.well-known/openid-configuration";
    assert_eq!(
        links(Some(alias), &[]).verdict(alone),
        Verdict::Proved(ProvedBy::Server)
    );
}

/// A new account must not end what was proved before.
#[test]
fn what_was_proved_by_the_server_alone_is_kept_while_nobody_else_is_named() {
    let alice = alice();
    let keeping = |by| Claim {
        held_by: Some(by),
        ..alice.claim(false)
    };
    let kept = keeping(ProvedBy::Server);
    let here = links(Some(HERE), &[]);
    assert_eq!(here.verdict(kept), Verdict::Kept);
    assert_eq!(here.findings(kept), [Finding::Kept]);
    for by in [ProvedBy::Page, ProvedBy::Dns] {
        assert_eq!(here.verdict(keeping(by)), Verdict::Absent, "{by:?}");
    }
    let dns = |record: &str| Look {
        records: Records::Found(vec![record.to_owned()]),
        ..links(Some(HERE), &[])
    };
    for (look, verdict) in [
        (links(Some(HERE), &["https://id.example/@bob"]), Verdict::Absent),
        (links(Some("https://other.example/"), &[]), Verdict::Absent),
        (links(None, &[]), Verdict::Absent),
        (dns("vestibule-verification=https://id.example/@bob"), Verdict::Absent),
        (dns("v=spf1 -all"), Verdict::Kept),
        (records(Finding::Slow, &[]), Verdict::Inconclusive),
    ] {
        assert_eq!(look.verdict(kept), verdict, "{look:?}");
    }
}

#[test]
fn a_record_proves_an_address_when_it_names_the_person() {
    let proved = Verdict::Proved(ProvedBy::Dns);
    for (record, verdict) in [
        ("vestibule-verification=https://id.example/@alice", proved.clone()),
        (" vestibule-verification=https://id.example/@alice/ ", proved),
        ("vestibule-verification=https://id.example/@alicex", Verdict::Absent),
        ("vestibule-verification=https://id.example/@bob", Verdict::Absent),
        ("vestibule-verification=https://id.example", Verdict::Absent),
        ("x vestibule-verification=https://id.example/@alice", Verdict::Absent),
        ("https://id.example/@alice", Verdict::Absent),
        ("v=spf1 -all", Verdict::Absent),
    ] {
        let look = records(Finding::Redirect, &["v=spf1 -all", record]);
        assert_eq!(among_others(&look).0, verdict, "{record}");
    }
    let other = records(Finding::Nothing, &["vestibule-verification=https://id.example/@bob"]);
    assert_eq!(among_others(&other).1, [Finding::Nothing, Finding::DnsOther]);
}

/// What was proved on the page ends with the page, whatever the DNS does; and the other way round.
#[test]
fn only_an_answer_ends_a_proof() {
    let alice = alice();
    let silent = |page| Look {
        page,
        records: Records::Silent,
    };
    let without = || Ok(PageLinks::default());
    for (look, held_by, verdict) in [
        (silent(without()), ProvedBy::Page, Verdict::Absent),
        (silent(without()), ProvedBy::Dns, Verdict::Inconclusive),
        (silent(Err(Finding::Unreachable)), ProvedBy::Page, Verdict::Inconclusive),
        (records(Finding::Slow, &[]), ProvedBy::Dns, Verdict::Absent),
        (records(Finding::Slow, &[]), ProvedBy::Page, Verdict::Inconclusive),
        (records(Finding::Redirect, &[]), ProvedBy::Page, Verdict::Absent),
        (records(Finding::Missing, &[]), ProvedBy::Server, Verdict::Absent),
        (records(Finding::Status, &[]), ProvedBy::Page, Verdict::Inconclusive),
        (records(Finding::BotCheck, &[]), ProvedBy::Page, Verdict::Inconclusive),
        (records(Finding::Unknown, &[]), ProvedBy::Page, Verdict::Inconclusive),
    ] {
        let claim = Claim {
            held_by: Some(held_by),
            ..alice.claim(false)
        };
        assert_eq!(look.verdict(claim), verdict, "{look:?} {held_by:?}");
    }
}

#[test]
fn findings_survive_their_row() {
    let names: Vec<&str> = Finding::ALL.iter().map(|finding| finding.as_str()).collect();
    assert_eq!(Finding::parse_all(&names.join(" ")), Finding::ALL);
    assert_eq!(Finding::parse_all("found of_another_version"), [Finding::Found]);
    let distinct: std::collections::HashSet<&str> = names.into_iter().collect();
    assert_eq!(distinct.len(), Finding::ALL.len());
    for by in [ProvedBy::Server, ProvedBy::Page, ProvedBy::Dns] {
        assert_eq!(ProvedBy::parse(by.as_str()), Some(by));
    }
}

#[test]
fn every_refusal_of_the_fetcher_is_a_finding_about_the_page() {
    for step in Step::ALL {
        let finding = Finding::of(&Refusal::new(step, "public", "private"));
        assert!(Finding::ALL.contains(&finding));
    }
    let missing = Refusal::new(Step::Status, "public", "private").with_status(404);
    assert_eq!(Finding::of(&missing), Finding::Missing);
}
