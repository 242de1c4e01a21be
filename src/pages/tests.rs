//! What holds for every page: each view, each sample, each language is rendered and looked at.

use std::collections::BTreeSet;

use super::*;
use crate::oauth::client::HttpLoopback;
use crate::oauth::instance::{Instance, InstanceProfile};
use crate::oauth::policy::{Issuer, Lifetimes, Policy, SignUp};
use crate::oauth::scope::{ScopeCatalog, ScopeEntry, ScopeGroup, SpokenBy};

mod hostile;
mod picker;
mod scopes;
mod sentences;
mod stylesheet;
mod words;

/// How a page runs its script.
const SCRIPT: &str = r#"<script src="{{ asset(name="passkeys.js") }}" defer></script>"#;

/// The most a page and the stylesheet may weigh together.
const MAX_PAGE_BYTES: usize = 40_000;

struct Rendered {
    what: String,
    html: String,
}

fn render_all(pages: &Pages) -> Vec<Rendered> {
    let mut all = Vec::new();
    render_view::<account::AccountView>(pages, &mut all);
    render_view::<account::activity::ActivityView>(pages, &mut all);
    render_view::<account::addresses::AddressesView>(pages, &mut all);
    render_view::<account::addresses::AddAddressView>(pages, &mut all);
    render_view::<account::confirm::ConfirmView>(pages, &mut all);
    render_view::<account::email::EmailView>(pages, &mut all);
    render_view::<account::profile::OwnProfileView>(pages, &mut all);
    render_view::<account::recovery::RecoveryCodesView>(pages, &mut all);
    render_view::<account::second_step::FactorView>(pages, &mut all);
    render_view::<account::second_step::FactorSetUpView>(pages, &mut all);
    render_view::<account::passkeys::PasskeysView>(pages, &mut all);
    render_view::<account::password::PasswordView>(pages, &mut all);
    render_view::<account::sessions::SessionsView>(pages, &mut all);
    render_view::<admin::OverviewView>(pages, &mut all);
    render_view::<admin::clients::ClientRemovalView>(pages, &mut all);
    render_view::<admin::clients::ClientsView>(pages, &mut all);
    render_view::<admin::hosts::HostsView>(pages, &mut all);
    render_view::<admin::invitations::InvitationsView>(pages, &mut all);
    render_view::<admin::log::LogView>(pages, &mut all);
    render_view::<admin::people::PeopleView>(pages, &mut all);
    render_view::<admin::person::PersonView>(pages, &mut all);
    render_view::<admin::settings::SettingsView>(pages, &mut all);
    render_view::<admin::tokens::TokensView>(pages, &mut all);
    render_view::<answered::AnsweredView>(pages, &mut all);
    render_view::<api_doc::ApiDocView>(pages, &mut all);
    render_view::<apps::AppsView>(pages, &mut all);
    render_view::<apps::EndAllView>(pages, &mut all);
    render_view::<consent::ConsentView>(pages, &mut all);
    render_view::<error::ErrorView>(pages, &mut all);
    render_view::<home::HomeView>(pages, &mut all);
    render_view::<password_link::PasswordLinkView>(pages, &mut all);
    render_view::<languages::LanguagesView>(pages, &mut all);
    render_view::<profile::ProfileView>(pages, &mut all);
    render_view::<second_step::SecondStepView>(pages, &mut all);
    render_view::<setup::SetupView>(pages, &mut all);
    render_view::<sign_in::SignInView>(pages, &mut all);
    render_view::<sign_up::SignUpView>(pages, &mut all);
    render_view::<sign_up::SignUpShutView>(pages, &mut all);
    all
}

fn render_view<V: View>(pages: &Pages, all: &mut Vec<Rendered>) {
    for (number, view) in V::samples().iter().enumerate() {
        for language in pages.languages().iter() {
            for username in [None, Some("alice".to_owned())] {
                let what = format!(
                    "{} sample {number} in {}, for {username:?}",
                    V::TEMPLATE,
                    language.tag()
                );
                let frame = Frame {
                    development: username.is_none(),
                    operator: username.is_some(),
                    username,
                    ..frame(language)
                };
                let html = pages
                    .render(view, &frame)
                    .unwrap_or_else(|error| panic!("{what}: {error:?}"));
                all.push(Rendered { what, html });
            }
        }
    }
}

fn frame(language: Language) -> Frame {
    Frame {
        language,
        development: false,
        username: None,
        operator: false,
        csrf: Some("csrf_5tq".to_owned()),
        way_back: WayBack::Sealed {
            path: "/here?x=1".to_owned(),
            seal: "seal_5tq".to_owned(),
        },
    }
}

/// A small catalogue with gaps: `media` has no Japanese, `bare` no words at all.
pub(super) fn catalog() -> ScopeCatalog {
    let entry = |name: &str, group, sentences: &[(&str, &str)]| ScopeEntry {
        name: name.to_owned(),
        group,
        parents: Vec::new(),
        spoken_by: SpokenBy::Everyone,
        sentences: sentences
            .iter()
            .map(|(tag, sentence)| ((*tag).to_owned(), (*sentence).to_owned()))
            .collect(),
    };
    let (profile, create) = ("プロフィールを見る", "投稿する");
    let entries = [
        entry("create", ScopeGroup::Write, &[("en", "Post"), ("ja", create)]),
        entry("media", ScopeGroup::Write, &[("en", "Upload files")]),
        entry("bare", ScopeGroup::Write, &[]),
        entry("read", ScopeGroup::Read, &[("en", "Read")]),
        entry("offline_access", ScopeGroup::Sensitive, &[("en", "Stay")]),
        entry(
            "profile",
            ScopeGroup::Identity,
            &[("en", "See who you are"), ("ja", profile)],
        ),
    ];
    ScopeCatalog::new(entries).unwrap()
}

/// A server with that catalogue.
pub(super) fn policy() -> Policy {
    Policy {
        issuer: Issuer::parse("https://id.example").unwrap(),
        lifetimes: Lifetimes::default(),
        scopes: catalog(),
        http_loopback: HttpLoopback::Refused,
        without_pkce: HashMap::new(),
        instance: Instance::of(InstanceProfile::All),
        sign_up: SignUp::default(),
    }
}

pub(super) fn english(pages: &Pages) -> Frame {
    frame(pages.languages().negotiate(None, None))
}

/// The text from each `start` to the next `end`.
fn pieces<'a>(html: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    html.split(start)
        .skip(1)
        .filter_map(|rest| rest.split_once(end))
        .map(|(piece, _)| piece)
        .collect()
}

#[test]
fn every_page_has_a_language_one_main_and_headings_in_order() {
    for Rendered { what, html } in render_all(&Pages::load().unwrap()) {
        assert!(html.starts_with("<!doctype html>\n<html lang=\""), "{what}");
        assert_eq!(html.matches("<main>").count(), 1, "{what}");
        let levels: Vec<u8> = html
            .match_indices("<h")
            .map(|(at, _)| html.as_bytes()[at + 2])
            .filter(u8::is_ascii_digit)
            .collect();
        assert_eq!(
            levels.iter().filter(|level| **level == b'1').count(),
            1,
            "{what}: one h1"
        );
        assert_eq!(levels.first(), Some(&b'1'), "{what}: h1 comes first");
        assert!(
            levels.windows(2).all(|pair| pair[1] <= pair[0] + 1),
            "{what}: a heading level is left out"
        );
        assert!(
            !pieces(&html, "<title>", " · Vestibule</title>")[0].trim().is_empty(),
            "{what}: title"
        );
    }
}

#[test]
fn every_field_has_a_label_and_ids_are_unique() {
    for Rendered { what, html } in render_all(&Pages::load().unwrap()) {
        for input in pieces(&html, "<input ", ">") {
            if input.starts_with("type=\"hidden\"") || input.ends_with(" hidden") {
                continue;
            }
            let labelled = match pieces(input, "id=\"", "\"").first() {
                Some(id) => html.contains(&format!("<label for=\"{id}\">")),
                None => html.contains(&format!("<label class=\"choice\"><input {input}>")),
            };
            assert!(labelled, "{what}: {input}");
        }
        let ids = pieces(&html, " id=\"", "\"");
        assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "{what}: {ids:?}");
        for described in pieces(&html, "aria-describedby=\"", "\"") {
            assert!(
                described.split_whitespace().all(|id| ids.contains(&id)),
                "{what}: {described}"
            );
        }
    }
}

#[test]
fn every_form_posts_to_a_path_of_ours_with_the_csrf_token() {
    for Rendered { what, html } in render_all(&Pages::load().unwrap()) {
        for form in pieces(&html, "<form ", "</form>") {
            // A search changes nothing.
            if form.starts_with("method=\"get\" action=\"/admin") {
                continue;
            }
            assert!(form.starts_with("method=\"post\" action=\"/"), "{what}: {form}");
            assert!(
                form.contains("<input type=\"hidden\" name=\"csrf\" value=\"csrf_5tq\">"),
                "{what}: {form}"
            );
        }
    }
}

#[test]
fn a_page_and_the_stylesheet_stay_small() {
    let stylesheet = assets::find("vestibule.css").unwrap().bytes.len();
    for Rendered { what, html } in render_all(&Pages::load().unwrap()) {
        assert!(
            html.len() + stylesheet < MAX_PAGE_BYTES,
            "{what}: {} + {stylesheet}",
            html.len()
        );
    }
}

#[test]
fn no_template_needs_more_than_the_strictest_content_security_policy() {
    let forbidden = [
        "<script",
        "<style",
        " style=",
        "javascript:",
        "=\"http",
        "=\"//",
        "<iframe",
        "<object",
        "<base",
        "safe %}",
        "| safe",
    ];
    for file in TEMPLATES.files() {
        let name = file.path().display();
        assert_eq!(
            file.path().extension().and_then(|suffix| suffix.to_str()),
            Some("html"),
            "{name}: no escaping"
        );
        // The one script there is, from our own origin.
        let source = file.contents_utf8().unwrap().to_ascii_lowercase();
        let source = source.replace(SCRIPT, "");
        for piece in forbidden {
            assert!(!source.contains(piece), "{name}: {piece}");
        }
        for attribute in pieces(&source, " on", "=\"") {
            assert!(
                !attribute.bytes().all(|byte| byte.is_ascii_alphabetic()),
                "{name}: on{attribute}"
            );
        }
    }
    let stylesheet = std::str::from_utf8(assets::find("vestibule.css").unwrap().bytes).unwrap();
    for piece in ["url(", "@import", "http"] {
        assert!(!stylesheet.contains(piece), "{piece}");
    }
}

#[test]
fn enter_does_not_approve() {
    let pages = Pages::load().unwrap();
    for view in consent::ConsentView::samples() {
        let html = pages.render(&view, &english(&pages)).unwrap();
        let (_, form) = html.split_once("action=\"/consent/").unwrap();
        let buttons = pieces(form, "<button ", ">");
        assert!(
            buttons[0].contains("value=\"deny\"") && buttons[1].contains("value=\"approve\""),
            "{buttons:?}"
        );
    }
}

#[test]
fn a_form_does_not_render_without_its_csrf_token() {
    let pages = Pages::load().unwrap();
    let bare = Frame {
        csrf: None,
        username: Some("alice".to_owned()),
        ..english(&pages)
    };
    assert!(pages.render(&sign_in::SignInView::samples()[0], &bare).is_err());
    assert!(pages.render(&consent::ConsentView::samples()[0], &bare).is_err());
    let html = pages.render(&error::ErrorView::samples()[0], &bare).unwrap();
    assert!(!html.contains("/sign-out"), "{html}");
}

#[test]
fn a_page_without_a_form_of_its_own_renders_for_nobody_without_a_csrf_token() {
    let pages = Pages::load().unwrap();
    for language in pages.languages().iter() {
        let nobody = Frame {
            csrf: None,
            way_back: WayBack::Carried("api-doc".to_owned()),
            ..frame(language)
        };
        renders_without_a_form::<answered::AnsweredView>(&pages, &nobody);
        renders_without_a_form::<api_doc::ApiDocView>(&pages, &nobody);
        renders_without_a_form::<home::HomeView>(&pages, &nobody);
        renders_without_a_form::<profile::ProfileView>(&pages, &nobody);
        renders_without_a_form::<error::ErrorView>(&pages, &nobody);
    }
}

fn renders_without_a_form<V: View>(pages: &Pages, nobody: &Frame) {
    for view in V::samples() {
        let html = pages.render(&view, nobody).unwrap();
        assert!(!html.contains("<form"), "{html}");
    }
}

#[test]
fn a_second_step_that_is_not_offered_names_the_setting_and_has_no_way_on() {
    let pages = Pages::load().unwrap();
    for rendered in render_all(&pages) {
        let factor = rendered.what.starts_with("factor.html sample 1 ");
        if factor || rendered.what.starts_with("account.html sample 2 ") {
            assert!(rendered.html.contains("VESTIBULE_SECRET_KEY"), "{}", rendered.what);
            assert!(
                !rendered.html.contains("/account/second-step/set-up"),
                "{}",
                rendered.what
            );
        } else {
            assert!(!rendered.html.contains("VESTIBULE_SECRET_KEY"), "{}", rendered.what);
        }
    }
}
