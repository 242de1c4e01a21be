//! `app/create` and `app/show`.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::registration::{registration, require, text};
use super::{ApiError, caller, members};
use crate::flows::app_session::RegisteredClient;
use crate::flows::introspect::LiveToken;
use crate::oauth::client::RedirectUris;
use crate::oauth::scope::Scope;
use crate::web::Web;

/// Longer than every id of ours.
const MAX_ID: usize = 128;

/// POST: an app registers.
pub(super) async fn create(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let fields = members(&request, payload).await?;
    caller(&request, &web, &fields).await?;
    let made = web.flows.register(registration(&fields, web.policy())?).await?;
    let mut app = app(&made.registered, None);
    app["secret"] = json!(made.secret.as_ref().map(|secret| secret.expose()));
    Ok(HttpResponse::Ok().json(app))
}

/// POST: what an app said.
pub(super) async fn show(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let fields = members(&request, payload).await?;
    let caller = caller(&request, &web, &fields).await?;
    require(&fields, "appId")?;
    let id = text(&fields, "appId", MAX_ID)?.unwrap_or_default();
    let unknown = || ApiError::no_such_app("dce83913-2dc6-4093-8a7b-71dbb11718a3");
    let found = web.flows.app(id).await?.ok_or_else(unknown)?;
    Ok(HttpResponse::Ok().json(app(&found, caller.as_ref())))
}

/// An app, as these calls describe it. Whether a person lets it in, only its own token is told: other apps must not learn
/// which apps a person uses.
pub(super) fn app(registered: &RegisteredClient, caller: Option<&LiveToken>) -> Value {
    let client = &registered.client;
    let callback = match &client.redirect_uris {
        RedirectUris::Published(list) => list.first().map(|uri| uri.as_str()),
        RedirectUris::OwnOrigin => None,
    };
    let permission: Vec<&str> = client
        .scope
        .iter()
        .flat_map(Scope::iter)
        .map(|name| name.as_str())
        .collect();
    let mut app = json!({
        "id": client.id.as_str(),
        "name": client.display.name.as_deref().unwrap_or_default(),
        "description": registered.description.as_deref().unwrap_or_default(),
        "callbackUrl": callback,
        "permission": permission,
    });
    if let Some(LiveToken::Person(live)) = caller
        && live.client_id == client.id.as_str()
    {
        app["isAuthorized"] = json!(true);
    }
    app
}
