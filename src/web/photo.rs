//! The pictures of people, drawn by this server: what they uploaded is never handed on.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path};

use super::Web;
use super::error::PageError;
use crate::pages::error::ErrorKind;

/// GET and HEAD, for everybody: pages of other sites show it. Another picture has another name, so it may be kept; for
/// an hour, because one that was removed, or whose person was shut out, should be gone soon.
pub(super) async fn show(web: Data<Web>, name: Path<String>) -> Result<HttpResponse, PageError> {
    let png = web.accounts.photo_png(&name).await?;
    let png = png.ok_or_else(|| PageError::new(StatusCode::NOT_FOUND, ErrorKind::NotFound))?;
    Ok(HttpResponse::Ok()
        .content_type("image/png")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600, immutable"))
        .insert_header(("Cross-Origin-Resource-Policy", "cross-origin"))
        .body(png))
}
