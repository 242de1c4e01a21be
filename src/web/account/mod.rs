//! What a person sees and changes of their own account: the entry page, and below it one file per page.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::Web;
use super::error::PageError;
use super::onwards::{before, confirm_before};
use super::params::{Form, from_query};
use super::paths::ACCOUNT;
use super::visit::{Visit, seal_in, see_other};
use crate::flows::SignedIn;
use crate::oauth::params::Params;
use crate::oauth::secret::{Secret, SessionKey};
use crate::pages::account::{AccountView, Changed};

pub(super) mod activity;
pub(super) mod addresses;
pub(super) mod confirm;
pub(super) mod email;
pub(super) mod passkeys;
pub(super) mod password;
pub(super) mod profile;
pub(super) mod second_step;
pub(super) mod sessions;

/// What the entry page's address says after a change.
const PASSWORD_CHANGED: &str = "password";

/// GET: what there is.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let Some(owner) = &visit.owner else {
        return Ok(see_other(&before(ACCOUNT)));
    };
    let params = from_query(&request)?;
    // Sealed, or any link could tell people that their password is another one.
    let changed = sealed(&visit, &params, "changed").filter(|changed| *changed == PASSWORD_CHANGED);
    let passkeys = match changed {
        // Somebody who knew the old password may have added one.
        Some(_) => web.accounts.passkeys(owner).await?,
        None => Vec::new(),
    };
    let view = AccountView {
        passkeys: passkeys.into_iter().map(|passkey| passkey.name).collect(),
        changed: changed.map(|_| Changed::Password),
        username: owner.username.as_str().to_owned(),
        name: web
            .accounts
            .person(&owner.user_id)
            .await?
            .and_then(|person| person.name),
        offers_second_step: web.accounts.offers_second_step(),
        me: web.flows.me(owner).as_str().to_owned(),
    };
    visit.page(&web, StatusCode::OK, &view)
}

/// The entry page that tells of a change, for the browser that has just got this key.
fn told(key: &Secret<SessionKey>, changed: &str) -> String {
    format!("{ACCOUNT}?changed={changed}&seal={}", seal_in(key.expose(), changed))
}

/// What an address says was done, if a page of ours in this browser made that address.
fn sealed<'a>(visit: &Visit, params: &'a Params, name: &str) -> Option<&'a str> {
    let said = params.get(name)?;
    (params.get("seal") == Some(visit.seal(said).as_str())).then_some(said)
}

/// A form that was sent by a page of ours, by somebody who proved a short time ago who they are.
struct Posted {
    visit: Visit,
    fields: Form,
    signed_in: SignedIn,
}

impl Posted {
    /// Reads it. Whoever has to prove first who they are comes back to the page at `path`.
    async fn read(request: &HttpRequest, web: &Web, payload: Payload, path: &str) -> Result<Posted, PageError> {
        let visit = Visit::of(request, web).await?;
        let fields = Form::read(payload).await?;
        let signed_in = fresh(&visit, path)?;
        if !visit.sent(&fields, request, web) {
            return Err(PageError::form_expired());
        }
        Ok(Posted {
            visit,
            fields,
            signed_in,
        })
    }
}

/// Who is signed in and proved a short time ago who they are; otherwise the browser goes to do so, on the way to this page.
pub(in crate::web) fn fresh(visit: &Visit, path: &str) -> Result<SignedIn, PageError> {
    fresh_or_where(visit, path).map_err(PageError::first_at)
}

/// The same, or the address where to do so, for whom a page does not answer.
fn fresh_or_where(visit: &Visit, path: &str) -> Result<SignedIn, String> {
    match visit.signed_in() {
        None => Err(before(path)),
        Some(_) if !visit.is_fresh => Err(confirm_before(path)),
        Some(signed_in) => Ok(signed_in),
    }
}
