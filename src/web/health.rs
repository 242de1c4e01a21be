//! Whether this server can do its work. It says nothing else.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

use super::Web;
use super::error::JsonError;

/// GET.
pub(super) async fn show(web: Data<Web>) -> Result<HttpResponse, JsonError> {
    web.accounts.is_empty().await?;
    Ok(HttpResponse::Ok().json(json!({ "status": "ok" })))
}
