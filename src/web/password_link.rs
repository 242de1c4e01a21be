//! Another password, through a link that an operator made. Whoever used it signs in with it: the second step is asked for
//! there.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::error::PageError;
use super::onwards::{query_only, with_query};
use super::params::{Form, from_query};
use super::sign_in::password_changed;
use super::visit::{Visit, see_other};
use super::{Web, session};
use crate::accounts::users::AccountError;
use crate::failure::FlowError;
use crate::oauth::profile::Username;
use crate::oauth::secret::{Digest, random_id};
use crate::operators::ways_in::PASSWORD_LINK;
use crate::pages::password_link::{PasswordLinkProblem, PasswordLinkView};
use crate::password::PasswordRefused;

/// GET: the form, if the link still works.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let params = from_query(&request)?;
    form(&web, &visit, params.get("token").unwrap_or_default(), None).await
}

/// POST: the new password.
pub(super) async fn submit(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, PageError> {
    let mut visit = Visit::of(&request, &web).await?;
    let fields = Form::read(payload).await?;
    let token = fields.get("token");
    visit.back = with_query(PASSWORD_LINK, &format!("token={}", query_only(token)));
    if !visit.sent(&fields, &request, &web) {
        return form(&web, &visit, token, Some(PasswordLinkProblem::FormExpired)).await;
    }
    let used = web
        .accounts
        .use_password_link(&Digest::of(token), fields.get("password"))
        .await;
    let problem = match used {
        Ok(_) => return done(&request, &web),
        Err(AccountError::Password(PasswordRefused::TooShort)) => PasswordLinkProblem::PasswordTooShort,
        Err(AccountError::Password(PasswordRefused::TooLong)) => PasswordLinkProblem::PasswordTooLong,
        Err(AccountError::Failed(FlowError::Unavailable(cause))) => {
            tracing::warn!(error = &*cause as &dyn std::error::Error, "a password was not hashed");
            PasswordLinkProblem::Busy
        }
        Err(AccountError::Failed(error)) => return Err(error.into()),
        Err(_) => PasswordLinkProblem::LinkSpent,
    };
    form(&web, &visit, token, Some(problem)).await
}

/// Sends the browser on to sign in. Whoever was signed in here may not be any more, so what the next page says is sealed
/// for a visitor.
fn done(request: &HttpRequest, web: &Web) -> Result<HttpResponse, PageError> {
    let cookie = session::visitor(request, web.policy()).unwrap_or_else(|| random_id(&mut rand::rng()));
    let mut response = see_other(&password_changed(&cookie));
    response
        .add_cookie(&session::new_visitor(&cookie, web.policy()))
        .map_err(PageError::internal)?;
    Ok(response)
}

/// Somebody who knew the old password may have added one, and it outlives that.
async fn has_passkeys(web: &Web, name: &Username) -> Result<bool, PageError> {
    let owner = web.accounts.find_by_username(name).await?;
    Ok(match owner {
        Some(owner) => !web.accounts.passkeys(&owner).await?.is_empty(),
        None => false,
    })
}

async fn form(
    web: &Web,
    visit: &Visit,
    token: &str,
    problem: Option<PasswordLinkProblem>,
) -> Result<HttpResponse, PageError> {
    let username = web.accounts.password_link_of(&Digest::of(token)).await?;
    let has_passkeys = match &username {
        Some(name) => has_passkeys(web, name).await?,
        None => false,
    };
    let problem = match username {
        Some(_) => problem,
        None => Some(PasswordLinkProblem::LinkSpent),
    };
    let status = match problem {
        None => StatusCode::OK,
        Some(PasswordLinkProblem::LinkSpent) => StatusCode::GONE,
        Some(PasswordLinkProblem::Busy) => StatusCode::SERVICE_UNAVAILABLE,
        Some(_) => StatusCode::BAD_REQUEST,
    };
    let view = PasswordLinkView {
        token: token.to_owned(),
        username: username.map(|name| name.as_str().to_owned()).unwrap_or_default(),
        has_passkeys,
        problem,
    };
    visit.page(web, status, &view)
}
