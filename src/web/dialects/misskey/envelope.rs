//! How the API says no: one object with the members of both, Misskey's `id` and `kind` and FoundKey's `endpoint`.

use std::fmt;
use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde_json::{Map, Value, json};

use crate::flows::FlowError;
use crate::oauth::error::ProtocolError;
use crate::oauth::policy::Policy;
use crate::web::error::id as request_id;

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Client,
    Server,
}

/// What a code means, the same every time.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    code: &'static str,
    message: &'static str,
    id: &'static str,
    kind: Kind,
    status: StatusCode,
    /// What the `WWW-Authenticate` header says behind its realm; `None` where there is no header.
    challenge: Option<&'static str>,
}

const INVALID_REQUEST: Option<&str> = Some(r#", error="invalid_request""#);

const fn client(status: StatusCode, code: &'static str, message: &'static str, id: &'static str) -> Row {
    Row {
        code,
        message,
        id,
        kind: Kind::Client,
        status,
        challenge: INVALID_REQUEST,
    }
}

const INVALID_PARAM: Row = client(
    StatusCode::BAD_REQUEST,
    "INVALID_PARAM",
    "Invalid param.",
    "3d81ceae-475f-4600-b2a8-2bc116157532",
);
const CREDENTIAL_REQUIRED: Row = Row {
    challenge: Some(""),
    ..client(
        StatusCode::UNAUTHORIZED,
        "CREDENTIAL_REQUIRED",
        "Credential required.",
        "1384574d-a912-4b81-8601-c7b1c4085df1",
    )
};
const AUTHENTICATION_FAILED: Row = Row {
    challenge: Some(r#", error="invalid_token""#),
    ..client(
        StatusCode::UNAUTHORIZED,
        "AUTHENTICATION_FAILED",
        "Authentication failed. Please ensure your token is correct.",
        "b0a7f5f8-dc2f-4171-b91f-de88ad238e14",
    )
};
const ACCESS_DENIED: Row = client(
    StatusCode::FORBIDDEN,
    "ACCESS_DENIED",
    "Access denied.",
    "56f35758-7dd5-468b-8439-5d6fb8ec9b8e",
);
const PENDING_SESSION: Row = client(
    StatusCode::BAD_REQUEST,
    "PENDING_SESSION",
    "This session is not completed yet.",
    "8c8a4145-02cc-4cca-8e66-29ba60445a8e",
);
const RATE_LIMIT_EXCEEDED: Row = client(
    StatusCode::TOO_MANY_REQUESTS,
    "RATE_LIMIT_EXCEEDED",
    "Rate limit exceeded. Please try again later.",
    "d5826d14-3982-4d2e-8011-b9e9f02499ef",
);
/// Ours: upstream answers with a status and no body, and a client that spreads `error` would fail on that.
const METHOD_NOT_ALLOWED: Row = Row {
    challenge: None,
    ..client(
        StatusCode::METHOD_NOT_ALLOWED,
        "METHOD_NOT_ALLOWED",
        "This endpoint does not answer to that method.",
        "9f1f4a4c-6f0a-4c7f-8f0e-6a1d3b0f7c52",
    )
};
const UNKNOWN_API_ENDPOINT: Row = Row {
    challenge: None,
    ..client(
        StatusCode::NOT_FOUND,
        "UNKNOWN_API_ENDPOINT",
        "Unknown API endpoint.",
        "2ca3b769-540a-4f08-9dd5-b5a825b6d0f1",
    )
};
const UNKNOWN_OAUTH_ENDPOINT: Row = Row {
    challenge: None,
    ..client(
        StatusCode::NOT_FOUND,
        "UNKNOWN_OAUTH_ENDPOINT",
        "Unknown OAuth endpoint.",
        "aa49e620-26cb-4e28-aad6-8cbcb58db147",
    )
};
const INTERNAL_ERROR: Row = Row {
    code: "INTERNAL_ERROR",
    message: "Internal error occurred. Please contact us if the error persists.",
    id: "5d37dbcb-891e-41ca-a3d6-e690c97775ac",
    kind: Kind::Server,
    status: StatusCode::INTERNAL_SERVER_ERROR,
    challenge: None,
};

/// The status of what is not found, where it is Misskey's: 404 is FoundKey's.
const NOT_FOUND: StatusCode = StatusCode::BAD_REQUEST;

/// A refusal of the API.
#[derive(Debug)]
pub(in crate::web) struct ApiError {
    row: Row,
    info: Option<Value>,
    /// A header that belongs to it.
    also: Option<(header::HeaderName, String)>,
    /// Its status depends on whom this server stands in for.
    not_found: bool,
    cause: Option<FlowError>,
}

impl ApiError {
    pub(in crate::web) const UNKNOWN_ENDPOINT: ApiError = ApiError::of(UNKNOWN_API_ENDPOINT);
    pub(super) const UNKNOWN_OAUTH_ENDPOINT: ApiError = ApiError::of(UNKNOWN_OAUTH_ENDPOINT);
    pub(super) const CREDENTIAL_REQUIRED: ApiError = ApiError::of(CREDENTIAL_REQUIRED);
    pub(super) const AUTHENTICATION_FAILED: ApiError = ApiError::of(AUTHENTICATION_FAILED);
    pub(super) const ACCESS_DENIED: ApiError = ApiError::of(ACCESS_DENIED);
    pub(super) const PENDING_SESSION: ApiError = ApiError::of(PENDING_SESSION);

    const fn of(row: Row) -> ApiError {
        ApiError {
            row,
            info: None,
            also: None,
            not_found: false,
            cause: None,
        }
    }

    /// A member is not as it must be. `param` is the place in the schema.
    pub(super) fn invalid_param(param: &str, reason: &str) -> ApiError {
        ApiError {
            info: Some(json!({ "param": param, "reason": reason })),
            ..ApiError::of(INVALID_PARAM)
        }
    }

    /// The call as a whole is not as it must be.
    pub(super) fn unreadable(error: ProtocolError) -> ApiError {
        ApiError::invalid_param("#", error.description)
    }

    /// There is no such app. Each call says so with an id of its own.
    pub(super) fn no_such_app(id: &'static str) -> ApiError {
        ApiError::missing("NO_SUCH_APP", "No such app.", id)
    }

    /// There is no such session.
    pub(super) fn no_such_session(id: &'static str) -> ApiError {
        ApiError::missing("NO_SUCH_SESSION", "No such session.", id)
    }

    fn missing(code: &'static str, message: &'static str, id: &'static str) -> ApiError {
        ApiError {
            not_found: true,
            ..ApiError::of(client(NOT_FOUND, code, message, id))
        }
    }

    /// With more to say.
    pub(super) fn info(self, info: &str) -> ApiError {
        ApiError {
            info: Some(json!(info)),
            ..self
        }
    }

    pub(in crate::web) fn too_many(wait: Duration) -> ApiError {
        ApiError {
            also: Some((header::RETRY_AFTER, (wait.as_secs() + 1).to_string())),
            ..ApiError::of(RATE_LIMIT_EXCEEDED)
        }
    }

    pub(in crate::web) fn method(allowed: &'static str) -> ApiError {
        ApiError {
            also: Some((header::ALLOW, allowed.to_owned())),
            ..ApiError::of(METHOD_NOT_ALLOWED)
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
        let status = match self.not_found && policy.instance.misskey.not_found_is_404 {
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
            answer.insert_header((name.clone(), value.as_str()));
        }
        answer.json(json!({ "error": self.body(request) }))
    }

    fn body(&self, request: &HttpRequest) -> Map<String, Value> {
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
        put("message", json!(self.row.message));
        put("code", json!(self.row.code));
        put("id", json!(self.row.id));
        let kind = match self.row.kind {
            Kind::Client => "client",
            Kind::Server => "server",
        };
        put("kind", json!(kind));
        match (&self.info, &self.cause) {
            (Some(info), _) => put("info", info.clone()),
            (None, Some(_)) => put("info", json!({ "id": request_id(request) })),
            (None, None) => None,
        };
        put("endpoint", json!(endpoint(request)));
        body
    }
}

/// The name of the call, as far as it is one of ours: no word of the caller's own is in it.
fn endpoint(request: &HttpRequest) -> String {
    let path = request.match_pattern().unwrap_or_default();
    path.trim_start_matches("/api/").to_owned()
}

impl From<FlowError> for ApiError {
    /// What the protocol refuses has its own row before it comes to this; the rest is a failure of ours.
    fn from(error: FlowError) -> ApiError {
        match error {
            FlowError::Protocol(error) => ApiError::unreadable(error),
            failed => ApiError {
                cause: Some(failed),
                ..ApiError::of(INTERNAL_ERROR)
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
