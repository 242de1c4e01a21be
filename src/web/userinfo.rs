//! The userinfo endpoint (IndieAuth "Profile Information").

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::bearer::access_token;
use super::error::BearerError;
use super::{Web, dialects};

/// GET and POST.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, BearerError> {
    let live = web.flows.userinfo(&access_token(&request)?).await?;
    Ok(HttpResponse::Ok().json(dialects::userinfo(&live, web.policy())))
}
