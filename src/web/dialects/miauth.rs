//! MiAuth: an app that is not registered sends a person to a link that says all about it, with a session of its own making,
//! and fetches the key by that session.
//!
//! Nothing in the link is proved, and whoever knows the session gets the key. So the consent page warns, no answer is
//! remembered, and one session is good for one yes.

use actix_web::web::{self, Data, Path, Payload, ServiceConfig, resource};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::misskey::{self, ApiError};
use crate::flows::authorize::Next;
use crate::oauth::client::{Client, ClientId, DescribedBy, DisplayMetadata, RedirectUris, display_name};
use crate::oauth::dialect::Dialect;
use crate::oauth::error::ProtocolError;
use crate::oauth::grant::Grant;
use crate::oauth::params::{Params, check_text};
use crate::oauth::redirect_uri::{RedirectTarget, RedirectUri};
use crate::oauth::scope::{Scope, ScopeToken};
use crate::web::Web;
use crate::web::body;
use crate::web::error::{PageError, only};
use crate::web::onwards::{before_link, to_consent};
use crate::web::params::from_query;
use crate::web::rate_limit::{Limit, limit_page};
use crate::web::visit::{Visit, see_other};

/// The links are below this.
pub(in crate::web) const PATH: &str = "/miauth";

/// Longest session, in characters.
const MAX_SESSION_CHARS: usize = 128;

/// Adds the routes.
pub(in crate::web) fn routes(app: &mut ServiceConfig) {
    let is_open = || misskey::is_open(|registration| registration.miauth);
    app.service(
        resource(format!("{PATH}/{{session}}"))
            .guard(is_open())
            .route(web::get().to(ask).wrap(limit_page(Limit::Authorize)))
            .default_service(only("GET")),
    )
    .service(misskey::call(
        resource("/api/miauth/{session}/check").guard(is_open()),
        Limit::Token,
        web::post().to(check),
    ));
}

/// GET: on to sign-in, or to the question.
async fn ask(request: HttpRequest, web: Data<Web>, session: Path<String>) -> Result<HttpResponse, PageError> {
    check_session(&session)?;
    let params = from_query(&request)?;
    let client = client(&params)?;
    let visit = Visit::of(&request, &web).await?;
    let signed_in = visit.signed_in();
    let scope = scope(&params);
    let begun = web
        .flows
        .begin_unregistered(&client, &session, &scope, signed_in.as_ref());
    Ok(see_other(&match begun.await? {
        Next::SignIn => before_link(&session, request.query_string()),
        Next::Consent(id) => to_consent(&id, &session),
        Next::Return(location) => location,
    }))
}

fn check_session(session: &str) -> Result<(), ProtocolError> {
    if session.is_empty() || session.chars().count() > MAX_SESSION_CHARS {
        return Err(ProtocolError::invalid_request(
            "the session must have 1 to 128 characters",
        ));
    }
    check_text(session)
}

/// The app that a link speaks of.
fn client(params: &Params) -> Result<Client, ProtocolError> {
    const NO_ADDRESS: ProtocolError =
        ProtocolError::invalid_request("callback must be an address; leave it out if there is none");
    let callback = params.get("callback").map(RedirectUri::parse).transpose()?;
    if callback.as_ref().map(RedirectUri::target) == Some(RedirectTarget::OutOfBand) {
        return Err(NO_ADDRESS);
    }
    let name = params.get("name").and_then(display_name);
    // Not shown; it is part of what the app said about itself.
    let icon = params.get("icon").filter(|icon| !icon.contains(char::is_control));
    let id = format!("miauth:{}", known_as(callback.as_ref(), name.as_deref()));
    Ok(Client {
        id: ClientId::Unregistered(id),
        dialect: Dialect::MiAuth,
        display: DisplayMetadata {
            name,
            logo_uri: icon.map(str::to_owned),
            ..DisplayMetadata::default()
        },
        redirect_uris: RedirectUris::Published(callback.into_iter().collect()),
        refreshes: false,
        described_by: DescribedBy::Registration,
        secret: None,
        scope: None,
    })
}

/// The best there is to know such an app by: where it lives, what opens it, what it calls itself.
fn known_as(callback: Option<&RedirectUri>, name: Option<&str>) -> String {
    let name = name.unwrap_or_default().to_owned();
    let Some(callback) = callback else {
        return name;
    };
    match callback.target() {
        RedirectTarget::Https | RedirectTarget::Loopback => callback
            .http_url()
            .and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or(name),
        RedirectTarget::PrivateUse => callback.scheme().to_owned(),
        RedirectTarget::OutOfBand => name,
    }
}

/// The permissions that a link names, in our words. What cannot be a name is dropped like one that nobody knows.
fn scope(params: &Params) -> String {
    let names = params.get("permission").unwrap_or_default().split(',');
    let names: Scope = names.filter_map(|name| ScopeToken::parse(name.trim())).collect();
    names.to_string()
}

/// The query of the link that a question came from: for somebody else to answer the same.
pub(super) fn query_of(grant: &Grant) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if let Some(name) = &grant.client.name {
        query.append_pair("name", name);
    }
    if grant.redirect_uri.target() != RedirectTarget::OutOfBand {
        query.append_pair("callback", grant.redirect_uri.as_str());
    }
    if !grant.requested.is_empty() {
        query.append_pair("permission", &grant.requested.to_string().replace(' ', ","));
    }
    query.finish()
}

/// POST, with whatever body: the key, once; until then, and after it, that there is none.
async fn check(web: Data<Web>, session: Path<String>, payload: Payload) -> Result<HttpResponse, ApiError> {
    // Whatever it is, it does not count.
    let _ = body::ignore(payload).await;
    let key = web
        .flows
        .redeem_unregistered(&Dialect::MiAuth.session(&session))
        .await?;
    Ok(HttpResponse::Ok().json(match key {
        Some(key) => json!({
            "ok": true,
            "token": key.tokens.tokens.access_token.expose(),
            "user": misskey::user(&web, &key),
        }),
        None => json!({ "ok": false }),
    }))
}
