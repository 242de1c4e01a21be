//! Links that make one account each.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::{Desk, number};
use crate::accounts::invitations::{DEFAULT_INVITATION_DAYS, INVITATION_DAYS};
use crate::operators::invitations::{Invitation, InvitationState};
use crate::pages::admin::Paging;
use crate::pages::admin::invitations::{InvitationEntry, InvitationsView};
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::params::from_query;
use crate::web::paths::ADMIN_INVITATIONS;
use crate::web::visit::see_other;

/// What the address says after one was taken back.
const WITHDRAWN: &str = "withdrawn";

/// GET: a part of the list, and the form.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let desk = Desk::of(&request, &web).await?;
    let params = from_query(&request)?;
    let view = InvitationsView {
        withdrawn: desk.done(&params) == Some(WITHDRAWN),
        ..page(&web, &desk, number(&params)).await?
    };
    desk.visit.page(&web, StatusCode::OK, &view)
}

/// POST: another one.
pub(super) async fn invite(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, PageError> {
    let (desk, form) = Desk::acting(&request, &web, payload, ADMIN_INVITATIONS).await?;
    let days = form
        .get("days")
        .parse()
        .ok()
        .filter(|days| INVITATION_DAYS.contains(days));
    let days = days.ok_or_else(PageError::form_unusable)?;
    let life = Duration::from_hours(24 * days);
    let token = web.operators.invite(form.get("note"), life, desk.by()).await?;
    // In no row and in no address: this answer is the only page that has it.
    let view = InvitationsView {
        link: Some(web.accounts.invitation_link(&token)),
        ..page(&web, &desk, 0).await?
    };
    desk.visit.page(&web, StatusCode::OK, &view)
}

/// POST: takes one back.
pub(super) async fn withdraw(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let (desk, form) = Desk::acting(&request, &web, payload, ADMIN_INVITATIONS).await?;
    match web.operators.withdraw(form.get("id"), desk.by()).await? {
        true => Ok(desk.told(ADMIN_INVITATIONS, WITHDRAWN)),
        false => Ok(see_other(ADMIN_INVITATIONS)),
    }
}

async fn page(web: &Web, desk: &Desk, number: u32) -> Result<InvitationsView, PageError> {
    let found = web.operators.invitations(number).await?;
    Ok(InvitationsView {
        invitations: found.lines.into_iter().map(entry).collect(),
        days: INVITATION_DAYS.to_vec(),
        default_days: DEFAULT_INVITATION_DAYS,
        link: None,
        withdrawn: false,
        fresh: desk.visit.is_fresh,
        paging: Paging::of(number, found.has_more, &[]),
    })
}

fn entry(invitation: Invitation) -> InvitationEntry {
    let (state, used_by) = match invitation.state {
        InvitationState::Open => ("open", None),
        InvitationState::Used(name) => ("used", name),
        InvitationState::Lapsed => ("lapsed", None),
        InvitationState::Withdrawn => ("withdrawn", None),
    };
    InvitationEntry {
        id: invitation.id,
        note: invitation.note,
        state: state.to_owned(),
        used_by: used_by.map(|name| name.as_str().to_owned()),
        since: invitation.created_at.unix_timestamp(),
        expires: invitation.expires_at.unix_timestamp(),
    }
}
