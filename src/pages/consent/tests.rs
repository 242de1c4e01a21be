use std::time::Duration;

use time::macros::datetime;

use super::*;
use crate::oauth::change::Snapshot;
use crate::oauth::client::{ClientId, HttpLoopback};
use crate::oauth::dialect::Dialect;
use crate::oauth::grant::{GrantClient, GrantId, Stage, UserId};
use crate::oauth::pkce::CodeChallenge;
use crate::oauth::profile::{ProfileUrl, Username};
use crate::oauth::redirect_uri::RedirectUri;
use crate::oauth::scope::Scope;
use crate::pages::tests::policy;
use crate::pages::{Frame, Pages, ShownHost, WayBack};

mod branches;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn grant() -> Grant {
    let created_at = datetime!(2026-11-22 12:00 UTC);
    Grant {
        id: GrantId("grant_7d2n".to_owned()),
        user_id: UserId("u".to_owned()),
        client: GrantClient {
            id: client_id("https://photos.example/app"),
            dialect: Dialect::IndieAuth,
            confidential: false,
            name: Some("Photo Frame".to_owned()),
            client_uri: Some("https://photos.example/".to_owned()),
            foreign_client_uri: false,
            refreshes: false,
            fetched: true,
            fingerprint: String::new(),
            redirect_uris: Vec::new(),
            logo_uri: None,
            first_seen_at: None,
        },
        redirect_uri: redirect_uri("https://photos.example/signed-in"),
        state: None,
        requested: scope("profile create"),
        code_challenge: Some(CodeChallenge::parse(CHALLENGE).unwrap()),
        session: None,
        me: ProfileUrl::from_stored("https://id.example/@alice".to_owned()),
        me_is_own: false,
        asked_me: None,
        created_at,
        expires_at: created_at + Duration::from_secs(600),
        stage: Stage::Pending,
        revoked_at: None,
    }
}

fn client_id(raw: &str) -> ClientId {
    ClientId::parse(raw, HttpLoopback::Allowed).unwrap()
}

fn redirect_uri(raw: &str) -> RedirectUri {
    RedirectUri::parse(raw).unwrap()
}

fn scope(raw: &str) -> Scope {
    Scope::parse(raw).unwrap()
}

/// The view of [`grant`] after one change.
fn view(change: impl FnOnce(&mut Grant)) -> ConsentView {
    let mut grant = grant();
    change(&mut grant);
    let alice = Person::new(Username::parse("alice").unwrap());
    ConsentView::new(&grant, &alice, &policy(), Language::new("ja", false))
}

#[test]
fn a_view_shows_the_grant() {
    let view = view(|_| {});
    assert_eq!(view.grant_id, "grant_7d2n");
    let host = ShownHost::named("photos.example");
    assert_eq!(view.client.headline, Headline::Host { host });
    assert_eq!(view.client.known_by, KnownBy::Address);
    assert_eq!(view.client.name.as_deref(), Some("Photo Frame"));
    assert_eq!(view.client.client_id.as_deref(), Some("https://photos.example/app"));
    assert_eq!(view.client.client_uri.as_deref(), Some("https://photos.example/"));
    let uri = "https://photos.example/signed-in".to_owned();
    assert_eq!(view.answer, AnswerPlace::RedirectUri { uri });
    assert_eq!(view.username, "alice");
    assert_eq!(view.me, "https://id.example/@alice");
    assert_eq!(view.warnings, []);
}

#[test]
fn the_headline_has_the_port_that_the_client_id_has() {
    for (raw, host, loopback) in [
        ("https://photos.example:8443/", "photos.example:8443", false),
        ("http://localhost:4000/", "localhost:4000", true),
        ("http://[::1]:4000/", "[::1]:4000", true),
        ("http://127.0.0.1/", "127.0.0.1", true),
    ] {
        let view = view(|grant| grant.client.id = client_id(raw));
        let Headline::Host { host: shown } = view.client.headline else {
            panic!("{raw}");
        };
        assert_eq!((shown.name.as_str(), shown.loopback), (host, loopback));
    }
}

#[test]
fn a_client_that_was_not_looked_at() {
    let view = view(|grant| grant.client.fetched = false);
    assert_eq!(view.warnings, [Warning::Unfetched]);
}

#[test]
fn an_answer_to_a_program_on_this_computer() {
    let view = view(|grant| grant.redirect_uri = redirect_uri("http://127.0.0.1:53682/callback"));
    let host = "127.0.0.1:53682".to_owned();
    assert_eq!(view.warnings, [Warning::Loopback { host }]);
}

#[test]
fn an_answer_to_whichever_app_opens_the_scheme() {
    let view = view(|grant| grant.redirect_uri = redirect_uri("com.example.photos:/signed-in"));
    let scheme = "com.example.photos".to_owned();
    assert_eq!(view.warnings, [Warning::CustomScheme { scheme }]);
}

#[test]
fn an_answer_to_another_host() {
    for (raw, other) in [
        ("https://login.example/cb", Some("login.example")),
        ("https://login.example:8443/cb", Some("login.example:8443")),
        ("https://www.photos.example/cb", Some("www.photos.example")),
        ("https://PHOTOS.example:443/cb", None),
    ] {
        let view = view(|grant| grant.redirect_uri = redirect_uri(raw));
        let expected = other.map(|host| Warning::DifferentHost { host: host.to_owned() });
        assert_eq!(view.warnings, Vec::from_iter(expected), "{raw}");
    }
}

#[test]
fn a_home_page_that_is_not_shown() {
    let view = view(|grant| grant.client.foreign_client_uri = true);
    assert_eq!(view.warnings, [Warning::ForeignClientUri]);
}

#[test]
fn a_request_without_pkce() {
    let view = view(|grant| grant.code_challenge = None);
    assert_eq!(view.warnings, [Warning::WithoutPkce]);
}

#[test]
fn warnings_have_one_order() {
    let view = view(|grant| {
        grant.client.fetched = false;
        grant.client.foreign_client_uri = true;
        grant.redirect_uri = redirect_uri("https://login.example/cb");
        grant.code_challenge = None;
    });
    assert_eq!(
        view.warnings,
        [
            Warning::Unfetched,
            Warning::DifferentHost {
                host: "login.example".to_owned()
            },
            Warning::ForeignClientUri,
            Warning::WithoutPkce,
        ]
    );
}

fn snapshot() -> Snapshot {
    Snapshot {
        me: None,
        name: grant().client.name,
        client_uri: grant().client.client_uri,
        redirect_uris: vec!["https://photos.example/signed-in".to_owned()],
        approved_at: datetime!(2026-11-01 12:00 UTC),
        first_approved_at: datetime!(2026-10-01 12:00 UTC),
    }
}

#[test]
fn since_when_a_person_says_yes_is_counted_in_whole_days() {
    let known_for = |seconds: u64| {
        let first_approved_at = grant().created_at - Duration::from_secs(seconds);
        let last_yes = Snapshot {
            first_approved_at,
            ..snapshot()
        };
        view(|_| {}).after(&grant(), &last_yes).seen
    };
    for (seconds, seen) in [
        (0, Seen::Today),
        (86_399, Seen::Today),
        (86_400, Seen::Days { days: 1 }),
        (172_799, Seen::Days { days: 1 }),
        (172_800, Seen::Days { days: 2 }),
    ] {
        assert_eq!(known_for(seconds), Some(seen), "{seconds}");
    }
}

#[test]
fn who_has_not_said_yes_is_told_whether_anybody_here_has() {
    assert_eq!(view(|_| {}).seen, Some(Seen::New));
    let known = |grant: &mut Grant| grant.client.first_seen_at = Some(grant.created_at);
    assert_eq!(view(known).seen, Some(Seen::NewToYou));
    assert_eq!(view(|grant| grant.client.fetched = false).seen, None);
}

#[test]
fn of_a_long_list_of_new_addresses_the_first_five_are_shown() {
    let mut client = grant().client;
    client.redirect_uris = (1..=7).map(|n| format!("https://photos.example/{n}")).collect();
    let mut view = view(|_| {});
    view.changed = Changed::since(&snapshot(), &client);
    let page = html(&view);
    assert!(page.contains("You said yes to it on 1 November 2026."), "{page}");
    assert!(
        page.contains("https://photos.example/5<") && !page.contains("https://photos.example/6<"),
        "{page}"
    );
    assert!(page.contains("and 2 more") && page.contains("No longer:"), "{page}");
    client.redirect_uris = snapshot().redirect_uris;
    assert_eq!(Changed::since(&snapshot(), &client), None);
}

#[test]
fn scopes_are_boxes_in_the_pages_language() {
    let view = view(|_| {});
    let boxes: Vec<&str> = view
        .scopes
        .iter()
        .flat_map(|section| &section.scopes)
        .map(|line| line.sentence.as_str())
        .collect();
    assert_eq!(boxes, ["プロフィールを見る", "投稿する"]);
}

#[test]
fn the_profile_is_previewed_only_when_it_is_asked_for() {
    let profile = view(|_| {}).profile.unwrap();
    assert_eq!(
        (profile.name.as_str(), profile.url.as_str()),
        ("alice", "https://id.example/@alice")
    );
    assert_eq!(view(|grant| grant.requested = scope("create")).profile, None);
}

#[test]
fn a_lifetime_is_chosen_unless_the_app_declares_that_it_refreshes() {
    for (requested, declares_refresh, identity_only, refreshes, stays) in [
        ("create", false, false, false, false),
        ("profile", false, false, false, false),
        ("create", true, false, true, false),
        // Unticked, it leaves one token with the chosen lifetime.
        ("create offline_access", false, false, false, true),
        ("offline_access", false, false, false, true),
        ("create offline_access", true, false, true, false),
        ("", false, true, false, false),
        // Without a scope there is no token to refresh.
        ("", true, true, false, false),
    ] {
        let view = view(|grant| {
            grant.requested = scope(requested);
            grant.client.refreshes = declares_refresh;
        });
        let what = format!("{requested:?} {declares_refresh}");
        assert_eq!(
            (view.identity_only, view.until_ended, view.refreshes),
            (identity_only, refreshes, refreshes),
            "{what}"
        );
        let offered: &[TokenLifetime] = if identity_only || refreshes {
            &[]
        } else {
            &TokenLifetime::ALL
        };
        assert_eq!(view.lifetimes, offered, "{what}");
        assert_eq!(view.preselected, TokenLifetime::NinetyDays, "{what}");
        assert_eq!(view.offline_access.as_deref(), stays.then_some("Stay"), "{what}");
    }
}

fn html(view: &ConsentView) -> String {
    let pages = Pages::load().unwrap();
    let frame = Frame {
        language: pages.languages().negotiate(None, None),
        development: false,
        username: Some("alice".to_owned()),
        operator: false,
        csrf: Some("csrf_5tq".to_owned()),
        way_back: WayBack::Carried(String::new()),
    };
    pages.render(view, &frame).unwrap()
}

#[test]
fn the_choice_of_lifetime_names_the_box_it_depends_on() {
    let hint = "This counts only if you untick “Stay” above.";
    let page = html(&view(|grant| grant.requested = scope("create offline_access")));
    assert!(page.contains(hint), "{page}");
    let page = html(&view(|_| {}));
    assert!(!page.contains("This counts only"), "{page}");
}

#[test]
fn who_gave_no_e_mail_address_is_told_that_none_is_given() {
    let hint = "You have not given an e-mail address here, so the app gets none.";
    let page = html(&view(|grant| grant.requested = scope("profile email")));
    assert!(page.contains(hint), "{page}");
    assert!(!html(&view(|_| {})).contains(hint));
}

#[test]
fn a_home_page_is_a_link_over_https_and_text_on_this_computer() {
    for (client_uri, is_shown, is_link) in [
        ("https://photos.example/about", true, true),
        ("http://localhost:4000/about", true, false),
        ("http://127.0.0.1:4000/about", true, false),
        ("http://[::1]:4000/about", true, false),
        ("http://photos.example/about", false, false),
        ("http://localhost.photos.example/about", false, false),
        ("ftp://localhost/about", false, false),
        ("javascript:alert(1)", false, false),
    ] {
        let page = html(&view(|grant| grant.client.client_uri = Some(client_uri.to_owned())));
        assert_eq!(page.contains(&format!(">{client_uri}<")), is_shown, "{client_uri}");
        assert_eq!(
            page.contains(&format!("href=\"{client_uri}\"")),
            is_link,
            "{client_uri}"
        );
    }
}

#[test]
fn a_registered_app_can_name_no_site_but_the_one_that_gets_the_answer() {
    let shown = |id: &str, dialect, site: &str, answer: &str| {
        let view = view(|grant| {
            grant.client.id = client_id(id);
            grant.client.dialect = dialect;
            grant.client.client_uri = Some(site.to_owned());
            grant.redirect_uri = redirect_uri(answer);
        });
        view.client.client_uri.is_some()
    };
    let registered = Dialect::Rfc7591;
    assert!(shown(
        "abc",
        registered,
        "https://a.example/about",
        "https://a.example/cb"
    ));
    assert!(!shown("abc", registered, "https://b.example/", "https://a.example/cb"));
    assert!(!shown("abc", registered, "https://a.example/", "app://cb"));
    assert!(shown(
        "abc",
        Dialect::Operator,
        "https://b.example/",
        "https://a.example/cb"
    ));
}

#[test]
fn each_kind_of_client_is_named_by_what_is_known_of_it() {
    let who = |id: ClientId, dialect, answer: &str| {
        let view = view(|grant| {
            grant.client.id = id;
            grant.client.dialect = dialect;
            grant.redirect_uri = redirect_uri(answer);
        });
        (
            view.client.headline,
            view.client.known_by,
            view.client.client_id.is_some(),
        )
    };
    let host = |host: &str| Headline::Host {
        host: ShownHost::named(host),
    };
    let name = || Headline::Name {
        name: "Photo Frame".to_owned(),
    };
    let id = || ClientId::Registered("abc".to_owned());
    let link = ClientId::Unregistered("link".to_owned());
    let (to_site, to_scheme) = ("https://a.example/cb", "app://cb");
    let registration = KnownBy::Registration;
    assert_eq!(
        who(id(), Dialect::Mastodon, to_site),
        (host("a.example"), registration, true)
    );
    assert_eq!(who(id(), Dialect::Mastodon, to_scheme), (name(), registration, true));
    assert_eq!(who(id(), Dialect::Operator, to_site), (name(), KnownBy::Operator, true));
    assert_eq!(
        who(link, Dialect::MiAuth, to_site),
        (host("a.example"), KnownBy::Link, false)
    );
}
