use std::sync::Mutex;
use std::time::{Duration, Instant as StdInstant};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use time::OffsetDateTime;
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::discovery::OwnAddresses;
use crate::discovery::answer::Body;
use crate::discovery::resolve::SystemResolver;
use crate::discovery::tests::site::{Listing, Site, answer, finish, ok, read_request};

fn policy(development: bool, allow: &[&str]) -> AddressPolicy {
    let issuer = if development {
        "http://localhost:1"
    } else {
        "https://auth.example.com"
    };
    let own = OwnAddresses::new(&issuer.parse().unwrap(), Vec::new(), None);
    AddressPolicy {
        allow_networks: allow.iter().map(|text| text.parse().unwrap()).collect(),
        ..AddressPolicy::new(development, own)
    }
}

fn build(policy: AddressPolicy, limits: FetchLimits, roots: Vec<TrustRoot>, names: Arc<dyn Resolve>) -> Fetcher {
    Fetcher::new("http://localhost:1", policy, limits, roots, names).unwrap()
}

fn in_development(limits: FetchLimits) -> Fetcher {
    build(
        policy(true, &[]),
        limits,
        Vec::new(),
        Listing::of(&[("localhost", &["127.0.0.1"])]),
    )
}

/// For tests in which a deadline must pass.
fn impatient() -> FetchLimits {
    FetchLimits {
        connect: Duration::from_millis(400),
        headers: Duration::from_millis(200),
        total: Duration::from_millis(900),
        ..FetchLimits::default()
    }
}

async fn get(fetcher: &Fetcher, url: &str) -> Result<Fetched, DiscoveryError> {
    fetcher.get(&url.parse().unwrap()).await
}

async fn refusal(fetcher: &Fetcher, url: &str) -> Refusal {
    match get(fetcher, url).await {
        Err(DiscoveryError::Refused(refusal)) => refusal,
        other => panic!("{url}: {other:?}"),
    }
}

async fn refused_answer(answer: impl Into<Vec<u8>>) -> Refusal {
    let site = Site::answering(answer).await;
    refusal(&in_development(FetchLimits::default()), &site.url("/")).await
}

async fn accepted_answer(answer: impl Into<Vec<u8>>) -> Fetched {
    let site = Site::answering(answer).await;
    get(&in_development(FetchLimits::default()), &site.url("/"))
        .await
        .unwrap()
}

#[tokio::test]
async fn the_request_says_who_asks_and_nothing_more() {
    let heard = Arc::new(Mutex::new(String::new()));
    let ear = Arc::clone(&heard);
    let site = Site::serving(move |mut stream| {
        let ear = Arc::clone(&ear);
        async move {
            let request = read_request(&mut stream).await?;
            *ear.lock().unwrap() = request;
            finish(&mut stream, ok("text/html", "", "").as_bytes()).await
        }
    })
    .await;
    get(&in_development(FetchLimits::default()), &site.url("/id?x=1"))
        .await
        .unwrap();
    let request = heard.lock().unwrap().to_ascii_lowercase();
    let mut lines: Vec<&str> = request.trim_end().split("\r\n").collect();
    assert_eq!(lines.remove(0), "get /id?x=1 http/1.1");
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "accept-encoding: identity",
            "accept: application/json, application/*+json;q=0.9, text/html;q=0.8, application/xhtml+xml;q=0.8, */*;q=0.1",
            &format!("host: {}", site.address),
            &format!(
                "user-agent: vestibule/{} (+http://localhost:1)",
                env!("CARGO_PKG_VERSION")
            ),
        ]
    );
}

#[tokio::test]
async fn good_answers_come_back_whole() {
    let json = accepted_answer(ok(
        "application/json; charset=utf-8",
        "Link: </a>; rel=x\r\nlink: </b>\r\nAge: 5\r\n",
        "{}",
    ))
    .await;
    assert_eq!(json.body, Body::Json(b"{}".to_vec()));
    assert_eq!(json.links, ["</a>; rel=x", "</b>"]);
    assert_eq!(json.caching.age.as_deref(), Some("5"));
    let chunked = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    assert_eq!(accepted_answer(chunked).await.body, Body::Html(b"abcde".to_vec()));
    let until_close = "HTTP/1.0 200 OK\r\ncontent-type: text/html\r\n\r\nabc";
    assert_eq!(accepted_answer(until_close).await.body, Body::Html(b"abc".to_vec()));
    let identity = ok("text/html", "content-encoding: identity\r\n", "x");
    assert_eq!(accepted_answer(identity).await.body, Body::Html(b"x".to_vec()));
    let exactly = "x".repeat(5 * 1024);
    assert_eq!(
        accepted_answer(ok("application/json", "", &exactly)).await.body,
        Body::Json(exactly.into_bytes())
    );
}

#[tokio::test]
async fn other_kinds_are_not_read() {
    let image = "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 99999999\r\n\r\n";
    assert_eq!(accepted_answer(image).await.body, Body::Other("image/png".to_owned()));
    let nameless = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nlink: </cb>; rel=redirect_uri\r\n\r\n";
    let nameless = accepted_answer(nameless).await;
    assert_eq!((nameless.body, nameless.links.len()), (Body::Other(String::new()), 1));
}

#[tokio::test]
async fn every_status_but_200_is_refused() {
    for status in [
        "201 Created",
        "204 No Content",
        "206 Partial Content",
        "404 Not Found",
        "410 Gone",
        "500 Oops",
    ] {
        let refusal = refused_answer(answer(status, "application/json", "", "")).await;
        assert_eq!(refusal.step, Step::Status, "{status}");
        assert_eq!(refusal.status, status[..3].parse().ok());
    }
    assert_eq!(
        refused_answer(answer("403 Forbidden", "application/json", "", "{}"))
            .await
            .step,
        Step::Status
    );
    let plain = answer("403 Forbidden", "text/html", "", "<title>Forbidden</title>");
    assert_eq!(refused_answer(plain).await.step, Step::Status);
}

#[tokio::test]
async fn redirects_are_refused_and_not_followed() {
    let target = Site::answering(ok("text/html", "", "")).await;
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let location = format!("location: {}\r\n", target.url("/"));
        let refusal = refused_answer(answer(status, "text/html", &location, "")).await;
        assert_eq!(refusal.step, Step::Redirect, "{status}");
        assert_eq!(refusal.status, status[..3].parse().ok());
        assert!(refusal.public.contains("redirect"));
    }
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn challenges_are_told_from_other_errors() {
    for (status, headers, body) in [
        ("403 Forbidden", "cf-mitigated: challenge\r\n", ""),
        ("503 Unavailable", "server: cloudflare\r\n", "x"),
        ("403 Forbidden", "Server: DDoS-Guard\r\n", "x"),
        ("503 Unavailable", "", "<html><title>Just a moment...</title>"),
        ("429 Too Many Requests", "", "<title>Checking your browser</title>"),
    ] {
        let refusal = refused_answer(answer(status, "text/html; charset=UTF-8", headers, body)).await;
        assert_eq!(refusal.step, Step::BotCheck, "{status} {headers} {body}");
    }
    let with_endless_page = "HTTP/1.1 503 x\r\ncontent-type: text/html\r\n\r\n".to_owned() + &"x".repeat(1 << 20);
    assert_eq!(refused_answer(with_endless_page).await.step, Step::Status);
}

#[tokio::test]
async fn compressed_answers_are_refused_unread() {
    for encoding in ["gzip", "br", "deflate", "zstd", "identity, gzip", "x"] {
        let bomb = ok(
            "application/json",
            &format!("content-encoding: {encoding}\r\n"),
            "\u{1f}\u{8b}",
        );
        let refusal = refused_answer(bomb).await;
        assert_eq!(refusal.step, Step::Encoding, "{encoding}");
        assert_eq!(refusal.fact.as_deref(), Some(encoding));
    }
    let two = ok(
        "application/json",
        "content-encoding: identity\r\ncontent-encoding: gzip\r\n",
        "",
    );
    assert_eq!(refused_answer(two).await.step, Step::Encoding);
}

#[tokio::test]
async fn large_answers_are_refused_by_their_word_and_by_count() {
    let announced = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5121\r\n\r\n";
    let by_word = refused_answer(announced).await;
    assert_eq!(
        (by_word.step, by_word.fact.as_deref()),
        (Step::Size, Some("5120 bytes"))
    );
    for (kind, largest) in [("application/json", 5 * 1024), ("text/html", 256 * 1024)] {
        let sent = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let count = Arc::clone(&sent);
        let site = Site::serving(move |mut stream| {
            let count = Arc::clone(&count);
            async move {
                read_request(&mut stream).await?;
                stream
                    .write_all(format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\n\r\n").as_bytes())
                    .await?;
                loop {
                    stream.write_all(&[b' '; 1024]).await?;
                    count.fetch_add(1024, std::sync::atomic::Ordering::SeqCst);
                }
            }
        })
        .await;
        let refusal = refusal(&in_development(FetchLimits::default()), &site.url("/")).await;
        assert_eq!(refusal.step, Step::Size);
        assert_eq!(refusal.fact, Some(format!("{largest} bytes")));
        // What the kernel buffers on both sides is all that is taken beyond the cap.
        let sent = sent.load(std::sync::atomic::Ordering::SeqCst);
        assert!(sent < largest + 16 * 1024 * 1024, "{kind}: {sent}");
    }
}

#[tokio::test]
async fn answers_shorter_than_announced_are_refused() {
    let short = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{}";
    assert_eq!(refused_answer(short).await.step, Step::Connect);
    let broken_chunk =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{}";
    assert_eq!(refused_answer(broken_chunk).await.step, Step::Connect);
    let longer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}{\"x\":1}";
    assert_eq!(accepted_answer(longer).await.body, Body::Json(b"{}".to_vec()));
}

#[tokio::test]
async fn what_is_not_http_is_refused() {
    for noise in ["", "SSH-2.0-OpenSSH\r\n", "HTTP/1.1 200", "220 mail ready\r\n\r\n"] {
        assert_eq!(refused_answer(noise).await.step, Step::Connect, "{noise}");
    }
}

#[tokio::test]
async fn headers_are_bounded_in_number_and_size() {
    let many = ok("text/html", &"link: </x>\r\n".repeat(1000), "");
    assert_eq!(refused_answer(many).await.step, Step::Connect);
    let large = ok("text/html", &format!("link: {}\r\n", "x".repeat(1 << 20)), "");
    assert_eq!(refused_answer(large).await.step, Step::Connect);
}

#[tokio::test]
async fn slow_answers_end_at_the_deadline() {
    let body = |stream: tokio::net::TcpStream| async move {
        let mut stream = stream;
        read_request(&mut stream).await?;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
            .await?;
        loop {
            stream.write_all(b" ").await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let headers = |stream: tokio::net::TcpStream| async move {
        let mut stream = stream;
        read_request(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nx-slow: ").await?;
        loop {
            stream.write_all(b"a").await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let silent = |stream: tokio::net::TcpStream| async move {
        let _stream = stream;
        std::future::pending::<std::io::Result<()>>().await
    };
    let sites = [
        Site::serving(body).await,
        Site::serving(headers).await,
        Site::serving(silent).await,
    ];
    for site in &sites {
        let started = StdInstant::now();
        let refusal = refusal(&in_development(impatient()), &site.url("/")).await;
        assert_eq!(refusal.step, Step::Timeout);
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    }
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_unreachable() {
    let site = Site::answering("").await;
    let url = site.url("/");
    drop(site);
    assert_eq!(
        refusal(&in_development(FetchLimits::default()), &url).await.step,
        Step::Connect
    );
}

#[tokio::test]
async fn names_are_looked_up_once_and_every_address_counts() {
    let many: Vec<String> = (1..=17).map(|n| format!("93.184.216.{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let names = Listing::of(&[
        ("mixed.net", &["93.184.216.34", "10.0.0.5"]),
        ("v6.net", &["93.184.216.34", "::1"]),
        ("mapped.net", &["::ffff:10.0.0.5"]),
        ("metadata.net", &["169.254.169.254"]),
        ("loop.net", &["127.0.0.1"]),
        ("many.net", &many),
        ("none.net", &[]),
    ]);
    let fetcher = build(policy(false, &[]), FetchLimits::default(), Vec::new(), names.clone());
    let hosts = ["mixed", "v6", "mapped", "metadata", "loop", "many", "none", "unknown"];
    let mut said = Vec::new();
    for host in hosts {
        let refusal = refusal(&fetcher, &format!("https://{host}.net/")).await;
        assert_eq!(refusal.step, Step::Resolve, "{host}");
        said.push(refusal.public);
    }
    assert_eq!(names.lookups(), hosts.len());
    said.dedup();
    assert_eq!(said.len(), 1, "what is said does not tell one from the other");
}

#[tokio::test]
async fn special_names_and_ports_are_refused_without_lookup() {
    let names = Listing::of(&[]);
    let fetcher = build(policy(false, &[]), FetchLimits::default(), Vec::new(), names.clone());
    for url in [
        "https://nas.local/",
        "https://localhost/",
        "https://db.internal/",
        "https://app.net:8443/",
        "http://app.net/",
    ] {
        refusal(&fetcher, url).await;
    }
    assert_eq!(names.lookups(), 0);
}

#[tokio::test]
async fn a_fetch_by_name_looks_up_once_and_connects_there() {
    let site = Site::answering(ok("text/html", "", "x")).await;
    let names = Listing::of(&[("localhost", &["127.0.0.1"])]);
    let fetcher = build(policy(true, &[]), FetchLimits::default(), Vec::new(), names.clone());
    get(&fetcher, &format!("http://localhost:{}/", site.address.port()))
        .await
        .unwrap();
    assert_eq!((names.lookups(), site.connections()), (1, 1));
}

#[tokio::test]
async fn the_client_library_cannot_look_up_by_itself() {
    use reqwest::dns::Resolve as _;
    assert!(Pinned.resolve("example.com".parse().unwrap()).await.is_err());
}

#[tokio::test]
async fn a_lookup_that_hangs_ends_at_the_deadline() {
    struct Hanging;
    impl Resolve for Hanging {
        fn resolve(&self, _: &str) -> crate::discovery::resolve::Resolving {
            Box::pin(std::future::pending())
        }
    }
    let fetcher = build(policy(false, &[]), impatient(), Vec::new(), Arc::new(Hanging));
    assert_eq!(refusal(&fetcher, "https://app.net/").await.step, Step::Resolve);
}

#[tokio::test]
async fn silence_inside_reads_like_an_unknown_name() {
    let site = Site::answering("").await;
    let closed = site.address.port();
    drop(site);
    let names = Listing::of(&[("app.net", &["127.0.0.1"])]);
    let fetcher = build(policy(false, &["127.0.0.0/8"]), impatient(), Vec::new(), names);
    let unreachable = refusal(&fetcher, &format!("https://app.net:{closed}/")).await;
    let unknown = refusal(&fetcher, "https://unknown.net/").await;
    assert_eq!((unreachable.step, unreachable.public), (unknown.step, unknown.public));
}

#[tokio::test]
async fn who_finds_no_place_in_time_is_told_to_come_back() {
    let site = Site::serving(|stream| async move {
        let _stream = stream;
        std::future::pending().await
    })
    .await;
    let one = FetchLimits {
        at_once: 1,
        ..impatient()
    };
    let fetcher = in_development(one);
    let url = site.url("/");
    let (first, second) = tokio::join!(get(&fetcher, &url), get(&fetcher, &url));
    let mut kinds = [first, second].map(|result| matches!(result, Err(DiscoveryError::Busy)));
    kinds.sort_unstable();
    assert_eq!(kinds, [false, true]);
}

#[tokio::test]
async fn slow_pictures_do_not_hold_up_a_client() {
    let asked = Arc::new(tokio::sync::Notify::new());
    let bell = Arc::clone(&asked);
    let site = Site::serving(move |mut stream| {
        let bell = Arc::clone(&bell);
        async move {
            if !read_request(&mut stream).await?.starts_with("GET /slow") {
                return finish(&mut stream, ok("text/html", "", "").as_bytes()).await;
            }
            bell.notify_one();
            std::future::pending().await
        }
    })
    .await;
    let (slow, page) = (site.url("/slow").parse().unwrap(), site.url("/"));
    let narrow = FetchLimits {
        at_once: 1,
        pictures_at_once: 1,
        ..FetchLimits::default()
    };
    let fetcher = in_development(narrow);
    let pictures = async { tokio::join!(fetcher.picture(&slow, true), fetcher.picture(&slow, true)) };
    let client = async {
        asked.notified().await;
        get(&fetcher, &page).await
    };
    tokio::select! {
        _ = pictures => panic!("the pictures were not slow"),
        answer = client => drop(answer.unwrap()),
    }
}

#[tokio::test]
async fn the_systems_resolver_knows_this_machine() {
    let found = SystemResolver::new().resolve("localhost").await.unwrap();
    assert!(!found.is_empty() && found.iter().all(IpAddr::is_loopback), "{found:?}");
}

/// A certificate authority and a site with a certificate of it.
struct Secure {
    site: Site,
    root: Vec<TrustRoot>,
}

async fn secure(name: &str, not_after: Option<OffsetDateTime>) -> Secure {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_after = not_after.unwrap_or(params.not_after);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    let chain: Vec<CertificateDer<'static>> = vec![certificate.der().clone()];
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let site = Site::serving(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let mut stream = acceptor.accept(stream).await?;
            read_request(&mut stream).await?;
            finish(&mut stream, ok("text/html", "", "secure").as_bytes()).await
        }
    })
    .await;
    let root = TrustRoot::from_pem(authority.pem().as_bytes()).unwrap();
    Secure { site, root }
}

async fn get_secure(secure: &Secure, host: &str, trusted: bool) -> Result<Fetched, DiscoveryError> {
    let roots = if trusted { secure.root.clone() } else { Vec::new() };
    let names = Listing::of(&[("app.net", &["127.0.0.1"]), ("other.net", &["127.0.0.1"])]);
    let fetcher = build(policy(true, &[]), FetchLimits::default(), roots, names);
    get(&fetcher, &format!("https://{host}:{}/", secure.site.address.port())).await
}

#[tokio::test]
async fn certificates_are_verified() {
    let good = secure("app.net", None).await;
    let page = get_secure(&good, "app.net", true).await.unwrap();
    assert_eq!(page.body, Body::Html(b"secure".to_vec()));
    let expired = secure("app.net", Some(OffsetDateTime::now_utc() - time::Duration::days(1))).await;
    for (what, result) in [
        ("unknown authority", get_secure(&good, "app.net", false).await),
        ("another name", get_secure(&good, "other.net", true).await),
        ("expired", get_secure(&expired, "app.net", true).await),
    ] {
        let Err(DiscoveryError::Refused(refusal)) = result else {
            panic!("{what}: {result:?}");
        };
        assert_eq!(refusal.step, Step::Connect, "{what}");
        assert!(refusal.detail.contains("certificate"), "{what}: {}", refusal.detail);
    }
}

#[test]
fn what_is_no_certificate_is_no_root() {
    assert!(
        TrustRoot::from_pem(b"-----BEGIN CERTIFICATE-----\nAAAA").is_err()
            || TrustRoot::from_pem(b"").unwrap().is_empty()
    );
}
