//! `GET /account/addresses` and `GET|POST /account/addresses/add`: addresses of a person's own.

use serde::Serialize;

use crate::pages::View;

/// The list. Its buttons post `csrf` and `address` to `/account/addresses/check` and `…/remove`.
#[derive(Debug, Clone, Serialize)]
pub struct AddressesView {
    /// The address on this server.
    pub hosted: String,
    /// The others.
    pub addresses: Vec<AddressEntry>,
    /// What to put on a page.
    pub lines: AddressLines,
    /// Whether too many looks were asked for just now.
    pub too_many: bool,
}

/// What proves an address.
#[derive(Debug, Clone, Serialize)]
pub struct AddressLines {
    /// Leads apps to this server.
    pub metadata: String,
    /// Names the person.
    pub me: String,
    /// The two as a header.
    pub header: String,
}

/// An address of the person's own.
#[derive(Debug, Clone, Serialize)]
pub struct AddressEntry {
    /// What its buttons send.
    pub id: String,
    /// The address.
    pub url: String,
    /// How it stands.
    pub standing: AddressStanding,
    /// How it is proved: the end of a message key.
    pub proved_by: Option<String>,
    /// When it was last proved, in Unix seconds.
    pub proved: Option<i64>,
    /// When it was last looked at, in Unix seconds.
    pub checked: Option<i64>,
    /// Since when looking fails, in Unix seconds.
    pub failing: Option<i64>,
    /// What the last look found: the ends of message keys.
    pub findings: Vec<String>,
    /// So many apps know the person by it.
    pub apps: usize,
    /// A DNS record that proves it.
    pub record: Option<AddressRecord>,
}

/// A DNS record of the kind TXT.
#[derive(Debug, Clone, Serialize)]
pub struct AddressRecord {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub value: String,
}

/// How an address stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressStanding {
    /// It is proved.
    Proved,
    /// It was.
    Lapsed,
    /// It waits to be.
    Waiting,
}

/// What the page can say that a look found.
const FINDINGS: [&str; 22] = [
    "found",
    "apps_lost",
    "apps_elsewhere",
    "only_server",
    "kept",
    "not_you",
    "another_person",
    "elsewhere",
    "nothing",
    "redirect",
    "missing",
    "status",
    "bot_check",
    "unknown",
    "unreachable",
    "slow",
    "unreadable",
    "busy",
    "dns_found",
    "dns_other",
    "dns_silent",
    "held",
];

impl View for AddressesView {
    const TEMPLATE: &'static str = "addresses.html";

    fn samples() -> Vec<Self> {
        let view = |addresses, too_many| {
            AddressesView {
            hosted: "https://id.example/@alice".to_owned(),
            addresses,
            lines: AddressLines {
                metadata: "<link rel=\"indieauth-metadata\" href=\"https://id.example/.well-known/oauth-authorization-server\">"
                    .to_owned(),
                me: "<link rel=\"me\" href=\"https://id.example/@alice\">".to_owned(),
                header: "Link: <https://id.example/.well-known/oauth-authorization-server>; rel=\"indieauth-metadata\", \
                         <https://id.example/@alice>; rel=\"me\""
                    .to_owned(),
            },
            too_many,
        }
        };
        let every_finding = AddressEntry {
            url: "https://everything.example/".to_owned(),
            findings: FINDINGS.map(str::to_owned).to_vec(),
            ..waiting()
        };
        vec![
            view(vec![proved(), lapsed(), waiting()], false),
            view(Vec::new(), false),
            view(vec![on_dns(), only_server(), fresh()], true),
            view(vec![every_finding], false),
        ]
    }
}

fn proved() -> AddressEntry {
    AddressEntry {
        id: "q83vEjRWeJA".to_owned(),
        url: "https://alice.example/".to_owned(),
        standing: AddressStanding::Proved,
        proved_by: Some("page".to_owned()),
        proved: Some(1_795_305_600),
        checked: Some(1_795_305_600),
        failing: None,
        findings: vec!["found".to_owned()],
        apps: 2,
        record: Some(record("alice.example")),
    }
}

fn lapsed() -> AddressEntry {
    AddressEntry {
        id: "Zm9vYmFyYmF6".to_owned(),
        url: "https://blog.example/people/alice".to_owned(),
        standing: AddressStanding::Lapsed,
        proved_by: None,
        findings: vec!["nothing".to_owned()],
        apps: 1,
        record: None,
        ..proved()
    }
}

fn waiting() -> AddressEntry {
    AddressEntry {
        id: "bm90aGluZw".to_owned(),
        url: "https://a-new-home-of-mine.example/".to_owned(),
        standing: AddressStanding::Waiting,
        proved_by: None,
        proved: None,
        findings: vec!["not_you".to_owned(), "dns_silent".to_owned()],
        apps: 0,
        record: Some(record("a-new-home-of-mine.example")),
        ..proved()
    }
}

fn on_dns() -> AddressEntry {
    AddressEntry {
        proved_by: Some("dns".to_owned()),
        findings: vec!["unreachable".to_owned(), "dns_found".to_owned()],
        failing: Some(1_795_305_600),
        apps: 0,
        ..proved()
    }
}

fn only_server() -> AddressEntry {
    AddressEntry {
        id: "c2VydmVy".to_owned(),
        proved_by: Some("server".to_owned()),
        findings: vec!["only_server".to_owned()],
        apps: 1,
        ..proved()
    }
}

fn fresh() -> AddressEntry {
    AddressEntry {
        id: "ZnJlc2g".to_owned(),
        checked: None,
        findings: Vec::new(),
        ..waiting()
    }
}

fn record(host: &str) -> AddressRecord {
    AddressRecord {
        name: format!("_vestibule.{host}"),
        value: "vestibule-verification=https://id.example/@alice".to_owned(),
    }
}

/// The form that adds one. Posts `csrf` and `address` to `/account/addresses/add`.
#[derive(Debug, Clone, Serialize)]
pub struct AddAddressView {
    /// What was typed.
    pub typed: String,
    /// Why it was not taken.
    pub problem: Option<AddressProblem>,
}

/// Why an address was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressProblem {
    /// It is no address that a person can have.
    NotAnAddress,
    /// It begins with `http://`.
    NotHttps,
    /// It is on this server.
    Here,
    /// It is too long.
    TooLong,
    /// The person has as many as one may have.
    TooMany,
}

impl View for AddAddressView {
    const TEMPLATE: &'static str = "address_add.html";

    fn samples() -> Vec<Self> {
        let problems = [
            None,
            Some(AddressProblem::NotAnAddress),
            Some(AddressProblem::NotHttps),
            Some(AddressProblem::Here),
            Some(AddressProblem::TooLong),
            Some(AddressProblem::TooMany),
        ];
        problems
            .map(|problem| AddAddressView {
                typed: problem.map_or_else(String::new, |_| "http://alice.example/".to_owned()),
                problem,
            })
            .to_vec()
    }
}
