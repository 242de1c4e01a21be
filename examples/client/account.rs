//! Signed in: what the app can do with the token it holds.

use actix_web::http::{
    StatusCode,
    header::{CACHE_CONTROL, HeaderValue, VARY},
};
use actix_web::{HttpRequest, HttpResponse, web};
use anyhow::{Context, Result, bail};
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use crate::discovery::Server;
use crate::http::{self, Answer};
use crate::page::{Problem, render, see_other};
use crate::session::Session;
use crate::{App, sign_in::Grant};

#[derive(Clone, Serialize)]
pub struct Account {
    pub me: Url,
    pub server: Server,
    pub grant: Grant,
    pub answer: Option<Shown>,
}

/// A server's answer, for the page.
#[derive(Clone, Serialize)]
pub struct Shown {
    asked: String,
    status: u16,
    body: String,
}

impl Shown {
    fn new(asked: String, answer: &Answer) -> Self {
        let json = serde_json::from_str::<Value>(&answer.body);
        let body = json.map_or_else(|_| answer.body.clone(), |json| format!("{json:#}"));
        let status = answer.status.as_u16();
        Self { asked, status, body }
    }
}

pub async fn home(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    let account = signed_in(&app, &request).await.ok().map(|(_, account)| account);
    let mut page = render(StatusCode::OK, &json!({ "account": account, "problem": null }));
    if account.is_none() {
        // Servers read this page to learn who asks; they need not do so at every step of a sign-in.
        page.headers_mut()
            .insert(CACHE_CONTROL, HeaderValue::from_static("max-age=300"));
        page.headers_mut().insert(VARY, HeaderValue::from_static("Cookie"));
    }
    page
}

/// "User Information": what the token's owner lets this app know.
pub async fn userinfo(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let (id, mut account) = signed_in(&app, &request).await?;
    let endpoint = needed(&account.server.userinfo_endpoint, "userinfo endpoint")?;
    let access_token = needed(&account.grant.access_token, "access token")?;
    let answer = http::send(app.http.get(endpoint.clone()).bearer_auth(access_token)).await?;
    account.answer = Some(Shown::new(format!("GET {endpoint}"), &answer));
    Ok(keep(&app, id, account).await)
}

/// "Refreshing an Access Token".
pub async fn refresh(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let (id, mut account) = signed_in(&app, &request).await?;
    let endpoint = needed(&account.server.token_endpoint, "token endpoint")?;
    let refresh_token = needed(&account.grant.refresh_token, "refresh token")?;
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token),
        ("client_id", app.client_id.as_str()),
    ];
    let answer = http::post(&app.http, endpoint, &fields).await?;
    let mut shown = Shown::new(format!("POST {endpoint}"), &answer);
    if answer.status.is_success() {
        let old = account.grant;
        let new: Grant = answer.json()?;
        // What the server does not repeat stays as it was; a refresh token it does send replaces the old, spent one.
        account.grant = Grant {
            refresh_token: new.refresh_token.or(old.refresh_token),
            scope: new.scope.or(old.scope),
            profile: new.profile.or(old.profile),
            ..new
        };
        shown.body = "The access token above is a new one.".to_owned();
    }
    account.answer = Some(shown);
    Ok(keep(&app, id, account).await)
}

/// "Token Revocation". The page keeps the token, to show that it no longer opens anything; a real app forgets it here.
pub async fn revoke(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let (id, mut account) = signed_in(&app, &request).await?;
    let endpoint = needed(&account.server.revocation_endpoint, "revocation endpoint")?;
    // The refresh token first: after it, nothing can renew the other.
    for token in [&account.grant.refresh_token, &account.grant.access_token]
        .into_iter()
        .flatten()
    {
        let answer = http::post(&app.http, endpoint, &[("token", token)]).await?;
        account.answer = Some(Shown::new(format!("POST {endpoint}"), &answer));
    }
    Ok(keep(&app, id, account).await)
}

pub async fn sign_out(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    if let Some((id, _)) = app.session(&request).await {
        app.sessions.invalidate(&id).await;
    }
    let mut cookie = app.cookie(String::new());
    cookie.make_removal();
    see_other("/").cookie(cookie).finish()
}

async fn signed_in(app: &App, request: &HttpRequest) -> Result<(String, Account)> {
    match app.session(request).await {
        Some((id, Session::SignedIn(account))) => Ok((id, *account)),
        _ => bail!("you are not signed in"),
    }
}

/// Back to the home page, so that a reload asks nothing again.
async fn keep(app: &App, id: String, account: Account) -> HttpResponse {
    app.sessions.insert(id, Session::SignedIn(Box::new(account))).await;
    see_other("/").finish()
}

fn needed<'a, T>(value: &'a Option<T>, name: &str) -> Result<&'a T> {
    value.as_ref().with_context(|| format!("this server gave no {name}"))
}
