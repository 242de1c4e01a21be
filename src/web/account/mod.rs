//! What a person sees and changes of their own account: the entry page, and below it one file per page.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::Web;
use super::error::PageError;
use super::onwards::before;
use super::paths::ACCOUNT;
use super::visit::{Visit, see_other};
use crate::pages::account::AccountView;

pub(super) mod sessions;

/// GET: what there is.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let Some(owner) = &visit.owner else {
        return Ok(see_other(&before(ACCOUNT)));
    };
    let view = AccountView {
        username: owner.username.as_str().to_owned(),
        me: web.flows.me(owner).as_str().to_owned(),
    };
    visit.page(&web, StatusCode::OK, &view)
}
