//! The end of a request that has no address to go back to: the code to copy, or what became of it.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::Web;
use super::csrf::leads_from_here;
use super::error::PageError;
use super::onwards::before_code;
use super::params::from_query;
use super::visit::{Visit, see_other};
use crate::oauth::error::ErrorCode;
use crate::oauth::params::Params;
use crate::pages::answered::{Answered, AnsweredView};
use crate::pages::error::ErrorKind;

/// GET. What is shown of the address is the code alone, and only when it is one: everything else here is in our own words.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let params = from_query(&request)?;
    let kind = match params.get("code") {
        None => told(&params, &request)?,
        Some(code) => {
            let Some(owner) = &visit.owner else {
                return Ok(see_other(&before_code(code)));
            };
            web.flows.show_code(code, owner).await?;
            Answered::Code { code: code.to_owned() }
        }
    };
    visit.plain_page(&web, &AnsweredView { kind })
}

/// What became of a request without a code. A word that is no error code is none of ours, and is not repeated. That something
/// was allowed or not is said only to who comes from the question: from elsewhere it would be a lie that we tell for others.
fn told(params: &Params, request: &HttpRequest) -> Result<Answered, PageError> {
    let answered = match params.get("error") {
        None => Answered::Approved { app: None },
        Some(named) => refused(named),
    };
    let decided = !matches!(answered, Answered::Refused { .. });
    if decided && !leads_from_here(request) {
        return Err(PageError::new(StatusCode::NOT_FOUND, ErrorKind::NotFound));
    }
    Ok(answered)
}

fn refused(named: &str) -> Answered {
    let known = ErrorCode::ALL.into_iter().find(|code| code.as_str() == named);
    match known.unwrap_or(ErrorCode::InvalidRequest) {
        ErrorCode::AccessDenied => Answered::Denied { app: None },
        code => Answered::Refused {
            code: code.as_str().to_owned(),
            description: meaning(code).to_owned(),
        },
    }
}

/// What a code means for the author of the app (RFC 6749 §4.1.2.1). The sentence that the refusal itself had is not carried
/// along: whatever stands in an address, anybody may have written.
fn meaning(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::InvalidScope => {
            "the scope names something that is unknown here, or that the app is not registered for"
        }
        ErrorCode::UnsupportedResponseType => "response_type must be code",
        ErrorCode::UnauthorizedClient => "the app may not ask in this way",
        ErrorCode::ServerError => "the server failed",
        ErrorCode::TemporarilyUnavailable => "the server cannot do this right now; try again",
        _ => "a parameter of the request is missing or has a value that it cannot have",
    }
}
