//! The scopes this server knows, for the people who write apps and for their programs. Neither touches a grant.

use std::collections::BTreeMap;

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::Web;
use super::error::PageError;
use super::visit::Visit;
use crate::oauth::metadata::{API_DOC_JSON, METADATA};
use crate::oauth::scope::{ScopeCatalog, ScopeEntry, ScopeGroup};
use crate::pages::api_doc::ApiDocView;

/// GET and HEAD of the page.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let scopes = &web.policy().scopes;
    let view = ApiDocView::new(scopes, visit.language, API_DOC_JSON.to_owned(), METADATA.to_owned());
    visit.plain_page(&web, &view)
}

/// GET and HEAD of the same as JSON. Minutes, for the reason that the metadata document has.
pub(super) async fn show_json(web: Data<Web>) -> HttpResponse {
    let scopes = &web.policy().scopes;
    let documented: Vec<_> = scopes.iter().map(|entry| DocumentedScope::of(entry, scopes)).collect();
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .json(documented)
}

/// One scope as programs read it.
#[derive(Serialize)]
struct DocumentedScope<'a> {
    name: &'a str,
    group: ScopeGroup,
    parents: &'a [String],
    children: Vec<&'a str>,
    sentences: BTreeMap<&'a str, &'a str>,
}

impl<'a> DocumentedScope<'a> {
    fn of(entry: &'a ScopeEntry, catalog: &'a ScopeCatalog) -> DocumentedScope<'a> {
        let sentences = entry.sentences.iter();
        DocumentedScope {
            name: &entry.name,
            group: entry.group,
            parents: &entry.parents,
            children: catalog.children(&entry.name).collect(),
            sentences: sentences.map(|(tag, text)| (tag.as_str(), text.as_str())).collect(),
        }
    }
}
