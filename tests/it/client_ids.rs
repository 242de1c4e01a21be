//! Client ids that are refused, or taken as they are, before anything is looked up.

use crate::harness::odd_site::Names;
use crate::harness::{AuthorizationRequest, ClientSite, expect};
use crate::networks::{UNFETCHED, production};

const URL: &str = "The address cannot be used as a client_id. It must be an https URL with a host name, without user name, fragment and dot segments.";

/// Before anything is fetched: what cannot be a client id (SF-02, SF-04, SF-13, SF-14, MD-17, D1 to D3). The answer is
/// the same for strangers, who are not sent to the sign-in page first.
#[tokio::test]
async fn a_malformed_client_id_is_refused_at_once() {
    let names = Names::of(&[]);
    let app = production(&names).start().await;
    let (owner, stranger) = (app.owner("alice").await, app.visitor());
    for (row, client_id) in [
        ("SF-02", "https://0x7f.1/"),
        ("SF-02", "https://2130706433/"),
        ("SF-02", "https://0177.0.0.1/"),
        ("SF-02", "https://127.1/"),
        ("SF-02", "https://127.0.0.2/"),
        ("SF-02", "https://10.0.0.5/"),
        ("SF-02", "https://169.254.169.254/latest/meta-data/"),
        ("SF-02", "https://93.184.216.34/"),
        ("SF-04", "https://[64:ff9b::a9fe:a9fe]/"),
        ("SF-04", "https://[2002:7f00:1::]/"),
        ("SF-04", "https://[2001:0:1::1]/"),
        ("SF-04", "https://[fec0::1]/"),
        ("SF-04", "https://[fe80::1%25eth0]/"),
        ("SF-04", "https://[::ffff:127.0.0.1]/"),
        ("SF-04", "https://[0:0:0:0:0:0:0:1]/"),
        ("SF-13", "https://app.net:0/"),
        ("SF-13", "https://app.net:99999/"),
        ("SF-13", "https://app.net:/"),
        ("SF-14", "https://app.net/../x"),
        ("SF-14", "https://app.net/%2E%2e/x"),
        ("SF-14", "https://app.net/x/."),
        ("SF-14", "https:\\\\app.net\\x"),
        ("SF-14", " https://app.net/"),
        ("SF-14", "https://app.\tnet/"),
        ("SF-14", "https://app.net./"),
        ("SF-14", "https:///app.net/"),
        ("SF-14", "https://ex%61mple.net/"),
        ("SF-14", "HTTPS://app.net/"),
        ("MD-17", "http://app.net/"),
        ("MD-17", "http://localhost/"),
        ("MD-17", "http://127.0.0.1:4000/"),
        ("D1", "ftp://app.net/"),
        ("D1", "//app.net/"),
        ("D3", "https://app.net/#x"),
        ("D3", "https://me@app.net/"),
        ("D3", "https://me:secret@app.net/"),
    ] {
        for (who, visitor) in [("owner", &owner), ("stranger", &stranger)] {
            let refusal = visitor.ask(client_id, "https://app.net/cb").await;
            expect::page_error(&refusal, 400);
            assert!(
                refusal.author_description().starts_with("client_id "),
                "{row} {client_id}, {who}: {}",
                refusal.text()
            );
        }
    }
    assert_eq!(names.asked(), [""; 0]);
}

/// SF-13: only the port of the web. And nobody makes this server wait for itself.
#[tokio::test]
async fn other_ports_and_this_server_itself_are_not_asked() {
    let names = Names::of(&[("app.net", &["93.184.216.34"]), ("id.example", &["93.184.216.34"])]);
    let app = production(&names).start().await;
    let owner = app.owner("alice").await;
    const PORT: &str = "The port in the client_id is not one that this server connects to.";
    const OTHER_KIND: &str = "the port of client_id belongs to another kind of server";
    const CLOSED: &str =
        "client_id has a port that this server does not fetch from; without a port it is 443, which it does";
    const OWN: &str = "the address is this authorization server itself";
    for (client_id, sentence, happened) in [
        ("https://app.net:22/", PORT, OTHER_KIND),
        ("https://app.net:25/", PORT, OTHER_KIND),
        ("https://app.net:6379/", PORT, OTHER_KIND),
        ("https://app.net:80/", PORT, CLOSED),
        ("https://app.net:8443/", PORT, CLOSED),
        ("https://id.example/", URL, OWN),
        ("https://ID.example/@alice", URL, OWN),
    ] {
        let refusal = owner.ask(client_id, "https://app.net/cb").await;
        expect::page_error(&refusal, 400);
        assert_eq!(refusal.author_sentences(), [sentence], "{client_id}");
        assert_eq!(refusal.author_description(), happened, "{client_id}");
    }
    assert_eq!(names.asked(), [""; 0]);
}

/// SF-01: a program on the person's own machine is let in without being looked at, and the person is told.
#[tokio::test]
async fn sf01_loopback_clients_stay_unfetched_and_nameless() {
    let names = Names::of(&[("localhost", &["127.0.0.1"])]);
    let app = production(&names).start().await;
    let owner = app.owner("alice").await;
    let site = ClientSite::start().await;
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        for authority in [host.to_owned(), format!("{host}:{}", site.port())] {
            let (client_id, redirect_uri) = (format!("https://{authority}/"), format!("https://{authority}/redirect"));
            let request = AuthorizationRequest::of(&client_id, &redirect_uri);
            let question = owner.consent_page(&request).await;
            assert_eq!(question.name_shown(), None, "{authority}");
            assert_eq!(question.host_shown(), authority, "{authority}");
            assert!(
                question.warnings().contains(&UNFETCHED.to_owned()),
                "{authority}: {:?}",
                question.warnings()
            );
            let elsewhere = owner.ask(&client_id, "https://app.net/cb").await;
            expect::page_error(&elsewhere, 400);
        }
    }
    assert_eq!((site.hits(), names.asked().len()), (0, 0));
}
