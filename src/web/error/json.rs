//! The faces that programs read: JSON (RFC 6749 §5.2) and the bearer challenge (RFC 6750 §3).

use std::fmt;
use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde_json::json;

use super::{id, in_protocol_words, seconds, status_of};
use crate::flows::FlowError;
use crate::flows::introspect::NotTold;
use crate::oauth::dialect::Dialect;
use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::web::dialects;

/// A refusal as RFC 6749 §5.2 writes it.
#[derive(Debug)]
pub(in crate::web) enum JsonError {
    /// By the protocol, or by a failure of ours.
    Refused(FlowError),
    /// The same, for a client that is known: told in its own dialect.
    Spoken(Dialect, FlowError),
    /// By the method; these are allowed.
    Method(&'static str),
    /// By the limit.
    TooMany(Duration),
}

impl JsonError {
    pub(in crate::web) fn too_many(wait: Duration) -> JsonError {
        JsonError::TooMany(wait)
    }

    pub(in crate::web) fn spoken(dialect: Dialect, error: FlowError) -> JsonError {
        JsonError::Spoken(dialect, error)
    }

    pub(super) fn parts(&self) -> (StatusCode, ProtocolError) {
        match self {
            JsonError::Refused(error) | JsonError::Spoken(_, error) => {
                let told = in_protocol_words(error);
                (status_of(told.code), told)
            }
            JsonError::Method(_) => (
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

    pub(super) fn render(&self, request: &HttpRequest) -> HttpResponse {
        let (status, told) = self.parts();
        if let JsonError::Spoken(dialect, FlowError::Protocol(error)) = self
            && let Some(answer) = dialects::refusal(*dialect, error)
        {
            return answer;
        }
        let description = match self {
            JsonError::Refused(FlowError::Internal(_)) | JsonError::Spoken(_, FlowError::Internal(_)) => {
                format!("{} (request {})", told.description, id(request))
            }
            _ => told.description.to_owned(),
        };
        let mut answer = HttpResponse::build(status);
        answer.insert_header((header::PRAGMA, "no-cache"));
        if let JsonError::TooMany(wait) = self {
            answer.insert_header((header::RETRY_AFTER, seconds(*wait)));
        }
        if let JsonError::Method(allowed) = self {
            answer.insert_header((header::ALLOW, *allowed));
        }
        if status == StatusCode::UNAUTHORIZED {
            answer.insert_header((header::WWW_AUTHENTICATE, r#"Basic realm="Vestibule", charset="UTF-8""#));
        }
        answer.json(json!({ "error": told.code.as_str(), "error_description": description }))
    }
}

/// A refusal of a protected route, as RFC 6750 §3 writes it.
#[derive(Debug)]
pub(in crate::web) enum BearerError {
    /// No token: no error code and no detail (RFC 6750 §3.1).
    NoToken,
    /// By the protocol, or by a failure of ours.
    Refused(FlowError),
    /// The same, with the token of a client that is known: told in its own dialect.
    Spoken(Dialect, FlowError),
}

impl BearerError {
    pub(super) fn render(&self, request: &HttpRequest) -> HttpResponse {
        const REALM: &str = r#"Bearer realm="Vestibule""#;
        let (BearerError::Refused(error) | BearerError::Spoken(_, error)) = self else {
            return HttpResponse::Unauthorized()
                .insert_header((header::WWW_AUTHENTICATE, REALM))
                .json(json!({}));
        };
        if let BearerError::Spoken(dialect, FlowError::Protocol(error)) = self
            && let Some(answer) = dialects::bearer_refusal(*dialect, error)
        {
            return answer;
        }
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

impl From<NotTold> for BearerError {
    fn from(not_told: NotTold) -> BearerError {
        match not_told.dialect {
            Some(dialect) => BearerError::Spoken(dialect, not_told.error),
            None => BearerError::Refused(not_told.error),
        }
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts().1.fmt(f)
    }
}

impl fmt::Display for BearerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BearerError::NoToken => f.write_str("no access token"),
            BearerError::Refused(error) | BearerError::Spoken(_, error) => error.fmt(f),
        }
    }
}

impl ResponseError for JsonError {
    fn status_code(&self) -> StatusCode {
        self.parts().0
    }
}

impl ResponseError for BearerError {
    fn status_code(&self) -> StatusCode {
        match self {
            BearerError::NoToken => StatusCode::UNAUTHORIZED,
            BearerError::Refused(error) | BearerError::Spoken(_, error) => status_of(in_protocol_words(error).code),
        }
    }
}
