//! Another password, by oneself. The page asks for the old one, and for a code where a second step is on, so it needs no
//! other proof; guesses count like those of the sign-in page. Where the second step rests on passkeys alone, the session has to
//! be fresh instead.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::PASSWORD_CHANGED;
use super::confirm::shown;
use super::fresh_or_where;
use crate::accounts::second_step::Proof;
use crate::accounts::users::AccountError;
use crate::failure::FlowError;
use crate::flows::SignedIn;
use crate::oauth::secret::{Secret, SessionKey};
use crate::pages::account::password::{NewPasswordProblem, PasswordView};
use crate::password::PasswordRefused;
use crate::web::error::PageError;
use crate::web::onwards::before;
use crate::web::params::Form;
use crate::web::paths::PASSWORD;
use crate::web::sign_in::{Problem, counted};
use crate::web::visit::{Visit, see_other};
use crate::web::{Web, session};

/// Why the form comes back.
enum Refused {
    Old(Problem),
    New(NewPasswordProblem),
}

/// GET: the form.
pub(in crate::web) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let Some(signed_in) = visit.signed_in() else {
        return Ok(see_other(&before(PASSWORD)));
    };
    match proof_first(&web, &visit, &signed_in).await? {
        Some(elsewhere) => Ok(see_other(&elsewhere)),
        None => form(&web, &visit, &signed_in, None).await,
    }
}

/// Where somebody proves first who they are, if their second step rests on passkeys alone: this page has no place for one.
async fn proof_first(web: &Web, visit: &Visit, signed_in: &SignedIn) -> Result<Option<String>, PageError> {
    let elsewhere = fresh_or_where(visit, PASSWORD).err();
    match elsewhere.is_some() && rests_on_passkeys(web, signed_in).await? {
        true => Ok(elsewhere),
        false => Ok(None),
    }
}

async fn rests_on_passkeys(web: &Web, signed_in: &SignedIn) -> Result<bool, PageError> {
    let factor = web.accounts.second_factor(&signed_in.owner).await?;
    Ok(factor.is_some_and(|factor| !factor.has_app))
}

/// POST: the old one, a code, and the new one.
pub(in crate::web) async fn change(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let fields = Form::read(payload).await?;
    let Some(signed_in) = visit.signed_in() else {
        return Ok(see_other(&before(PASSWORD)));
    };
    if !visit.sent(&fields, &request, &web) {
        return Err(PageError::form_expired());
    }
    if let Some(elsewhere) = proof_first(&web, &visit, &signed_in).await? {
        return Ok(see_other(&elsewhere));
    }
    match attempt(&web, &visit, &signed_in, &fields).await? {
        Ok(key) => {
            let mut response = see_other(&super::told(&key, PASSWORD_CHANGED));
            response
                .add_cookie(&session::begin(&key, web.policy()))
                .map_err(PageError::internal)?;
            Ok(response)
        }
        Err(refused) => form(&web, &visit, &signed_in, Some(&refused)).await,
    }
}

/// One try: counted, then checked.
async fn attempt(
    web: &Web,
    visit: &Visit,
    signed_in: &SignedIn,
    fields: &Form,
) -> Result<Result<Secret<SessionKey>, Refused>, PageError> {
    let SignedIn { owner, session } = signed_in;
    if let Err(wait) = counted(web, visit, owner.username.as_str()) {
        return Ok(Err(Refused::Old(Problem::TooMany(wait))));
    }
    let (mut shown, new) = (shown(fields), fields.get("new_password"));
    if rests_on_passkeys(web, signed_in).await? {
        shown.proof = Proof::FreshSession;
    }
    let refused = match web.accounts.change_password(owner, session, shown, new).await {
        Ok(key) => return Ok(Ok(key)),
        Err(AccountError::Password(PasswordRefused::TooShort)) => Refused::New(NewPasswordProblem::PasswordTooShort),
        Err(AccountError::Password(PasswordRefused::TooLong)) => Refused::New(NewPasswordProblem::PasswordTooLong),
        Err(AccountError::Failed(FlowError::Unavailable(cause))) => Refused::Old(Problem::busy(&*cause)),
        Err(AccountError::Unproven(unproven)) => Refused::Old(Problem::unproven(unproven, shown.proof)),
        Err(AccountError::Failed(error)) => return Err(error.into()),
        Err(error) => return Err(PageError::internal(error)),
    };
    Ok(Err(refused))
}

async fn form(
    web: &Web,
    visit: &Visit,
    signed_in: &SignedIn,
    refused: Option<&Refused>,
) -> Result<HttpResponse, PageError> {
    let (old, new) = match refused {
        None => (None, None),
        Some(Refused::Old(problem)) => (Some(problem), None),
        Some(Refused::New(problem)) => (None, Some(*problem)),
    };
    let status = match (old, new) {
        (Some(problem), _) => problem.status(),
        (None, Some(_)) => StatusCode::BAD_REQUEST,
        (None, None) => StatusCode::OK,
    };
    let factor = web.accounts.second_factor(&signed_in.owner).await?;
    let view = PasswordView {
        username: signed_in.owner.username.as_str().to_owned(),
        asks_code: factor.is_some_and(|factor| factor.has_app),
        problem: old.map(Problem::shown),
        new_password_problem: new,
    };
    let mut response = visit.page(web, status, &view)?;
    if let Some(problem) = old {
        problem.say_when(&mut response);
    }
    Ok(response)
}
