//! Signing in and out. An authorization request that led here travels along as its query string, so the person lands
//! back in the very same request.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::error::PageError;
use super::params::Form;
use super::visit::{Visit, see_other};
use super::{Web, headers, session};
use crate::oauth::client::{ClientUrl, HttpLoopback};
use crate::oauth::grant::GrantId;
use crate::oauth::grant::Owner;
use crate::oauth::metadata::AUTHORIZATION_ENDPOINT;
use crate::oauth::params::Params;
use crate::oauth::profile::Username;
use crate::pages::shown_host;
use crate::pages::sign_in::{SignInProblem, SignInView};

use super::routes::{APPS, SIGN_IN};

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
        Some(owner) => begin(&web, &visit, &owner, continue_query).await,
        None => form(
            &web,
            &visit,
            continue_query,
            typed,
            Some(SignInProblem::WrongNameOrPassword),
        ),
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

/// Begins a session with a new key and sends the browser on.
pub(super) async fn begin(
    web: &Web,
    visit: &Visit,
    owner: &Owner,
    continue_query: &str,
) -> Result<HttpResponse, PageError> {
    if let Some(old) = &visit.session {
        web.accounts.end_session(old).await?;
    }
    let key = web.accounts.begin_session(owner).await?;
    let mut response = see_other(&onwards(continue_query));
    response
        .add_cookie(&session::begin(&key, web.policy()))
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

/// What is carried along instead of a request, by somebody whose session ended on the consent page.
const GRANT: &str = "grant=";

/// What is carried along by somebody on the way to the apps page.
const TO_APPS: &str = "apps";

/// The sign-in page for somebody on the way to the apps page.
pub(super) fn before_apps() -> String {
    format!("{SIGN_IN}?{TO_APPS}")
}

/// The sign-in page for somebody who was asked a question and is not signed in any more.
pub(super) fn before_consent(id: &str) -> String {
    if is_grant_id(id) {
        format!("{SIGN_IN}?{GRANT}{id}")
    } else {
        SIGN_IN.to_owned()
    }
}

fn is_grant_id(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Where to go after signing in: one of a few fixed paths, so no address from outside can be followed (attack case
/// RD-19).
fn onwards(continue_query: &str) -> String {
    match (continue_query, continue_query.strip_prefix(GRANT)) {
        ("", _) => "/".to_owned(),
        (TO_APPS, _) => APPS.to_owned(),
        (_, Some(id)) if is_grant_id(id) => format!("/consent/{id}"),
        (query, _) => format!("{AUTHORIZATION_ENDPOINT}?{query}"),
    }
}

/// The text, if it can be a query string; else nothing. Browsers leave `{`, `|` and their like in a query as they are.
fn query_only(text: &str) -> &str {
    let plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b'#');
    if plain { text } else { "" }
}

/// The host of the app that waits, for the headline. It is not known yet whether the app is what it says.
fn client_host(continue_query: &str) -> Option<String> {
    let params = Params::parse(continue_query.as_bytes()).ok()?;
    let client = ClientUrl::parse(params.get("client_id")?, HttpLoopback::Allowed).ok()?;
    Some(shown_host(client.url()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_a_query_is_carried_along() {
        for (text, carried) in [
            ("client_id=a&state=%2F", "client_id=a&state=%2F"),
            ("//evil.example", "//evil.example"),
            ("state={|}^`\"", "state={|}^`\""),
            ("a\r\nSet-Cookie: x", ""),
            ("a#b", ""),
            ("é", ""),
        ] {
            assert_eq!(query_only(text), carried);
        }
        assert_eq!(onwards("//evil.example"), "/oauth/authorize?//evil.example");
        assert_eq!(onwards(""), "/");
        assert_eq!(onwards("apps"), "/apps");
        assert_eq!(onwards("grant=abc2"), "/consent/abc2");
        assert_eq!(onwards("grant=../x"), "/oauth/authorize?grant=../x");
    }
}
