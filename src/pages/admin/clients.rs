//! `GET /admin/clients`: the apps that people use; and the page before a registered one is removed.

use serde::Serialize;

use super::{Paging, link_to};
use crate::pages::View;

/// A part of one of the two lists.
#[derive(Debug, Clone, Serialize)]
pub struct ClientsView {
    /// Whether it is the list of those that are registered; else of those that came with their own address.
    pub registered: bool,
    /// What is looked for.
    pub search: String,
    /// The apps.
    pub clients: Vec<ClientEntry>,
    /// The app that was just removed.
    pub removed: Option<String>,
    /// The way to the other parts.
    pub paging: Paging,
}

/// An app in a list.
#[derive(Debug, Clone, Serialize)]
pub struct ClientEntry {
    /// Its id.
    pub id: String,
    /// What it calls itself, or its host.
    pub title: Option<String>,
    /// Which kind of registration it is.
    pub kind: Option<String>,
    /// The page on which something can be done about it.
    pub link: Option<String>,
    /// What was decided about its host.
    pub rule: Option<String>,
    /// Where its answers may go.
    pub redirect_uris: Vec<String>,
    /// When it registered, or was first let in, in Unix seconds.
    pub since: i64,
    /// When somebody last said yes to it, in Unix seconds.
    pub last: Option<i64>,
    /// How many people it has access to.
    pub people: i64,
}

/// The question before a registered app is removed. Posts `csrf` and `client_id` to `/admin/clients/remove`.
#[derive(Debug, Clone, Serialize)]
pub struct ClientRemovalView {
    /// The app.
    pub client: ClientEntry,
    /// Whether the operator typed the password a short time ago; without that there is no button.
    pub fresh: bool,
}

/// The page before the registered app with this id is removed.
pub fn removal_of(id: &str) -> String {
    link_to("/admin/clients/remove", "client_id", id)
}

fn wiki() -> ClientEntry {
    ClientEntry {
        id: "client_3mz5qk".to_owned(),
        title: Some("Town wiki".to_owned()),
        kind: Some("operator".to_owned()),
        link: Some(removal_of("client_3mz5qk")),
        rule: None,
        redirect_uris: vec!["https://wiki.example/signed-in".to_owned()],
        since: 1_795_305_600,
        last: Some(1_795_305_600),
        people: 12,
    }
}

impl View for ClientsView {
    const TEMPLATE: &'static str = "admin_clients.html";

    fn samples() -> Vec<Self> {
        let unnamed = ClientEntry {
            title: None,
            last: None,
            people: 0,
            ..wiki()
        };
        let seen = |rule: Option<&str>| ClientEntry {
            id: "https://photos.example/".to_owned(),
            title: Some("photos.example".to_owned()),
            kind: None,
            link: Some(link_to("/admin/hosts", "host", "photos.example")),
            rule: rule.map(str::to_owned),
            redirect_uris: Vec::new(),
            ..wiki()
        };
        let rules = [Some("allow"), Some("ask"), Some("block"), None];
        vec![
            ClientsView {
                registered: true,
                search: String::new(),
                clients: vec![wiki(), unnamed],
                removed: Some("Town wiki".to_owned()),
                paging: Paging::of(1, true, &[]),
            },
            ClientsView {
                registered: false,
                search: "photos".to_owned(),
                clients: rules.map(seen).to_vec(),
                removed: None,
                paging: Paging::default(),
            },
            ClientsView {
                registered: true,
                search: "nothing".to_owned(),
                clients: Vec::new(),
                removed: None,
                paging: Paging::default(),
            },
        ]
    }
}

impl View for ClientRemovalView {
    const TEMPLATE: &'static str = "admin_client_removal.html";

    fn samples() -> Vec<Self> {
        let nobody = ClientEntry {
            title: None,
            people: 0,
            ..wiki()
        };
        vec![
            ClientRemovalView {
                client: wiki(),
                fresh: true,
            },
            ClientRemovalView {
                client: nobody,
                fresh: false,
            },
        ]
    }
}
