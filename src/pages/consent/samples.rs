//! Requests of the kinds that really arrive: first those of apps that are known by their address, then of apps that
//! registered themselves, of apps that the operator added, and of apps that only a link names.

use super::{AnswerPlace, ConsentClient, ConsentView, Headline, KnownBy, Seen, Warning};
use crate::oauth::person::ProfileInformation;
use crate::oauth::policy::TokenLifetime;
use crate::oauth::scope::ScopeGroup;
use crate::pages::ShownHost;
use crate::pages::scope::{ScopeLine, ScopeSection};

mod second_look;

pub(super) fn all() -> Vec<ConsentView> {
    let plain = vec![
        url_client(),
        identity_only(),
        loopback(),
        phone_app(),
        other_host(),
        stays(),
        site(),
        nameless_site(),
        phone(),
        copied_code(),
        polling(),
        polling_site(),
        added(),
        added_for_a_day(),
        added_nameless(),
        link(),
        link_without_address(),
        link_without_name(),
        link_without_permissions(),
        unconfirmed(),
        untold(),
        several_addresses(),
        several_addresses_without_website(),
    ];
    plain.into_iter().chain(second_look::all()).collect()
}

fn host(host: &str) -> Headline {
    Headline::Host {
        host: ShownHost::named(host),
    }
}

fn sent_to(uri: &str) -> AnswerPlace {
    AnswerPlace::RedirectUri { uri: uri.into() }
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
            headline: host("photos.example"),
            name: Some("Photo Frame".into()),
            known_by: KnownBy::Address,
            client_id: Some("https://photos.example/".into()),
            client_uri: Some("https://photos.example/about".into()),
        },
        answer: sent_to("https://photos.example/signed-in"),
        session: None,
        logo: None,
        vouched: false,
        seen: Some(Seen::Days { days: 12 }),
        changed: None,
        warnings: Vec::new(),
        username: "alice".into(),
        me: "https://id.example/@alice".into(),
        addresses: Vec::new(),
        address_gone: None,
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
            name: "Alice Liddell".into(),
            url: "https://alice.example/".into(),
            photo: Some("https://id.example/photo/p1".into()),
            email: Some("alice@alice.example".into()),
            email_verified: Some(true),
        }),
        url_is_me: false,
        // Any picture does: the gallery has no others than our own.
        photo: Some("/static/person.svg".into()),
        identity_only: false,
        no_permissions: false,
        remembers: true,
        until_ended: false,
        refreshes: false,
        expires_days: None,
        lifetimes: TokenLifetime::ALL.to_vec(),
        offline_access: None,
        preselected: TokenLifetime::NinetyDays,
    }
}

/// Nobody has found yet that the e-mail address is the person's.
fn unconfirmed() -> ConsentView {
    let told = url_client().profile;
    ConsentView {
        profile: told.map(|told| ProfileInformation {
            email_verified: Some(false),
            ..told
        }),
        ..url_client()
    }
}

/// Of a person who has told nothing.
fn untold() -> ConsentView {
    ConsentView {
        profile: Some(ProfileInformation {
            name: "alice".into(),
            url: "https://id.example/@alice".into(),
            photo: None,
            email: None,
            email_verified: None,
        }),
        url_is_me: true,
        photo: None,
        ..url_client()
    }
}

/// A person with addresses of their own; the one they had chosen is not proved any more.
fn several_addresses() -> ConsentView {
    ConsentView {
        me: "https://alice.example/".into(),
        addresses: vec![
            "https://id.example/@alice".into(),
            "https://alice.example/".into(),
            "https://blog.example/people/a-rather-long-address-of-alice".into(),
        ],
        address_gone: Some("https://old.example/".into()),
        ..url_client()
    }
}

/// The same, when the address that is chosen is the one that the profile names.
fn several_addresses_without_website() -> ConsentView {
    ConsentView {
        url_is_me: true,
        address_gone: None,
        ..several_addresses()
    }
}

fn identity_only() -> ConsentView {
    ConsentView {
        scopes: Vec::new(),
        profile: None,
        photo: None,
        identity_only: true,
        lifetimes: Vec::new(),
        ..url_client()
    }
}

fn loopback() -> ConsentView {
    ConsentView {
        client: ConsentClient {
            headline: host("localhost:4000"),
            name: None,
            known_by: KnownBy::Address,
            client_id: Some("http://localhost:4000/".into()),
            client_uri: Some("http://localhost:4000/".into()),
        },
        seen: None,
        answer: sent_to("http://127.0.0.1:53682/callback"),
        warnings: vec![
            Warning::Unfetched,
            Warning::Loopback {
                host: "127.0.0.1:53682".into(),
            },
            Warning::WithoutPkce,
        ],
        until_ended: true,
        refreshes: true,
        lifetimes: Vec::new(),
        ..url_client()
    }
}

fn phone_app() -> ConsentView {
    ConsentView {
        client: ConsentClient {
            headline: host("pocket.example"),
            name: Some("Pocket Timeline".into()),
            client_id: Some("https://pocket.example/app".into()),
            client_uri: None,
            ..url_client().client
        },
        answer: sent_to("pocket-timeline://signed-in"),
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
        answer: sent_to("https://login.example/photos"),
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

/// A web site that registered itself, and what it asks for lasts until it is ended.
fn site() -> ConsentView {
    ConsentView {
        client: ConsentClient {
            headline: host("elks.example"),
            name: Some("Elks".into()),
            known_by: KnownBy::Registration,
            client_id: Some("client_3mz5qk7v2n".into()),
            client_uri: Some("https://elks.example/".into()),
        },
        seen: None,
        answer: sent_to("https://elks.example/api/signed-in"),
        warnings: vec![Warning::Registered],
        until_ended: true,
        lifetimes: Vec::new(),
        ..phone_app()
    }
}

fn nameless_site() -> ConsentView {
    ConsentView {
        client: ConsentClient {
            name: None,
            client_uri: None,
            ..site().client
        },
        warnings: vec![Warning::Registered, Warning::WithoutPkce],
        refreshes: true,
        ..site()
    }
}

fn phone() -> ConsentView {
    ConsentView {
        client: ConsentClient {
            headline: Headline::of_name(Some("Pocket Timeline")),
            name: Some("Pocket Timeline".into()),
            client_uri: None,
            ..site().client
        },
        answer: sent_to("pocket-timeline://signed-in"),
        warnings: [vec![Warning::Registered], phone_app().warnings].concat(),
        ..site()
    }
}

fn copied_code() -> ConsentView {
    ConsentView {
        answer: AnswerPlace::ShownCode,
        warnings: vec![Warning::Registered, Warning::ShownCode],
        expires_days: Some(30),
        ..phone()
    }
}

fn polling() -> ConsentView {
    ConsentView {
        answer: AnswerPlace::AskedFor { opens: None },
        session: Some("a3c1de0e-6f0b-4d7b-9a55-0d5a2c0f4a11".into()),
        warnings: vec![Warning::Registered],
        ..phone()
    }
}

fn polling_site() -> ConsentView {
    ConsentView {
        answer: AnswerPlace::AskedFor {
            opens: Some("https://elks.example/back".into()),
        },
        warnings: vec![Warning::Registered],
        ..site()
    }
}

fn added() -> ConsentView {
    ConsentView {
        client: ConsentClient {
            headline: host("events.example"),
            name: Some("Town events".into()),
            known_by: KnownBy::Operator,
            client_uri: None,
            ..site().client
        },
        answer: sent_to("https://events.example/signed-in"),
        warnings: Vec::new(),
        ..site()
    }
}

fn added_for_a_day() -> ConsentView {
    ConsentView {
        client: ConsentClient {
            headline: Headline::of_name(Some("Town events")),
            ..added().client
        },
        answer: sent_to("http://127.0.0.1:53682/callback"),
        warnings: vec![Warning::Loopback {
            host: "127.0.0.1:53682".into(),
        }],
        expires_days: Some(1),
        ..added()
    }
}

fn added_nameless() -> ConsentView {
    ConsentView {
        client: ConsentClient {
            name: None,
            ..added().client
        },
        ..added()
    }
}

fn link() -> ConsentView {
    ConsentView {
        client: ConsentClient {
            headline: host("notes.example"),
            name: Some("Note Deck".into()),
            known_by: KnownBy::Link,
            client_id: None,
            client_uri: None,
        },
        answer: AnswerPlace::AskedFor {
            opens: Some("https://notes.example/back".into()),
        },
        session: Some("c1f6d42b-468b-4fd2-8274-e58abdedef6f".into()),
        warnings: vec![Warning::Unregistered],
        remembers: false,
        ..site()
    }
}

fn link_without_address() -> ConsentView {
    ConsentView {
        client: ConsentClient {
            headline: Headline::of_name(Some("Note Deck")),
            ..link().client
        },
        answer: AnswerPlace::AskedFor { opens: None },
        ..link()
    }
}

fn link_without_name() -> ConsentView {
    ConsentView {
        client: ConsentClient {
            headline: Headline::Nameless,
            name: None,
            ..link().client
        },
        ..link_without_address()
    }
}

fn link_without_permissions() -> ConsentView {
    ConsentView {
        scopes: Vec::new(),
        no_permissions: true,
        ..link()
    }
}
