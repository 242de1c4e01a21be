//! Apps with access, and the button that ends it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::Web;
use super::error::PageError;
use super::onwards::before_apps;
use super::params::{Form, from_query};
use super::paths::APPS;
use super::visit::{Visit, see_other};
use crate::flows::apps::App;
use crate::oauth::client::{ClientUrl, HttpLoopback};
use crate::oauth::grant::RevokedBecause;
use crate::oauth::redirect_uri::RedirectUri;
use crate::pages::apps::{AppEntry, AppsView, Ended, EndedReason};
use crate::pages::consent::KnownBy;
use crate::pages::scope::scope_sentences;
use crate::pages::{Language, shown_host};

/// GET: the list.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let Some(owner) = &visit.owner else {
        return Ok(see_other(&before_apps()));
    };
    let apps = web.flows.apps(owner).await?;
    let params = from_query(&request)?;
    // Sealed, or any link could tell people that their bank has no access any more.
    let ended = params
        .get("ended")
        .filter(|ended| params.get("seal") == Some(visit.seal(ended).as_str()));
    let revoked = ended.and_then(host_of);
    let apps = apps.into_iter().map(|app| entry(app, &web, visit.language)).collect();
    visit.page(&web, StatusCode::OK, &AppsView { apps, revoked })
}

/// POST: ends one app's access.
pub(super) async fn revoke(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let form = Form::read(payload).await?;
    let Some(owner) = &visit.owner else {
        return Ok(see_other(&before_apps()));
    };
    if !visit.sent(&form, &request, &web) {
        return Err(PageError::form_expired());
    }
    let client_id = form.get("client_id");
    web.flows.end_access(owner, client_id).await?;
    let told = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("ended", client_id)
        .append_pair("seal", &visit.seal(client_id))
        .finish();
    Ok(see_other(&format!("{APPS}?{told}")))
}

fn entry(app: App, web: &Web, language: Language) -> AppEntry {
    AppEntry {
        known_by: KnownBy::Address,
        host: host_of(&app.client_id),
        scopes: scope_sentences(&app.scope, &web.policy().scopes, language),
        remembered: app.remembered,
        redirect_host: RedirectUri::parse(&app.redirect_uri)
            .ok()
            .and_then(|uri| uri.http_url())
            .map(|url| shown_host(&url)),
        since: app.since.unix_timestamp(),
        last_used: app.last_used_at.map(|at| at.unix_timestamp()),
        expires: app.expires_at.map(|at| at.unix_timestamp()),
        ended: app.ended.and_then(|(because, at)| {
            Some(Ended {
                reason: reason(because)?,
                at: at.unix_timestamp(),
            })
        }),
        client_id: app.client_id,
        name: app.name,
    }
}

fn reason(because: RevokedBecause) -> Option<EndedReason> {
    match because {
        RevokedBecause::CodeReuse => Some(EndedReason::CodeReuse),
        RevokedBecause::RefreshTokenReuse => Some(EndedReason::RefreshTokenReuse),
        RevokedBecause::PasswordChange => Some(EndedReason::PasswordChange),
        RevokedBecause::Owner | RevokedBecause::Client | RevokedBecause::ClientRemoved => None,
    }
}

fn host_of(client_id: &str) -> Option<String> {
    ClientUrl::parse(client_id, HttpLoopback::Allowed)
        .ok()
        .map(|client| shown_host(client.url()))
}
