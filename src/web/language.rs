//! Which language a page is in.

use actix_web::HttpRequest;
use actix_web::http::header;

use super::Web;
use crate::pages::Language;

/// The language for a request: what the app asked for, then what the browser prefers.
pub(super) fn of(request: &HttpRequest, web: &Web) -> Language {
    asked_in(request.query_string(), request, web)
}

/// The same, when the app's request travels in a form instead of the address.
pub(super) fn asked_in(query: &str, request: &HttpRequest, web: &Web) -> Language {
    let accept = request
        .headers()
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    let asked = url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "ui_locales" || name == "lang")
        .map(|(_, value)| value.into_owned());
    web.pages.languages().negotiate(asked.as_deref(), accept)
}
