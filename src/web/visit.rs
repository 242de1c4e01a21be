//! One browser's visit: who is signed in, which language, and the cookie its forms are tied to.

use std::net::IpAddr;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};

use super::error::PageError;
use super::onwards::{carried, page_of};
use super::params::Form;
use super::{Web, address, csrf, language, session};
use crate::flows::SignedIn;
use crate::oauth::grant::Owner;
use crate::oauth::secret::{Digest, Secret, SessionKey, SignInKey, random_id};
use crate::pages::{Frame, Language, View, WayBack};

/// A browser, as the page handlers see it.
pub(super) struct Visit {
    /// Who is signed in.
    pub(super) owner: Option<Owner>,
    /// Which language its pages are in.
    pub(super) language: Language,
    /// Whether its person chose that language.
    pub(super) has_chosen_language: bool,
    /// Where it comes back to after another language was chosen: a path of ours.
    pub(super) back: String,
    /// Where it is.
    pub(super) address: IpAddr,
    /// The session behind its cookie; it may have ended.
    pub(super) session: Option<Digest<SessionKey>>,
    /// Whether its person proved a short time ago who they are.
    pub(super) is_fresh: bool,
    /// The sign-in behind its other cookie; it may wait no more.
    pub(super) pending: Option<Digest<SignInKey>>,
    seed: String,
    seed_is_new: bool,
}

impl Visit {
    /// Looks at a request. One query when it has a session cookie, none otherwise.
    pub(super) async fn of(request: &HttpRequest, web: &Web) -> Result<Visit, PageError> {
        let key = session::session(request, web.policy());
        let session = key.as_deref().map(Digest::of);
        let held = match &session {
            Some(digest) => web.accounts.session_of(digest).await?,
            None => None,
        };
        let is_fresh = held.as_ref().is_some_and(|held| held.is_fresh);
        let owner = held.map(|held| held.owner);
        let seed = key
            .filter(|_| owner.is_some())
            .or_else(|| session::visitor(request, web.policy()));
        let seed_is_new = seed.is_none();
        Ok(Visit {
            owner,
            language: language::of(request, web),
            has_chosen_language: language::chosen(request, web).is_some(),
            back: page_of(request),
            address: address::of(request, &web.trusted_proxies),
            session,
            is_fresh,
            pending: session::pending(request, web.policy()),
            seed: seed.unwrap_or_else(|| random_id(&mut rand::rng())),
            seed_is_new,
        })
    }

    /// Who is signed in, by which session.
    pub(super) fn signed_in(&self) -> Option<SignedIn> {
        let (owner, session) = self.owner.clone().zip(self.session.clone())?;
        Some(SignedIn { owner, session })
    }

    /// Whether a form was sent by one of our pages in this browser.
    pub(super) fn sent(&self, form: &Form, request: &HttpRequest, web: &Web) -> bool {
        self.sent_token(form.get("csrf"), request, web)
    }

    /// Whether a token was sent by one of our pages in this browser.
    pub(super) fn sent_token(&self, token: &str, request: &HttpRequest, web: &Web) -> bool {
        !self.seed_is_new && csrf::is_ours(request, &web.policy().issuer, &self.seed, token)
    }

    /// Goes on with the new key of the session: the forms of the page that follows belong to it.
    pub(super) fn renew(&mut self, key: &Secret<SessionKey>) {
        self.session = Some(key.digest());
        key.expose().clone_into(&mut self.seed);
    }

    /// A seal on a text that only this browser's own pages can have made.
    pub(super) fn seal(&self, text: &str) -> String {
        seal_in(&self.seed, text)
    }

    /// The seal on the path of one of these pages.
    pub(super) fn seal_back(&self, path: &str) -> String {
        self.seal(&format!("back:{path}"))
    }

    /// Answers with a page that has a form of its own.
    pub(super) fn page(&self, web: &Web, status: StatusCode, view: &impl View) -> Result<HttpResponse, PageError> {
        let mut response = self.render(web, status, view, true)?;
        if self.seed_is_new {
            let cookie = session::new_visitor(&self.seed, web.policy());
            response.add_cookie(&cookie).map_err(PageError::internal)?;
        }
        Ok(response)
    }

    /// Answers with a page that has none: whoever only reads it gets no cookie.
    pub(super) fn plain_page(&self, web: &Web, view: &impl View) -> Result<HttpResponse, PageError> {
        self.render(web, StatusCode::OK, view, self.owner.is_some())
    }

    fn render(
        &self,
        web: &Web,
        status: StatusCode,
        view: &impl View,
        has_form: bool,
    ) -> Result<HttpResponse, PageError> {
        let frame = Frame {
            language: self.language,
            development: web.policy().issuer.is_development(),
            username: self.owner.as_ref().map(|owner| owner.username.as_str().to_owned()),
            csrf: has_form.then(|| csrf::token_for(&self.seed)),
            way_back: match has_form {
                true => WayBack::Sealed {
                    path: self.back.clone(),
                    seal: self.seal_back(&self.back),
                },
                false => WayBack::Carried(carried(&self.back)),
            },
        };
        let html = web.pages.render(view, &frame).map_err(PageError::internal)?;
        Ok(HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .body(html))
    }
}

/// The seal that pages in the browser with this cookie will know as theirs.
pub(super) fn seal_in(cookie: &str, text: &str) -> String {
    csrf::token_for(&format!("{cookie}:{text}"))
}

/// Sends the browser on with a GET: 303, never 307, which would post our form's password to the next address. What
/// cannot stand in a header leads home.
pub(super) fn see_other(location: &str) -> HttpResponse {
    let location = HeaderValue::from_str(location).unwrap_or(HeaderValue::from_static("/"));
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, location))
        .finish()
}
