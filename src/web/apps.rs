//! Apps with access, and the button that ends it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::Web;
use super::error::PageError;
use super::onwards::before;
use super::params::{Form, from_query};
use super::paths::APPS;
use super::visit::{Visit, see_other};
use crate::flows::apps::App;
use crate::oauth::grant::RevokedBecause;
use crate::oauth::redirect_uri::RedirectTarget;
use crate::pages::apps::{AppEntry, AppsView, EndAllView, Ended, EndedReason};
use crate::pages::consent::KnownBy;
use crate::pages::scope::scope_sentences;
use crate::pages::{Language, ShownHost};

/// What is sealed when all were ended. No app is called so.
const ALL: &str = "all:";

/// GET: the list.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let Some(owner) = &visit.owner else {
        return Ok(see_other(&before(APPS)));
    };
    let apps = web.flows.apps(owner).await?;
    let params = from_query(&request)?;
    // Sealed, or any link could tell people that their bank has no access any more.
    let revoked = params
        .get("ended")
        .filter(|ended| params.get("seal") == Some(visit.seal(ended).as_str()))
        .map(str::to_owned);
    let apps: Vec<AppEntry> = apps.into_iter().map(|app| entry(app, &web, visit.language)).collect();
    let view = AppsView {
        revoked,
        all_revoked: params.get("all") == Some(visit.seal(ALL).as_str()),
        live: apps.iter().filter(|app| app.ended.is_none()).count(),
        apps,
    };
    visit.page(&web, StatusCode::OK, &view)
}

/// GET: whether to end the access of all.
pub(super) async fn ask_all(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let Some(owner) = &visit.owner else {
        return Ok(see_other(&before(APPS)));
    };
    let apps = web.flows.apps(owner).await?;
    let count = apps.iter().filter(|app| app.ended.is_none()).count();
    match count {
        // One has a button of its own.
        0 | 1 => Ok(see_other(APPS)),
        count => visit.page(&web, StatusCode::OK, &EndAllView { count }),
    }
}

/// POST: ends the access of all.
pub(super) async fn revoke_all(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let form = Form::read(payload).await?;
    let Some(owner) = &visit.owner else {
        return Ok(see_other(&before(APPS)));
    };
    if !visit.sent(&form, &request, &web) {
        return Err(PageError::form_expired());
    }
    web.flows.end_all_access(owner).await?;
    Ok(see_other(&format!("{APPS}?all={}", visit.seal(ALL))))
}

/// POST: ends one app's access.
pub(super) async fn revoke(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let form = Form::read(payload).await?;
    let Some(owner) = &visit.owner else {
        return Ok(see_other(&before(APPS)));
    };
    if !visit.sent(&form, &request, &web) {
        return Err(PageError::form_expired());
    }
    let client_id = form.get("client_id");
    let apps = web.flows.apps(owner).await?;
    let app = apps.into_iter().find(|app| app.client_id.as_str() == client_id);
    web.flows.end_access(owner, client_id).await?;
    // What it is called now, since it may not be there to be asked afterwards.
    let called = app.map(|app| entry(app, &web, visit.language));
    let called = called
        .and_then(|entry| entry.host.map(|host| host.name).or(entry.name))
        .unwrap_or_default();
    let told = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("ended", &called)
        .append_pair("seal", &visit.seal(&called))
        .finish();
    Ok(see_other(&format!("{APPS}?{told}")))
}

fn entry(app: App, web: &Web, language: Language) -> AppEntry {
    let redirect_host = app.redirect_uri.http_url().map(|url| ShownHost::of(&url));
    let known_by = KnownBy::of(&app.client_id, app.dialect);
    AppEntry {
        host: match known_by {
            KnownBy::Address => app.client_id.url().map(|id| ShownHost::of(id.url())),
            // An address that was only opened says nothing about who has the access.
            KnownBy::Registration | KnownBy::Link if app.asked => None,
            KnownBy::Registration | KnownBy::Link => {
                let is_site = app.redirect_uri.target() == RedirectTarget::Https;
                redirect_host.clone().filter(|_| is_site)
            }
            KnownBy::Operator => None,
        },
        known_by,
        me: app.me.iter().map(|me| me.as_str().to_owned()).collect(),
        scopes: scope_sentences(&app.scope, &web.policy().scopes, language),
        remembered: app.remembered,
        redirect_host: redirect_host.map(|host| host.name).filter(|_| !app.asked),
        since: app.since.unix_timestamp(),
        last_used: app.last_used_at.map(|at| at.unix_timestamp()),
        expires: app.expires_at.map(|at| at.unix_timestamp()),
        ended: app.ended.and_then(|(because, at)| {
            Some(Ended {
                reason: reason(because)?,
                at: at.unix_timestamp(),
            })
        }),
        client_id: app.client_id.as_str().to_owned(),
        name: app.name,
    }
}

fn reason(because: RevokedBecause) -> Option<EndedReason> {
    match because {
        RevokedBecause::CodeReuse => Some(EndedReason::CodeReuse),
        RevokedBecause::RefreshTokenReuse => Some(EndedReason::RefreshTokenReuse),
        RevokedBecause::PasswordChange => Some(EndedReason::PasswordChange),
        RevokedBecause::Disabled => Some(EndedReason::Disabled),
        RevokedBecause::HostBlocked => Some(EndedReason::HostBlocked),
        RevokedBecause::Owner | RevokedBecause::Client | RevokedBecause::ClientRemoved => None,
    }
}
