//! A server in production, and the addresses it must not touch.

use std::sync::Arc;

use crate::harness::client_site::html_answer;
use crate::harness::odd_site::{Names, OddSite, SecureSite, ok};
use crate::harness::{AuthorizationRequest, ClientSite, Options, expect};

const RESOLVE: &str =
    "The host name of the client_id was not found, or it leads to a network that this server does not visit.";
pub(crate) const UNFETCHED: &str = "This server could not look at the program";

/// A server at an address of its own, with these names in the world.
pub(crate) fn production(names: &Arc<Names>) -> Options {
    Options::default().issuer("https://id.example").resolver(names.clone())
}

/// SF-05, SF-07 and the names that belong to nobody: every one reads the same, and special names are not looked up.
#[tokio::test]
async fn names_that_lead_inside_are_all_refused_alike() {
    let many: Vec<String> = (0..300).map(|n| format!("93.184.{}.{}", n / 250, n % 250)).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let names = Names::of(&[
        ("mixed.net", &["93.184.216.34", "10.0.0.5"]),
        ("mixed6.net", &["10.0.0.5", "2606:2800:220:1::1"]),
        ("v6.net", &["93.184.216.34", "::1"]),
        ("mapped.net", &["::ffff:10.0.0.5"]),
        ("nat64.net", &["64:ff9b::a9fe:a9fe"]),
        ("teredo.net", &["2001:0:1::1"]),
        ("sixtofour.net", &["2002:7f00:1::"]),
        ("local6.net", &["fd00:ec2::254"]),
        ("metadata.net", &["169.254.169.254"]),
        ("loop.net", &["127.0.0.1"]),
        ("zero.net", &["0.0.0.0"]),
        ("many.net", &many),
        ("seventeen.net", &many[..17]),
        ("none.net", &[]),
    ]);
    let app = production(&names).start().await;
    let owner = app.owner("alice").await;
    let looked_up = [
        "mixed.net",
        "mixed6.net",
        "v6.net",
        "mapped.net",
        "nat64.net",
        "teredo.net",
        "sixtofour.net",
        "local6.net",
        "metadata.net",
        "loop.net",
        "zero.net",
        "many.net",
        "seventeen.net",
        "none.net",
        "unknown.net",
    ];
    let special = [
        "nas.local",
        "db.internal",
        "metadata.google.internal",
        "router.home.arpa",
        "box.lan",
        "wiki.corp",
        "tv.home",
        "hr.intranet",
        "x.private",
        "x.test",
        "x.invalid",
        "app.example",
        "x.onion",
        "x.alt",
        "app.localhost",
        "intranet",
        "instance-data",
    ];
    for host in looked_up.into_iter().chain(special) {
        let refusal = owner
            .ask(&format!("https://{host}/"), &format!("https://{host}/cb"))
            .await;
        expect::page_error(&refusal, 400);
        assert_eq!(refusal.author_sentences(), [RESOLVE], "{host}");
        assert_eq!(
            refusal.author_description(),
            "the host of client_id is unknown, or not one this server fetches from",
            "{host}"
        );
    }
    assert_eq!(names.asked(), looked_up, "each once, and no special name");
}

/// No oracle: from what a refusal says nobody learns what exists inside, not even where the operator opened a network.
#[tokio::test]
async fn what_a_refusal_says_does_not_map_the_inside() {
    let silent = OddSite::silent().await;
    let closed = OddSite::silent().await.port();
    let noise = OddSite::sending("SSH-2.0-OpenSSH_9.6\r\n").await;
    let names = Names::of(&[("inside.net", &["127.0.0.1"]), ("private.net", &["10.0.0.5"])]);
    let options = production(&names).set("VESTIBULE_FETCH__ALLOW_NETWORKS", "127.0.0.0/8");
    let app = options.start().await;
    let owner = app.owner("alice").await;
    let page = async |authority: String| {
        let refusal = owner.ask(&format!("https://{authority}/"), "https://app.net/cb").await;
        expect::page_error(&refusal, 400);
        let id = refusal
            .text()
            .split("Request ")
            .nth(1)
            .map(|rest| rest.split(' ').next().unwrap().to_owned());
        // Behind it stands the request itself, for the way back from the choice of a language.
        let said = refusal.body.split("<footer").next().unwrap();
        said.replace(&authority, "AUTHORITY")
            .replace(&id.expect("a request id"), "ID")
    };
    let (unknown, private, special, silent_host, closed_port, noisy) = tokio::join!(
        page("unknown.net".to_owned()),
        page("private.net".to_owned()),
        page("nas.local".to_owned()),
        page(format!("inside.net:{}", silent.port())),
        page(format!("inside.net:{closed}")),
        page(format!("inside.net:{}", noise.port())),
    );
    assert!(unknown.contains("AUTHORITY"), "{unknown}");
    for (case, said) in [
        ("private address", private),
        ("special name", special),
        ("silent host", silent_host),
        ("closed port", closed_port),
        ("another protocol", noisy),
    ] {
        assert_eq!(said, unknown, "{case}");
    }
    assert_eq!((silent.connections(), noise.connections()), (1, 1), "they were asked");
}

/// `fetch.allow_networks` opens what it lists, and nothing beside it.
#[tokio::test]
async fn listed_networks_are_open_and_others_are_not() {
    let secure = SecureSite::start("nas.local", None, |_, _| {
        ok("text/html", "", "<div class=h-app><b class=p-name>The Shelf</b></div>")
    })
    .await;
    let site = ClientSite::answering(html_answer("<div class=h-app><b class=p-name>The Neighbour</b></div>")).await;
    let names = Names::of(&[
        ("localhost", &["127.0.0.1"]),
        ("nas.local", &["127.0.0.1"]),
        ("db.internal", &["10.0.0.5"]),
        ("private.net", &["10.0.0.5"]),
        ("mixed.net", &["127.0.0.1", "10.0.0.5"]),
    ]);
    let opened = |networks: &str| Options {
        roots: secure.roots.clone(),
        ..production(&names).set("VESTIBULE_FETCH__ALLOW_NETWORKS", networks)
    };
    let app = opened("127.0.0.0/8, 192.168.0.0/16").start().await;
    let owner = app.owner("alice").await;
    let nas = format!("https://nas.local:{}", secure.site.port());
    for (base, name) in [
        (site.url(""), "The Neighbour"),
        (format!("http://localhost:{}", site.port()), "The Neighbour"),
        (nas.clone(), "The Shelf"),
    ] {
        let question = owner.ask(&format!("{base}/"), &format!("{base}/cb")).await;
        assert!(question.is_question(), "{base}: {}", question.text());
        assert_eq!(question.name_shown().as_deref(), Some(name), "{base}");
        assert!(!question.warnings().contains(&UNFETCHED.to_owned()), "{base}");
    }
    for host in ["db.internal", "private.net", "mixed.net", "unknown.net"] {
        let refusal = owner
            .ask(&format!("https://{host}/"), &format!("https://{host}/cb"))
            .await;
        assert_eq!(refusal.author_sentences(), [RESOLVE], "{host}");
    }
    let hits = site.hits();
    let app = opened("10.0.0.0/8").start().await;
    let owner = app.owner("alice").await;
    let refusal = owner.ask(&format!("{nas}/"), &format!("{nas}/cb")).await;
    assert_eq!(refusal.author_sentences(), [RESOLVE], "another network");
    let own = format!("https://127.0.0.1:{}", site.port());
    let question = owner.ask(&format!("{own}/"), &format!("{own}/cb")).await;
    assert!(
        question.warnings().contains(&UNFETCHED.to_owned()),
        "another network: {}",
        question.text()
    );
    expect::page_error(&owner.ask(&site.client_id(), &site.url("/cb")).await, 400);
    assert_eq!((site.hits(), secure.site.connections()), (hits, 1));
}

/// Invariant of decision 10: a stranger makes this server neither look up nor fetch nor write.
#[tokio::test]
async fn a_request_without_a_session_leaves_no_trace() {
    let names = Names::of(&[("app.net", &["93.184.216.34"])]);
    let opened = production(&names).set("VESTIBULE_FETCH__ALLOW_NETWORKS", "127.0.0.0/8");
    let app = opened.start().await;
    let site = ClientSite::start().await;
    let (stranger, forger) = (app.visitor(), app.visitor());
    forger.set_cookie(
        "__Host-vestibule_session",
        "vst_0000000000000000000000000000000000000000000000000000",
    );
    app.forget_statements();
    for (who, visitor) in [("stranger", &stranger), ("forger", &forger)] {
        for client_id in [
            site.client_id(),
            "https://app.net/".to_owned(),
            "https://nas.local/".to_owned(),
        ] {
            let request = AuthorizationRequest::of(&client_id, &format!("{client_id}redirect"));
            for request in [
                request.clone(),
                request.clone().with("prompt", "none"),
                request.with("response_type", "x"),
            ] {
                let answer = visitor.get_authorize(&request).await;
                assert!(
                    answer.location().starts_with("/sign-in"),
                    "{who}, {client_id}: {answer:?}"
                );
            }
        }
    }
    assert_eq!((site.hits(), names.asked().len()), (0, 0));
    // Housekeeping deletes what has expired whenever it likes; that is nobody's request.
    let writes = |sql: &String| sql.starts_with("INSERT") || sql.starts_with("UPDATE");
    let written: Vec<String> = app.statements().into_iter().filter(writes).collect();
    assert_eq!(written, [""; 0]);
    let owner = app.owner("alice").await;
    owner.ask(&site.client_id(), &site.url("/redirect")).await;
    assert_eq!(site.hits(), 1, "signed in, it is fetched");
    assert!(app.statements().iter().any(writes), "and a row is written");
}
