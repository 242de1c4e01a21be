//! The password again, with a code where a second step is on, or a passkey, before how a person signs in is changed: a
//! browser that was left open must not be enough. Tries count like those of the sign-in page, and what follows is one of a
//! few fixed pages.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::accounts::confirm::Shown;
use crate::accounts::second_step::Proof;
use crate::failure::FlowError;
use crate::flows::SignedIn;
use crate::oauth::secret::{Secret, SessionKey};
use crate::pages::account::confirm::{Asked, ConfirmView, Way};
use crate::web::error::PageError;
use crate::web::onwards::{before, confirm_before, place};
use crate::web::params::Form;
use crate::web::paths::ACCOUNT;
use crate::web::sign_in::{Problem, counted};
use crate::web::visit::{Visit, see_other};
use crate::web::{Web, headers, session};

/// GET: the form.
pub(in crate::web) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let goal = request.query_string();
    let Some(signed_in) = visit.signed_in() else {
        return Ok(see_other(&before(place(goal).as_deref().unwrap_or(ACCOUNT))));
    };
    form(&web, &visit, &signed_in, goal, None).await
}

/// POST: the password, and a code.
pub(in crate::web) async fn submit(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let mut visit = Visit::of(&request, &web).await?;
    let fields = Form::read(payload).await?;
    let goal = fields.get("continue");
    let path = place(goal).unwrap_or_else(|| ACCOUNT.to_owned());
    visit.back = confirm_before(&path);
    let Some(signed_in) = visit.signed_in() else {
        return Ok(see_other(&before(&path)));
    };
    match attempt(&request, &web, &visit, &signed_in, &fields).await? {
        Ok(key) => with_key(&web, &path, &key),
        Err(problem) => form(&web, &visit, &signed_in, goal, Some(&problem)).await,
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
    let shown = shown(fields);
    match web.accounts.confirm(owner, session, shown).await {
        Ok(confirmed) => Ok(confirmed.map_err(|unproven| Problem::unproven(unproven, shown.proof))),
        Err(FlowError::Unavailable(cause)) => Ok(Err(Problem::busy(&*cause))),
        Err(error) => Err(error.into()),
    }
}

/// What a form has of its person's proofs.
pub(super) fn shown(fields: &Form) -> Shown<'_> {
    Shown {
        password: fields.get("password"),
        proof: Proof::typed(fields.get("code")),
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

async fn form(
    web: &Web,
    visit: &Visit,
    signed_in: &SignedIn,
    goal: &str,
    problem: Option<&Problem>,
) -> Result<HttpResponse, PageError> {
    let has_passkey = web.accounts.has_passkey(&signed_in.owner).await?;
    let asks = match web.accounts.second_factor(&signed_in.owner).await? {
        None => Asked::Nothing,
        Some(factor) if factor.has_app => Asked::Code,
        Some(_) => Asked::RecoveryCode,
    };
    let mut ways = vec![Way::Password { asks }];
    if has_passkey {
        // First where the password costs a recovery code.
        let place = usize::from(asks != Asked::RecoveryCode);
        ways.insert(place, Way::Passkey);
    }
    let view = ConfirmView {
        username: signed_in.owner.username.as_str().to_owned(),
        place: goal.to_owned(),
        ways,
        problem: problem.map(Problem::shown),
    };
    let status = problem.map_or(StatusCode::OK, Problem::status);
    let mut response = visit.page(web, status, &view)?;
    if has_passkey {
        headers::runs_script(&mut response);
    }
    if let Some(problem) = problem {
        problem.say_when(&mut response);
    }
    Ok(response)
}
