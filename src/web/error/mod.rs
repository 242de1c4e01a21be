//! One error, four faces: JSON, bearer challenge, page, redirect. The endpoint's return type picks the face, never the
//! `Accept` header. This is also the one place where a failure is logged, with the request id that its answer shows.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, ResponseError, Route, web};
use tracing_actix_web::RequestId;

use super::Web;
use super::dialects::misskey::ApiError;
use super::passkeys::ScriptError;
use crate::flows::FlowError;
use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::pages::error::ErrorKind;

mod authorize;
mod json;
mod page;

pub(super) use authorize::authorize_face;
pub(super) use json::{BearerError, JsonError};
pub(super) use page::PageError;

type Cause = Box<dyn StdError + Send + Sync>;

/// The status of a code on the JSON face (RFC 6749 §5.2, RFC 6750 §3.1, RFC 7591 §3.2.2).
fn status_of(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::InvalidClient | ErrorCode::InvalidToken => StatusCode::UNAUTHORIZED,
        ErrorCode::InsufficientScope => StatusCode::FORBIDDEN,
        ErrorCode::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::InvalidRequest
        | ErrorCode::InvalidGrant
        | ErrorCode::UnauthorizedClient
        | ErrorCode::UnsupportedGrantType
        | ErrorCode::UnsupportedResponseType
        | ErrorCode::InvalidScope
        | ErrorCode::AccessDenied
        | ErrorCode::InvalidRedirectUri
        | ErrorCode::InvalidClientMetadata => StatusCode::BAD_REQUEST,
    }
}

/// What the protocol calls a failure.
fn in_protocol_words(error: &FlowError) -> ProtocolError {
    match error {
        FlowError::Protocol(error) => *error,
        FlowError::Unavailable(_) => ProtocolError::new(
            ErrorCode::TemporarilyUnavailable,
            "the server cannot do this right now; try again",
        ),
        FlowError::Internal(_) => ProtocolError::new(ErrorCode::ServerError, "the server failed"),
    }
}

/// Gives every error its face, now that the request is at hand, and logs it.
pub async fn faces(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let Some(error) = response.response().error() else {
        return Ok(response);
    };
    let request = response.request().clone();
    let mut answer = if let Some(error) = error.as_error::<JsonError>() {
        log(error.parts().0, &error.parts().1, None, cause_of_json(error));
        error.render(&request)
    } else if let Some(error) = error.as_error::<BearerError>() {
        log_bearer(error);
        error.render(&request)
    } else if let (Some(error), Some(web)) = (error.as_error::<ApiError>(), request.app_data::<web::Data<Web>>()) {
        log(error.status(), error, None, error.cause().and_then(failure));
        error.render(&request, web.policy())
    } else if let Some(error) = error
        .as_error::<ScriptError>()
        .filter(|error| error.failure().is_none())
    {
        log(error.status_code(), error, None, None);
        error.error_response()
    } else if let (Some(error), Some(web)) = (page_error(error), request.app_data::<web::Data<Web>>()) {
        let cause = error.cause.as_ref().map(|cause| &**cause as &dyn StdError);
        let said = error
            .view
            .author
            .as_ref()
            .map_or("", |author| author.description.as_str());
        log(error.status_code(), &said, error.detail.as_deref(), cause);
        error.render(&request, web)
    } else {
        return Ok(response);
    };
    // What the layers below added to the plain error, CORS above all, holds for the rendered one, too.
    for (name, value) in response.headers() {
        if !answer.headers().contains_key(name) && name != header::CONTENT_LENGTH {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    Ok(ServiceResponse::new(request, answer))
}

/// The error behind a page, also where a script asked.
fn page_error(error: &Error) -> Option<&PageError> {
    let of_script = || error.as_error::<ScriptError>().and_then(ScriptError::failure);
    error.as_error::<PageError>().or_else(of_script)
}

fn cause_of_json(error: &JsonError) -> Option<&dyn StdError> {
    match error {
        JsonError::Refused(error) | JsonError::Spoken(_, error) => failure(error),
        JsonError::Method(_) | JsonError::TooMany(_) => None,
    }
}

fn log_bearer(error: &BearerError) {
    if let BearerError::Refused(error) | BearerError::Spoken(_, error) = error {
        let told = in_protocol_words(error);
        log(status_of(told.code), &told, None, failure(error));
    }
}

fn failure(error: &FlowError) -> Option<&dyn StdError> {
    match error {
        FlowError::Protocol(_) => None,
        FlowError::Unavailable(cause) | FlowError::Internal(cause) => Some(&**cause),
    }
}

/// A refusal is information, a failure is an error with its chain; each is written once.
fn log(status: StatusCode, said: &dyn fmt::Display, detail: Option<&str>, cause: Option<&dyn StdError>) {
    match cause {
        Some(cause) => {
            let chain: Vec<String> = std::iter::successors(Some(cause), |error: &&dyn StdError| (*error).source())
                .map(ToString::to_string)
                .collect();
            tracing::error!(status = status.as_u16(), error = chain.join(": "), "failed");
        }
        None => tracing::info!(status = status.as_u16(), %said, detail, "refused"),
    }
}

/// The request id that the log knows.
pub(super) fn id(request: &HttpRequest) -> String {
    request
        .extensions()
        .get::<RequestId>()
        .map(ToString::to_string)
        .unwrap_or_default()
}

fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + 1
}

/// The page for an address that is none of ours.
pub(super) async fn not_found() -> Result<HttpResponse, PageError> {
    Err(PageError::new(StatusCode::NOT_FOUND, ErrorKind::NotFound))
}

/// The page for a method that a page does not have; `allowed` are those it has (RFC 9110 §15.5.6).
pub(super) fn only(allowed: &'static str) -> Route {
    web::to(move || async move { Err::<HttpResponse, _>(PageError::method_not_allowed(allowed)) })
}

/// The same for endpoints that programs call.
pub(super) fn only_json(allowed: &'static str) -> Route {
    web::to(move || async move { Err::<HttpResponse, _>(JsonError::Method(allowed)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_the_status_of_its_rfc() {
        for code in ErrorCode::ALL {
            let expected = match code.as_str() {
                "invalid_client" | "invalid_token" => 401,
                "insufficient_scope" => 403,
                "server_error" => 500,
                "temporarily_unavailable" => 503,
                _ => 400,
            };
            assert_eq!(status_of(code).as_u16(), expected, "{}", code.as_str());
        }
    }
}
