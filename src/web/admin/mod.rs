//! The operator's pages: one file per page. For everybody else they are not there. A page that changes something asks for a
//! form of ours and for a password that was typed a short time ago; whether its reader is still an operator is asked
//! again where it is done.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Payload, ServiceConfig, resource};
use actix_web::{HttpRequest, HttpResponse};

use super::Web;
use super::account::fresh;
use super::error::{PageError, only};
use super::onwards::{before, page_of};
use super::params::Form;
use super::paths::{
    ADMIN, ADMIN_ACTIVITY, ADMIN_CLIENTS, ADMIN_HOSTS, ADMIN_INVITATIONS, ADMIN_PEOPLE, ADMIN_SETTINGS, ADMIN_TOKENS,
};
use super::visit::{Visit, see_other};
use crate::flows::SignedIn;
use crate::oauth::params::Params;
use crate::operators::{By, OperatorError};
use crate::pages::admin::OverviewView;
use crate::pages::admin::settings::{SettingEntry, SettingsView};

mod activity;
mod clients;
mod hosts;
mod invitations;
mod people;
mod person;
mod tokens;

/// Adds the routes.
pub(super) fn routes(app: &mut ServiceConfig) {
    app.service(page(ADMIN).route(web::get().to(overview)))
        .service(page(ADMIN_PEOPLE).route(web::get().to(people::show)))
        .service(
            resource(format!("{ADMIN_PEOPLE}/{{name}}"))
                .route(web::get().to(person::show))
                .route(web::post().to(person::act))
                .default_service(only("GET, POST")),
        )
        .service(page(ADMIN_CLIENTS).route(web::get().to(clients::show)))
        .service(
            resource(format!("{ADMIN_CLIENTS}/remove"))
                .route(web::get().to(clients::ask))
                .route(web::post().to(clients::remove))
                .default_service(only("GET, POST")),
        )
        .service(
            resource(ADMIN_HOSTS)
                .route(web::get().to(hosts::show))
                .route(web::post().to(hosts::decide))
                .default_service(only("GET, POST")),
        )
        .service(
            resource(ADMIN_INVITATIONS)
                .route(web::get().to(invitations::show))
                .route(web::post().to(invitations::invite))
                .default_service(only("GET, POST")),
        )
        .service(
            resource(format!("{ADMIN_INVITATIONS}/withdraw"))
                .route(web::post().to(invitations::withdraw))
                .default_service(only("POST")),
        )
        .service(page(ADMIN_TOKENS).route(web::get().to(tokens::show)))
        .service(page(ADMIN_ACTIVITY).route(web::get().to(activity::show)))
        .service(page(ADMIN_SETTINGS).route(web::get().to(settings)));
}

fn page(path: &str) -> actix_web::Resource {
    resource(path.to_owned()).default_service(only("GET"))
}

/// An operator at their pages.
struct Desk {
    visit: Visit,
    signed_in: SignedIn,
}

impl Desk {
    /// Who asks, if it is an operator. Everybody else is told that there is no such page, but for those who may be one:
    /// nobody is signed in, and the address says no more than the program's own text.
    async fn of(request: &HttpRequest, web: &Web) -> Result<Desk, PageError> {
        let visit = Visit::of(request, web).await?;
        match visit.signed_in() {
            Some(signed_in) if visit.is_operator => Ok(Desk { visit, signed_in }),
            Some(_) => Err(PageError::not_found()),
            None => {
                let page = page_of(request);
                let path = page.split('?').next().unwrap_or(ADMIN);
                Err(PageError::first_at(before(path)))
            }
        }
    }

    /// The same for a form: sent by a page of ours, a short time after the password was typed. Otherwise where to type
    /// it, on the way to the page at `path`.
    async fn acting(request: &HttpRequest, web: &Web, payload: Payload, path: &str) -> Result<(Desk, Form), PageError> {
        let desk = Desk::of(request, web).await?;
        let form = Form::read(payload).await?;
        if !desk.visit.sent(&form, request, web) {
            return Err(PageError::form_expired());
        }
        fresh(&desk.visit, path)?;
        Ok((desk, form))
    }

    fn by(&self) -> By<'_> {
        By::Operator(&self.signed_in.owner.user_id)
    }

    /// Sends the browser back to a page that says what was done. Sealed, or any link could say so.
    fn told(&self, path: &str, done: &str) -> HttpResponse {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("done", done)
            .append_pair("seal", &self.visit.seal(done))
            .finish();
        see_other(&format!("{path}?{query}"))
    }

    /// What the address says was done.
    fn done<'a>(&self, params: &'a Params) -> Option<&'a str> {
        let done = params.get("done")?;
        (params.get("seal") == Some(self.visit.seal(done).as_str())).then_some(done)
    }
}

/// The number of the page of a list that is asked for.
fn number(params: &Params) -> u32 {
    params.get("page").and_then(|page| page.parse().ok()).unwrap_or(0)
}

/// What is searched for, as it is typed. No row has a NUL, and PostgreSQL fails on one.
fn searched<'a>(params: &'a Params, name: &str) -> &'a str {
    params.get(name).filter(|text| !text.contains('\0')).unwrap_or_default()
}

impl From<OperatorError> for PageError {
    fn from(error: OperatorError) -> PageError {
        match error {
            OperatorError::NotOperator | OperatorError::Unknown => PageError::not_found(),
            OperatorError::Yourself | OperatorError::Disabled | OperatorError::NoHost | OperatorError::Everybodys => {
                PageError::form_unusable()
            }
            OperatorError::Failed(error) => error.into(),
        }
    }
}

/// GET: the server in numbers.
async fn overview(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let desk = Desk::of(&request, &web).await?;
    let numbers = web.operators.numbers().await?;
    let view = OverviewView {
        people: numbers.people,
        disabled: numbers.disabled,
        unconfirmed: numbers.unconfirmed,
        sessions: numbers.sessions,
        tokens: web.operators.live_tokens().await?,
        registered: numbers.registered,
        seen: numbers.seen,
    };
    desk.visit.page(&web, StatusCode::OK, &view)
}

/// GET: the settings that hold.
async fn settings(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let desk = Desk::of(&request, &web).await?;
    let entry = |setting: &crate::operators::Setting| SettingEntry {
        name: setting.name.clone(),
        value: setting.value.clone(),
    };
    let view = SettingsView {
        settings: web.operators.settings().iter().map(entry).collect(),
    };
    desk.visit.page(&web, StatusCode::OK, &view)
}
