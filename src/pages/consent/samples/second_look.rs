//! Requests of apps that deserve a second look, or show a picture: by their address, or by what the past says of them.

use super::{host, other_host, sent_to, url_client};
use crate::pages::consent::{Changed, ConsentClient, ConsentView, Difference, Headline, Seen};

pub(super) fn all() -> Vec<ConsentView> {
    vec![
        at_host("photos.alice.github.io"),
        at_host("vercel.app"),
        at_host("www.写真.example:8443"),
        at_host("pаypal.example"),
        at_host("раураӏ.example"),
        seen(Seen::New),
        seen(Seen::NewToYou),
        seen(Seen::Today),
        seen(Seen::Days { days: 1 }),
        changed(),
        changed_much(),
        with_logo(),
        with_logo_alone(),
    ]
}

/// An app whose address deserves a second look.
fn at_host(name: &str) -> ConsentView {
    let headline = host(name);
    let Headline::Host { host } = &headline else {
        return url_client();
    };
    let client_id = format!("https://{}/", host.name);
    ConsentView {
        answer: sent_to(&client_id),
        client: ConsentClient {
            client_id: Some(client_id),
            client_uri: None,
            headline,
            ..url_client().client
        },
        ..url_client()
    }
}

fn seen(seen: Seen) -> ConsentView {
    ConsentView {
        seen: Some(seen),
        ..url_client()
    }
}

/// The person said yes to an app that has another name and another place for answers since.
fn changed() -> ConsentView {
    let text = |text: &str| Some(text.to_owned());
    ConsentView {
        changed: Some(Changed {
            since: 1_795_305_600,
            differences: vec![
                Difference::Name {
                    was: text("Photo Frame"),
                    is: text("Photo Safe"),
                },
                Difference::ClientUri {
                    was: None,
                    is: text("https://photos.example/about"),
                },
                Difference::RedirectUris {
                    added: vec!["https://login.example/photos".into()],
                    added_more: 0,
                    gone: vec!["https://photos.example/signed-in".into()],
                    gone_more: 0,
                },
            ],
        }),
        ..other_host()
    }
}

fn changed_much() -> ConsentView {
    let uris = |place: &str| (1..=5).map(|n| format!("https://photos.example/{place}/{n}")).collect();
    ConsentView {
        changed: Some(Changed {
            since: 1_795_305_600,
            differences: vec![Difference::RedirectUris {
                added: uris("in"),
                added_more: 3,
                gone: uris("back"),
                gone_more: 1,
            }],
        }),
        ..url_client()
    }
}

/// Any picture does: the gallery has no others than our own.
fn with_logo() -> ConsentView {
    ConsentView {
        logo: Some("/static/person.svg".into()),
        ..url_client()
    }
}

fn with_logo_alone() -> ConsentView {
    ConsentView {
        client: ConsentClient {
            name: None,
            ..url_client().client
        },
        ..with_logo()
    }
}
