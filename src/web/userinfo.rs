//! The userinfo endpoint (IndieAuth "Profile Information").

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::Web;
use super::bearer::access_token;
use super::error::BearerError;

/// GET and POST.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, BearerError> {
    Ok(HttpResponse::Ok().json(web.flows.userinfo(&access_token(&request)?).await?))
}
