//! The apps that people use, and the end of a registered one.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::{Desk, number, searched};
use crate::operators::OperatorError;
use crate::operators::clients::{RegisteredLine, SeenLine};
use crate::pages::admin::Paging;
use crate::pages::admin::clients::{ClientEntry, ClientRemovalView, ClientsView, removal_of};
use crate::pages::admin::hosts::link_to_host;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::params::from_query;
use crate::web::paths::ADMIN_CLIENTS;
use crate::web::visit::see_other;

/// GET: a part of one of the two lists.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let desk = Desk::of(&request, &web).await?;
    let params = from_query(&request)?;
    let (search, number) = (searched(&params, "search"), number(&params));
    let seen = params.get("kind") == Some("seen");
    let (clients, has_more): (Vec<ClientEntry>, bool) = if seen {
        let found = web.operators.seen(search, number).await?;
        (found.lines.into_iter().map(of_seen).collect(), found.has_more)
    } else {
        let found = web.operators.registered(search, number).await?;
        (found.lines.iter().map(of_registered).collect(), found.has_more)
    };
    let kind = if seen { "seen" } else { "" };
    let view = ClientsView {
        registered: !seen,
        search: search.to_owned(),
        clients,
        removed: desk.done(&params).map(str::to_owned),
        paging: Paging::of(number, has_more, &[("kind", kind), ("search", search)]),
    };
    desk.visit.page(&web, StatusCode::OK, &view)
}

/// GET: what removing a registered app would end.
pub(super) async fn ask(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let desk = Desk::of(&request, &web).await?;
    let params = from_query(&request)?;
    let id = searched(&params, "client_id");
    let Some(found) = web.operators.registered_client(id).await? else {
        return Err(PageError::not_found());
    };
    let view = ClientRemovalView {
        client: of_registered(&found),
        fresh: desk.visit.is_fresh,
    };
    desk.visit.page(&web, StatusCode::OK, &view)
}

/// POST: removes it.
pub(super) async fn remove(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, PageError> {
    let (desk, form) = Desk::acting(&request, &web, payload, ADMIN_CLIENTS).await?;
    let id = form.get("client_id");
    // What it is called now: afterwards nobody can be asked.
    let found = web.operators.registered_client(id).await?;
    let name = found.and_then(|found| found.client.client.display.name);
    match web.operators.remove_client(id, desk.by()).await {
        Ok(()) => Ok(desk.told(ADMIN_CLIENTS, name.as_deref().unwrap_or(id))),
        // A second click: it is gone, as the list shows.
        Err(OperatorError::Unknown) => Ok(see_other(ADMIN_CLIENTS)),
        Err(error) => Err(error.into()),
    }
}

fn of_registered(line: &RegisteredLine) -> ClientEntry {
    let client = &line.client.client;
    ClientEntry {
        id: client.id.as_str().to_owned(),
        title: client.display.name.clone(),
        kind: Some(client.dialect.as_str().to_owned()),
        link: Some(removal_of(client.id.as_str())),
        rule: None,
        redirect_uris: client.listed_redirect_uris().into_iter().map(str::to_owned).collect(),
        since: line.client.created_at.unix_timestamp(),
        last: line.client.approved_at.map(|at| at.unix_timestamp()),
        people: line.people,
    }
}

fn of_seen(line: SeenLine) -> ClientEntry {
    ClientEntry {
        link: line.host.as_deref().map(link_to_host),
        title: line.host,
        id: line.client_id,
        kind: None,
        rule: line.rule.map(|rule| rule.as_str().to_owned()),
        redirect_uris: Vec::new(),
        since: line.first_seen_at.unix_timestamp(),
        last: Some(line.last_seen_at.unix_timestamp()),
        people: line.people,
    }
}
