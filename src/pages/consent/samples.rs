//! Requests of the kinds that really arrive.

use super::{ConsentClient, ConsentView, Warning};
use crate::oauth::policy::TokenLifetime;
use crate::oauth::profile::{ProfileInformation, ProfileUrl};
use crate::oauth::scope::ScopeGroup;
use crate::pages::scope::{ScopeLine, ScopeSection};

pub(super) fn all() -> Vec<ConsentView> {
    vec![
        url_client(),
        identity_only(),
        loopback(),
        phone_app(),
        other_host(),
        stays(),
    ]
}

fn section(group: ScopeGroup, scopes: &[(&str, &str)]) -> ScopeSection {
    let line = |(name, sentence): &(&str, &str)| ScopeLine {
        name: (*name).into(),
        sentence: (*sentence).into(),
    };
    ScopeSection {
        group,
        scopes: scopes.iter().map(line).collect(),
    }
}

fn url_client() -> ConsentView {
    ConsentView {
        grant_id: "grant_7d2n".into(),
        client: ConsentClient {
            host: "photos.example".into(),
            host_is_loopback: false,
            name: Some("Photo Frame".into()),
            client_id: "https://photos.example/".into(),
            client_uri: Some("https://photos.example/about".into()),
        },
        redirect_uri: "https://photos.example/signed-in".into(),
        warnings: Vec::new(),
        username: "alice".into(),
        me: "https://id.example/@alice".into(),
        scopes: vec![
            section(
                ScopeGroup::Identity,
                &[
                    ("profile", "See your name and your profile page"),
                    ("email", "See your e-mail address"),
                ],
            ),
            section(
                ScopeGroup::Write,
                &[
                    ("create", "Create new posts on your site"),
                    ("media", "Upload pictures and other files"),
                ],
            ),
        ],
        profile: Some(ProfileInformation {
            name: "alice".into(),
            url: ProfileUrl::from_stored("https://id.example/@alice".into()),
        }),
        identity_only: false,
        remembers: true,
        refreshes: false,
        lifetimes: &TokenLifetime::ALL,
        offline_access: None,
        preselected: TokenLifetime::NinetyDays,
    }
}

fn identity_only() -> ConsentView {
    ConsentView {
        scopes: Vec::new(),
        profile: None,
        identity_only: true,
        lifetimes: &[],
        ..url_client()
    }
}

fn loopback() -> ConsentView {
    ConsentView {
        client: ConsentClient {
            host: "localhost:4000".into(),
            host_is_loopback: true,
            name: None,
            client_id: "http://localhost:4000/".into(),
            client_uri: Some("http://localhost:4000/".into()),
        },
        redirect_uri: "http://127.0.0.1:53682/callback".into(),
        warnings: vec![
            Warning::Unfetched,
            Warning::Loopback {
                host: "127.0.0.1:53682".into(),
            },
            Warning::WithoutPkce,
        ],
        refreshes: true,
        lifetimes: &[],
        ..url_client()
    }
}

fn phone_app() -> ConsentView {
    ConsentView {
        client: ConsentClient {
            host: "pocket.example".into(),
            host_is_loopback: false,
            name: Some("Pocket Timeline".into()),
            client_id: "https://pocket.example/app".into(),
            client_uri: None,
        },
        redirect_uri: "pocket-timeline://signed-in".into(),
        warnings: vec![Warning::CustomScheme {
            scheme: "pocket-timeline".into(),
        }],
        scopes: vec![
            section(ScopeGroup::Read, &[("read:lists", "See your lists")]),
            section(ScopeGroup::Write, &[("write:media", "Upload pictures and other media")]),
            section(
                ScopeGroup::Sensitive,
                &[("read:statuses", "See the posts you can see, private messages included")],
            ),
        ],
        profile: None,
        ..url_client()
    }
}

fn other_host() -> ConsentView {
    ConsentView {
        client: ConsentClient {
            client_uri: None,
            ..url_client().client
        },
        redirect_uri: "https://login.example/photos".into(),
        warnings: vec![
            Warning::DifferentHost {
                host: "login.example".into(),
            },
            Warning::ForeignClientUri,
        ],
        ..url_client()
    }
}

/// The app asks to stay, which it has not declared: the person may still choose a lifetime instead.
fn stays() -> ConsentView {
    let box_says = "Keep its access while you are away, until you end it";
    let offline = section(ScopeGroup::Sensitive, &[("offline_access", box_says)]);
    let mut view = url_client();
    view.scopes.push(offline);
    view.offline_access = Some(box_says.to_owned());
    view
}
