//! Signing in: off to the authorization server, and back with a code.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use anyhow::{Context, Result, bail, ensure};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::{Url, form_urlencoded};

use crate::App;
use crate::account::Account;
use crate::discovery::{Server, discover, profile_url};
use crate::http::{self, OAuthError};
use crate::page::{Problem, see_other};
use crate::session::{Session, random};

/// A sign-in under way. None of it is in the browser, so nobody but this app can finish it.
#[derive(Clone)]
pub struct Attempt {
    server: Server,
    visited: Vec<Url>,
    scope: String,
    state: String,
    code_verifier: String,
}

/// What a code is worth ("Access Token Response", "Profile URL Response", "Profile Information").
#[derive(Clone, Serialize, Deserialize)]
pub struct Grant {
    pub me: Option<String>,
    pub access_token: Option<String>,
    pub refresh_token: Option<String>,
    pub expires_in: Option<u64>,
    pub scope: Option<String>,
    pub profile: Option<serde_json::Map<String, serde_json::Value>>,
}

/// The form was sent: find the server and go there.
pub async fn start(app: web::Data<App>, request: HttpRequest, body: web::Bytes) -> Result<HttpResponse, Problem> {
    // Without this, another site could sign its visitors in here as somebody else.
    let sender = request.headers().get("Sec-Fetch-Site");
    if sender.is_some_and(|site| site != "same-origin") {
        return Err(anyhow::anyhow!("another site sent this form").into());
    }
    let form: Vec<_> = form_urlencoded::parse(&body).collect();
    let values = |name| {
        form.iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_ref())
    };
    let me = profile_url(values("me").next().unwrap_or_default())?;
    let only_sign_in = values("only_sign_in").next().is_some();
    let scope = values("scope").filter(|_| !only_sign_in).collect::<Vec<_>>().join(" ");

    let (server, visited) = discover(&app.http, &me).await?;
    let attempt = Attempt {
        server,
        visited,
        scope,
        state: random(),
        code_verifier: random(),
    };
    let url = authorization_request(&app, &attempt, &me);
    let cookie = app.start(Session::SigningIn(Box::new(attempt))).await;
    Ok(see_other(url.as_str()).cookie(cookie).finish())
}

/// "Authorization Request". Without a `scope`, the code is good for signing in and nothing else.
fn authorization_request(app: &App, attempt: &Attempt, me: &Url) -> Url {
    let mut url = attempt.server.authorization_endpoint.clone();
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", app.client_id.as_str())
        .append_pair("redirect_uri", app.redirect_uri.as_str())
        .append_pair("state", &attempt.state)
        .append_pair("code_challenge", &code_challenge(&attempt.code_verifier))
        .append_pair("code_challenge_method", "S256")
        .append_pair("me", me.as_str());
    if !attempt.scope.is_empty() {
        url.query_pairs_mut().append_pair("scope", &attempt.scope);
    }
    url
}

/// The browser is back: every check comes before the first use of what it brought.
pub async fn callback(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let query = form_urlencoded::parse(request.query_string().as_bytes()).into_owned();
    let mut response: HashMap<String, String> = query.collect();
    let attempt = take_attempt(&app, &request, response.get("state")).await?;
    check_issuer(&attempt.server, response.get("iss"))?;
    if let Some(error) = response.remove("error") {
        let error_description = response.remove("error_description");
        let refusal = OAuthError {
            error,
            error_description,
        };
        return Err(anyhow::Error::from(refusal)
            .context("the server did not sign you in")
            .into());
    }
    let code = response.get("code").context("the server sent no code")?;

    let grant = redeem(&app, &attempt, code).await?;
    let me = confirm(&app, &attempt, grant.me.as_deref()).await?;
    let account = Account {
        me,
        server: attempt.server,
        grant,
        answer: None,
    };
    let cookie = app.start(Session::SignedIn(Box::new(account))).await;
    Ok(see_other("/").cookie(cookie).finish())
}

/// "Authorization Response": the answer must belong to a sign-in that this very browser started, and counts once.
async fn take_attempt(app: &App, request: &HttpRequest, state: Option<&String>) -> Result<Attempt> {
    let Some((id, Session::SigningIn(attempt))) = app.session(request).await else {
        bail!("this sign-in was not started here, or it is over");
    };
    ensure!(
        state == Some(&attempt.state),
        "this answer belongs to another sign-in: its state differs"
    );
    app.sessions.remove(&id).await.context("this answer was used already")?;
    Ok(*attempt)
}

/// "Authorization Response": compared character by character, against servers that pass on another's answers as their own.
fn check_issuer(server: &Server, iss: Option<&String>) -> Result<()> {
    match (iss, &server.issuer) {
        (Some(iss), Some(issuer)) => ensure!(iss == issuer, "the server {iss} answered, but {issuer} was asked"),
        (Some(_), None) => {}
        (None, _) => {
            let promised = server.authorization_response_iss_parameter_supported;
            ensure!(
                !promised,
                "the answer does not say which server it is from: it has no iss"
            );
        }
    }
    Ok(())
}

/// "Redeeming the Authorization Code": at the token endpoint for a token, at the authorization endpoint only to sign in.
async fn redeem(app: &App, attempt: &Attempt, code: &str) -> Result<Grant> {
    let endpoint = match &attempt.server.token_endpoint {
        _ if attempt.scope.is_empty() => &attempt.server.authorization_endpoint,
        Some(token_endpoint) => token_endpoint,
        None => bail!("this server can sign you in, but has no token endpoint"),
    };
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("client_id", app.client_id.as_str()),
        ("redirect_uri", app.redirect_uri.as_str()),
        ("code_verifier", &attempt.code_verifier),
    ];
    let answer = http::post(&app.http, endpoint, &fields).await?;
    answer
        .json()
        .with_context(|| format!("redeeming the code at {endpoint} failed"))
}

/// "Authorization Server Confirmation": a server may speak only for addresses that name it.
async fn confirm(app: &App, attempt: &Attempt, me: Option<&str>) -> Result<Url> {
    let me = profile_url(me.context("the server does not say who you are")?)?;
    if !attempt.visited.contains(&me) {
        let (server, _) = discover(&app.http, &me).await?;
        let confirmed = server.authorization_endpoint == attempt.server.authorization_endpoint;
        ensure!(
            confirmed,
            "the server says you are {me}, but that address names another server"
        );
    }
    Ok(me)
}

/// RFC 7636 §4.2, `S256`.
fn code_challenge(code_verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(code_verifier))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_rfc_7636_appendix_b() {
        let code_verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(
            code_challenge(code_verifier),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn only_the_asked_issuer_may_answer() {
        let server = |issuer, promised| -> Server {
            serde_json::from_value(serde_json::json!({
                "issuer": issuer,
                "authorization_endpoint": "https://a.example/auth",
                "authorization_response_iss_parameter_supported": promised,
            }))
            .unwrap()
        };
        let (own, slash) = ("https://a.example".to_owned(), "https://a.example/".to_owned());
        assert!(check_issuer(&server(Some(&own), true), Some(&own)).is_ok());
        assert!(check_issuer(&server(Some(&own), true), Some(&slash)).is_err());
        assert!(check_issuer(&server(Some(&own), false), Some(&slash)).is_err());
        assert!(check_issuer(&server(Some(&own), true), None).is_err());
        assert!(check_issuer(&server(Some(&own), false), None).is_ok());
    }
}
