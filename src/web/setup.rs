//! The first account, through the link that the server printed.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::error::PageError;
use super::onwards::query_only;
use super::params::{Form, from_query};
use super::paths::SET_UP;
use super::sign_in;
use super::visit::Visit;
use super::{Web, browser};
use crate::accounts::users::AccountError;
use crate::oauth::secret::Digest;
use crate::pages::setup::{SetupProblem, SetupView};
use crate::password::PasswordRefused;

/// GET: the form, if the link still works.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let params = from_query(&request)?;
    let token = params.get("token").unwrap_or_default();
    let problem = match web.accounts.setup_is_open(&Digest::of(token)).await? {
        true => None,
        false => Some(link_spent(&web).await?),
    };
    form(&web, &visit, token, "", problem)
}

/// POST: name and password of the first person, who is signed in right away.
pub(super) async fn submit(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, PageError> {
    let mut visit = Visit::of(&request, &web).await?;
    let fields = Form::read(payload).await?;
    visit.back = format!("{SET_UP}?token={}", query_only(fields.get("token")));
    let (token, username) = (fields.get("token"), fields.get("username"));
    if !visit.sent(&fields, &request, &web) {
        return form(&web, &visit, token, username, Some(SetupProblem::FormExpired));
    }
    let made = web
        .accounts
        .set_up(&Digest::of(token), username, fields.get("password"))
        .await;
    let problem = match made {
        Ok(owner) => {
            let key = web
                .accounts
                .begin_session(&owner, &browser::of(&request, visit.address))
                .await?;
            return sign_in::begin(&web, &visit, &key, "").await;
        }
        Err(AccountError::NameInvalid | AccountError::Unknown | AccountError::Unproven(_)) => SetupProblem::NameInvalid,
        Err(AccountError::NameTaken) => SetupProblem::NameTaken,
        Err(AccountError::Password(PasswordRefused::TooShort)) => SetupProblem::PasswordTooShort,
        Err(AccountError::Password(PasswordRefused::TooLong)) => SetupProblem::PasswordTooLong,
        Err(AccountError::LinkSpent) => link_spent(&web).await?,
        Err(AccountError::Failed(error)) => return Err(error.into()),
    };
    form(&web, &visit, token, username, Some(problem))
}

/// Why a link does not work: somebody used one, or it lapsed. Who holds a lapsed one has no account to sign in to.
async fn link_spent(web: &Web) -> Result<SetupProblem, PageError> {
    Ok(match web.accounts.is_empty().await? {
        true => SetupProblem::LinkExpired,
        false => SetupProblem::LinkUsed,
    })
}

fn form(
    web: &Web,
    visit: &Visit,
    token: &str,
    username: &str,
    problem: Option<SetupProblem>,
) -> Result<HttpResponse, PageError> {
    let status = match problem {
        None => StatusCode::OK,
        Some(SetupProblem::LinkUsed | SetupProblem::LinkExpired) => StatusCode::GONE,
        Some(_) => StatusCode::BAD_REQUEST,
    };
    let view = SetupView {
        issuer: web.policy().issuer.as_str().to_owned(),
        token: token.to_owned(),
        username: username.to_owned(),
        problem,
    };
    visit.page(web, status, &view)
}
