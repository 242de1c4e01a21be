//! How long what a client says is kept, and how often its site is asked.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::sync::Semaphore;

use crate::harness::asking::answer_of;
use crate::harness::client_site::{SiteAnswer, html_answer};
use crate::harness::odd_site::{OddSite, finish, ok, read_request};
use crate::harness::{ClientSite, Options, TestApp, expect};

/// A server that is not in development, where clients of this machine are kept for seconds only, but may look at them.
async fn away() -> TestApp {
    let options = Options::default().issuer("https://id.example");
    options
        .set("VESTIBULE_FETCH__ALLOW_NETWORKS", "127.0.0.0/8")
        .start()
        .await
}

/// Time moves on by these seconds, then the client asks; so many fetches there were by then.
type Schedule<'a> = &'a [(u64, usize)];

/// MD-20: what the answer says about being kept, within 60 seconds and a day; an hour when it says nothing.
#[tokio::test]
async fn md20_copies_are_kept_as_long_as_the_answer_says_within_bounds() {
    const MINUTE: Schedule = &[(0, 1), (59, 1), (1, 2)];
    const TEN: Schedule = &[(0, 1), (599, 1), (1, 2)];
    const HOUR: Schedule = &[(0, 1), (3599, 1), (1, 2)];
    const DAY: Schedule = &[(0, 1), (86_399, 1), (1, 2)];
    const NEVER: Schedule = &[(0, 1), (0, 2), (0, 3)];
    for (case, headers, schedule) in [
        ("nothing", &[][..], HOUR),
        ("max-age", &[("cache-control", "max-age=600")], TEN),
        ("max-age quoted", &[("cache-control", "public, Max-Age=\"600\"")], TEN),
        ("max-age=0", &[("cache-control", "max-age=0")], MINUTE),
        ("a year", &[("cache-control", "max-age=31536000")], DAY),
        (
            "beyond numbers",
            &[("cache-control", "max-age=99999999999999999999")],
            DAY,
        ),
        ("nonsense", &[("cache-control", "max-age=-1")], MINUTE),
        ("s-maxage", &[("cache-control", "max-age=5, s-maxage=600")], TEN),
        ("no-cache", &[("cache-control", "no-cache")], MINUTE),
        ("no-store", &[("cache-control", "no-store")], NEVER),
        (
            "no-store after another",
            &[("cache-control", "max-age=600"), ("cache-control", "No-Store")],
            NEVER,
        ),
        ("Age", &[("cache-control", "max-age=1000"), ("age", "400")], TEN),
        (
            "Age beyond",
            &[("cache-control", "max-age=600"), ("age", "6000")],
            MINUTE,
        ),
        (
            "Expires",
            &[
                ("date", "Sun, 22 Nov 2026 08:00:00 GMT"),
                ("expires", "Sun, 22 Nov 2026 08:10:00 GMT"),
            ],
            TEN,
        ),
        (
            "Expires in the past",
            &[("expires", "Thu, 01 Jan 1970 00:00:00 GMT")],
            MINUTE,
        ),
        ("a bad date", &[("expires", "0")], MINUTE),
    ] {
        let app = away().await;
        let mut answer = html_answer("<link rel=redirect_uri href=/cb>");
        for (name, value) in headers {
            answer = answer.with(name, value);
        }
        let site = ClientSite::answering(answer).await;
        let names = ["one", "two", "three"];
        for ((after, fetches), name) in schedule.iter().zip(names) {
            app.clock.advance(Duration::from_secs(*after));
            let owner = app.owner(name).await;
            let question = owner.ask(&site.client_id(), &site.url("/cb")).await;
            assert!(question.is_question(), "{case}: {}", question.text());
            assert_eq!(site.hits(), *fetches, "{case}, after {after} s");
        }
    }
}

/// MD-11, D24: an error is remembered for half a minute, up to a third longer, and is never a copy.
#[tokio::test]
async fn a_refusal_is_remembered_for_half_a_minute() {
    let app = away().await;
    let owner = app.owner("alice").await;
    let good = html_answer("<link rel=redirect_uri href=/cb>");
    let long = |answer: SiteAnswer| answer.with("cache-control", "max-age=86400");
    for (case, answer) in [
        ("404", long(html_answer("").status(404))),
        ("a redirect", long(html_answer("").status(302).with("location", "/x"))),
        (
            "a challenge",
            long(html_answer("<title>Just a moment...</title>").status(403)),
        ),
        ("an invalid document", long(answer_of("application/json", "{"))),
        (
            "another document",
            long(answer_of("application/json", r#"{"client_id":"https://other.net/"}"#)),
        ),
        ("text", long(answer_of("text/plain", "x"))),
    ] {
        let site = ClientSite::answering(answer).await;
        let (client_id, redirect_uri) = (site.client_id(), site.url("/cb"));
        expect::page_error(&owner.ask(&client_id, &redirect_uri).await, 400);
        site.publish(good.clone());
        app.clock.advance(Duration::from_secs(29));
        expect::page_error(&owner.ask(&client_id, &redirect_uri).await, 400);
        assert_eq!(site.hits(), 1, "{case}");
        app.clock.advance(Duration::from_secs(12));
        assert!(owner.ask(&client_id, &redirect_uri).await.is_question(), "{case}");
        assert_eq!(site.hits(), 2, "{case}");
    }
}

/// RD-23 the other way round: the author who has just added a redirect URI does not wait for the copy to end, and
/// whoever asks for one that is not there does not make the server ask again and again.
#[tokio::test]
async fn an_unlisted_redirect_uri_has_the_page_fetched_once_more() {
    let app = away().await;
    let owner = app.owner("alice").await;
    let site = ClientSite::answering(html_answer("<link rel=redirect_uri href=/old>")).await;
    let ask = async |path: &str| owner.ask(&site.client_id(), &site.url(path)).await;
    assert!(ask("/old").await.is_question());
    site.publish(html_answer("<link rel=redirect_uri href=/new>"));
    app.clock.advance(Duration::from_secs(9));
    expect::page_error(&ask("/new").await, 400);
    assert_eq!(site.hits(), 1, "not within ten seconds of the last");
    app.clock.advance(Duration::from_secs(1));
    assert!(ask("/old").await.is_question(), "the copy holds");
    assert_eq!(site.hits(), 1);
    assert!(ask("/new").await.is_question());
    assert_eq!(site.hits(), 2);
    for _ in 0..5 {
        let refusal = ask("/old").await;
        expect::page_error(&refusal, 400);
        assert_eq!(refusal.texts(".found bdi"), [site.url("/new")], "RD-23");
    }
    assert_eq!(site.hits(), 2, "not within ten seconds of the last");
    app.clock.advance(Duration::from_secs(10));
    site.publish(html_answer("").status(500));
    for _ in 0..5 {
        expect::page_error(&ask("/old").await, 400);
    }
    assert_eq!(site.hits(), 3);
    assert!(
        ask("/new").await.is_question(),
        "an error does not push out a copy that holds"
    );
    assert_eq!(site.hits(), 3);
}

/// SF-16: whoever asks for many new addresses waits, with a time on the page; known ones cost nothing.
#[tokio::test]
async fn sf16_first_fetches_are_counted_per_source() {
    let app = Options::default()
        .set("VESTIBULE_LIMITS__FIRST_FETCH", "3")
        .start()
        .await;
    let (alice, bob) = (app.owner("alice").await, app.owner("bob").await);
    let site = ClientSite::with_page("<link rel=redirect_uri href=/cb>").await;
    let redirect_uri = site.url("/cb");
    for number in 1..=3 {
        assert!(
            alice
                .ask(&site.url(&format!("/{number}")), &redirect_uri)
                .await
                .is_question()
        );
    }
    for owner in [&alice, &bob] {
        let refusal = owner.ask(&site.url("/4"), &redirect_uri).await;
        expect::page_error(&refusal, 429);
        let wait: u64 = refusal.header("retry-after").parse().expect("seconds");
        assert!((20..=21).contains(&wait), "{wait}");
        assert!(
            refusal.text().contains("That was a little too often"),
            "{}",
            refusal.text()
        );
        assert!(
            owner.ask(&site.url("/1"), &redirect_uri).await.is_question(),
            "a known one"
        );
    }
    assert_eq!(site.hits(), 3);
    app.clock.advance(Duration::from_secs(20));
    assert!(alice.ask(&site.url("/4"), &redirect_uri).await.is_question());
    expect::page_error(&alice.ask(&site.url("/5"), &redirect_uri).await, 429);
    assert_eq!(site.hits(), 4);
}

/// A site that answers when told to, and knows how many wait for it.
struct Held {
    site: OddSite,
    go: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Held {
    async fn start() -> Held {
        let (go, waiting, most) = (
            Arc::new(Semaphore::new(0)),
            Arc::<AtomicUsize>::default(),
            Arc::<AtomicUsize>::default(),
        );
        let (gate, count, peak) = (go.clone(), waiting.clone(), most.clone());
        let site = OddSite::serving(move |mut stream| {
            let (gate, count, peak) = (gate.clone(), count.clone(), peak.clone());
            async move {
                read_request(&mut stream).await?;
                peak.fetch_max(count.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                gate.acquire().await.map_err(io::Error::other)?.forget();
                count.fetch_sub(1, Ordering::SeqCst);
                finish(
                    &mut stream,
                    ok("text/html", "", "<b class='h-app p-name'>Slow</b>").as_bytes(),
                )
                .await
            }
        })
        .await;
        Held {
            site,
            go,
            waiting,
            most,
        }
    }
}

/// Waits for what other tasks are about to do, without a clock.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what}");
        tokio::task::yield_now().await;
    }
}

/// SF-17.
#[tokio::test]
async fn sf17_fifty_requests_at_once_are_one_fetch() {
    let app = away().await;
    let owner = app.owner("alice").await;
    let held = Held::start().await;
    let (client_id, redirect_uri) = (held.site.url("/"), held.site.url("/cb"));
    app.forget_statements();
    let sessions = || {
        app.statements()
            .iter()
            .filter(|sql| sql.contains(r#"FROM "sessions""#) && sql.starts_with("SELECT"))
            .count()
    };
    let asking = join_all((0..50).map(|_| owner.ask(&client_id, &redirect_uri)));
    let release = async {
        until("all fifty are past the session", || sessions() >= 50).await;
        held.go.add_permits(50);
    };
    let (answers, ()) = tokio::join!(asking, release);
    for answer in answers {
        assert!(answer.is_question(), "{}", answer.text());
    }
    assert_eq!(held.site.connections(), 1);
}

/// SF-16: many addresses at one host are asked two at a time.
#[tokio::test]
async fn sf16_a_host_is_asked_by_two_at_a_time() {
    let app = away().await;
    let owner = app.owner("alice").await;
    let held = Held::start().await;
    let ask = async |number: usize| {
        owner
            .ask(&held.site.url(&format!("/{number}")), &held.site.url("/cb"))
            .await
    };
    let asking = join_all((0..8).map(ask));
    let release = async {
        for _ in 0..4 {
            until("two are waiting", || held.waiting.load(Ordering::SeqCst) == 2).await;
            held.go.add_permits(2);
            until("they are served", || held.go.available_permits() == 0).await;
        }
    };
    let (answers, ()) = tokio::join!(asking, release);
    assert!(answers.iter().all(|answer| answer.is_question()));
    assert_eq!((held.site.connections(), held.most.load(Ordering::SeqCst)), (8, 2));
}
