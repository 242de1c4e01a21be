//! A person's passkeys: the list, with what can be done to each; and the two calls of the script that adds one. Adding and
//! removing need a sign-in that is fresh, a name does not.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::{Posted, fresh_or_where};
use crate::accounts::passkeys::{Added, MAX_PASSKEYS, NewPasskey, OwnPasskey, Removed, Renamed};
use crate::oauth::grant::Owner;
use crate::oauth::secret::{Secret, SessionKey};
use crate::pages::account::passkeys::{PasskeyEntry, PasskeysChanged, PasskeysProblem, PasskeysView};
use crate::web::error::PageError;
use crate::web::onwards::before;
use crate::web::params::{Form, from_query};
use crate::web::passkeys::{Message, ScriptError, ask, counted, go_on_with};
use crate::web::paths::PASSKEYS;
use crate::web::visit::{Visit, seal_in, see_other};
use crate::web::{Web, browser, headers, session};

/// What the address says after a change.
const ADDED: &str = "added";
const RENAMED: &str = "renamed";
const REMOVED: &str = "removed";

/// GET: the list.
pub(in crate::web) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let Some(owner) = &visit.owner else {
        return Ok(see_other(&before(PASSKEYS)));
    };
    let params = from_query(&request)?;
    // Sealed, or any link could tell people that they have one passkey more.
    let told = params
        .get("changed")
        .filter(|changed| params.get("seal") == Some(visit.seal(changed).as_str()));
    let changed = match told {
        Some(ADDED) => Some(PasskeysChanged::Added),
        Some(RENAMED) => Some(PasskeysChanged::Renamed),
        Some(REMOVED) => Some(PasskeysChanged::Removed),
        _ => None,
    };
    list(&request, &web, &visit, owner, changed, None).await
}

async fn list(
    request: &HttpRequest,
    web: &Web,
    visit: &Visit,
    owner: &Owner,
    changed: Option<PasskeysChanged>,
    problem: Option<PasskeysProblem>,
) -> Result<HttpResponse, PageError> {
    let known = web.accounts.passkeys(owner).await?;
    let said = browser::of(request, visit.address).user_agent.unwrap_or_default();
    let view = PasskeysView {
        is_offered: web.accounts.offers_passkeys(),
        is_full: known.len() >= MAX_PASSKEYS,
        passkeys: known.into_iter().map(entry).collect(),
        browser: browser::name(&said).map(str::to_owned),
        system: browser::system(&said).map(str::to_owned),
        changed,
        problem,
    };
    let status = match problem {
        Some(PasskeysProblem::NameMissing) => StatusCode::BAD_REQUEST,
        Some(PasskeysProblem::Needed) => StatusCode::CONFLICT,
        None => StatusCode::OK,
    };
    let mut response = visit.page(web, status, &view)?;
    if view.is_offered {
        headers::runs_script(&mut response);
    }
    Ok(response)
}

fn entry(passkey: OwnPasskey) -> PasskeyEntry {
    PasskeyEntry {
        id: passkey.id,
        name: passkey.name,
        added: passkey.added_at.unix_timestamp(),
        last_used: passkey.last_used_at.map(time::OffsetDateTime::unix_timestamp),
    }
}

/// POST, by the script: the question for a new one.
pub(in crate::web) async fn begin(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, ScriptError> {
    let visit = Visit::of(&request, &web).await?;
    counted(&web, &visit)?;
    let signed_in = fresh_or_where(&visit, PASSKEYS).map_err(ScriptError::First)?;
    Message::read(&request, &web, &visit, payload).await?;
    let last = session::ceremony(&request, web.policy());
    match web
        .accounts
        .ask_for_new_passkey(&signed_in.owner, last.as_ref())
        .await?
    {
        NewPasskey::Asked(question) => ask(&web, &question),
        NewPasskey::Full => Err(ScriptError::Full),
        NewPasskey::NotOffered => Err(ScriptError::Refused),
    }
}

/// POST, by the script: the new one.
pub(in crate::web) async fn finish(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, ScriptError> {
    let visit = Visit::of(&request, &web).await?;
    let signed_in = fresh_or_where(&visit, PASSKEYS).map_err(ScriptError::First)?;
    let message = Message::read(&request, &web, &visit, payload).await?;
    let ceremony = session::ceremony(&request, web.policy()).ok_or(ScriptError::Expired)?;
    let added = web.accounts.add_passkey(
        &signed_in.owner,
        &signed_in.session,
        &ceremony,
        message.answer(),
        &message.name,
    );
    match added.await? {
        Added::Yes(key) => go_on_with(&web, &told_with(&key, ADDED), &key),
        Added::Refused => Err(ScriptError::Refused),
        Added::Full => Err(ScriptError::Full),
        Added::SignedOut => Err(ScriptError::First(before(PASSKEYS))),
    }
}

/// POST: another name.
pub(in crate::web) async fn rename(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let form = Form::read(payload).await?;
    let Some(owner) = &visit.owner else {
        return Ok(see_other(&before(PASSKEYS)));
    };
    if !visit.sent(&form, &request, &web) {
        return Err(PageError::form_expired());
    }
    match web
        .accounts
        .rename_passkey(owner, form.get("passkey"), form.get("name"))
        .await?
    {
        Renamed::Yes => Ok(see_other(&told(&visit.seal(RENAMED), RENAMED))),
        // Gone already, or somebody else's, it is not in the list.
        Renamed::Gone => Ok(see_other(PASSKEYS)),
        Renamed::Nameless => {
            let problem = Some(PasskeysProblem::NameMissing);
            list(&request, &web, &visit, owner, None, problem).await
        }
    }
}

/// POST: removes one.
pub(in crate::web) async fn remove(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let Posted {
        visit,
        fields: form,
        signed_in,
    } = Posted::read(&request, &web, payload, PASSKEYS).await?;
    let removed = web
        .accounts
        .remove_passkey(&signed_in.owner, &signed_in.session, form.get("passkey"));
    match removed.await? {
        Removed::Yes(key) => super::confirm::with_key(&web, &told_with(&key, REMOVED), &key),
        Removed::Gone => Ok(see_other(PASSKEYS)),
        Removed::Needed => {
            let problem = Some(PasskeysProblem::Needed);
            list(&request, &web, &visit, &signed_in.owner, None, problem).await
        }
    }
}

fn told(seal: &str, changed: &str) -> String {
    format!("{PASSKEYS}?changed={changed}&seal={seal}")
}

/// Likewise, for the browser that has just got this key.
fn told_with(key: &Secret<SessionKey>, changed: &str) -> String {
    told(&seal_in(key.expose(), changed), changed)
}
