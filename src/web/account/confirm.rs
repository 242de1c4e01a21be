//! The password again, before how a person signs in is changed: a browser that was left open must not be enough. Tries
//! count like those of the sign-in page, and what follows is one of a few fixed pages.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::failure::FlowError;
use crate::flows::SignedIn;
use crate::oauth::secret::{Secret, SessionKey};
use crate::pages::account::confirm::ConfirmView;
use crate::web::error::PageError;
use crate::web::onwards::{before, place};
use crate::web::params::Form;
use crate::web::paths::ACCOUNT;
use crate::web::sign_in::{Problem, counted};
use crate::web::visit::{Visit, see_other};
use crate::web::{Web, session};

/// GET: the form.
pub(in crate::web) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let goal = request.query_string();
    let Some(signed_in) = visit.signed_in() else {
        return Ok(see_other(&before(place(goal).as_deref().unwrap_or(ACCOUNT))));
    };
    form(&web, &visit, &signed_in, goal, None)
}

/// POST: the password.
pub(in crate::web) async fn submit(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let fields = Form::read(payload).await?;
    let goal = fields.get("continue");
    let path = place(goal).unwrap_or_else(|| ACCOUNT.to_owned());
    let Some(signed_in) = visit.signed_in() else {
        return Ok(see_other(&before(&path)));
    };
    match attempt(&request, &web, &visit, &signed_in, &fields).await? {
        Ok(key) => with_key(&web, &path, &key),
        Err(problem) => form(&web, &visit, &signed_in, goal, Some(&problem)),
    }
}

/// One try: counted, then checked.
async fn attempt(
    request: &HttpRequest,
    web: &Web,
    visit: &Visit,
    signed_in: &SignedIn,
    fields: &Form,
) -> Result<Result<Secret<SessionKey>, Problem>, PageError> {
    let SignedIn { owner, session } = signed_in;
    if let Err(wait) = counted(web, visit, owner.username.as_str()) {
        return Ok(Err(Problem::TooMany(wait)));
    }
    if !visit.sent(fields, request, web) {
        return Ok(Err(Problem::FormExpired));
    }
    match web.accounts.confirm(owner, session, fields.get("password")).await {
        Ok(Some(key)) => Ok(Ok(key)),
        Ok(None) => Ok(Err(Problem::WrongPassword)),
        Err(FlowError::Unavailable(cause)) => Ok(Err(Problem::busy(&*cause))),
        Err(error) => Err(error.into()),
    }
}

/// Sends the browser on with the new key of its session.
pub(super) fn with_key(web: &Web, path: &str, key: &Secret<SessionKey>) -> Result<HttpResponse, PageError> {
    let mut response = see_other(path);
    response
        .add_cookie(&session::begin(key, web.policy()))
        .map_err(PageError::internal)?;
    Ok(response)
}

fn form(
    web: &Web,
    visit: &Visit,
    signed_in: &SignedIn,
    goal: &str,
    problem: Option<&Problem>,
) -> Result<HttpResponse, PageError> {
    let view = ConfirmView {
        username: signed_in.owner.username.as_str().to_owned(),
        place: goal.to_owned(),
        problem: problem.map(Problem::shown),
    };
    let status = problem.map_or(StatusCode::OK, Problem::status);
    let mut response = visit.page(web, status, &view)?;
    if let Some(problem) = problem {
        problem.say_when(&mut response);
    }
    Ok(response)
}
