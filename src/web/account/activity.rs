//! What happened to a person's account, newest first, a page at a time.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::accounts::activity::Happened;
use crate::oauth::client::{ClientUrl, HttpLoopback};
use crate::pages::account::activity::{ActivityEntry, ActivityView};
use crate::pages::shown_host;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::onwards::before;
use crate::web::params::from_query;
use crate::web::paths::ACTIVITY;
use crate::web::visit::{Visit, see_other};

/// GET: one page.
pub(in crate::web) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let Some(owner) = &visit.owner else {
        return Ok(see_other(&before(ACTIVITY)));
    };
    let params = from_query(&request)?;
    let page: u32 = params.get("page").and_then(|page| page.parse().ok()).unwrap_or(0);
    let activity = web.accounts.activity(owner, page).await?;
    let view = ActivityView {
        entries: activity.events.into_iter().map(entry).collect(),
        newer: page.checked_sub(1),
        older: page.checked_add(1).filter(|_| activity.has_older),
    };
    visit.page(&web, StatusCode::OK, &view)
}

fn entry(happened: Happened) -> ActivityEntry {
    let host = |id: &String| Some(shown_host(ClientUrl::parse(id, HttpLoopback::Allowed).ok()?.url()));
    ActivityEntry {
        kind: happened.event.as_str().to_owned(),
        about: happened.detail.or(happened.client_id.map(|id| host(&id).unwrap_or(id))),
        at: happened.at.unix_timestamp(),
    }
}
