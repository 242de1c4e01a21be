//! The logos of apps, drawn by this server: the picture that the app itself published is never handed on.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path};

use super::Web;
use super::error::PageError;
use crate::pages::error::ErrorKind;

/// GET and HEAD. Nobody can guess a name, so nobody is asked who they are.
pub(super) async fn show(web: Data<Web>, name: Path<String>) -> Result<HttpResponse, PageError> {
    let png = web.flows.logo_png(&name).await;
    let png = png.ok_or_else(|| PageError::new(StatusCode::NOT_FOUND, ErrorKind::NotFound))?;
    Ok(HttpResponse::Ok()
        .content_type("image/png")
        .insert_header((header::CACHE_CONTROL, "private, max-age=3600, immutable"))
        .insert_header(("Cross-Origin-Resource-Policy", "same-origin"))
        .body(png.to_vec()))
}
