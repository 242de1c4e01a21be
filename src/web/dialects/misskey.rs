//! Misskey's and FoundKey's API for apps: registration, and the sessions in which they ask for access. Where the two differ,
//! the answer is the union of both, or as the operator says (`Policy.instance.misskey`).
//!
//! Calls are `POST` with a JSON object, in which `"i": null` and unknown members do no harm. Forms are read as well.

use actix_web::dev::HttpServiceFactory;
use actix_web::guard::{Guard, GuardContext, fn_guard};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, Payload, ServiceConfig, resource};
use actix_web::{HttpRequest, HttpResponse, Resource, Route};
use serde_json::{Value, json};

mod apps;
mod codes;
mod envelope;
mod registration;
mod sessions;

pub(in crate::web) use envelope::ApiError;

use crate::flows::app_session::Key;
use crate::flows::introspect::LiveToken;
use crate::oauth::instance::Registration;
use crate::oauth::profile::ProfileUrl;
use crate::oauth::token::PresentedToken;
use crate::web::bearer::token_in_header_or_body;
use crate::web::error::only;
use crate::web::fields::Fields;
use crate::web::paths::APP_SESSION;
use crate::web::rate_limit::{Limit, limit_page, limit_with};
use crate::web::{Web, headers};

/// Adds the routes.
pub(in crate::web) fn routes(app: &mut ServiceConfig) {
    let is_open = is_open(|registration| registration.misskey);
    app.service(call(
        resource("/api/app/create").guard(is_open),
        Limit::Registration,
        web::post().to(apps::create),
    ))
    .service(call(
        resource("/api/app/show"),
        Limit::Token,
        web::post().to(apps::show),
    ));
    for (path, handler) in [
        ("/api/auth/session/generate", web::post().to(sessions::generate)),
        ("/api/auth/session/show", web::post().to(sessions::show)),
        ("/api/auth/session/userkey", web::post().to(sessions::userkey)),
        ("/api/auth/accept", web::post().to(sessions::decide)),
        ("/api/auth/deny", web::post().to(sessions::decide)),
    ] {
        app.service(call(resource(path), Limit::Token, handler));
    }
    let path = format!("{APP_SESSION}/{{token}}");
    app.service(
        resource(path)
            .route(web::get().to(sessions::ask).wrap(limit_page(Limit::Authorize)))
            .default_service(only("GET")),
    );
}

/// Adds what answers where nothing else does, below `/api` and `/oauth`. It comes after every other route.
pub(in crate::web) fn unknown(app: &mut ServiceConfig) {
    app.service(
        resource("/api/{endpoint:.*}")
            .wrap(from_fn(|request, next| headers::cors(METHODS, request, next)))
            .default_service(web::to(|| async { Err::<HttpResponse, _>(ApiError::UNKNOWN_ENDPOINT) })),
    )
    .service(resource("/oauth/{endpoint:.*}").default_service(web::to(|| async {
        Err::<HttpResponse, _>(ApiError::UNKNOWN_OAUTH_ENDPOINT)
    })));
}

const METHODS: &str = "POST, OPTIONS";

/// One call of the API.
pub(super) fn call(resource: Resource, limit: Limit, handler: Route) -> impl HttpServiceFactory + 'static {
    resource
        .wrap(limit_with(limit, |wait| ApiError::too_many(wait).into()))
        .wrap(from_fn(|request, next| headers::cors(METHODS, request, next)))
        .route(handler)
        .default_service(web::to(|| async { Err::<HttpResponse, _>(ApiError::method(METHODS)) }))
}

/// Whether an endpoint is open: a closed one is like any other that does not exist.
pub(super) fn is_open(open: fn(&Registration) -> bool) -> impl Guard {
    fn_guard(move |request: &GuardContext<'_>| {
        request
            .app_data::<Data<Web>>()
            .is_some_and(|web| open(&web.policy().instance.registration))
    })
}

/// The members of a call.
async fn members(request: &HttpRequest, payload: Payload) -> Result<Fields, ApiError> {
    Fields::from_body(request, payload).await.map_err(ApiError::unreadable)
}

/// The token of the caller, who may have none. One that does not hold is refused, as by the servers that these apps know.
async fn caller(request: &HttpRequest, web: &Web, fields: &Fields) -> Result<Option<LiveToken>, ApiError> {
    let token = token_in_header_or_body(request, fields, "i").map_err(ApiError::unreadable)?;
    let Some(token) = token else {
        return Ok(None);
    };
    let live = web.flows.live_token(&PresentedToken::of(token)).await?;
    live.map(Some).ok_or(ApiError::AUTHENTICATION_FAILED)
}

/// Who gave a key, with what apps read of Misskey's `UserDetailed`: no more than what stands on their public page.
pub(super) fn user(web: &Web, key: &Key) -> Value {
    let issuer = &web.policy().issuer;
    let own = ProfileUrl::hosted(issuer, &key.person.username);
    let public = key.person.public(&own, issuer);
    json!({
        "id": key.user_id.0,
        "username": key.person.username.as_str(),
        "name": public.name,
        "host": null,
        "avatarUrl": super::picture(&public, issuer),
        "url": key.tokens.me.as_ref().unwrap_or(&own),
    })
}
