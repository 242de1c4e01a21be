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
use crate::flows::consent::Choice;
use crate::oauth::grant::GrantId;
use crate::oauth::person::Person;
use crate::oauth::policy::TokenLifetime;
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
    let grant = web.flows.pending(&GrantId(path.into_inner()), owner).await?;
    let person = web.accounts.person(&owner.user_id).await?;
    let person = person.unwrap_or_else(|| Person::new(owner.username.clone()));
    let logo = web.flows.logo(&grant, visit.address).await;
    let last_yes = web.flows.last_yes(&grant).await?;
    let first = ConsentView::new(&grant, &person, web.policy(), visit.language);
    let view = ConsentView {
        logo: logo.map(|name| format!("{LOGO}/{name}")),
        session: session.filter(|_| grant.session.is_some()),
        ..match &last_yes {
            Some(last_yes) => first.after(&grant, last_yes),
            None => first,
        }
    };
    let mut response = visit.page(&web, StatusCode::OK, &view)?;
    headers::leads_to_client(&mut response);
    Ok(response)
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
    let location = answer(&web, &GrantId(path.into_inner()), &signed_in, &form).await?;
    Ok(see_other(&location))
}

async fn answer(web: &Web, id: &GrantId, signed_in: &SignedIn, form: &Form) -> Result<String, PageError> {
    match form.get("decision") {
        "approve" => {
            let lifetime = TokenLifetime::parse(form.get("lifetime")).unwrap_or_default();
            let choice = Choice {
                scope: form.all("scope"),
                lifetime,
                session: Some(form.get("session").to_owned()).filter(|word| !word.is_empty()),
            };
            Ok(web.flows.approve(id, signed_in, &choice).await?)
        }
        "deny" => Ok(web.flows.deny(id, &signed_in.owner).await?),
        _ => Err(PageError::form_unusable()),
    }
}
