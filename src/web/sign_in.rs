//! Signing in and out. An authorization request that led here travels along as its query string, so the person lands
//! back in the very same request.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::error::PageError;
use super::onwards::{onwards, query_only};
use super::params::Form;
use super::paths::SIGN_IN;
use super::visit::{Visit, see_other};
use super::{Web, address, headers, session};
use crate::oauth::client::{ClientUrl, HttpLoopback};
use crate::oauth::grant::GrantId;
use crate::oauth::params::Params;
use crate::oauth::profile::Username;
use crate::oauth::secret::{Secret, SessionKey};
use crate::pages::shown_host;
use crate::pages::sign_in::{SignInProblem, SignInView};

/// GET: the form.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let continue_query = query_only(request.query_string());
    if visit.owner.is_some() {
        return Ok(see_other(&onwards(continue_query)));
    }
    form(&web, &visit, continue_query, "", None)
}

/// POST: name and password.
pub(super) async fn submit(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let fields = Form::read(payload).await?;
    let (typed, continue_query) = (fields.get("username"), query_only(fields.get("continue")));
    if !visit.sent(&fields, &request, &web) {
        return form(&web, &visit, continue_query, typed, Some(SignInProblem::FormExpired));
    }
    if let Some(username) = Username::typed(typed) {
        web.limits
            .check_account(username.as_str(), visit.address)
            .map_err(PageError::too_many)?;
    }
    match web.accounts.sign_in(typed, fields.get("password")).await? {
        Some(key) => begin(&web, &visit, &key, continue_query).await,
        None => {
            tracing::info!(block = %address::block(visit.address), "wrong name or password");
            form(
                &web,
                &visit,
                continue_query,
                typed,
                Some(SignInProblem::WrongNameOrPassword),
            )
        }
    }
}

/// POST: ends the session. From a consent page it leads back to the same request, for somebody else to sign in.
pub(super) async fn sign_out(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let fields = Form::read(payload).await?;
    let (Some(owner), Some(key)) = (&visit.owner, &visit.session) else {
        return Ok(see_other(SIGN_IN));
    };
    if !visit.sent(&fields, &request, &web) {
        return Err(PageError::form_expired());
    }
    let again = match fields.get("grant") {
        "" => None,
        id => web.flows.request_again(&GrantId(id.to_owned()), owner).await?,
    };
    web.accounts.end_session(key).await?;
    let mut response = see_other(&again.map_or("/".to_owned(), |query| format!("{SIGN_IN}?{query}")));
    response
        .add_cookie(&session::end(web.policy()))
        .map_err(PageError::internal)?;
    Ok(response)
}

/// Hands the browser the key of its new session and sends it on.
pub(super) async fn begin(
    web: &Web,
    visit: &Visit,
    key: &Secret<SessionKey>,
    continue_query: &str,
) -> Result<HttpResponse, PageError> {
    if let Some(old) = &visit.session {
        web.accounts.end_session(old).await?;
    }
    let mut response = see_other(&onwards(continue_query));
    response
        .add_cookie(&session::begin(key, web.policy()))
        .map_err(PageError::internal)?;
    Ok(response)
}

fn form(
    web: &Web,
    visit: &Visit,
    continue_query: &str,
    username: &str,
    problem: Option<SignInProblem>,
) -> Result<HttpResponse, PageError> {
    let status = if problem.is_none() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    let view = SignInView {
        continue_query: continue_query.to_owned(),
        client_host: client_host(continue_query),
        username: username.chars().take(Username::MAX_CHARS * 2).collect(),
        problem,
    };
    let mut response = visit.page(web, status, &view)?;
    headers::leads_to_client(&mut response);
    Ok(response)
}

/// The host of the app that waits, for the headline. It is not known yet whether the app is what it says.
fn client_host(continue_query: &str) -> Option<String> {
    let params = Params::parse(continue_query.as_bytes()).ok()?;
    let client = ClientUrl::parse(params.get("client_id")?, HttpLoopback::Allowed).ok()?;
    Some(shown_host(client.url()))
}
