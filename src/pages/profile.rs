//! `GET /@{username}`: the public page behind a person's address. Apps read its links, people its card.

use serde::Serialize;

use super::View;

/// A person's public page: an h-card, and the links of IndieAuth's "Discovery by Clients".
#[derive(Debug, Clone, Serialize)]
pub struct ProfileView {
    /// The account's name.
    pub username: String,
    /// The name they show, or the account's.
    pub name: String,
    /// Where their picture is on this server.
    pub photo: Option<String>,
    /// Their site.
    pub website: Option<String>,
    /// The person's address: this page's own.
    pub me: String,
    /// Addresses of the person's own that are proved.
    pub addresses: Vec<String>,
    /// Address of the metadata document, for `rel=indieauth-metadata`.
    pub indieauth_metadata: String,
    /// For `rel=authorization_endpoint`, which older apps look for.
    pub authorization_endpoint: String,
    /// For `rel=token_endpoint`, which older apps look for.
    pub token_endpoint: String,
}

impl View for ProfileView {
    const TEMPLATE: &'static str = "profile.html";

    fn samples() -> Vec<Self> {
        let bare = ProfileView {
            username: "alice".into(),
            name: "alice".into(),
            photo: None,
            website: None,
            me: "https://id.example/@alice".into(),
            addresses: vec![
                "https://alice.example/".into(),
                "https://blog.example/people/alice".into(),
            ],
            indieauth_metadata: "https://id.example/.well-known/oauth-authorization-server".into(),
            authorization_endpoint: "https://id.example/oauth/authorize".into(),
            token_endpoint: "https://id.example/oauth/token".into(),
        };
        vec![
            bare.clone(),
            ProfileView {
                name: "Alice Liddell".into(),
                // Any picture does: the gallery has no others than our own.
                photo: Some("/static/person.svg".into()),
                website: Some("https://alice.example/".into()),
                ..bare
            },
        ]
    }
}
