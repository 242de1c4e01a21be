//! The second page of a sign-in: the code of an authenticator app, or a recovery code. What waits for the person travels
//! along as it does on the first page.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::error::PageError;
use super::onwards::{onwards, query_only, with_query};
use super::params::Form;
use super::paths::{CODE, SIGN_IN};
use super::rate_limit::Limit;
use super::sign_in::{Problem, begin, client_host};
use super::visit::{Visit, see_other};
use super::{Web, address, browser, headers, language, session};
use crate::accounts::second_step::{Proof, SecondStep};
use crate::oauth::secret::{Digest, Secret, SignInKey};
use crate::pages::second_step::SecondStepView;

/// The password was right: on to the second page, with a cookie that is no session.
pub(super) fn wait(web: &Web, key: &Secret<SignInKey>, continue_query: &str) -> Result<HttpResponse, PageError> {
    let mut response = see_other(&with_query(CODE, continue_query));
    response
        .add_cookie(&session::begin_pending(key, web.policy()))
        .map_err(PageError::internal)?;
    Ok(response)
}

/// GET: the form, while a sign-in waits for it.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let continue_query = query_only(request.query_string());
    let waits = match &visit.pending {
        Some(pending) => web.accounts.who_signs_in(pending).await?.is_some(),
        None => false,
    };
    match waits {
        true => form(&web, &visit, continue_query, None).await,
        false if visit.owner.is_some() => Ok(see_other(&onwards(continue_query))),
        false => Ok(see_other(&with_query(SIGN_IN, continue_query))),
    }
}

/// POST: the code.
pub(super) async fn submit(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, PageError> {
    let mut visit = Visit::of(&request, &web).await?;
    let fields = Form::read(payload).await?;
    let continue_query = query_only(fields.get("continue"));
    visit.language = language::asked_in(continue_query, &request, &web);
    visit.back = with_query(CODE, continue_query);
    let Some(pending) = visit.pending.clone() else {
        return Ok(see_other(&with_query(SIGN_IN, continue_query)));
    };
    let problem = match attempt(&request, &web, &visit, &pending, &fields).await? {
        Ok(SecondStep::Done(key)) => return begin(&web, &visit, &key, continue_query).await,
        Ok(SecondStep::Gone) => return Ok(see_other(&with_query(SIGN_IN, continue_query))),
        Ok(SecondStep::Refused(refused)) => {
            tracing::info!(block = %address::block(visit.address), "wrong code");
            Problem::code(refused, proof(&fields))
        }
        Err(problem) => problem,
    };
    form(&web, &visit, continue_query, Some(&problem)).await
}

/// One try: counted, then checked.
async fn attempt(
    request: &HttpRequest,
    web: &Web,
    visit: &Visit,
    pending: &Digest<SignInKey>,
    fields: &Form,
) -> Result<Result<SecondStep, Problem>, PageError> {
    let Some(owner) = web.accounts.who_signs_in(pending).await? else {
        return Ok(Ok(SecondStep::Gone));
    };
    if let Err(wait) = counted(web, visit, owner.username.as_str()) {
        return Ok(Err(Problem::TooMany(wait)));
    }
    if !visit.sent(fields, request, web) {
        return Ok(Err(Problem::FormExpired));
    }
    let browser = browser::of(request, visit.address);
    let taken = web.accounts.second_step(pending, proof(fields), &browser).await?;
    Ok(Ok(taken))
}

/// Which of the page's two forms was sent.
fn proof(fields: &Form) -> Proof<'_> {
    match fields.get("recovery_code") {
        "" => Proof::Code(fields.get("code")),
        code => Proof::RecoveryCode(code),
    }
}

/// Counts a try of somebody's code, by address and by name: apart from tries of passwords, which anybody can make.
fn counted(web: &Web, visit: &Visit, username: &str) -> Result<(), Duration> {
    web.limits.check(Limit::SignIn, visit.address)?;
    web.limits.check_code(username, visit.address)
}

async fn form(
    web: &Web,
    visit: &Visit,
    continue_query: &str,
    problem: Option<&Problem>,
) -> Result<HttpResponse, PageError> {
    let waiting = match &visit.pending {
        Some(pending) => web.accounts.who_signs_in(pending).await?,
        None => None,
    };
    let (has_passkey, factor) = match &waiting {
        Some(owner) => (
            web.accounts.has_passkey(owner).await?,
            web.accounts.second_factor(owner).await?,
        ),
        None => (false, None),
    };
    let status = problem.map_or(StatusCode::OK, Problem::status);
    let view = SecondStepView {
        continue_query: continue_query.to_owned(),
        client_host: client_host(continue_query),
        has_app: factor.is_none_or(|factor| factor.has_app),
        has_passkey,
        problem: problem.map(Problem::shown),
    };
    let mut response = visit.page(web, status, &view)?;
    headers::leads_to_client(&mut response);
    if has_passkey {
        headers::runs_script(&mut response);
    }
    if let Some(problem) = problem {
        problem.say_when(&mut response);
    }
    Ok(response)
}
