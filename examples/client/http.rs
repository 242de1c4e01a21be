//! Talking to other servers: every request has a time limit, every answer a size limit.
//!
//! These requests go to addresses that strangers type. Before an app like this goes online, it should also refuse names that
//! resolve to its own machine or its private network.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::{Client, RequestBuilder, StatusCode, redirect::Policy};
use serde::{Deserialize, de::DeserializeOwned};
use url::{Url, form_urlencoded};

const TIMEOUT: Duration = Duration::from_secs(5);
const MAX_BODY_BYTES: usize = 1024 * 1024;
const MAX_REDIRECTS: usize = 5;

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

/// An error in OAuth's own words (RFC 6749 §4.1.2.1 and §5.2).
#[derive(Debug, Deserialize, thiserror::Error)]
#[error("{error}")]
pub struct OAuthError {
    pub error: String,
    pub error_description: Option<String>,
}

impl Answer {
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        if self.status.is_success() {
            return serde_json::from_str(&self.body).context("the answer is not what the standard says");
        }
        match serde_json::from_str::<OAuthError>(&self.body) {
            Ok(error) => Err(error.into()),
            Err(_) => bail!("the server answered {}", self.status),
        }
    }
}

/// Redirects are not followed unseen: a form's would carry the code or the token somewhere else.
pub fn client() -> Result<Client> {
    // Fails only when a provider is installed already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().timeout(TIMEOUT).redirect(Policy::none());
    Ok(client.user_agent("indieauth-example-app").build()?)
}

/// Reads a page, and returns every address passed on the way; the last one is the page's own.
pub async fn read(client: &Client, mut url: Url) -> Result<(Answer, Vec<Url>)> {
    let mut visited = Vec::new();
    while visited.len() <= MAX_REDIRECTS {
        let answer = send(client.get(url.clone())).await;
        let answer = answer.with_context(|| format!("the page {url} could not be read"))?;
        visited.push(url.clone());
        if !answer.status.is_redirection() {
            ensure!(answer.status.is_success(), "the page {url} answered {}", answer.status);
            return Ok((answer, visited));
        }
        let location = answer.headers.get(LOCATION).context("a redirect leads nowhere")?;
        url = url.join(location.to_str()?)?;
    }
    bail!("the page {url} is behind too many redirects")
}

pub async fn post(client: &Client, url: &Url, fields: &[(&str, &str)]) -> Result<Answer> {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let request = client
        .post(url.clone())
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    send(request.body(body)).await
}

pub async fn send(request: RequestBuilder) -> Result<Answer> {
    let mut response = request.header(ACCEPT, "text/html, application/json").send().await?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        ensure!(
            body.len() <= MAX_BODY_BYTES,
            "the answer from {} is too long",
            response.url()
        );
    }
    let (status, headers) = (response.status(), response.headers().clone());
    let body = String::from_utf8_lossy(&body).into_owned();
    Ok(Answer { status, headers, body })
}
