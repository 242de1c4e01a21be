//! The consent page: shown, and answered.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::error::PageError;
use super::onwards::before_consent;
use super::params::{Form, from_query};
use super::paths::LOGO;
use super::visit::{Visit, see_other};
use super::{Web, headers};
use crate::flows::SignedIn;
use crate::flows::consent::{Choice, ConsentError};
use crate::oauth::grant::{GrantId, Owner};
use crate::oauth::person::Person;
use crate::oauth::policy::TokenLifetime;
use crate::oauth::profile::ProfileUrl;
use crate::pages::consent::ConsentView;

/// GET: who asks, for what, and where the answer will go.
pub(super) async fn show(request: HttpRequest, web: Data<Web>, path: Path<String>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let query = from_query(&request).ok();
    let session = query.and_then(|query| query.get("session").map(str::to_owned));
    let Some(owner) = &visit.owner else {
        return Ok(see_other(&before_consent(
            &path,
            session.as_deref().unwrap_or_default(),
        )));
    };
    question(&web, &visit, owner, GrantId(path.into_inner()), session, None).await
}

/// The page. `gone` is an address that was chosen on it and is not proved any more.
async fn question(
    web: &Web,
    visit: &Visit,
    owner: &Owner,
    id: GrantId,
    session: Option<String>,
    gone: Option<ProfileUrl>,
) -> Result<HttpResponse, PageError> {
    let (grant, rule) = web.flows.question(&id, owner).await?;
    let person = web.accounts.person(&owner.user_id).await?;
    let person = person.unwrap_or_else(|| Person::new(owner.username.clone()));
    let logo = web.flows.logo(&grant, visit.address).await;
    let last_yes = web.flows.last_yes(&grant).await?;
    let addresses = web.flows.addresses(owner).await?;
    let last = last_yes.as_ref().and_then(|last_yes| last_yes.me.as_ref());
    let me = grant.preselected(last, &addresses).unwrap_or(&grant.me);
    let first = ConsentView::new(&grant, &person, web.policy(), visit.language);
    let view = ConsentView {
        logo: logo.map(|name| format!("{LOGO}/{name}")),
        session: session.filter(|_| grant.session.is_some()),
        me: me.as_str().to_owned(),
        addresses: texts(&addresses),
        address_gone: gone.as_ref().map(|gone| gone.as_str().to_owned()),
        ..match &last_yes {
            Some(last_yes) => first.after(&grant, last_yes),
            None => first,
        }
    };
    let view = view.ruled(rule);
    let status = match gone {
        Some(_) => StatusCode::CONFLICT,
        None => StatusCode::OK,
    };
    let mut response = visit.page(web, status, &view)?;
    headers::leads_to_client(&mut response);
    Ok(response)
}

/// Nobody chooses from one.
fn texts(addresses: &[ProfileUrl]) -> Vec<String> {
    let several = addresses.iter().filter(|_| addresses.len() > 1);
    several.map(|address| address.as_str().to_owned()).collect()
}

/// POST: approve or deny.
pub(super) async fn decide(
    request: HttpRequest,
    web: Data<Web>,
    path: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let form = Form::read(payload).await?;
    let Some(signed_in) = visit.signed_in() else {
        return Ok(see_other(&before_consent(&path, form.get("session"))));
    };
    if !visit.sent(&form, &request, &web) {
        return Err(PageError::form_expired());
    }
    let id = GrantId(path.into_inner());
    match answer(&web, &id, &signed_in, &form).await? {
        Answered::Leads(location) => Ok(see_other(&location)),
        Answered::AddressGone(gone) => {
            let session = Some(form.get("session").to_owned()).filter(|word| !word.is_empty());
            question(&web, &visit, &signed_in.owner, id, session, Some(gone)).await
        }
    }
}

/// What came of the form.
enum Answered {
    /// The browser goes there.
    Leads(String),
    /// The person must choose another address.
    AddressGone(ProfileUrl),
}

async fn answer(web: &Web, id: &GrantId, signed_in: &SignedIn, form: &Form) -> Result<Answered, PageError> {
    match form.get("decision") {
        "approve" => {
            let lifetime = TokenLifetime::parse(form.get("lifetime")).unwrap_or_default();
            let choice = Choice {
                scope: form.all("scope"),
                lifetime,
                me: Some(form.get("me").to_owned()).filter(|me| !me.is_empty()),
                session: Some(form.get("session").to_owned()).filter(|word| !word.is_empty()),
            };
            match web.flows.approve(id, signed_in, &choice).await {
                Ok(location) => Ok(Answered::Leads(location)),
                Err(ConsentError::AddressGone(Some(gone))) => Ok(Answered::AddressGone(gone)),
                Err(error) => Err(error.into()),
            }
        }
        "deny" => Ok(Answered::Leads(web.flows.deny(id, &signed_in.owner).await?)),
        _ => Err(PageError::form_unusable()),
    }
}
