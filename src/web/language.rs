//! Which language a page is in.

use actix_web::HttpRequest;
use actix_web::http::header;

use super::Web;
use crate::pages::Language;

/// The language for a request: what the app asked for, then what the browser prefers.
pub(super) fn of(request: &HttpRequest, web: &Web) -> Language {
    let accept = request
        .headers()
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    let asked = url::form_urlencoded::parse(request.query_string().as_bytes())
        .find(|(name, _)| name == "ui_locales" || name == "lang")
        .map(|(_, value)| value.into_owned());
    web.pages.languages().negotiate(asked.as_deref(), accept)
}
