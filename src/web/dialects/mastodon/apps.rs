//! The app object, and `GET /api/v1/apps/verify_credentials`: an app asks what it is registered as.

use actix_web::http::{StatusCode, header};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{EXPIRED, INVALID, REVOKED, refused_token};
use crate::flows::verify_credentials::NotLive;
use crate::oauth::client::{Client, RedirectUris};
use crate::oauth::dialect::Dialect;
use crate::oauth::error::ErrorCode;
use crate::oauth::policy::Policy;
use crate::oauth::redirect_uri::RedirectUri;
use crate::oauth::scope::ScopeToken;
use crate::oauth::secret::{ClientSecret, Secret};
use crate::web::Web;
use crate::web::bearer::access_token;
use crate::web::error::{BearerError, JsonError};

/// GET. Any token of the app will do: a person's or its own, whatever its scope. Those of other kinds of clients are none
/// that Mastodon would know.
pub(super) async fn verify_credentials(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, JsonError> {
    let token = match access_token(&request) {
        Ok(token) => token,
        Err(BearerError::NoToken) => return Ok(not_live(NotLive::Unknown)),
        Err(BearerError::Refused(error) | BearerError::Spoken(_, error)) => return Err(error.into()),
    };
    Ok(match web.flows.client_of(&token).await? {
        Ok(client) if client.dialect != Dialect::Mastodon => not_live(NotLive::Unknown),
        Ok(client) => HttpResponse::Ok().json(app(&client, web.policy())),
        Err(why) => not_live(why),
    })
}

fn not_live(why: NotLive) -> HttpResponse {
    let sentence = match why {
        NotLive::Revoked(Dialect::Mastodon) => REVOKED,
        NotLive::Expired(Dialect::Mastodon) => EXPIRED,
        NotLive::Unknown | NotLive::Revoked(_) | NotLive::Expired(_) => INVALID,
    };
    tracing::info!(status = 401, said = sentence, "refused");
    refused_token(StatusCode::UNAUTHORIZED, ErrorCode::InvalidToken, sentence)
}

/// The answer to a registration: the only one that holds the secret.
pub(super) fn registered(client: &Client, secret: Option<&Secret<ClientSecret>>, policy: &Policy) -> HttpResponse {
    let mut answer = app(client, policy);
    answer.insert("client_id".to_owned(), json!(client.id.as_str()));
    answer.insert("client_secret".to_owned(), json!(secret.map(Secret::expose)));
    // It never does.
    answer.insert("client_secret_expires_at".to_owned(), json!(0));
    HttpResponse::Ok()
        .insert_header((header::PRAGMA, "no-cache"))
        .json(answer)
}

/// What is told of an app.
fn app(client: &Client, policy: &Policy) -> Map<String, Value> {
    let redirect_uris: Vec<&str> = match &client.redirect_uris {
        RedirectUris::Published(list) => list.iter().map(RedirectUri::as_str).collect(),
        RedirectUris::OwnOrigin => Vec::new(),
    };
    let scopes: Vec<&str> = client
        .scope
        .iter()
        .flat_map(|scope| scope.iter().map(ScopeToken::as_str))
        .collect();
    let mut app = Map::new();
    let mut put = |name: &str, value: Value| app.insert(name.to_owned(), value);
    put("id", json!(number_of(client.id.as_str())));
    put(
        "name",
        json!(client.display.name.as_deref().unwrap_or(client.id.as_str())),
    );
    put("website", json!(client.display.client_uri));
    put("scopes", json!(scopes));
    put("redirect_uris", json!(redirect_uris));
    put("redirect_uri", json!(redirect_uris.join("\n")));
    if let Some(key) = &policy.instance.mastodon.vapid_key {
        put("vapid_key", json!(key));
    }
    app
}

/// A number for an app, which some clients keep as one: the same for the same id each time. 53 bits, so that it survives
/// JavaScript. Nothing here is found by it.
fn number_of(client_id: &str) -> String {
    let digest = Sha256::digest(client_id.as_bytes());
    let first = digest
        .iter()
        .take(8)
        .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    (first >> 11).to_string()
}
