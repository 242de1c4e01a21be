//! Which language a page is in, and the choice of another: at the end of each page, or on a page of its own for those who
//! only read and shall get no cookie. The way back is a path that we sealed into the form, or one of the few fixed ways that
//! also lead on from the sign-in page, so the choice cannot lead elsewhere (attack case RD-19).

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::error::PageError;
use super::onwards::{carried, onwards, query_only};
use super::params::Form;
use super::visit::{Visit, see_other};
use super::{Web, headers, session};
use crate::oauth::secret::{Secret, SessionKey};
use crate::pages::Language;
use crate::pages::languages::LanguagesView;

/// The language for a request: what the person chose, then what the app asked for, then what the browser prefers.
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
    chosen(request, web).unwrap_or_else(|| web.pages.languages().negotiate(asked.as_deref(), accept))
}

/// What the person chose in this browser.
pub(super) fn chosen(request: &HttpRequest, web: &Web) -> Option<Language> {
    let tag = session::language(request, web.policy())?;
    web.pages.languages().find(&tag)
}

/// Brings the language that a person chose elsewhere into the browser in which they sign in.
pub(super) async fn follow(web: &Web, key: &Secret<SessionKey>, response: &mut HttpResponse) -> Result<(), PageError> {
    let tag = web.accounts.language_of(&key.digest()).await?;
    if let Some(language) = tag.and_then(|tag| web.pages.languages().find(&tag)) {
        let cookie = session::choose_language(language.tag(), web.policy());
        response.add_cookie(&cookie).map_err(PageError::internal)?;
    }
    Ok(())
}

/// GET: the choice.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    form(&web, &visit, query_only(request.query_string()), false)
}

/// POST: the language. Somebody who is signed in takes it along to their next browser.
pub(super) async fn choose(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let fields = Form::read(payload).await?;
    if !visit.sent(&fields, &request, &web) {
        let query = match fields.get("back") {
            "" => query_only(fields.get("continue")).to_owned(),
            path => carried(path),
        };
        return form(&web, &visit, &query, true);
    }
    let language = web.pages.languages().find(fields.get("language"));
    let language = language.ok_or_else(PageError::form_unusable)?;
    if let Some(owner) = &visit.owner {
        web.accounts.choose_language(owner, language.tag()).await?;
    }
    let mut response = see_other(&goal(&visit, &fields));
    response
        .add_cookie(&session::choose_language(language.tag(), web.policy()))
        .map_err(PageError::internal)?;
    Ok(response)
}

/// Back to the page that was left.
fn goal(visit: &Visit, fields: &Form) -> String {
    let path = fields.get("back");
    if is_path(path) && fields.get("seal") == visit.seal_back(path) {
        return path.to_owned();
    }
    onwards(query_only(fields.get("continue")))
}

/// Whether `text` cannot but lead to this server. What has our seal can; this is the belt to the braces.
fn is_path(text: &str) -> bool {
    let leads_away = |rest: &str| rest.starts_with(['/', '\\']);
    query_only(text) == text && text.strip_prefix('/').is_some_and(|rest| !leads_away(rest))
}

fn form(web: &Web, visit: &Visit, continue_query: &str, expired: bool) -> Result<HttpResponse, PageError> {
    let view = LanguagesView {
        continue_query: continue_query.to_owned(),
        expired,
    };
    let status = if expired {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    let mut response = visit.page(web, status, &view)?;
    // What follows may be an authorization request that is answered at once.
    headers::leads_to_client(&mut response);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_ours_is_a_way_back() {
        for path in ["/", "/apps", "/@alice", "/sign-in?client_id=https://app.example/&x={}"] {
            assert!(is_path(path), "{path}");
        }
        for text in [
            "",
            "apps",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a#b",
            "/a\r\nb",
            "/ä",
        ] {
            assert!(!is_path(text), "{text}");
        }
    }
}
