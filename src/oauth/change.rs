//! What a client says otherwise than when a person last said yes to it. Whoever gets hold of an app's page or domain
//! shows there first.

use time::OffsetDateTime;

use super::grant::GrantClient;
use super::profile::ProfileUrl;

/// What a client said about itself when a person said yes to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Its name.
    pub name: Option<String>,
    /// Its home page, when it could be shown.
    pub client_uri: Option<String>,
    /// The redirect URIs it listed; empty when its own origin stood for a list.
    pub redirect_uris: Vec<String>,
    /// Which address the person chose to be.
    pub me: Option<ProfileUrl>,
    /// When that was.
    pub approved_at: OffsetDateTime,
    /// When they said yes to it for the first time.
    pub first_approved_at: OffsetDateTime,
}

/// One thing that is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Its name.
    Name {
        /// Before.
        was: Option<String>,
        /// Now.
        is: Option<String>,
    },
    /// Its home page.
    ClientUri {
        /// Before.
        was: Option<String>,
        /// Now.
        is: Option<String>,
    },
    /// Its redirect URIs. Their order does not count.
    RedirectUris {
        /// Those it lists now and did not before.
        added: Vec<String>,
        /// Those it listed before and does not now.
        gone: Vec<String>,
    },
}

impl Snapshot {
    /// What `client` says otherwise now.
    pub fn changes(&self, client: &GrantClient) -> Vec<Change> {
        let missing_in = |held: &[String], others: &[String]| -> Vec<String> {
            held.iter().filter(|uri| !others.contains(uri)).cloned().collect()
        };
        let name = (self.name != client.name).then(|| Change::Name {
            was: self.name.clone(),
            is: client.name.clone(),
        });
        let client_uri = (self.client_uri != client.client_uri).then(|| Change::ClientUri {
            was: self.client_uri.clone(),
            is: client.client_uri.clone(),
        });
        let added = missing_in(&client.redirect_uris, &self.redirect_uris);
        let gone = missing_in(&self.redirect_uris, &client.redirect_uris);
        let listed_otherwise = !added.is_empty() || !gone.is_empty();
        let redirect_uris = listed_otherwise.then_some(Change::RedirectUris { added, gone });
        [name, client_uri, redirect_uris].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::oauth::client::{Client, ClientUrl, HttpLoopback};

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(|&text| text.to_owned()).collect()
    }

    fn client() -> GrantClient {
        let id = ClientUrl::parse("https://photos.example/", HttpLoopback::Refused).unwrap();
        GrantClient {
            name: Some("Photo Frame".to_owned()),
            client_uri: Some("https://photos.example/".to_owned()),
            redirect_uris: texts(&["https://photos.example/a", "https://photos.example/b"]),
            ..GrantClient::from(&Client::at(id))
        }
    }

    fn snapshot() -> Snapshot {
        Snapshot {
            name: client().name,
            client_uri: client().client_uri,
            redirect_uris: client().redirect_uris,
            me: None,
            approved_at: datetime!(2026-11-22 12:00 UTC),
            first_approved_at: datetime!(2026-11-01 12:00 UTC),
        }
    }

    #[test]
    fn what_is_the_same_is_no_change() {
        assert_eq!(snapshot().changes(&client()), []);
        let turned = GrantClient {
            redirect_uris: client().redirect_uris.into_iter().rev().collect(),
            fingerprint: "another".to_owned(),
            ..client()
        };
        assert_eq!(snapshot().changes(&turned), []);
    }

    #[test]
    fn each_thing_that_changes_is_told_with_what_it_was() {
        let renamed = GrantClient {
            name: Some("Your Bank".to_owned()),
            ..client()
        };
        let (was, is) = (client().name, renamed.name.clone());
        assert_eq!(snapshot().changes(&renamed), [Change::Name { was, is }]);
        let homeless = GrantClient {
            client_uri: None,
            ..client()
        };
        let (was, is) = (client().client_uri, None);
        assert_eq!(snapshot().changes(&homeless), [Change::ClientUri { was, is }]);
        let moved = GrantClient {
            redirect_uris: texts(&["https://photos.example/b", "https://evil.example/"]),
            ..client()
        };
        let (added, gone) = (texts(&["https://evil.example/"]), texts(&["https://photos.example/a"]));
        assert_eq!(snapshot().changes(&moved), [Change::RedirectUris { added, gone }]);
    }

    #[test]
    fn several_changes_have_one_order() {
        let other = GrantClient {
            name: None,
            client_uri: None,
            redirect_uris: Vec::new(),
            ..client()
        };
        let changes = snapshot().changes(&other);
        assert!(
            matches!(
                changes.as_slice(),
                [Change::Name { .. }, Change::ClientUri { .. }, Change::RedirectUris { added, .. }] if added.is_empty()
            ),
            "{changes:?}"
        );
    }
}
