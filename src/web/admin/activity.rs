//! What happened on the whole server.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::{Desk, number, searched};
use crate::operators::activity::{Filter, Logged, kinds};
use crate::pages::admin::Paging;
use crate::pages::admin::log::{LogEntry, LogView};
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::params::from_query;

/// GET: a part of what fits.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let desk = Desk::of(&request, &web).await?;
    let params = from_query(&request)?;
    let number = number(&params);
    let filter = Filter {
        kind: searched(&params, "kind"),
        person: searched(&params, "person"),
        about: searched(&params, "about"),
    };
    let found = web.operators.activity(filter, number).await?;
    let looked_for = [
        ("kind", filter.kind),
        ("person", filter.person),
        ("about", filter.about),
    ];
    let view = LogView {
        kinds: kinds().into_iter().map(str::to_owned).collect(),
        kind: filter.kind.to_owned(),
        person: filter.person.to_owned(),
        about: filter.about.to_owned(),
        entries: found.lines.into_iter().map(entry).collect(),
        paging: Paging::of(number, found.has_more, &looked_for),
    };
    desk.visit.page(&web, StatusCode::OK, &view)
}

fn entry(event: Logged) -> LogEntry {
    LogEntry {
        kind: event.event.as_str().to_owned(),
        person: event.person,
        actor: event.actor,
        about: event.detail.or(event.client_id),
        at: event.at.unix_timestamp(),
    }
}
