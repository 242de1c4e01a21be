//! A person's e-mail address. Whoever can change it could one day get in by it, so it takes a password that was typed a
//! short time ago.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::profile::email_saved;
use super::{Posted, fresh};
use crate::accounts::profile::EmailSaved;
use crate::oauth::person::EmailFault;
use crate::pages::account::email::{EmailProblem, EmailView};
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::onwards::before;
use crate::web::paths::EMAIL;
use crate::web::visit::{Visit, see_other};

/// GET: the form, with the address of now.
pub(in crate::web) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let signed_in = fresh(&visit, EMAIL)?;
    let person = web.accounts.person(&signed_in.owner.user_id).await?;
    let email = person.and_then(|person| person.email);
    let view = EmailView {
        email: email.map(|email| email.address).unwrap_or_default(),
        problem: None,
    };
    visit.page(&web, StatusCode::OK, &view)
}

/// POST: another one, or none.
pub(in crate::web) async fn save(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let Posted {
        visit,
        fields,
        signed_in,
    } = Posted::read(&request, &web, payload, EMAIL).await?;
    let typed = fields.get("email");
    match web
        .accounts
        .save_email(&signed_in.owner, &signed_in.session, typed)
        .await?
    {
        EmailSaved::Done => Ok(email_saved(&visit)),
        EmailSaved::SignedOut => Ok(see_other(&before(EMAIL))),
        EmailSaved::Refused(fault) => {
            let view = EmailView {
                email: typed.to_owned(),
                problem: Some(match fault {
                    EmailFault::TooLong => EmailProblem::TooLong,
                    EmailFault::NoAddress => EmailProblem::NoAddress,
                }),
            };
            visit.page(&web, StatusCode::BAD_REQUEST, &view)
        }
    }
}
