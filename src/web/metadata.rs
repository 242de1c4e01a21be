//! The metadata document (RFC 8414 §3, IndieAuth "IndieAuth Server Metadata"). It touches no database.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Data;

use super::Web;
use crate::oauth::metadata::ServerMetadata;

/// GET and HEAD. Minutes, not a year: an operator who changes a setting should not have to wait for clients.
pub(super) async fn show(web: Data<Web>) -> HttpResponse {
    let languages: Vec<String> = web
        .pages
        .languages()
        .iter()
        .map(|language| language.tag().to_owned())
        .collect();
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .json(ServerMetadata::new(web.policy(), &languages))
}
