//! Pages that overflow, hang or fool HTML and microformats parsers. Each is refused or understood; the server, which
//! has one worker here, answers after every one of them.

use std::time::{Duration, Instant};

use crate::harness::client_site::html_answer;
use crate::harness::{ClientSite, TestApp, Visitor};

/// What becomes of a hostile page.
#[derive(Debug, PartialEq)]
enum Outcome {
    /// The question is asked, with this name.
    Asked(Option<&'static str>),
    /// The page is called unreadable.
    Unreadable,
    /// The page is called too large.
    TooLarge,
}

use Outcome::{Asked, TooLarge, Unreadable};

/// Generous: a debug build on a busy machine. Unguarded, the worst of these take from tens of seconds to for ever.
const IN_A_MOMENT: Duration = Duration::from_secs(15);

async fn survives(owner: &Visitor, case: &str, page: &str, expected: Outcome) {
    let site = ClientSite::answering(html_answer(page)).await;
    let started = Instant::now();
    let answer = owner.ask(&site.client_id(), &site.url("/cb")).await;
    assert!(started.elapsed() < IN_A_MOMENT, "{case}: {:?}", started.elapsed());
    match expected {
        Asked(name) => {
            assert!(answer.is_question(), "{case}: {}", answer.text());
            assert_eq!(answer.name_shown().as_deref(), name, "{case}");
        }
        refused => {
            let said = if refused == TooLarge {
                "is too large"
            } else {
                "page could not be read"
            };
            assert_eq!(answer.status, 400, "{case}");
            assert!(
                answer.author_description().contains(said),
                "{case}: {}",
                answer.author_description()
            );
        }
    }
    assert_eq!(owner.get("/health").await.status, 200, "{case}: the server is away");
}

/// The table of pages that abort, hang or panic `microformats`, at the sizes that were measured.
#[tokio::test]
async fn pages_that_kill_parsers_do_not_kill_the_server() {
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    let in_app = |inside: &str| format!("<div class=h-app>{inside}");
    let long = "p-name e-x u-url h-card ".repeat(5000);
    for (case, page, expected) in [
        ("1,000 nested h-apps", "<div class=h-app>".repeat(1000), Unreadable),
        ("5,000 nested div", "<div>".repeat(5000), Unreadable),
        ("20,000 nested div", "<div>".repeat(20_000), Unreadable),
        ("12,000 nested b", "<b>".repeat(12_000), Unreadable),
        (
            "200 nested p-name",
            in_app(&"<b class=p-name>".repeat(200)),
            Asked(None),
        ),
        ("500 nested p-name", in_app(&"<b class=p-name>".repeat(500)), Unreadable),
        (
            "20,000 sibling p-names",
            in_app(&"<b class=p-name>name</b>".repeat(20_000)),
            TooLarge,
        ),
        (
            "9,900 sibling p-names",
            in_app(&"<b class=p-name>x</b>".repeat(9_900)),
            Asked(Some("x")),
        ),
        (
            "1,000 sibling p-names",
            in_app(&"<b class=p-name>x</b>".repeat(1_000)),
            Asked(Some("x")),
        ),
        (
            "5,000 sibling h-apps",
            "<div class=h-app><b class=p-name>A long enough name</b></div>".repeat(5_000),
            TooLarge,
        ),
        (
            "4,900 sibling h-apps",
            "<div class=h-app><b class=p-name>x</b></div>".repeat(4_900),
            Asked(None),
        ),
        ("32 nested p-names", in_app(&"<b class=p-name>".repeat(32)), Asked(None)),
        (
            "32 nested e-contents",
            in_app(&"<div class=e-content>".repeat(32)),
            Asked(None),
        ),
        (
            "200 nested e-contents",
            in_app(&"<div class=e-content>".repeat(200)),
            Asked(None),
        ),
        (
            "e-content that is a root",
            in_app("<p class='e-content h-card'>x</p><b class=p-name>The App"),
            Asked(Some("The App")),
        ),
        (
            "a root that is everything",
            "<div class='h-app h-card e-content p-name u-url'>".repeat(250),
            Asked(None),
        ),
        (
            "NUL in SVG",
            in_app("<svg>\0\0</svg><b class=p-name>The\0 App"),
            Asked(Some("The App")),
        ),
        (
            "NUL in MathML",
            in_app("<math>\0\0</math><b class=p-name>The App"),
            Asked(Some("The App")),
        ),
        (
            "SVG with classes",
            "<svg class=h-app><text class=p-name>x</text></svg>".to_owned(),
            Asked(None),
        ),
        ("20,001 tags", "<br>".repeat(20_001), Unreadable),
        (
            "30,000 attributes",
            format!("<div {}>", (0..30_000).map(|n| format!("a{n} ")).collect::<String>()),
            Unreadable,
        ),
        (
            "open formatting",
            "<b><i><u>".repeat(60) + &"<p>x</p>".repeat(6000),
            Unreadable,
        ),
        ("nested li and dd", "<li><dd>".repeat(5000), Unreadable),
        ("unclosed comments", "<!--".repeat(10_000), Asked(None)),
        ("unclosed tag", "<div class='".repeat(10_000), Asked(None)),
        ("classes", in_app(&format!("<b class='{long}'>x</b>")), Asked(Some("x"))),
        (
            "script in comment in script",
            "<script><!--<script></script>".repeat(100),
            Unreadable,
        ),
        ("frameset", "<frameset><frame></frameset>".to_owned(), Unreadable),
        (
            "not UTF-8",
            "<div class=h-app><b class=p-name>caf\u{FFFD}".to_owned(),
            Asked(None),
        ),
        ("nothing", String::new(), Asked(None)),
    ] {
        survives(&owner, case, &page, expected).await;
    }
}

/// Many at once: two are parsed at a time, the others wait, and whoever only signs in is not kept waiting by them.
#[tokio::test]
async fn hostile_pages_in_parallel_leave_room_for_others() {
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    let page = format!("<div class=h-app>{}", "<b class=p-name>x</b>".repeat(9_000));
    let mut sites = Vec::new();
    for _ in 0..8 {
        sites.push(ClientSite::answering(html_answer(&page)).await);
    }
    let ask = async |site: &ClientSite| owner.ask(&site.client_id(), &site.url("/cb")).await;
    let asking = futures_util::future::join_all(sites.iter().map(ask));
    let visitor = app.visitor();
    let (answers, health) = tokio::join!(asking, visitor.get("/health"));
    assert_eq!(health.status, 200);
    for answer in answers {
        // On a machine that is busy enough some are told to come back; nobody is dropped.
        assert!(answer.is_question() || answer.status == 503, "{answer:?}");
    }
    let good = ClientSite::start().await;
    assert!(owner.ask(&good.client_id(), &good.url("/redirect")).await.is_question());
}
