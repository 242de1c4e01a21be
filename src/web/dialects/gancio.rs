//! Gancio's wire shapes: `/api/client` and what is around it. Its authorization and token endpoints are the common ones;
//! `/authorize` is the address that its documentation gives.

use actix_web::guard::{GuardContext, fn_guard};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, Path, Payload, ServiceConfig, resource};
use actix_web::{Error, HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};

use crate::flows::introspect::LiveToken;
use crate::flows::register::RegisteredClient;
use crate::oauth::client::{Client, DisplayMetadata, display_name};
use crate::oauth::dialect::Dialect;
use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::oauth::grant::UserId;
use crate::oauth::profile::Username;
use crate::oauth::redirect_uri::{RedirectTarget, RedirectUri};
use crate::oauth::registration::{Registration, web_address};
use crate::oauth::scope::Scope;
use crate::web::bearer::access_token;
use crate::web::error::{BearerError, JsonError, only, only_json};
use crate::web::fields::Fields;
use crate::web::rate_limit::{Limit, limit_as, limit_json, limit_page};
use crate::web::visit::Visit;
use crate::web::{Web, authorize, headers};

/// The one scope there is.
const SCOPE: &str = "event:write";

/// Adds the addresses that only Gancio has.
pub(in crate::web) fn routes(app: &mut ServiceConfig) {
    app.service(
        resource("/api/client")
            .guard(fn_guard(is_open))
            .wrap(limit_as(Limit::Registration, |answer| {
                answer
                    .content_type(PLAIN)
                    .body("Too many requests, please try again later.")
            }))
            .wrap(from_fn(|request, next| headers::cors("POST, OPTIONS", request, next)))
            .route(web::post().to(register))
            .default_service(only_json("POST, OPTIONS")),
    )
    .service(
        resource("/api/client/{client_id}")
            .route(web::get().to(client))
            .default_service(only_json("GET")),
    )
    .service(
        resource("/api/clients")
            .route(web::get().to(clients))
            .default_service(only_json("GET")),
    )
    .service(
        resource("/api/user")
            .wrap(limit_json(Limit::Token))
            .wrap(from_fn(|request, next| headers::cors("GET, OPTIONS", request, next)))
            .route(web::get().to(user))
            .default_service(only_json("GET, OPTIONS")),
    )
    .service(
        resource("/authorize")
            .route(web::get().to(authorize::start).wrap(limit_page(Limit::Authorize)))
            .default_service(only("GET")),
    );
}

const PLAIN: &str = "text/plain; charset=utf-8";

fn is_open(request: &GuardContext<'_>) -> bool {
    let web = request.app_data::<Data<Web>>();
    web.is_some_and(|web| web.policy().instance.registration.gancio)
}

/// POST: registers a client.
async fn register(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, JsonError> {
    let fields = Fields::from_body(&request, payload).await?;
    let registration = match registration(&fields) {
        Ok(registration) => registration,
        Err(error) => return Ok(HttpResponse::UnprocessableEntity().json(json!({ "error": error }))),
    };
    let new = web.flows.register(registration).await?;
    let mut body = described(&new.registered);
    if let Some(secret) = &new.secret {
        body.insert("client_secret".to_owned(), json!(secret.expose()));
    }
    Ok(HttpResponse::Ok().json(body))
}

/// What a request registers. Without a redirect URI a client could do nothing, so it learns that now.
fn registration(fields: &Fields) -> Result<Registration, &'static str> {
    if fields
        .text("scopes")
        .is_some_and(|scopes| !matches!(scopes, "" | SCOPE))
    {
        return Err("Invalid scopes");
    }
    let raw = unescaped(fields.text("redirect_uris").unwrap_or_default());
    let redirect_uri = RedirectUri::parse(&raw).map_err(|error| error.description)?;
    if redirect_uri.target() == RedirectTarget::OutOfBand {
        return Err("redirect_uri must be an address");
    }
    Ok(Registration {
        dialect: Dialect::Gancio,
        display: DisplayMetadata {
            name: fields.text("client_name").and_then(display_name),
            client_uri: fields.text("website").and_then(web_address),
            ..DisplayMetadata::default()
        },
        description: None,
        redirect_uris: vec![redirect_uri],
        scope: Scope::parse(SCOPE).map_err(|error| error.description)?,
        confidential: true,
        refreshes: false,
    })
}

/// WPGancio escapes the address as for a page of HTML. No address has these words in it otherwise.
fn unescaped(address: &str) -> String {
    address.replace("&amp;", "&").replace("&#038;", "&")
}

/// A client in Gancio's words. The documentation spells one member in another way than the code: both are there.
fn described(registered: &RegisteredClient) -> Map<String, Value> {
    let client: &Client = &registered.client;
    let redirect_uri = client.listed_redirect_uris().first().copied();
    let members = [
        ("client_id", json!(client.id.as_str())),
        ("name", json!(client.display.name)),
        ("redirect_uris", json!(redirect_uri)),
        ("redirectUris", json!(redirect_uri)),
        ("scopes", json!(client.scope.as_ref().map(ToString::to_string))),
        ("website", json!(client.display.client_uri)),
    ];
    let told = members.into_iter().filter(|(_, value)| !value.is_null());
    told.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A refusal of the token endpoint, where it is not that of RFC 6749: a grant that does not exist is "not implemented".
/// Gancio's 403 for a code that does not hold and its plain text for a wrong secret are left alone: its clients look for
/// 200 only, and libraries need JSON.
pub(super) fn refusal(error: &ProtocolError) -> Option<HttpResponse> {
    (error.code == ErrorCode::UnsupportedGrantType).then(|| {
        HttpResponse::NotImplemented()
            .insert_header((header::PRAGMA, "no-cache"))
            .json(json!({ "error": error.code.as_str(), "error_description": error.description }))
    })
}

/// GET: one client, for a person whom it has asked something. To everybody else it is unknown.
async fn client(request: HttpRequest, web: Data<Web>, id: Path<String>) -> Result<HttpResponse, Error> {
    let Some(owner) = Visit::of(&request, &web).await?.owner else {
        return Ok(forbidden());
    };
    let found = web.flows.client_known_to(&owner, &id).await.map_err(JsonError::from)?;
    Ok(match found.filter(is_gancio) {
        Some(found) => HttpResponse::Ok().json(described(&found)),
        None => text(StatusCode::NOT_FOUND, "Not found!"),
    })
}

/// GET: the clients that a person has let in. Gancio also tells the tokens themselves.
async fn clients(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, Error> {
    let Some(owner) = Visit::of(&request, &web).await?.owner else {
        return Ok(forbidden());
    };
    let apps = web.flows.apps(&owner).await.map_err(JsonError::from)?;
    let mut listed = Vec::new();
    for app in apps.into_iter().filter(|app| app.ended.is_none() && !app.remembered) {
        let found = web
            .flows
            .registered_client(app.client_id.as_str())
            .await
            .map_err(JsonError::from)?;
        if let Some(found) = found.filter(is_gancio) {
            listed.push(json!({
                "scope": app.scope.to_string(),
                "createdAt": app.since.unix_timestamp(),
                "client": described(&found),
                "user": account(&owner.user_id, &owner.username),
            }));
        }
    }
    Ok(HttpResponse::Ok().json(listed))
}

fn is_gancio(found: &RegisteredClient) -> bool {
    found.client.dialect == Dialect::Gancio
}

/// GET: whose token this is, if a client of Gancio's has it. Gancio has 403 for everything else.
async fn user(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, BearerError> {
    let token = match access_token(&request) {
        Err(BearerError::NoToken) => return Ok(forbidden()),
        token => token?,
    };
    Ok(match web.flows.live_token(&token).await? {
        Some(LiveToken::Person(live)) if live.dialect == Dialect::Gancio => {
            HttpResponse::Ok().json(account(&live.user_id, &live.username))
        }
        Some(_) | None => forbidden(),
    })
}

/// An account. Its name stands for the e-mail address that people of Gancio sign in with.
fn account(id: &UserId, username: &Username) -> Value {
    json!({ "id": id.0, "email": username.as_str(), "is_active": true, "is_admin": false })
}

fn forbidden() -> HttpResponse {
    text(StatusCode::FORBIDDEN, "Forbidden")
}

fn text(status: StatusCode, said: &'static str) -> HttpResponse {
    HttpResponse::build(status).content_type(PLAIN).body(said)
}
