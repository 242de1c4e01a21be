//! Every sample of every view, served as the server would: what a page can show without having to bring it about.

use std::collections::{BTreeSet, HashMap};
use std::net::TcpListener;

use actix_web::middleware::DefaultHeaders;
use actix_web::web::{self, Data, Path};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use tokio::task::JoinHandle;
use vestibule::pages::account::AccountView;
use vestibule::pages::account::activity::ActivityView;
use vestibule::pages::account::addresses::{AddAddressView, AddressesView};
use vestibule::pages::account::confirm::ConfirmView;
use vestibule::pages::account::email::EmailView;
use vestibule::pages::account::passkeys::PasskeysView;
use vestibule::pages::account::password::PasswordView;
use vestibule::pages::account::profile::OwnProfileView;
use vestibule::pages::account::recovery::RecoveryCodesView;
use vestibule::pages::account::second_step::{FactorSetUpView, FactorView};
use vestibule::pages::account::sessions::SessionsView;
use vestibule::pages::admin::OverviewView;
use vestibule::pages::admin::clients::{ClientRemovalView, ClientsView};
use vestibule::pages::admin::hosts::HostsView;
use vestibule::pages::admin::invitations::InvitationsView;
use vestibule::pages::admin::log::LogView;
use vestibule::pages::admin::people::PeopleView;
use vestibule::pages::admin::person::PersonView;
use vestibule::pages::admin::settings::SettingsView;
use vestibule::pages::admin::tokens::TokensView;
use vestibule::pages::answered::AnsweredView;
use vestibule::pages::api_doc::ApiDocView;
use vestibule::pages::apps::{AppsView, EndAllView};
use vestibule::pages::consent::ConsentView;
use vestibule::pages::error::ErrorView;
use vestibule::pages::home::HomeView;
use vestibule::pages::languages::LanguagesView;
use vestibule::pages::password_link::PasswordLinkView;
use vestibule::pages::profile::ProfileView;
use vestibule::pages::second_step::SecondStepView;
use vestibule::pages::setup::SetupView;
use vestibule::pages::sign_in::SignInView;
use vestibule::pages::sign_up::{SignUpShutView, SignUpView};
use vestibule::pages::{Frame, Pages, View, WayBack, assets};

const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// One sample in one language.
#[derive(Clone)]
pub(crate) struct Exhibit {
    /// The view's name and the sample's number: `consent-0`.
    pub(crate) name: String,
    /// Where it hangs.
    pub(crate) path: String,
}

/// A running gallery.
pub(crate) struct Gallery {
    pub(crate) base: String,
    /// All of it, view by view.
    pub(crate) exhibits: Vec<Exhibit>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Gallery {
    /// Hangs up every sample in this language.
    pub(crate) fn open(language: &str) -> Gallery {
        let hall = Hall::filled(language);
        let names = hall.names.iter().map(|name| (name.clone(), format!("/{name}")));
        let exhibits = names.map(|(name, path)| Exhibit { name, path }).collect();
        let pages = Data::new(hall.pages);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("its address"));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(pages.clone())
                .wrap(DefaultHeaders::new().add(("Content-Security-Policy", POLICY)))
                .route("/static/{name}", web::get().to(asset))
                .default_service(web::to(page))
        });
        let server = server
            .workers(1)
            .disable_signals()
            .listen(listener)
            .expect("a listener");
        Gallery {
            base,
            exhibits,
            server: tokio::spawn(server.run()),
        }
    }
}

impl Drop for Gallery {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Pages by their path.
struct Hall {
    renderer: Pages,
    language: String,
    names: Vec<String>,
    pages: HashMap<String, String>,
    templates: BTreeSet<&'static str>,
}

impl Hall {
    fn filled(language: &str) -> Hall {
        let mut hall = Hall {
            renderer: Pages::load().expect("the templates parse"),
            language: language.to_owned(),
            names: Vec::new(),
            pages: HashMap::new(),
            templates: BTreeSet::new(),
        };
        hall.hang("set-up", &SetupView::samples(), false);
        hall.hang("sign-in", &SignInView::samples(), false);
        hall.hang("sign-up", &SignUpView::samples(), false);
        let (shut, signed_in): (Vec<_>, Vec<_>) = SignUpShutView::samples()
            .into_iter()
            .partition(|page| page.username.is_none());
        hall.hang("sign-up-shut", &shut, false);
        hall.hang("sign-up-signed-in", &signed_in, true);
        hall.hang("consent", &ConsentView::samples(), true);
        hall.hang("answered", &AnsweredView::samples(), true);
        hall.hang("apps", &AppsView::samples(), true);
        hall.hang("apps-end", &EndAllView::samples(), true);
        hall.hang("account", &AccountView::samples(), true);
        hall.hang("own-profile", &OwnProfileView::samples(), true);
        hall.hang("email", &EmailView::samples(), true);
        hall.hang("password", &PasswordView::samples(), true);
        hall.hang("passkeys", &PasskeysView::samples(), true);
        hall.hang("activity", &ActivityView::samples(), true);
        hall.hang("addresses", &AddressesView::samples(), true);
        hall.hang("address-add", &AddAddressView::samples(), true);
        hall.hang("confirm", &ConfirmView::samples(), true);
        hall.hang("factor", &FactorView::samples(), true);
        hall.hang("factor-set-up", &FactorSetUpView::samples(), true);
        hall.hang("recovery-codes", &RecoveryCodesView::samples(), true);
        hall.hang("second-step", &SecondStepView::samples(), false);
        hall.hang("sessions", &SessionsView::samples(), true);
        hall.hang("admin", &OverviewView::samples(), true);
        hall.hang("admin-people", &PeopleView::samples(), true);
        hall.hang("admin-person", &PersonView::samples(), true);
        hall.hang("admin-clients", &ClientsView::samples(), true);
        hall.hang("admin-client-removal", &ClientRemovalView::samples(), true);
        hall.hang("admin-hosts", &HostsView::samples(), true);
        hall.hang("admin-invitations", &InvitationsView::samples(), true);
        hall.hang("admin-tokens", &TokensView::samples(), true);
        hall.hang("admin-activity", &LogView::samples(), true);
        hall.hang("admin-settings", &SettingsView::samples(), true);
        hall.hang("password-link", &PasswordLinkView::samples(), false);
        let (own, front): (Vec<_>, Vec<_>) = HomeView::samples().into_iter().partition(|home| home.account.is_some());
        hall.hang("front", &front, false);
        hall.hang("home", &own, true);
        hall.hang("languages", &LanguagesView::samples(), false);
        hall.hang("profile", &ProfileView::samples(), false);
        hall.hang("api-doc", &ApiDocView::samples(), false);
        hall.hang("error", &ErrorView::samples(), false);
        hall
    }

    fn hang<V: View>(&mut self, name: &str, samples: &[V], signed_in: bool) {
        assert!(!samples.is_empty(), "{name} shows nothing");
        self.templates.insert(V::TEMPLATE);
        let language = self.renderer.languages().negotiate(Some(&self.language), None);
        for (number, sample) in samples.iter().enumerate() {
            let frame = Frame {
                language,
                // The first page of a new server is seen in development.
                development: name == "front" && number == 0,
                username: signed_in.then(|| "alice".to_owned()),
                operator: name.starts_with("admin"),
                csrf: Some("csrf".to_owned()),
                way_back: way_back(name),
            };
            let html = self.renderer.render(sample, &frame).expect("a sample renders");
            let name = format!("{name}-{number}");
            self.pages.insert(format!("/{name}"), html);
            self.names.push(name);
        }
    }
}

/// Public pages have a link where the others have a form.
fn way_back(name: &str) -> WayBack {
    match name {
        "front" | "profile" | "api-doc" | "error" => WayBack::Carried("api-doc".to_owned()),
        _ => WayBack::Sealed {
            path: "/".to_owned(),
            seal: "seal".to_owned(),
        },
    }
}

async fn page(pages: Data<HashMap<String, String>>, request: HttpRequest) -> HttpResponse {
    match pages.get(request.path()) {
        Some(html) => HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .body(html.clone()),
        None => HttpResponse::NotFound().finish(),
    }
}

async fn asset(name: Path<String>) -> HttpResponse {
    match assets::find(&name) {
        Some(asset) => HttpResponse::Ok().content_type(asset.media_type).body(asset.bytes),
        None => HttpResponse::NotFound().finish(),
    }
}

/// A page that nobody hung up would be looked at by no test.
#[test]
fn every_page_hangs_here() {
    let hall = Hall::filled("en");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
    let mut pages = 0;
    for entry in std::fs::read_dir(folder).expect("the templates") {
        let path = entry.expect("a file").path();
        let source = std::fs::read_to_string(&path).expect("a template");
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if source.starts_with("{% extends") {
            assert!(hall.templates.contains(name), "{name} is missing above");
            pages += 1;
        }
    }
    assert_eq!(pages, hall.templates.len());
}

/// What must arrive before a page can be read: itself and the stylesheet. No script among it.
#[test]
fn a_page_is_light_and_waits_for_no_script() {
    const MOST_BYTES: usize = 40 * 1024;
    let stylesheet = assets::find("vestibule.css").expect("the stylesheet").bytes.len();
    for language in ["en", "ja"] {
        for (path, html) in Hall::filled(language).pages {
            assert!(
                html.len() + stylesheet < MOST_BYTES,
                "{path} in {language}: {}",
                html.len()
            );
            for script in html.split("<script").skip(1) {
                let tag = script.split('>').next().unwrap_or_default();
                let waits = tag
                    .split_whitespace()
                    .any(|word| word == "defer" || word == "type=\"module\"");
                assert!(waits, "{path} in {language}: {tag}");
            }
        }
    }
}
