//! The wire shapes of the dialects: what their clients send and expect to get, translated and forgotten here. What differs
//! in the rules is in [`crate::oauth::dialect`].

use actix_web::HttpResponse;
use serde_json::{Map, Value, json};

pub(super) mod foundkey;
pub(super) mod gancio;
pub(super) mod mastodon;
pub(super) mod miauth;
pub(super) mod misskey;

/// Links of apps that are not registered are below this.
pub(super) use miauth::PATH as LINKS;

use super::error::JsonError;
use super::onwards;
use crate::flows::FlowError;
use crate::flows::introspect::{LiveAccessToken, NotTold};
use crate::flows::revoke::NOT_YOURS;
use crate::oauth::dialect::{Dialect, Userinfo};
use crate::oauth::error::ProtocolError;
use crate::oauth::grant::Grant;
use crate::oauth::person::{Person, ProfileInformation};
use crate::oauth::policy::{Issuer, Policy};
use crate::oauth::profile::ProfileUrl;
use crate::oauth::token::TokenResponse;

/// A successful answer of the token endpoint (RFC 6749 §5.1) with what the dialect adds. `scope`, `me` and `created_at`
/// stand in every answer: clients ignore what they do not know.
pub(super) fn token_body(dialect: Dialect, response: &TokenResponse) -> Map<String, Value> {
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    put("access_token", json!(response.tokens.access_token.expose()));
    put("token_type", json!(dialect.rules().token_type));
    if let Some(life) = response.expires_in {
        put("expires_in", json!(life.as_secs()));
    }
    if let Some(token) = &response.tokens.refresh_token {
        put("refresh_token", json!(token.expose()));
    }
    put("scope", json!(response.scope.to_string()));
    if let Some(me) = &response.me {
        put("me", json!(me));
    }
    if let Some(username) = &response.username {
        put("username", json!(username.as_str()));
    }
    // IndieAuth's own member; the others ask the userinfo endpoint.
    let profile = response.profile.as_ref();
    if let Some(profile) = profile.filter(|_| dialect.rules().userinfo == Userinfo::Profile) {
        put("profile", json!(profile));
    }
    put("created_at", json!(response.created_at.unix_timestamp()));
    body
}

/// A refusal as clients of this kind expect it; `None` when that is as RFC 6749 §5.2 writes it.
pub(super) fn refusal(dialect: Dialect, error: &ProtocolError) -> Option<HttpResponse> {
    match dialect {
        Dialect::Mastodon => Some(mastodon::refusal(error)),
        Dialect::MisskeyApp => Some(foundkey::refusal(error)),
        Dialect::Gancio => gancio::refusal(error),
        Dialect::IndieAuth | Dialect::MiAuth | Dialect::Rfc7591 | Dialect::Operator => None,
    }
}

/// The link in which an app's own session was put to a person, as what travels through the sign-in page.
pub(super) fn link_again(grant: &Grant, session: &str) -> String {
    match grant.client.dialect {
        Dialect::MiAuth => onwards::before_link(session, &miauth::query_of(grant)),
        _ => onwards::before_session(session),
    }
}

/// A token that is not the caller's to end. Who names no client is told in the words of the token's own.
pub(super) fn not_revoked(caller: Option<Dialect>, refused: NotTold) -> JsonError {
    match caller.or(refused.dialect) {
        Some(dialect) => JsonError::spoken(dialect, refused.error),
        None => refused.error.into(),
    }
}

/// A caller at the revocation endpoint that is not the client it says. To Mastodon's, the token is not theirs to end.
pub(super) fn not_authenticated_to_revoke(named: Option<Dialect>, error: FlowError) -> JsonError {
    match (named, error) {
        (Some(Dialect::Mastodon), FlowError::Protocol(_)) => JsonError::spoken(Dialect::Mastodon, NOT_YOURS.into()),
        (_, error) => error.into(),
    }
}

/// A refusal of a protected route as clients of this kind expect it; `None` when that is as RFC 6750 §3 writes it.
pub(super) fn bearer_refusal(dialect: Dialect, error: &ProtocolError) -> Option<HttpResponse> {
    (dialect == Dialect::Mastodon).then(|| mastodon::bearer_refusal(error))
}

/// Who the person behind a token is, in the words of its client's kind. `sub` never changes, whatever address the app knows
/// them by.
pub(super) fn userinfo(live: &LiveAccessToken, person: &Person, policy: &Policy) -> Value {
    let issuer = &policy.issuer;
    let Some(told) = person.told(&live.scope, &live.me, issuer) else {
        return json!({});
    };
    let mut body = match live.dialect.rules().userinfo {
        Userinfo::Profile => json!(told),
        Userinfo::Claims => json!({
            "iss": issuer.as_str(),
            "name": told.name,
            "preferred_username": person.username.as_str(),
            "profile": live.me,
            "picture": picture(&told, issuer),
            "website": person.website,
            "email": told.email,
            "email_verified": told.email_verified,
        }),
    };
    if let Some(members) = body.as_object_mut() {
        members.retain(|_, value| !value.is_null());
        members.insert("sub".to_owned(), subject(live, issuer));
    }
    body
}

/// Mastodon's clients know an address of the server's own as `sub`; to all others it is what introspection tells as well.
fn subject(live: &LiveAccessToken, issuer: &Issuer) -> Value {
    match live.dialect {
        Dialect::Mastodon => json!(ProfileUrl::hosted(issuer, &live.username)),
        _ => json!(live.user_id.0),
    }
}

/// Where a person's picture is, or one that stands for all who have none.
fn picture(told: &ProfileInformation, issuer: &Issuer) -> String {
    let own = told.photo.clone();
    own.unwrap_or_else(|| format!("{issuer}/static/person.svg"))
}
