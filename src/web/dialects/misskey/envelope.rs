//! How the API says no: one object with the members of both, Misskey's `id` and `kind` and FoundKey's `endpoint`.

use std::fmt;
use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde_json::{Map, Value, json};

use super::codes::{self, Kind, Row};
use crate::flows::FlowError;
use crate::oauth::error::ProtocolError;
use crate::oauth::policy::Policy;
use crate::web::error::id as request_id;

/// A refusal of the API.
#[derive(Debug)]
pub(in crate::web) struct ApiError {
    row: &'static Row,
    id: &'static str,
    info: Option<Box<Value>>,
    /// A header that belongs to it.
    also: Option<(&'static str, String)>,
    cause: Option<FlowError>,
}

impl ApiError {
    pub(in crate::web) const UNKNOWN_ENDPOINT: ApiError = ApiError::of(codes::UNKNOWN_API_ENDPOINT);
    pub(super) const UNKNOWN_OAUTH_ENDPOINT: ApiError = ApiError::of(codes::UNKNOWN_OAUTH_ENDPOINT);
    pub(super) const CREDENTIAL_REQUIRED: ApiError = ApiError::of(codes::CREDENTIAL_REQUIRED);
    pub(super) const AUTHENTICATION_FAILED: ApiError = ApiError::of(codes::AUTHENTICATION_FAILED);
    pub(super) const ACCESS_DENIED: ApiError = ApiError::of(codes::ACCESS_DENIED);
    pub(super) const PENDING_SESSION: ApiError = ApiError::of(codes::PENDING_SESSION);

    const fn of(row: &'static Row) -> ApiError {
        ApiError {
            row,
            id: row.id,
            info: None,
            also: None,
            cause: None,
        }
    }

    /// A member is not as it must be. `param` is the place in the schema.
    pub(super) fn invalid_param(param: &str, reason: &str) -> ApiError {
        ApiError {
            info: Some(Box::new(json!({ "param": param, "reason": reason }))),
            ..ApiError::of(codes::INVALID_PARAM)
        }
    }

    /// The call as a whole is not as it must be.
    pub(super) fn unreadable(error: ProtocolError) -> ApiError {
        ApiError::invalid_param("#", error.description)
    }

    /// There is no such app. Each call says so with an id of its own.
    pub(super) fn no_such_app(id: &'static str) -> ApiError {
        ApiError {
            id,
            ..ApiError::of(codes::NO_SUCH_APP)
        }
    }

    /// There is no such session.
    pub(super) fn no_such_session(id: &'static str) -> ApiError {
        ApiError {
            id,
            ..ApiError::of(codes::NO_SUCH_SESSION)
        }
    }

    /// With more to say.
    pub(super) fn info(self, info: &str) -> ApiError {
        ApiError {
            info: Some(Box::new(json!(info))),
            ..self
        }
    }

    pub(in crate::web) fn too_many(wait: Duration) -> ApiError {
        ApiError {
            also: Some(("retry-after", (wait.as_secs() + 1).to_string())),
            ..ApiError::of(codes::RATE_LIMIT_EXCEEDED)
        }
    }

    pub(in crate::web) fn method(allowed: &'static str) -> ApiError {
        ApiError {
            also: Some(("allow", allowed.to_owned())),
            ..ApiError::of(codes::METHOD_NOT_ALLOWED)
        }
    }

    pub(in crate::web) fn status(&self) -> StatusCode {
        match self.cause {
            Some(FlowError::Unavailable(_)) => StatusCode::SERVICE_UNAVAILABLE,
            _ => self.row.status,
        }
    }

    pub(in crate::web) fn cause(&self) -> Option<&FlowError> {
        self.cause.as_ref()
    }

    pub(in crate::web) fn render(&self, request: &HttpRequest, policy: &Policy) -> HttpResponse {
        let is_missing = [codes::NO_SUCH_APP.code, codes::NO_SUCH_SESSION.code].contains(&self.row.code);
        let status = match is_missing && policy.instance.misskey.not_found_is_404 {
            true => StatusCode::NOT_FOUND,
            false => self.status(),
        };
        let mut answer = HttpResponse::build(status);
        if let Some(challenge) = self.row.challenge {
            let challenge = format!(r#"Bearer realm="Misskey"{challenge}"#);
            answer.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        answer.insert_header((header::PRAGMA, "no-cache"));
        if let Some((name, value)) = &self.also {
            answer.insert_header((*name, value.as_str()));
        }
        answer.json(json!({ "error": self.body(request) }))
    }

    fn body(&self, request: &HttpRequest) -> Map<String, Value> {
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
        put("message", json!(self.row.message));
        put("code", json!(self.row.code));
        put("id", json!(self.id));
        let kind = match self.row.kind {
            Kind::Client => "client",
            Kind::Server => "server",
        };
        put("kind", json!(kind));
        match (&self.info, &self.cause) {
            (Some(info), _) => put("info", (**info).clone()),
            (None, Some(_)) => put("info", json!({ "id": request_id(request) })),
            (None, None) => None,
        };
        if let Some(endpoint) = endpoint(request) {
            put("endpoint", json!(endpoint));
        }
        body
    }
}

/// The name of the call, if it is one of ours: no word of the caller's own is in it.
fn endpoint(request: &HttpRequest) -> Option<String> {
    let path = request.match_pattern()?;
    let ours = path
        .strip_prefix("/api/")?
        .split('/')
        .filter(|part| !part.starts_with('{'));
    let name = ours.collect::<Vec<_>>().join("/");
    Some(name).filter(|name| !name.is_empty())
}

impl From<FlowError> for ApiError {
    /// What the protocol refuses has its own row before it comes to this; the rest is a failure of ours.
    fn from(error: FlowError) -> ApiError {
        match error {
            FlowError::Protocol(error) => ApiError::unreadable(error),
            failed => ApiError {
                cause: Some(failed),
                ..ApiError::of(codes::INTERNAL_ERROR)
            },
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row.code)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status()
    }
}
