//! Addresses of a person's own: the list, the form that adds one, and the buttons that look and remove.

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::{Posted, fresh};
use crate::flows::addresses::{Added, Address, LookedAt};
use crate::oauth::grant::Owner;
use crate::oauth::profile::NotOwn;
use crate::pages::account::addresses::{
    AddAddressView, AddressEntry, AddressLines, AddressProblem, AddressRecord, AddressStanding, AddressesView,
};
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::onwards::before;
use crate::web::params::Form;
use crate::web::paths::{ADD_ADDRESS, ADDRESSES};
use crate::web::rate_limit::PersonLimit;
use crate::web::visit::{Visit, see_other};

/// GET: the list.
pub(in crate::web) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let Some(owner) = &visit.owner else {
        return Ok(see_other(&before(ADDRESSES)));
    };
    let view = list(&web, owner).await?;
    visit.page(&web, StatusCode::OK, &view)
}

async fn list(web: &Web, owner: &Owner) -> Result<AddressesView, PageError> {
    let lines = web.flows.lines(owner);
    let addresses = web.flows.own_addresses(owner).await?;
    Ok(AddressesView {
        hosted: web.flows.me(owner).as_str().to_owned(),
        addresses: addresses.into_iter().map(entry).collect(),
        lines: AddressLines {
            metadata: lines.metadata,
            me: lines.me,
            header: lines.header,
        },
        too_many: false,
    })
}

fn entry(address: Address) -> AddressEntry {
    AddressEntry {
        standing: match (address.proved_by, address.proved_at) {
            (Some(_), _) => AddressStanding::Proved,
            (None, Some(_)) => AddressStanding::Lapsed,
            (None, None) => AddressStanding::Waiting,
        },
        id: address.id,
        url: address.url.as_str().to_owned(),
        proved_by: address.proved_by.map(|by| by.as_str().to_owned()),
        proved: address.proved_at.map(|at| at.unix_timestamp()),
        checked: address.checked_at.map(|at| at.unix_timestamp()),
        failing: address.failing_since.map(|at| at.unix_timestamp()),
        findings: address
            .findings
            .iter()
            .map(|finding| finding.as_str().to_owned())
            .collect(),
        apps: address.apps,
        record: address.record.map(|(name, value)| AddressRecord { name, value }),
    }
}

/// GET: the form.
pub(in crate::web) async fn form(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    fresh(&visit, ADD_ADDRESS)?;
    let view = AddAddressView {
        typed: String::new(),
        problem: None,
    };
    visit.page(&web, StatusCode::OK, &view)
}

/// POST: adds one.
pub(in crate::web) async fn add(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let Posted {
        visit,
        fields,
        signed_in,
    } = Posted::read(&request, &web, payload, ADD_ADDRESS).await?;
    web.limits
        .check_person(PersonLimit::Addresses, &signed_in.owner.user_id, visit.address)
        .map_err(PageError::too_many)?;
    let typed = fields.get("address");
    let problem = match web.flows.add_address(&signed_in.owner, typed).await? {
        // A second click finds what the first one did.
        Added::Yes(id) | Added::Already(id) => return Ok(see_other(&card(&id))),
        Added::TooMany => AddressProblem::TooMany,
        Added::Not(NotOwn::NotAnAddress) => AddressProblem::NotAnAddress,
        Added::Not(NotOwn::NotHttps) => AddressProblem::NotHttps,
        Added::Not(NotOwn::Here) => AddressProblem::Here,
        Added::Not(NotOwn::TooLong) => AddressProblem::TooLong,
    };
    let view = AddAddressView {
        typed: typed.chars().take(500).collect(),
        problem: Some(problem),
    };
    visit.page(&web, StatusCode::BAD_REQUEST, &view)
}

/// The place of one address in the list.
fn card(id: &str) -> String {
    format!("{ADDRESSES}#address-{id}")
}

/// POST: looks at one now.
pub(in crate::web) async fn check(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let fields = Form::read(payload).await?;
    let Some(owner) = &visit.owner else {
        return Ok(see_other(&before(ADDRESSES)));
    };
    if !visit.sent(&fields, &request, &web) {
        return Err(PageError::form_expired());
    }
    let id = fields.get("address");
    match web.flows.check_address(owner, id, visit.address).await? {
        LookedAt::Yes => Ok(see_other(&card(id))),
        LookedAt::Gone => Ok(see_other(ADDRESSES)),
        LookedAt::TooMany(wait) => {
            let view = AddressesView {
                too_many: true,
                ..list(&web, owner).await?
            };
            let mut response = visit.page(&web, StatusCode::TOO_MANY_REQUESTS, &view)?;
            let seconds = header::HeaderValue::from(wait.as_secs() + 1);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
            Ok(response)
        }
    }
}

/// POST: removes one.
pub(in crate::web) async fn remove(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let Posted {
        visit,
        fields,
        signed_in,
    } = Posted::read(&request, &web, payload, ADDRESSES).await?;
    web.limits
        .check_person(PersonLimit::Addresses, &signed_in.owner.user_id, visit.address)
        .map_err(PageError::too_many)?;
    web.flows
        .remove_address(&signed_in.owner, fields.get("address"))
        .await?;
    Ok(see_other(ADDRESSES))
}
