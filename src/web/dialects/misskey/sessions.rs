//! `auth/session/*`, and the page that a session's address opens.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::apps::app;
use super::registration::{require, text};
use super::{ApiError, caller, members, user};
use crate::flows::FlowError;
use crate::flows::app_session::{AppSession, SessionError};
use crate::flows::authorize::Next;
use crate::oauth::pkce::CodeChallenge;
use crate::pages::error::ErrorKind;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::fields::Fields;
use crate::web::onwards::{before_session, to_consent};
use crate::web::paths::APP_SESSION;
use crate::web::visit::{Visit, see_other};

/// Longer than every secret, id and address of ours.
const MAX_TEXT: usize = 2048;

/// POST: an app opens a session, as whom its secret proves it to be or, for OAuth, by its id alone.
pub(super) async fn generate(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let unknown = || ApiError::no_such_app("92f93e63-428e-4f2f-a5a4-39e1407fe998");
    let fields = members(&request, payload).await?;
    let caller = caller(&request, &web, &fields).await?;
    let asked = Opening::read(&fields)?;
    let found = match &asked {
        Opening::WithSecret(secret) => web.flows.app_with_secret(secret).await?,
        Opening::ById { client_id, .. } => web.flows.app(client_id).await?,
    };
    let found = found.ok_or_else(unknown)?;
    let (callback, challenge) = match asked {
        Opening::WithSecret(_) => (None, None),
        Opening::ById {
            callback, challenge, ..
        } => (callback, challenge),
    };
    let opened = web.flows.open_session(&found.client, callback, challenge).await;
    let (token, session) = opened.map_err(|error| match error {
        FlowError::Protocol(_) => unknown().info("redirect URI mismatch"),
        failed => failed.into(),
    })?;
    Ok(HttpResponse::Ok().json(json!({
        "token": token.expose(),
        "url": format!("{}{APP_SESSION}/{}", web.policy().issuer, token.expose()),
        "id": id(&session),
        "app": app(&found, caller.as_ref()),
    })))
}

/// What opens a session: exactly one of two shapes.
enum Opening<'a> {
    WithSecret(&'a str),
    ById {
        client_id: &'a str,
        callback: Option<&'a str>,
        challenge: Option<CodeChallenge>,
    },
}

impl Opening<'_> {
    fn read(fields: &Fields) -> Result<Opening<'_>, ApiError> {
        let member = |name| text(fields, name, MAX_TEXT);
        match (member("appSecret")?, member("clientId")?) {
            (Some(secret), None) => Ok(Opening::WithSecret(secret)),
            (None, Some(client_id)) => Ok(Opening::ById {
                client_id,
                callback: member("callbackUrl")?,
                challenge: member("pkceChallenge")?
                    .map(CodeChallenge::parse)
                    .transpose()
                    .map_err(|error| {
                        ApiError::invalid_param("#/properties/pkceChallenge/pattern", error.description)
                    })?,
            }),
            _ => Err(ApiError::invalid_param(
                "#/oneOf",
                "must match exactly one schema in oneOf",
            )),
        }
    }
}

/// What a session is called where its token need not be known: half of the token's digest.
fn id(session: &AppSession) -> String {
    let (half, _) = session.digest.as_bytes().split_at(16);
    half.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// POST: what a session is for.
pub(super) async fn show(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let fields = members(&request, payload).await?;
    let caller = caller(&request, &web, &fields).await?;
    require(&fields, "token")?;
    let token = text(&fields, "token", MAX_TEXT)?.unwrap_or_default();
    let unknown = || ApiError::no_such_session("bd72c97d-eba7-4adb-a467-f171b8847250");
    let (session, of) = web.flows.app_session(token).await?.ok_or_else(unknown)?;
    let app = app(&of, caller.as_ref());
    Ok(HttpResponse::Ok().json(json!({ "id": id(&session), "token": token, "app": app })))
}

/// POST: an app fetches its key.
pub(super) async fn userkey(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let fields = members(&request, payload).await?;
    require(&fields, "appSecret")?;
    require(&fields, "token")?;
    let secret = text(&fields, "appSecret", MAX_TEXT)?.unwrap_or_default();
    let token = text(&fields, "token", MAX_TEXT)?.unwrap_or_default();
    let unknown = || ApiError::no_such_app("fcab192a-2c5a-43b7-8ad8-9b7054d8d40d");
    let app = web.flows.app_with_secret(secret).await?.ok_or_else(unknown)?;
    match web.flows.redeem_app_session(&app.client, secret, token).await {
        Ok(key) => Ok(HttpResponse::Ok().json(json!({
            "accessToken": key.tokens.tokens.access_token.expose(),
            "user": user(&web, &key),
        }))),
        Err(SessionError::Pending) => Err(ApiError::PENDING_SESSION),
        Err(SessionError::Unknown | SessionError::Answered) => {
            Err(ApiError::no_such_session("5b5a1503-8bc8-4bd0-8054-dc189e8cdcb3"))
        }
        Err(SessionError::Failed(error)) => Err(error.into()),
    }
}

/// POST of a decision: only the page of the server itself decides, and ours needs no such call. An app is told what the
/// servers that it knows tell it.
pub(super) async fn decide(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let fields = members(&request, payload).await?;
    match caller(&request, &web, &fields).await? {
        None => Err(ApiError::CREDENTIAL_REQUIRED),
        Some(_) => Err(ApiError::ACCESS_DENIED),
    }
}

/// GET of the address: on to sign-in, or to the question.
pub(super) async fn ask(request: HttpRequest, web: Data<Web>, token: Path<String>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let next = web.flows.begin_session(&token, visit.signed_in().as_ref()).await?;
    Ok(see_other(&match next {
        Next::SignIn => before_session(&token),
        Next::Consent(id) => to_consent(&id, &token),
        Next::Return(location) => location,
    }))
}

impl From<SessionError> for PageError {
    fn from(error: SessionError) -> PageError {
        match error {
            SessionError::Unknown | SessionError::Pending => {
                PageError::new(StatusCode::NOT_FOUND, ErrorKind::RequestExpired)
            }
            SessionError::Answered => PageError::new(StatusCode::CONFLICT, ErrorKind::AlreadyAnswered),
            SessionError::Failed(error) => error.into(),
        }
    }
}
