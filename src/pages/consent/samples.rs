//! Requests of the kinds that really arrive.

use super::{ConsentClient, ConsentView, Lifetime, ProfilePreview, ScopeGroup, ScopeGroupKind, ScopeLine, Warning};

pub(super) fn all() -> Vec<ConsentView> {
    vec![url_client(), identity_only(), loopback(), phone_app()]
}

fn group(group: ScopeGroupKind, scopes: &[(&str, &str)]) -> ScopeGroup {
    let line = |(name, sentence): &(&str, &str)| ScopeLine {
        name: (*name).into(),
        sentence: (*sentence).into(),
    };
    ScopeGroup {
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
            group(
                ScopeGroupKind::Identity,
                &[("profile", "See your name and your profile page")],
            ),
            group(
                ScopeGroupKind::Write,
                &[
                    ("create", "Create new posts on your site"),
                    ("media", "Upload pictures and other files"),
                ],
            ),
        ],
        profile: Some(ProfilePreview {
            name: Some("Alice Doe".into()),
            url: Some("https://id.example/@alice".into()),
        }),
        identity_only: false,
        refreshes: false,
        lifetimes: vec![
            Lifetime::Day,
            Lifetime::Days30,
            Lifetime::Days90,
            Lifetime::UntilRevoked,
        ],
        preselected: Lifetime::Days90,
    }
}

fn identity_only() -> ConsentView {
    ConsentView {
        scopes: Vec::new(),
        profile: None,
        identity_only: true,
        lifetimes: Vec::new(),
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
            client_uri: None,
        },
        redirect_uri: "http://127.0.0.1:53682/callback".into(),
        warnings: vec![
            Warning::Loopback {
                host: "127.0.0.1:53682".into(),
            },
            Warning::Unfetched,
            Warning::WithoutPkce,
        ],
        profile: Some(ProfilePreview { name: None, url: None }),
        refreshes: true,
        lifetimes: Vec::new(),
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
            client_uri: Some("javascript:alert(1)".into()),
        },
        redirect_uri: "pocket-timeline://signed-in".into(),
        warnings: vec![
            Warning::CustomScheme {
                scheme: "pocket-timeline".into(),
            },
            Warning::DifferentHost {
                host: "login.example".into(),
            },
        ],
        scopes: vec![
            group(
                ScopeGroupKind::Read,
                &[("read", "Read everything in your account, private messages included")],
            ),
            group(
                ScopeGroupKind::Write,
                &[("write", "Change everything in your account: post, follow, edit")],
            ),
            group(
                ScopeGroupKind::Sensitive,
                &[("admin:read", "See everything that administrators can see")],
            ),
        ],
        profile: None,
        lifetimes: Vec::new(),
        ..url_client()
    }
}
