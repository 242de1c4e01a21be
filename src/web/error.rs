//! One error, four faces: JSON, bearer challenge, page, redirect. The endpoint's return type picks the face, never the
//! `Accept` header. This is also the one place where a failure is logged, with the request id that its answer shows.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use serde_json::json;
use tracing_actix_web::RequestId;

use super::Web;
use super::visit::language;
use crate::discovery::{Refusal, Step};
use crate::flows::FlowError;
use crate::flows::authorize::{AuthorizeError, ClientProblem, ClientReport};
use crate::flows::consent::ConsentError;
use crate::oauth::client::{Client, RedirectUris};
use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::pages::Frame;
use crate::pages::error::{AuthorReport, ErrorKind, ErrorView, Step as ShownStep};

type Cause = Box<dyn StdError + Send + Sync>;

/// The status of a code on the JSON face (RFC 6749 §5.2, RFC 6750 §3.1).
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
        | ErrorCode::AccessDenied => StatusCode::BAD_REQUEST,
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

/// A refusal as RFC 6749 §5.2 writes it.
#[derive(Debug)]
pub(super) enum JsonError {
    /// By the protocol, or by a failure of ours.
    Refused(FlowError),
    /// By the method.
    Method,
    /// By the limit.
    TooMany(Duration),
}

impl JsonError {
    pub(super) fn too_many(wait: Duration) -> JsonError {
        JsonError::TooMany(wait)
    }

    fn parts(&self) -> (StatusCode, ProtocolError) {
        match self {
            JsonError::Refused(error) => {
                let told = in_protocol_words(error);
                (status_of(told.code), told)
            }
            JsonError::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                ProtocolError::invalid_request("this endpoint does not answer to that method"),
            ),
            JsonError::TooMany(_) => (
                StatusCode::TOO_MANY_REQUESTS,
                ProtocolError::new(
                    ErrorCode::TemporarilyUnavailable,
                    "too many requests; wait and try again",
                ),
            ),
        }
    }

    fn render(&self, request: &HttpRequest) -> HttpResponse {
        let (status, told) = self.parts();
        let description = match self {
            JsonError::Refused(FlowError::Internal(_)) => format!("{} (request {})", told.description, id(request)),
            _ => told.description.to_owned(),
        };
        let mut answer = HttpResponse::build(status);
        answer.insert_header((header::PRAGMA, "no-cache"));
        if let JsonError::TooMany(wait) = self {
            answer.insert_header((header::RETRY_AFTER, seconds(*wait)));
        }
        if status == StatusCode::UNAUTHORIZED {
            answer.insert_header((header::WWW_AUTHENTICATE, r#"Basic realm="Vestibule", charset="UTF-8""#));
        }
        answer.json(json!({ "error": told.code.as_str(), "error_description": description }))
    }
}

/// A refusal of a protected route, as RFC 6750 §3 writes it.
#[derive(Debug)]
pub(super) enum BearerError {
    /// No token: no error code and no detail (RFC 6750 §3.1).
    NoToken,
    /// By the protocol, or by a failure of ours.
    Refused(FlowError),
}

impl BearerError {
    fn render(&self, request: &HttpRequest) -> HttpResponse {
        const REALM: &str = r#"Bearer realm="Vestibule""#;
        let BearerError::Refused(error) = self else {
            return HttpResponse::Unauthorized()
                .insert_header((header::WWW_AUTHENTICATE, REALM))
                .json(json!({}));
        };
        let told = in_protocol_words(error);
        if matches!(told.code, ErrorCode::ServerError | ErrorCode::TemporarilyUnavailable) {
            let FlowError::Protocol(_) = error else {
                return json_face(error, request);
            };
        }
        let mut challenge = format!(
            r#"{REALM}, error="{}", error_description="{}""#,
            told.code.as_str(),
            told.description
        );
        if told.code == ErrorCode::InsufficientScope {
            challenge.push_str(r#", scope="profile""#);
        }
        HttpResponse::build(status_of(told.code))
            .insert_header((header::WWW_AUTHENTICATE, challenge))
            .json(json!({ "error": told.code.as_str(), "error_description": told.description }))
    }
}

fn json_face(error: &FlowError, request: &HttpRequest) -> HttpResponse {
    let told = in_protocol_words(error);
    let description = format!("{} (request {})", told.description, id(request));
    HttpResponse::build(status_of(told.code))
        .json(json!({ "error": told.code.as_str(), "error_description": description }))
}

/// A refusal that a person reads.
#[derive(Debug)]
pub(super) struct PageError {
    view: Box<ErrorView>,
    /// For the log, never shown.
    detail: Option<String>,
    cause: Option<Cause>,
}

impl PageError {
    pub(super) fn new(status: StatusCode, kind: ErrorKind) -> PageError {
        let view = ErrorView {
            status: status.as_u16(),
            kind,
            retry_after: None,
            request_id: None,
            author: None,
        };
        PageError {
            view: Box::new(view),
            detail: None,
            cause: None,
        }
    }

    pub(super) fn too_many(wait: Duration) -> PageError {
        let mut error = PageError::new(StatusCode::TOO_MANY_REQUESTS, ErrorKind::TooMany);
        error.view.retry_after = Some(seconds(wait));
        error
    }

    pub(super) fn form_expired() -> PageError {
        PageError::new(StatusCode::FORBIDDEN, ErrorKind::FormExpired)
    }

    pub(super) fn internal(cause: impl Into<Cause>) -> PageError {
        let error = PageError::new(StatusCode::INTERNAL_SERVER_ERROR, ErrorKind::Internal);
        PageError {
            cause: Some(cause.into()),
            ..error
        }
    }

    /// Tells the author of an app what is wrong with its request.
    fn for_author(kind: ErrorKind, author: AuthorReport) -> PageError {
        let mut error = PageError::new(StatusCode::BAD_REQUEST, kind);
        error.view.author = Some(author);
        error
    }

    fn render(&self, request: &HttpRequest, web: &Web) -> HttpResponse {
        let view = ErrorView {
            request_id: Some(id(request)),
            ..(*self.view).clone()
        };
        let frame = Frame {
            language: language(request, web),
            development: web.policy().issuer.is_development(),
            username: None,
            csrf: None,
        };
        let mut answer = HttpResponse::build(self.status_code());
        if let Some(seconds) = view.retry_after {
            answer.insert_header((header::RETRY_AFTER, seconds));
        }
        match web.pages.render(&view, &frame) {
            Ok(html) => answer.content_type("text/html; charset=utf-8").body(html),
            Err(error) => {
                tracing::error!(error = &error as &dyn StdError, "the error page does not render");
                HttpResponse::InternalServerError().finish()
            }
        }
    }
}

/// A report about a request that is malformed: nothing about the client is known yet.
fn about_request(error: ProtocolError) -> AuthorReport {
    AuthorReport {
        description: error.description.to_owned(),
        step: None,
        detail: None,
        client_id: None,
        redirect_uri: None,
        found: Vec::new(),
        publish: None,
        near_miss: None,
    }
}

impl From<ProtocolError> for PageError {
    fn from(error: ProtocolError) -> PageError {
        PageError::for_author(ErrorKind::BadRequest, about_request(error))
    }
}

impl From<FlowError> for PageError {
    fn from(error: FlowError) -> PageError {
        match error {
            FlowError::Protocol(error) => error.into(),
            FlowError::Unavailable(cause) => {
                let page = PageError::new(StatusCode::SERVICE_UNAVAILABLE, ErrorKind::Unavailable);
                PageError {
                    cause: Some(cause),
                    ..page
                }
            }
            FlowError::Internal(cause) => PageError::internal(cause),
        }
    }
}

impl From<ConsentError> for PageError {
    fn from(error: ConsentError) -> PageError {
        match error {
            ConsentError::NotFound => PageError::new(StatusCode::NOT_FOUND, ErrorKind::RequestExpired),
            ConsentError::NotYours => PageError::new(StatusCode::FORBIDDEN, ErrorKind::NotYours),
            ConsentError::Answered => PageError::new(StatusCode::CONFLICT, ErrorKind::AlreadyAnswered),
            ConsentError::Lapsed => PageError::new(StatusCode::GONE, ErrorKind::RequestExpired),
            ConsentError::Failed(error) => error.into(),
        }
    }
}

/// The face of an authorization request: a page or a redirect, as the variant says.
pub(super) fn authorize_face(error: AuthorizeError) -> Result<HttpResponse, PageError> {
    match error {
        AuthorizeError::Show(error) => Err(error.into()),
        AuthorizeError::Client(report) => Err(about_client(*report)),
        AuthorizeError::TooMany(wait) => Err(PageError::too_many(wait)),
        AuthorizeError::Return(back, error) => {
            tracing::info!(
                error = error.code.as_str(),
                description = error.description,
                "refused, told the client"
            );
            Ok(super::visit::see_other(&back.error(&error)))
        }
        AuthorizeError::Failed { back: None, source } => Err(source.into()),
        AuthorizeError::Failed {
            back: Some(back),
            source,
        } => {
            tracing::error!(error = &source as &dyn StdError, "failed, told the client");
            Ok(super::visit::see_other(&back.error(&in_protocol_words(&source))))
        }
    }
}

fn about_client(report: ClientReport) -> PageError {
    let ClientReport { asked, problem } = report;
    let base = AuthorReport {
        client_id: Some(asked.client_id.as_str().to_owned()),
        redirect_uri: Some(asked.redirect_uri.as_str().to_owned()),
        ..about_request(ProtocolError::invalid_request(
            "no client is registered here under this client_id",
        ))
    };
    match problem {
        ClientProblem::Unknown => PageError::for_author(ErrorKind::UnknownClient, base),
        ClientProblem::Discovery(refusal) => about_discovery(base, refusal),
        ClientProblem::RedirectUri(error, client) => {
            let author = AuthorReport {
                description: error.description.to_owned(),
                step: Some(ShownStep::RedirectUri),
                found: listed(&client),
                publish: Some(snippet(asked.redirect_uri.as_str())),
                near_miss: client.near_miss(&asked.redirect_uri),
                ..base
            };
            PageError::for_author(ErrorKind::RedirectRefused, author)
        }
    }
}

fn about_discovery(base: AuthorReport, refusal: Refusal) -> PageError {
    let publish = match refusal.step {
        Step::Document | Step::RedirectUris | Step::MediaType => base.redirect_uri.as_deref().map(snippet),
        _ => None,
    };
    let author = AuthorReport {
        description: refusal.public.to_owned(),
        step: Some(shown(refusal.step)),
        detail: refusal.status.map(|status| status.to_string()),
        publish,
        ..base
    };
    PageError {
        detail: Some(refusal.detail),
        ..PageError::for_author(ErrorKind::ClientRefused, author)
    }
}

fn shown(step: Step) -> ShownStep {
    match step {
        Step::Url => ShownStep::Url,
        Step::Resolve => ShownStep::Resolve,
        Step::Connect | Step::Timeout => ShownStep::Connect,
        Step::Status => ShownStep::Status,
        Step::BotCheck => ShownStep::BotCheck,
        Step::MediaType | Step::Encoding => ShownStep::MediaType,
        Step::Size => ShownStep::Size,
        Step::Document => ShownStep::Document,
        Step::ClientIdMismatch => ShownStep::ClientIdMismatch,
        Step::SharedSecret => ShownStep::SharedSecret,
        Step::RedirectUris => ShownStep::RedirectUris,
    }
}

fn listed(client: &Client) -> Vec<String> {
    match &client.redirect_uris {
        RedirectUris::Published(list) => list.iter().map(|uri| uri.as_str().to_owned()).collect(),
        RedirectUris::OwnOrigin => Vec::new(),
    }
}

fn snippet(redirect_uri: &str) -> String {
    format!(r#"<link rel="redirect_uri" href="{redirect_uri}">"#)
}

macro_rules! response_error {
    ($face:ty, $status:expr) => {
        impl fmt::Display for $face {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{self:?}")
            }
        }

        impl ResponseError for $face {
            fn status_code(&self) -> StatusCode {
                $status(self)
            }
        }
    };
}

response_error!(JsonError, |error: &JsonError| error.parts().0);
response_error!(BearerError, |_: &BearerError| StatusCode::UNAUTHORIZED);
response_error!(PageError, |error: &PageError| {
    StatusCode::from_u16(error.view.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
});

impl From<ProtocolError> for JsonError {
    fn from(error: ProtocolError) -> JsonError {
        JsonError::Refused(error.into())
    }
}

impl From<FlowError> for JsonError {
    fn from(error: FlowError) -> JsonError {
        JsonError::Refused(error)
    }
}

impl From<FlowError> for BearerError {
    fn from(error: FlowError) -> BearerError {
        BearerError::Refused(error)
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
    } else if let (Some(error), Some(web)) = (error.as_error::<PageError>(), request.app_data::<web::Data<Web>>()) {
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

fn cause_of_json(error: &JsonError) -> Option<&dyn StdError> {
    match error {
        JsonError::Refused(error) => failure(error),
        JsonError::Method | JsonError::TooMany(_) => None,
    }
}

fn log_bearer(error: &BearerError) {
    if let BearerError::Refused(error) = error {
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
fn id(request: &HttpRequest) -> String {
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

/// The page for a method that a page does not have.
pub(super) async fn method_not_allowed() -> Result<HttpResponse, PageError> {
    Err(PageError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        ErrorKind::MethodNotAllowed,
    ))
}

/// The same for endpoints that programs call.
pub(super) async fn method_not_allowed_json() -> Result<HttpResponse, JsonError> {
    Err(JsonError::Method)
}
