//! The userinfo endpoint (IndieAuth "Profile Information").

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::bearer::{access_token, access_token_of_post};
use super::error::BearerError;
use super::{Web, dialects};
use crate::oauth::token::PresentedToken;

/// GET.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, BearerError> {
    tell(&web, &access_token(&request)?).await
}

/// POST.
pub(super) async fn show_to_post(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, BearerError> {
    tell(&web, &access_token_of_post(&request, payload).await?).await
}

async fn tell(web: &Web, token: &PresentedToken) -> Result<HttpResponse, BearerError> {
    let (live, person) = web.flows.userinfo(token).await?;
    Ok(HttpResponse::Ok().json(dialects::userinfo(&live, &person, web.policy())))
}
