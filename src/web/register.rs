//! The registration endpoint (RFC 7591), and a registration as its client manages it (RFC 7592).

use actix_web::guard::{GuardContext, fn_guard};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, Path, Payload, ServiceConfig, resource};
use actix_web::{Error, HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};

use super::client_auth::authorization;
use super::error::{BearerError, JsonError, only_json};
use super::fields::{Fields, WrongType};
use super::rate_limit::{Limit, limit_json};
use super::{Web, headers};
use crate::flows::FlowError;
use crate::flows::manage::Replacement;
use crate::flows::register::{ClientInformation, RegisteredClient};
use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::oauth::instance::DynamicRegistration;
use crate::oauth::metadata::REGISTRATION_ENDPOINT;
use crate::oauth::registration::{AuthMethod, ClientMetadata};
use crate::oauth::secret::Digest;

/// Adds the endpoint and what is below it. Where nobody may register, there is no such endpoint; a client that is
/// registered manages itself as before.
pub(super) fn routes(app: &mut ServiceConfig) {
    app.service(
        resource(REGISTRATION_ENDPOINT)
            .guard(fn_guard(is_there))
            .wrap(limit_json(Limit::Registration))
            .wrap(from_fn(|request, next| headers::cors("POST, OPTIONS", request, next)))
            .route(web::post().to(create))
            .default_service(only_json("POST, OPTIONS")),
    )
    .service(
        resource(format!("{REGISTRATION_ENDPOINT}/{{client_id}}"))
            .wrap(limit_json(Limit::Token))
            .wrap(from_fn(|request, next| {
                headers::cors("GET, PUT, DELETE, OPTIONS", request, next)
            }))
            .route(web::get().to(show))
            .route(web::put().to(replace))
            .route(web::delete().to(remove))
            .default_service(only_json("GET, PUT, DELETE, OPTIONS")),
    );
}

fn is_there(request: &GuardContext<'_>) -> bool {
    let dynamic = |web: &Data<Web>| web.policy().instance.registration.dynamic.clone();
    let known = request.app_data::<Data<Web>>().map(dynamic);
    known.is_some_and(|dynamic| !matches!(dynamic, DynamicRegistration::Off))
}

/// POST: registers a client.
async fn create(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, Error> {
    may_register(&request, &web).map_err(refused)?;
    let fields = fields(&request, payload).await.map_err(refused)?;
    let asked = metadata(&fields).and_then(|asked| asked.check(&web.policy().scopes));
    let information = web.flows.register_dynamic(asked.map_err(refused)?).await;
    let information = information.map_err(refused)?;
    let token = information.registration_token.as_ref().map(|token| token.expose());
    Ok(answer(StatusCode::CREATED, &web, &information, token))
}

/// GET: what is registered. The secret is not, since only its digest is kept.
async fn show(request: HttpRequest, web: Data<Web>, id: Path<String>) -> Result<HttpResponse, Error> {
    let token = registration_token(&request)?;
    let registered = web.flows.registration(&id, &Digest::of(token)).await.map_err(refused)?;
    let information = ClientInformation {
        registered,
        secret: None,
        registration_token: None,
    };
    Ok(answer(StatusCode::OK, &web, &information, Some(token)))
}

/// PUT: everything the client says of itself, anew.
async fn replace(
    request: HttpRequest,
    web: Data<Web>,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let token = registration_token(&request)?;
    // Nobody learns what would be wrong with their request before it is theirs to make.
    let digest = Digest::of(token);
    web.flows.registration(&id, &digest).await.map_err(refused)?;
    let fields = fields(&request, payload).await.map_err(refused)?;
    let asked = metadata(&fields).and_then(|asked| asked.check(&web.policy().scopes));
    let replacement = Replacement {
        client: asked.map_err(refused)?,
        id: fields.text("client_id").map(str::to_owned),
        secret: fields.text("client_secret").map(Digest::of),
    };
    let replaced = web.flows.replace_registration(&id, &digest, replacement).await;
    Ok(answer(StatusCode::OK, &web, &replaced.map_err(refused)?, Some(token)))
}

/// DELETE: the end of the client, and of everything that was given to it.
async fn remove(request: HttpRequest, web: Data<Web>, id: Path<String>) -> Result<HttpResponse, Error> {
    let digest = Digest::of(registration_token(&request)?);
    web.flows.end_registration(&id, &digest).await.map_err(refused)?;
    Ok(HttpResponse::NoContent().finish())
}

/// Whether this caller may register clients (RFC 7591 §3: an initial access token).
fn may_register(request: &HttpRequest, web: &Web) -> Result<(), ProtocolError> {
    const TOKEN_NEEDED: ProtocolError = ProtocolError::new(
        ErrorCode::InvalidToken,
        "registration needs the initial access token of this server in the Authorization header",
    );
    match &web.policy().instance.registration.dynamic {
        DynamicRegistration::WithToken(expected) => authorization(request, "bearer")
            .filter(|given| Digest::of(given) == *expected)
            .map(|_| ())
            .ok_or(TOKEN_NEEDED),
        DynamicRegistration::Open | DynamicRegistration::Off => Ok(()),
    }
}

fn registration_token(request: &HttpRequest) -> Result<&str, BearerError> {
    authorization(request, "bearer").ok_or(BearerError::NoToken)
}

/// The members of a request. Whatever cannot be read is no client metadata (RFC 7591 §3.2.2).
async fn fields(request: &HttpRequest, payload: Payload) -> Result<Fields, ProtocolError> {
    let read = Fields::from_body(request, payload).await;
    read.map_err(|error| ProtocolError::new(ErrorCode::InvalidClientMetadata, error.description))
}

fn metadata(fields: &Fields) -> Result<ClientMetadata<'_>, ProtocolError> {
    const NO_LIST: ProtocolError =
        ProtocolError::new(ErrorCode::InvalidRedirectUri, "redirect_uris must be a list of texts");
    const WRONG_TYPE: ProtocolError = ProtocolError::new(
        ErrorCode::InvalidClientMetadata,
        "grant_types and response_types must be lists of texts, and every other member a text",
    );
    let text = |name| fields.expect_text(name).map_err(|_: WrongType| WRONG_TYPE);
    let list = |name| fields.expect_list(name).map_err(|_: WrongType| WRONG_TYPE);
    Ok(ClientMetadata {
        redirect_uris: fields.expect_list("redirect_uris").map_err(|_| NO_LIST)?,
        token_endpoint_auth_method: text("token_endpoint_auth_method")?,
        grant_types: list("grant_types")?,
        response_types: list("response_types")?,
        client_name: text("client_name")?,
        client_uri: text("client_uri")?,
        logo_uri: text("logo_uri")?,
        scope: text("scope")?,
        application_type: text("application_type")?,
    })
}

/// Everything that is registered (RFC 7591 §3.2.1, RFC 7592 §3).
fn answer(status: StatusCode, web: &Web, information: &ClientInformation, token: Option<&str>) -> HttpResponse {
    let mut body = registered(&information.registered);
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    if let Some(secret) = &information.secret {
        put("client_secret", json!(secret.expose()));
        // It does not lapse.
        put("client_secret_expires_at", json!(0));
    }
    if let Some(token) = token {
        let id = information.registered.client.id.as_str();
        let uri = format!("{}{REGISTRATION_ENDPOINT}/{id}", web.policy().issuer);
        put("registration_client_uri", json!(uri));
        put("registration_access_token", json!(token));
    }
    HttpResponse::build(status)
        .insert_header((header::PRAGMA, "no-cache"))
        .json(body)
}

fn registered(registered: &RegisteredClient) -> Map<String, Value> {
    let client = &registered.client;
    let mut grant_types = vec!["authorization_code"];
    grant_types.extend(client.refreshes.then_some("refresh_token"));
    let members = [
        ("client_id", json!(client.id.as_str())),
        ("client_id_issued_at", json!(registered.created_at.unix_timestamp())),
        ("redirect_uris", json!(client.listed_redirect_uris())),
        (
            "token_endpoint_auth_method",
            json!(registered.auth_method.map(AuthMethod::as_str)),
        ),
        ("grant_types", json!(grant_types)),
        ("response_types", json!(["code"])),
        ("client_name", json!(client.display.name)),
        ("client_uri", json!(client.display.client_uri)),
        ("logo_uri", json!(client.display.logo_uri)),
        ("scope", json!(client.scope.as_ref().map(ToString::to_string))),
        (
            "application_type",
            json!(registered.application_type.map(|kind| kind.as_str())),
        ),
    ];
    let told = members.into_iter().filter(|(_, value)| !value.is_null());
    told.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A wrong token is answered as RFC 6750 §3 has it, everything else as RFC 7591 §3.2.2.
fn refused(error: impl Into<FlowError>) -> Error {
    match error.into() {
        FlowError::Protocol(error) if error.code == ErrorCode::InvalidToken => {
            BearerError::Refused(error.into()).into()
        }
        other => JsonError::from(other).into(),
    }
}
