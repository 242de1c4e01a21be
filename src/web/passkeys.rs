//! What the script of our pages asks for: questions to passkeys, and what becomes of their answers. It sends JSON, with the
//! token of its page like any form, and gets JSON: where to go on, always a path that this server chose, or the word for
//! what the page is to say.
//!
//! Questions are counted like tries of a password, by address. An answer is good only for a question, so it needs no count.

use std::fmt;
use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Payload, ServiceConfig, resource};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::error::{PageError, only};
use super::rate_limit::Limit;
use super::visit::Visit;
use super::{Web, account, body, session};
use crate::accounts::ceremonies::Question;
use crate::failure::FlowError;
use crate::oauth::secret::{Secret, SessionKey};

mod confirm;
mod second_step;
mod sign_in;

/// Adds every route that the script knows.
pub(super) fn routes(app: &mut ServiceConfig) {
    app.service(
        resource("/sign-in/passkey/begin")
            .route(web::post().to(sign_in::begin))
            .default_service(only("POST")),
    )
    .service(
        resource("/sign-in/passkey/finish")
            .route(web::post().to(sign_in::finish))
            .default_service(only("POST")),
    )
    .service(
        resource("/sign-in/code/passkey/begin")
            .route(web::post().to(second_step::begin))
            .default_service(only("POST")),
    )
    .service(
        resource("/sign-in/code/passkey/finish")
            .route(web::post().to(second_step::finish))
            .default_service(only("POST")),
    )
    .service(
        resource("/account/confirm/passkey/begin")
            .route(web::post().to(confirm::begin))
            .default_service(only("POST")),
    )
    .service(
        resource("/account/confirm/passkey/finish")
            .route(web::post().to(confirm::finish))
            .default_service(only("POST")),
    )
    .service(
        resource("/account/passkeys/begin")
            .route(web::post().to(account::passkeys::begin))
            .default_service(only("POST")),
    )
    .service(
        resource("/account/passkeys/finish")
            .route(web::post().to(account::passkeys::finish))
            .default_service(only("POST")),
    );
}

/// What the script sends.
#[derive(Deserialize)]
pub(super) struct Message {
    #[serde(default)]
    csrf: String,
    /// What waits for the person, as on the page.
    #[serde(default, rename = "continue")]
    pub(super) continue_query: String,
    /// What a new passkey is to be called.
    #[serde(default)]
    pub(super) name: String,
    /// What the passkey answered.
    #[serde(default)]
    credential: Option<Box<RawValue>>,
}

impl Message {
    /// Reads what a page of ours sends; anything else is told to load the page again.
    pub(super) async fn read(
        request: &HttpRequest,
        web: &Web,
        visit: &Visit,
        payload: Payload,
    ) -> Result<Message, ScriptError> {
        let body = body::read(payload).await.map_err(|_| ScriptError::Expired)?;
        let message: Message = serde_json::from_slice(&body).map_err(|_| ScriptError::Expired)?;
        match visit.sent_token(&message.csrf, request, web) {
            true => Ok(message),
            false => Err(ScriptError::Expired),
        }
    }

    /// What the passkey answered, as it was sent.
    pub(super) fn answer(&self) -> &str {
        self.credential.as_deref().map_or("", RawValue::get)
    }
}

/// Why the script gets no further.
#[derive(Debug)]
pub(super) enum ScriptError {
    /// The page was open for too long, or the question was.
    Expired,
    /// The passkey is not the right one, or there is none.
    Refused,
    /// The person has as many passkeys as there can be.
    Full,
    /// Too many questions from there.
    TooMany(Duration),
    /// Something else comes first, on another page of ours.
    First(String),
    /// A failure of ours.
    Failed(PageError),
}

impl From<PageError> for ScriptError {
    fn from(error: PageError) -> ScriptError {
        ScriptError::Failed(error)
    }
}

impl From<FlowError> for ScriptError {
    fn from(error: FlowError) -> ScriptError {
        ScriptError::Failed(error.into())
    }
}

impl ScriptError {
    /// The page that tells of a failure: the script makes nothing of it but that there was one.
    pub(super) fn failure(&self) -> Option<&PageError> {
        match self {
            ScriptError::Failed(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ScriptError::Expired => "expired",
            ScriptError::Refused => "refused",
            ScriptError::Full => "full",
            ScriptError::TooMany(_) => "too_many",
            ScriptError::First(_) => "something else comes first",
            ScriptError::Failed(_) => "failed",
        })
    }
}

impl ResponseError for ScriptError {
    fn status_code(&self) -> StatusCode {
        match self {
            ScriptError::Expired | ScriptError::Refused => StatusCode::BAD_REQUEST,
            ScriptError::Full => StatusCode::CONFLICT,
            ScriptError::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            ScriptError::First(_) => StatusCode::FORBIDDEN,
            ScriptError::Failed(error) => error.status_code(),
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let ScriptError::TooMany(wait) = self {
            response.insert_header((header::RETRY_AFTER, wait.as_secs() + 1));
        }
        match self {
            ScriptError::First(path) => response.json(json!({ "location": path })),
            _ => response.json(json!({ "error": self.to_string() })),
        }
    }
}

/// Counts a question, by address alone: nobody can lock others out of their passkeys.
pub(super) fn counted(web: &Web, visit: &Visit) -> Result<(), ScriptError> {
    let counted = web.limits.check(Limit::SignIn, visit.address);
    counted.map_err(ScriptError::TooMany)
}

/// A question for the script, and the cookie that the answer has to come with.
pub(super) fn ask(web: &Web, question: &Question) -> Result<HttpResponse, ScriptError> {
    let mut response = HttpResponse::Ok().json(json!({ "publicKey": question.options }));
    response
        .add_cookie(&session::begin_ceremony(&question.key, web.policy()))
        .map_err(PageError::internal)?;
    Ok(response)
}

/// Where the script goes on. The question was answered.
pub(super) fn go_on(web: &Web, path: &str) -> Result<HttpResponse, ScriptError> {
    let mut response = HttpResponse::Ok().json(Value::from_iter([("location", path)]));
    response
        .add_cookie(&session::end_ceremony(web.policy()))
        .map_err(PageError::internal)?;
    Ok(response)
}

/// Likewise, with the new key of the session.
pub(super) fn go_on_with(web: &Web, path: &str, key: &Secret<SessionKey>) -> Result<HttpResponse, ScriptError> {
    let mut response = go_on(web, path)?;
    response
        .add_cookie(&session::begin(key, web.policy()))
        .map_err(PageError::internal)?;
    Ok(response)
}
