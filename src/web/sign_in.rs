//! Signing in and out. An authorization request that led here travels along as its query string, so the person lands
//! back in the very same request.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::error::PageError;
use super::onwards::{asked_again, onwards, query_only, waiting_request, with_query};
use super::params::Form;
use super::paths::SIGN_IN;
use super::rate_limit::Limit;
use super::visit::{Visit, seal_in, see_other};
use super::{Web, address, browser, headers, language, second_step, session};
use crate::accounts::confirm::Unproven;
use crate::accounts::second_step::{Proof, ProofRefused};
use crate::accounts::sessions::SignIn;
use crate::failure::FlowError;
use crate::oauth::client::{ClientUrl, HttpLoopback};
use crate::oauth::grant::GrantId;
use crate::oauth::params::Params;
use crate::oauth::policy::SignUp;
use crate::oauth::profile::Username;
use crate::oauth::secret::{Secret, SessionKey};
use crate::pages::ShownHost;
use crate::pages::sign_in::{SignInProblem, SignInView};

/// What the address says after a link of an operator changed the password.
const PASSWORD_CHANGED: &str = "password";

/// GET: the form.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let asked = query_only(request.query_string());
    // Sealed, or any link could tell people that their password is another one.
    let password_changed = asked == query_of(&visit.seal(PASSWORD_CHANGED));
    let continue_query = if password_changed { "" } else { asked };
    if visit.owner.is_some() {
        return Ok(see_other(&onwards(continue_query)));
    }
    let view = SignInView {
        password_changed,
        ..first(&web, continue_query)
    };
    shown(&web, &visit, StatusCode::OK, &view)
}

/// The address of this page when it tells the browser with this visitor cookie of its person's new password.
pub(super) fn password_changed(cookie: &str) -> String {
    with_query(SIGN_IN, &query_of(&seal_in(cookie, PASSWORD_CHANGED)))
}

fn query_of(seal: &str) -> String {
    format!("changed={PASSWORD_CHANGED}&seal={seal}")
}

/// POST: name and password. Whatever goes wrong, the request that waits stays in the form.
pub(super) async fn submit(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, PageError> {
    let mut visit = Visit::of(&request, &web).await?;
    let fields = Form::read(payload).await?;
    let continue_query = query_only(fields.get("continue"));
    visit.language = language::asked_in(continue_query, &request, &web);
    visit.back = with_query(SIGN_IN, continue_query);
    match attempt(&request, &web, &visit, &fields).await? {
        Ok(SignIn::Done(key)) => begin(&web, &visit, &key, continue_query).await,
        Ok(SignIn::NeedsCode(key)) => second_step::wait(&web, &key, continue_query),
        Err(problem) => form(&web, &visit, continue_query, fields.get("username"), &problem),
    }
}

/// One try: counted, then checked.
pub(super) async fn attempt(
    request: &HttpRequest,
    web: &Web,
    visit: &Visit,
    fields: &Form,
) -> Result<Result<SignIn, Problem>, PageError> {
    let typed = fields.get("username");
    if let Err(wait) = counted(web, visit, typed) {
        return Ok(Err(Problem::TooMany(wait)));
    }
    if !visit.sent(fields, request, web) {
        return Ok(Err(Problem::FormExpired));
    }
    match web
        .accounts
        .sign_in(typed, fields.get("password"), &browser::of(request, visit.address))
        .await
    {
        Ok(Some(signed_in)) => Ok(Ok(signed_in)),
        Ok(None) => {
            tracing::info!(block = %address::block(visit.address), "wrong name or password");
            Ok(Err(Problem::Wrong))
        }
        Err(FlowError::Unavailable(cause)) => Ok(Err(Problem::busy(&*cause))),
        Err(error) => Err(error.into()),
    }
}

/// Counts a try of somebody's password, by address and by name.
pub(super) fn counted(web: &Web, visit: &Visit, typed: &str) -> Result<(), Duration> {
    web.limits.check(Limit::SignIn, visit.address)?;
    match Username::typed(typed) {
        Some(username) => web.limits.check_account(username.as_str(), visit.address),
        None => Ok(()),
    }
}

/// Why a form that asks for a password or a code comes back.
pub(super) enum Problem {
    Wrong,
    WrongPassword,
    WrongCode,
    WrongRecoveryCode,
    FormExpired,
    TooMany(Duration),
    CodesLocked(Duration),
    Busy,
}

impl Problem {
    /// What somebody who is signed in already could not prove.
    pub(super) fn unproven(unproven: Unproven, proof: Proof<'_>) -> Problem {
        match unproven {
            Unproven::WrongPassword => Problem::WrongPassword,
            Unproven::Code(refused) => Problem::code(refused, proof),
            Unproven::SignedOut => Problem::FormExpired,
        }
    }

    /// What was not taken as the second step.
    pub(super) fn code(refused: ProofRefused, proof: Proof<'_>) -> Problem {
        match (refused, proof) {
            (ProofRefused::Wrong, Proof::Code(_) | Proof::FreshSession) => Problem::WrongCode,
            (ProofRefused::Wrong, Proof::RecoveryCode(_)) => Problem::WrongRecoveryCode,
            (ProofRefused::Locked(left), _) => Problem::CodesLocked(left),
        }
    }

    /// Passwords cannot be checked at this moment.
    pub(super) fn busy(cause: &(dyn std::error::Error + 'static)) -> Problem {
        tracing::error!(error = cause, "nobody can sign in");
        Problem::Busy
    }

    pub(super) fn status(&self) -> StatusCode {
        match self {
            Problem::Wrong
            | Problem::WrongPassword
            | Problem::WrongCode
            | Problem::WrongRecoveryCode
            | Problem::FormExpired => StatusCode::BAD_REQUEST,
            Problem::TooMany(_) | Problem::CodesLocked(_) => StatusCode::TOO_MANY_REQUESTS,
            Problem::Busy => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    pub(super) fn shown(&self) -> SignInProblem {
        match self {
            Problem::Wrong => SignInProblem::WrongNameOrPassword,
            Problem::WrongPassword => SignInProblem::WrongPassword,
            Problem::WrongCode => SignInProblem::WrongCode,
            Problem::WrongRecoveryCode => SignInProblem::WrongRecoveryCode,
            Problem::FormExpired => SignInProblem::FormExpired,
            Problem::TooMany(wait) => SignInProblem::TooMany {
                minutes: wait.as_secs() / 60 + 1,
            },
            Problem::CodesLocked(left) => SignInProblem::codes_locked(left.as_secs()),
            Problem::Busy => SignInProblem::Busy,
        }
    }

    /// Tells programs, too, how long to wait.
    pub(super) fn say_when(&self, response: &mut HttpResponse) {
        if let Problem::TooMany(wait) | Problem::CodesLocked(wait) = self {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
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
    let mut response = see_other(&again.map_or("/".to_owned(), |grant| asked_again(&grant, fields.get("session"))));
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
    let mut response = see_other(&onwards(continue_query));
    hand_over(web, visit, key, &mut response).await?;
    Ok(response)
}

/// Hands the browser the key of its new session, in place of whatever it held.
pub(super) async fn hand_over(
    web: &Web,
    visit: &Visit,
    key: &Secret<SessionKey>,
    response: &mut HttpResponse,
) -> Result<(), PageError> {
    if let Some(old) = &visit.session {
        web.accounts.end_session(old).await?;
    }
    response
        .add_cookie(&session::begin(key, web.policy()))
        .map_err(PageError::internal)?;
    if visit.pending.is_some() {
        response
            .add_cookie(&session::end_pending(web.policy()))
            .map_err(PageError::internal)?;
    }
    if !visit.has_chosen_language {
        language::follow(web, key, response).await?;
    }
    Ok(())
}

fn form(
    web: &Web,
    visit: &Visit,
    continue_query: &str,
    username: &str,
    problem: &Problem,
) -> Result<HttpResponse, PageError> {
    let view = SignInView {
        username: username.chars().take(Username::MAX_CHARS * 2).collect(),
        problem: Some(problem.shown()),
        ..first(web, continue_query)
    };
    let mut response = shown(web, visit, problem.status(), &view)?;
    problem.say_when(&mut response);
    Ok(response)
}

/// The form before anything was typed.
fn first(web: &Web, continue_query: &str) -> SignInView {
    SignInView {
        continue_query: continue_query.to_owned(),
        client_host: client_host(continue_query),
        offers_passkeys: web.accounts.offers_passkeys(),
        offers_sign_up: web.policy().sign_up == SignUp::Open,
        password_changed: false,
        username: String::new(),
        problem: None,
    }
}

fn shown(web: &Web, visit: &Visit, status: StatusCode, view: &SignInView) -> Result<HttpResponse, PageError> {
    let mut response = visit.page(web, status, view)?;
    headers::leads_to_client(&mut response);
    if view.offers_passkeys {
        headers::runs_script(&mut response);
    }
    Ok(response)
}

/// The host of the app that waits, for the headline. It is not known yet whether the app is what it says.
pub(super) fn client_host(continue_query: &str) -> Option<ShownHost> {
    let params = Params::parse(waiting_request(continue_query)?.as_bytes()).ok()?;
    let client = ClientUrl::parse(params.get("client_id")?, HttpLoopback::Allowed).ok()?;
    Some(ShownHost::of(client.url()))
}
