//! The codes of the API: Misskey's, with their ids.

use actix_web::http::StatusCode;

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Client,
    Server,
}

/// What a code means, the same every time.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) code: &'static str,
    pub(super) message: &'static str,
    pub(super) id: &'static str,
    pub(super) kind: Kind,
    pub(super) status: StatusCode,
    /// What the `WWW-Authenticate` header says behind its realm; `None` where there is no header.
    pub(super) challenge: Option<&'static str>,
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

pub(super) const INVALID_PARAM: &Row = &client(
    StatusCode::BAD_REQUEST,
    "INVALID_PARAM",
    "Invalid param.",
    "3d81ceae-475f-4600-b2a8-2bc116157532",
);
pub(super) const CREDENTIAL_REQUIRED: &Row = &Row {
    challenge: Some(""),
    ..client(
        StatusCode::UNAUTHORIZED,
        "CREDENTIAL_REQUIRED",
        "Credential required.",
        "1384574d-a912-4b81-8601-c7b1c4085df1",
    )
};
pub(super) const AUTHENTICATION_FAILED: &Row = &Row {
    challenge: Some(r#", error="invalid_token""#),
    ..client(
        StatusCode::UNAUTHORIZED,
        "AUTHENTICATION_FAILED",
        "Authentication failed. Please ensure your token is correct.",
        "b0a7f5f8-dc2f-4171-b91f-de88ad238e14",
    )
};
pub(super) const ACCESS_DENIED: &Row = &client(
    StatusCode::FORBIDDEN,
    "ACCESS_DENIED",
    "Access denied.",
    "56f35758-7dd5-468b-8439-5d6fb8ec9b8e",
);
pub(super) const PENDING_SESSION: &Row = &client(
    StatusCode::BAD_REQUEST,
    "PENDING_SESSION",
    "This session is not completed yet.",
    "8c8a4145-02cc-4cca-8e66-29ba60445a8e",
);
pub(super) const RATE_LIMIT_EXCEEDED: &Row = &client(
    StatusCode::TOO_MANY_REQUESTS,
    "RATE_LIMIT_EXCEEDED",
    "Rate limit exceeded. Please try again later.",
    "d5826d14-3982-4d2e-8011-b9e9f02499ef",
);
/// Ours: upstream answers with a status and no body, and a client that spreads `error` would fail on that.
pub(super) const METHOD_NOT_ALLOWED: &Row = &Row {
    challenge: None,
    ..client(
        StatusCode::METHOD_NOT_ALLOWED,
        "METHOD_NOT_ALLOWED",
        "This endpoint does not answer to that method.",
        "9f1f4a4c-6f0a-4c7f-8f0e-6a1d3b0f7c52",
    )
};
pub(super) const UNKNOWN_API_ENDPOINT: &Row = &Row {
    challenge: None,
    ..client(
        StatusCode::NOT_FOUND,
        "UNKNOWN_API_ENDPOINT",
        "Unknown API endpoint.",
        "2ca3b769-540a-4f08-9dd5-b5a825b6d0f1",
    )
};
pub(super) const UNKNOWN_OAUTH_ENDPOINT: &Row = &Row {
    challenge: None,
    ..client(
        StatusCode::NOT_FOUND,
        "UNKNOWN_OAUTH_ENDPOINT",
        "Unknown OAuth endpoint.",
        "aa49e620-26cb-4e28-aad6-8cbcb58db147",
    )
};
pub(super) const INTERNAL_ERROR: &Row = &Row {
    code: "INTERNAL_ERROR",
    message: "Internal error occurred. Please contact us if the error persists.",
    id: "5d37dbcb-891e-41ca-a3d6-e690c97775ac",
    kind: Kind::Server,
    status: StatusCode::INTERNAL_SERVER_ERROR,
    challenge: None,
};
/// Its status is Misskey's; FoundKey's is 404. Each call has an id of its own for it.
pub(super) const NO_SUCH_APP: &Row = &client(StatusCode::BAD_REQUEST, "NO_SUCH_APP", "No such app.", "");
/// The same of a session.
pub(super) const NO_SUCH_SESSION: &Row = &client(StatusCode::BAD_REQUEST, "NO_SUCH_SESSION", "No such session.", "");
