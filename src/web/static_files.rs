//! The style sheet and the icon, from the binary.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use actix_web::web::Path;

use super::error::PageError;
use crate::pages::assets;
use crate::pages::error::ErrorKind;

/// GET and HEAD. Links to these files change with their content, so a browser may keep them for good.
pub(super) async fn show(name: Path<String>) -> Result<HttpResponse, PageError> {
    let asset = assets::find(&name).ok_or_else(|| PageError::new(StatusCode::NOT_FOUND, ErrorKind::NotFound))?;
    Ok(HttpResponse::Ok()
        .content_type(asset.media_type)
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(asset.bytes))
}
