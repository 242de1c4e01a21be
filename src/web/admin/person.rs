//! One person, and what an operator can do for or against them.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::Desk;
use crate::operators::people_list::PersonCard;
use crate::operators::ways_in::Reset;
use crate::pages::admin::people::PersonEntry;
use crate::pages::admin::person::{PersonDone, PersonView};
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::params::from_query;
use crate::web::paths::ADMIN_PEOPLE;
use crate::web::visit::see_other;

/// GET: the person.
pub(super) async fn show(request: HttpRequest, web: Data<Web>, name: Path<String>) -> Result<HttpResponse, PageError> {
    let desk = Desk::of(&request, &web).await?;
    let params = from_query(&request)?;
    let said = desk.done(&params);
    let done = PersonDone::ALL.into_iter().find(|done| said == Some(done.as_str()));
    page(&web, &desk, &name, done, None).await
}

/// POST: one of the buttons.
pub(super) async fn act(
    request: HttpRequest,
    web: Data<Web>,
    name: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let path = format!("{ADMIN_PEOPLE}/{name}");
    let (desk, form) = Desk::acting(&request, &web, payload, &path).await?;
    let by = desk.by();
    let done = match form.get("action") {
        "disable" => web.operators.disable(&name, by).await.map(|_| PersonDone::Disabled)?,
        "enable" => web.operators.enable(&name, by).await.map(|_| PersonDone::Enabled)?,
        "reset" => web
            .operators
            .reset_sign_in(&name, by)
            .await
            .map(|_| PersonDone::Reset)?,
        "email" => {
            // It may have been changed while the page was open: then the page shows what it is now.
            if !web.operators.verify_email(&name, form.get("address"), by).await? {
                return Ok(see_other(&path));
            }
            PersonDone::Email
        }
        "link" => {
            // In no row and in no address: this answer is the only page that has it.
            let reset = match form.get("also_reset") {
                "yes" => Reset::AllButPassword,
                _ => Reset::Nothing,
            };
            let link = web.operators.password_link(&name, reset, by).await?;
            let link = web.operators.address_of(&link);
            return page(&web, &desk, &name, None, Some(link)).await;
        }
        _ => return Err(PageError::form_unusable()),
    };
    Ok(desk.told(&path, done.as_str()))
}

async fn page(
    web: &Web,
    desk: &Desk,
    name: &str,
    done: Option<PersonDone>,
    link: Option<String>,
) -> Result<HttpResponse, PageError> {
    let card = web.operators.person(name).await?.ok_or_else(PageError::not_found)?;
    let view = PersonView {
        done,
        link,
        is_self: card.person.id == desk.signed_in.owner.user_id,
        fresh: desk.visit.is_fresh,
        ..shown(card)
    };
    desk.visit.page(web, StatusCode::OK, &view)
}

fn shown(card: PersonCard) -> PersonView {
    PersonView {
        person: PersonEntry {
            name: card.person.username.as_str().to_owned(),
            operator: card.person.is_operator,
            disabled: card.person.disabled_at.is_some(),
            since: card.person.created_at.unix_timestamp(),
            last_sign_in: card.last_sign_in.map(|at| at.unix_timestamp()),
        },
        addresses: card.addresses,
        email_verified: card.email.as_ref().is_some_and(|email| email.is_verified),
        email: card.email.map(|email| email.address),
        sessions: card.sessions,
        apps: card.apps,
        passkeys: card.passkeys,
        second_step: card.second_step,
        recovery_codes: card.recovery_codes,
        is_self: false,
        fresh: false,
        done: None,
        link: None,
    }
}
