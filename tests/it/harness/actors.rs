//! Browsers and apps. Redirects are never followed by themselves: a test says where it goes.

use std::collections::BTreeMap;
use std::sync::Mutex;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use reqwest::header::{self, HeaderMap};
use reqwest::{Method, RequestBuilder, StatusCode};
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;

use super::client_site::ClientSite;

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// Sends a request and reads its answer.
    pub async fn to(request: RequestBuilder) -> Answer {
        let response = request.send().await.expect("the server answers");
        let (status, headers) = (response.status(), response.headers().clone());
        Answer {
            status,
            headers,
            body: response.text().await.expect("a body"),
        }
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("a readable header"))
    }

    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        assert!(
            self.status.is_redirection(),
            "no redirect but {} {}",
            self.status,
            self.body
        );
        self.header("location")
    }

    /// A parameter in the address that a redirect leads to.
    pub fn location_param(&self, name: &str) -> Option<String> {
        let url = Url::parse(self.location()).expect("an absolute address");
        url.query_pairs()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {} {}", self.status, self.body))
    }

    /// The text that a person sees, white space folded.
    pub fn text(&self) -> String {
        let page = Html::parse_document(&self.body);
        let words: Vec<&str> = page.root_element().text().flat_map(str::split_whitespace).collect();
        words.join(" ")
    }

    /// Whether an element is on the page.
    pub fn has(&self, selector: &str) -> bool {
        let selector = Selector::parse(selector).expect("a selector");
        Html::parse_document(&self.body).select(&selector).next().is_some()
    }

    /// The form that posts to an address which starts so: its address, and its fields as a browser would send them
    /// untouched.
    pub fn form(&self, action: &str) -> Form {
        let form = self.forms(action).into_iter().next();
        form.unwrap_or_else(|| panic!("no form to {action}: {}", self.body))
    }

    /// Every form whose action begins so, in the order of the page.
    pub fn forms(&self, action: &str) -> Vec<Form> {
        let page = Html::parse_document(&self.body);
        let selector = Selector::parse(&format!(r#"form[action^="{action}"]"#)).expect("a selector");
        page.select(&selector).map(Form::read).collect()
    }
}

impl Form {
    fn read(form: ElementRef<'_>) -> Form {
        let mut fields = Vec::new();
        for input in form.select(&Selector::parse("input[name]").expect("a selector")) {
            let kind = input.attr("type").unwrap_or("text");
            if !matches!(kind, "checkbox" | "radio") || input.attr("checked").is_some() {
                let value = input.attr("value").unwrap_or_default();
                fields.push((input.attr("name").unwrap_or_default().to_owned(), value.to_owned()));
            }
        }
        Form {
            action: form.attr("action").unwrap_or_default().to_owned(),
            fields,
        }
    }
}

/// A form, to be filled in.
#[derive(Debug, Clone)]
pub struct Form {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// Sets a field, in place of what it held.
    pub fn set(mut self, name: &str, value: &str) -> Form {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Takes away one value of a field: unticks a box.
    pub fn untick(mut self, name: &str, value: &str) -> Form {
        self.fields.retain(|(known, held)| known != name || held != value);
        self
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> &str {
        self.fields
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }

    /// Every value of a field.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.fields
            .iter()
            .filter(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .collect()
    }
}

/// The body of a form, encoded.
pub fn encode<N: AsRef<str>, V: AsRef<str>>(fields: &[(N, V)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        form.append_pair(name.as_ref(), value.as_ref());
    }
    form.finish()
}

/// A browser with its cookies.
pub struct Visitor {
    base: String,
    http: reqwest::Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Visitor {
    pub(super) fn new(base: &str, http: reqwest::Client) -> Visitor {
        Visitor {
            base: base.to_owned(),
            http,
            cookies: Mutex::default(),
        }
    }

    /// Puts a cookie into the jar.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies
            .lock()
            .expect("no panic holds it")
            .insert(name.to_owned(), value.to_owned());
    }

    /// A cookie in the jar.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().expect("no panic holds it").get(name).cloned()
    }

    /// A request with this browser's cookies.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let address = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.base)
        };
        let jar = self.cookies.lock().expect("no panic holds it");
        let cookies: Vec<String> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.http
            .request(method, address)
            .header(header::COOKIE, cookies.join("; "))
    }

    /// Sends a request and keeps the cookies of its answer.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let answer = Answer::to(request).await;
        let mut jar = self.cookies.lock().expect("no panic holds it");
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("a readable cookie");
            let (name, rest) = cookie.split_once('=').expect("a cookie");
            match rest.split(';').next().unwrap_or_default() {
                "" => jar.remove(name),
                value => jar.insert(name.to_owned(), value.to_owned()),
            };
        }
        drop(jar);
        answer
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// POST of a form.
    pub async fn post<N: AsRef<str>, V: AsRef<str>>(&self, path: &str, fields: &[(N, V)]) -> Answer {
        let form = "application/x-www-form-urlencoded";
        let request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, form)
            .body(encode(fields));
        self.send(request).await
    }

    /// POST of a form as it stands on a page.
    pub async fn submit(&self, form: &Form) -> Answer {
        self.post(&form.action, &form.fields).await
    }

    /// Asks for authorization.
    pub async fn get_authorize(&self, request: &AuthorizationRequest) -> Answer {
        self.get(&request.path()).await
    }

    /// Asks for authorization and follows to the consent page.
    pub async fn consent_page(&self, request: &AuthorizationRequest) -> Answer {
        let answer = self.get_authorize(request).await;
        assert!(answer.location().starts_with("/consent/"), "{answer:?}");
        self.get(answer.location()).await
    }

    /// Asks for authorization and approves everything. Gives the redirect to the client.
    pub async fn approve(&self, request: &AuthorizationRequest) -> Answer {
        let form = self.consent_page(request).await.form("/consent/");
        self.submit(&form.set("decision", "approve")).await
    }

    /// Asks for authorization and approves everything. Gives the code.
    pub async fn code(&self, request: &AuthorizationRequest) -> String {
        let answer = self.approve(request).await;
        answer
            .location_param("code")
            .unwrap_or_else(|| panic!("no code: {answer:?}"))
    }

    /// The whole way: approves everything and redeems the code at the token endpoint.
    pub async fn tokens(&self, request: &AuthorizationRequest) -> Value {
        let code = self.code(request).await;
        let answer = self.redeem(&request.redemption(&code)).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()
    }

    /// POST to the token endpoint, from the app: without the browser's cookies.
    pub async fn redeem<N: AsRef<str>, V: AsRef<str>>(&self, fields: &[(N, V)]) -> Answer {
        self.api("/oauth/token", fields).await
    }

    /// POST of a form from an app.
    pub async fn api<N: AsRef<str>, V: AsRef<str>>(&self, path: &str, fields: &[(N, V)]) -> Answer {
        let request = self.http.post(format!("{}{path}", self.base));
        Answer::to(
            request
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(encode(fields)),
        )
        .await
    }

    /// GET from an app, with a bearer token.
    pub async fn get_with_token(&self, path: &str, token: &str) -> Answer {
        Answer::to(self.http.get(format!("{}{path}", self.base)).bearer_auth(token)).await
    }
}

/// The verifier of every test request, from RFC 7636 Appendix B; [`AuthorizationRequest::fresh_pkce`] makes another.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// An authorization request. [`AuthorizationRequest::valid`] is one that passes; a test changes one thing.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    pub params: Vec<(String, String)>,
    pub verifier: String,
}

impl AuthorizationRequest {
    /// A good request of the app at `site`, which asks for `profile create`.
    pub fn valid(site: &ClientSite) -> AuthorizationRequest {
        AuthorizationRequest::of(&site.client_id(), &site.url("/redirect"))
    }

    /// A good request of this client.
    pub fn of(client_id: &str, redirect_uri: &str) -> AuthorizationRequest {
        let request = AuthorizationRequest {
            params: Vec::new(),
            verifier: String::new(),
        };
        request
            .with("response_type", "code")
            .with("client_id", client_id)
            .with("redirect_uri", redirect_uri)
            .with("state", "a state: \"/?&=#+%")
            .with("scope", "profile create")
            .fresh_pkce()
    }

    /// Another verifier and challenge: a challenge is good for one code.
    pub fn fresh_pkce(self) -> AuthorizationRequest {
        // Longer than it must be, so that a clipped one is still a verifier.
        let random: [u8; 48] = rand::random();
        let verifier = BASE64_URL_SAFE_NO_PAD.encode(random);
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
        AuthorizationRequest {
            verifier,
            ..self
                .with("code_challenge", &challenge)
                .with("code_challenge_method", "S256")
        }
    }

    /// With another value.
    pub fn with(mut self, name: &str, value: &str) -> AuthorizationRequest {
        self.params.retain(|(known, _)| known != name);
        self.params.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a parameter left out.
    pub fn without(mut self, name: &str) -> AuthorizationRequest {
        self.params.retain(|(known, _)| known != name);
        self
    }

    /// A parameter.
    pub fn get(&self, name: &str) -> &str {
        self.params
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }

    /// Path and query of the request.
    pub fn path(&self) -> String {
        format!("/oauth/authorize?{}", encode(&self.params))
    }

    /// What redeems a code of this request.
    pub fn redemption(&self, code: &str) -> Vec<(&'static str, String)> {
        vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.to_owned()),
            ("client_id", self.get("client_id").to_owned()),
            ("redirect_uri", self.get("redirect_uri").to_owned()),
            ("code_verifier", self.verifier.clone()),
        ]
    }
}

/// The redemption, with one field changed; an empty value leaves it out.
pub fn changed(fields: &[(&'static str, String)], name: &str, value: &str) -> Vec<(&'static str, String)> {
    fields
        .iter()
        .filter(|(known, _)| *known != name || !value.is_empty())
        .map(|(known, held)| (*known, if *known == name { value.to_owned() } else { held.clone() }))
        .collect()
}
