//! The face that a person reads: what happened, whose turn it is, and for the author of an app what to mend.

use std::fmt;
use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError};

use super::{Cause, id, seconds};
use crate::flows::FlowError;
use crate::flows::consent::ConsentError;
use crate::oauth::error::ProtocolError;
use crate::pages::error::{AuthorReport, ErrorKind, ErrorView};
use crate::pages::{Frame, WayBack};
use crate::web::onwards::{carried, page_of};
use crate::web::visit::see_other;
use crate::web::{Web, language};

/// A refusal that a person reads.
#[derive(Debug)]
pub(in crate::web) struct PageError {
    pub(super) view: Box<ErrorView>,
    /// For the log, never shown.
    pub(super) detail: Option<String>,
    pub(super) cause: Option<Cause>,
    /// The methods that the address has.
    pub(super) allowed: Option<&'static str>,
    /// Where to go instead of reading anything.
    pub(super) location: Option<String>,
}

impl PageError {
    pub(in crate::web) fn new(status: StatusCode, kind: ErrorKind) -> PageError {
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
            allowed: None,
            location: None,
        }
    }

    pub(in crate::web) fn too_many(wait: Duration) -> PageError {
        let mut error = PageError::new(StatusCode::TOO_MANY_REQUESTS, ErrorKind::TooMany);
        error.view.retry_after = Some(seconds(wait));
        error
    }

    /// Too much is going on here just now.
    pub(in crate::web) fn crowded(wait: Duration) -> PageError {
        let mut error = PageError::new(StatusCode::SERVICE_UNAVAILABLE, ErrorKind::Unavailable);
        error.view.retry_after = Some(seconds(wait));
        error
    }

    pub(in crate::web) fn method_not_allowed(allowed: &'static str) -> PageError {
        let error = PageError::new(StatusCode::METHOD_NOT_ALLOWED, ErrorKind::MethodNotAllowed);
        PageError {
            allowed: Some(allowed),
            ..error
        }
    }

    /// Something else comes first, at this address: signing in, or proving once more who one is.
    pub(in crate::web) fn first_at(location: String) -> PageError {
        PageError {
            location: Some(location),
            ..PageError::new(StatusCode::SEE_OTHER, ErrorKind::NotFound)
        }
    }

    pub(in crate::web) fn not_found() -> PageError {
        PageError::new(StatusCode::NOT_FOUND, ErrorKind::NotFound)
    }

    /// The operator lets nobody use the app.
    pub(in crate::web) fn host_blocked() -> PageError {
        PageError::new(StatusCode::FORBIDDEN, ErrorKind::HostBlocked)
    }

    pub(in crate::web) fn form_unusable() -> PageError {
        PageError::new(StatusCode::BAD_REQUEST, ErrorKind::FormUnusable)
    }

    pub(in crate::web) fn form_expired() -> PageError {
        PageError::new(StatusCode::FORBIDDEN, ErrorKind::FormExpired)
    }

    pub(in crate::web) fn internal(cause: impl Into<Cause>) -> PageError {
        let error = PageError::new(StatusCode::INTERNAL_SERVER_ERROR, ErrorKind::Internal);
        PageError {
            cause: Some(cause.into()),
            ..error
        }
    }

    /// Tells the author of an app what is wrong with its request.
    pub(super) fn for_author(kind: ErrorKind, author: AuthorReport) -> PageError {
        let mut error = PageError::new(StatusCode::BAD_REQUEST, kind);
        error.view.author = Some(author);
        error
    }

    pub(super) fn render(&self, request: &HttpRequest, web: &Web) -> HttpResponse {
        if let Some(location) = &self.location {
            return see_other(location);
        }
        let view = ErrorView {
            request_id: Some(id(request)),
            ..(*self.view).clone()
        };
        let frame = Frame {
            language: language::of(request, web),
            development: web.policy().issuer.is_development(),
            username: None,
            operator: false,
            csrf: None,
            way_back: WayBack::Carried(carried(&page_of(request))),
        };
        let mut answer = HttpResponse::build(self.status_code());
        if let Some(seconds) = view.retry_after {
            answer.insert_header((header::RETRY_AFTER, seconds));
        }
        if let Some(allowed) = self.allowed {
            answer.insert_header((header::ALLOW, allowed));
        }
        match web.pages.render(&view, &frame) {
            Ok(html) => answer.content_type("text/html; charset=utf-8").body(html),
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the error page does not render"
                );
                HttpResponse::InternalServerError().finish()
            }
        }
    }
}

/// A report about a request that is malformed: nothing about the client is known yet.
pub(super) fn about_request(error: ProtocolError) -> AuthorReport {
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
            ConsentError::SignedOut | ConsentError::SessionLost => PageError::form_expired(),
            ConsentError::AddressGone(_) => PageError::form_unusable(),
            ConsentError::Lapsed => PageError::new(StatusCode::GONE, ErrorKind::RequestExpired),
            ConsentError::Blocked => PageError::host_blocked(),
            ConsentError::Failed(error) => error.into(),
        }
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "page {} {:?}", self.view.status, self.view.kind)
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.view.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}
