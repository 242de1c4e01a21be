//! `POST /api/v1/apps`: an app registers itself.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::apps;
use crate::oauth::client::{DisplayMetadata, display_name};
use crate::oauth::dialect::Dialect;
use crate::oauth::policy::Policy;
use crate::oauth::redirect_uri::{RedirectTarget, RedirectUri};
use crate::oauth::registration::{Registration, web_address};
use crate::oauth::scope::Scope;
use crate::web::Web;
use crate::web::error::JsonError;
use crate::web::fields::Fields;

const MAX_NAME_CHARS: usize = 60;
const MAX_WEBSITE_CHARS: usize = 2000;
/// Of all redirect URIs together, with a line feed between each two.
const MAX_REDIRECT_URIS_CHARS: usize = 2000;

/// What a registration without `scopes` is for.
const DEFAULT_SCOPE: &str = "read";

/// POST.
pub(super) async fn register(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, JsonError> {
    let fields = Fields::from_body(&request, payload).await?;
    let registration = match registration(&fields, web.policy()) {
        Ok(registration) => registration,
        Err(messages) => return Ok(unprocessable(&messages)),
    };
    let made = web.flows.register(registration).await?;
    Ok(apps::registered(
        &made.registered.client,
        made.secret.as_ref(),
        web.policy(),
    ))
}

/// Every message that there is, as Rails joins them.
fn unprocessable(messages: &[&str]) -> HttpResponse {
    let said = format!("Validation failed: {}", messages.join(", "));
    tracing::info!(status = 422, %said, "refused");
    HttpResponse::UnprocessableEntity().json(json!({ "error": said }))
}

fn registration(fields: &Fields, policy: &Policy) -> Result<Registration, Vec<&'static str>> {
    let mut messages = Vec::new();
    let name = noted(name(fields), &mut messages);
    let scope = noted(scope(fields, policy), &mut messages);
    let redirect_uris = match redirect_uris(fields) {
        Ok(redirect_uris) => Some(redirect_uris),
        Err(broken) => {
            messages.extend(broken);
            None
        }
    };
    let website = noted(website(fields), &mut messages);
    match (name, scope, redirect_uris, website) {
        (Some(name), Some(scope), Some(redirect_uris), Some(client_uri)) => Ok(Registration {
            dialect: Dialect::Mastodon,
            display: DisplayMetadata {
                name: Some(name),
                client_uri,
                ..DisplayMetadata::default()
            },
            description: None,
            redirect_uris,
            scope,
            // Whatever the app is: Mastodon gives every one a secret.
            confidential: true,
            refreshes: false,
        }),
        _ => Err(messages),
    }
}

fn noted<T>(read: Result<T, &'static str>, messages: &mut Vec<&'static str>) -> Option<T> {
    read.map_err(|message| messages.push(message)).ok()
}

fn name(fields: &Fields) -> Result<String, &'static str> {
    let claimed = fields.text("client_name").unwrap_or_default();
    if claimed.chars().count() > MAX_NAME_CHARS {
        return Err("Application name is too long (maximum is 60 characters)");
    }
    display_name(claimed).ok_or("Application name can't be blank")
}

/// A list of names in one text, or, beyond what Mastodon itself reads, an array of such texts.
fn scope(fields: &Fields, policy: &Policy) -> Result<Scope, &'static str> {
    const UNKNOWN: &str = "Scopes doesn't match those configured on the server.";
    let named = fields.list("scopes").unwrap_or_default().join(" ");
    let named = Some(named.trim()).filter(|named| !named.is_empty());
    let scope = Scope::parse(named.unwrap_or(DEFAULT_SCOPE)).map_err(|_| UNKNOWN)?;
    let family = Dialect::Mastodon.rules().vocabulary;
    let known = scope.iter().all(|token| policy.scopes.speaks(token.as_str(), family));
    known.then_some(scope).ok_or(UNKNOWN)
}

fn website(fields: &Fields) -> Result<Option<String>, &'static str> {
    let Some(text) = fields.text("website").filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    if text.chars().count() > MAX_WEBSITE_CHARS {
        return Err("Application website is too long (maximum is 2000 characters)");
    }
    web_address(text).map(Some).ok_or("Application website is invalid")
}

/// The URIs of a text or an array, separated by any white space.
fn redirect_uris(fields: &Fields) -> Result<Vec<RedirectUri>, Vec<&'static str>> {
    let texts = fields.list("redirect_uris").unwrap_or_default();
    let named: Vec<&str> = texts.iter().flat_map(|text| text.split_whitespace()).collect();
    if named.is_empty() {
        return Err(vec!["Redirect URI can't be blank"]);
    }
    if named.join("\n").chars().count() > MAX_REDIRECT_URIS_CHARS {
        return Err(vec!["Redirect URI is too long (maximum is 2000 characters)"]);
    }
    let (mut uris, mut messages) = (Vec::new(), Vec::new());
    for raw in named {
        match redirect_uri(raw) {
            Ok(uri) if uris.contains(&uri) => {}
            Ok(uri) => uris.push(uri),
            Err(message) if messages.contains(&message) => {}
            Err(message) => messages.push(message),
        }
    }
    if messages.is_empty() { Ok(uris) } else { Err(messages) }
}

/// Which URIs are good, the core decides; here is only what Mastodon calls the fault. One without a slash behind its
/// scheme is refused here alone: on Mastodon no app can have it.
fn redirect_uri(raw: &str) -> Result<RedirectUri, &'static str> {
    let parsed = RedirectUri::parse(raw);
    let (scheme, rest) = raw.split_once(':').unwrap_or(("", raw));
    let is_opaque = !rest.starts_with('/');
    if let Ok(uri) = parsed
        && (!is_opaque || uri.target() == RedirectTarget::OutOfBand)
    {
        return Ok(uri);
    }
    let (written, scheme) = (scheme, scheme.to_ascii_lowercase());
    Err(if raw.contains('#') {
        "Redirect URI cannot contain a fragment."
    } else if !has_scheme(&scheme) {
        "Redirect URI must be an absolute URI."
    } else if RedirectUri::is_forbidden_scheme(&scheme) {
        "Redirect URI is forbidden by the server."
    } else if written != scheme {
        "Redirect URI scheme must be lower case."
    } else if is_opaque {
        "Redirect URI must specify a scheme."
    } else if scheme == "http" && RedirectUri::parse(&raw.replacen("http", "https", 1)).is_ok() {
        "Redirect URI must be an HTTPS/SSL URI."
    } else {
        "Redirect URI must be a valid URI."
    })
}

/// RFC 3986 §3.1.
fn has_scheme(scheme: &str) -> bool {
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}
