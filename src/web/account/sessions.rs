//! Where a person is signed in, and the buttons that end it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::accounts::session_list::OpenSession;
use crate::pages::account::sessions::{SessionEntry, SessionsEnded, SessionsView};
use crate::web::error::PageError;
use crate::web::onwards::before;
use crate::web::params::{Form, from_query};
use crate::web::paths::{SESSIONS, SIGN_IN};
use crate::web::visit::{Visit, see_other};
use crate::web::{Web, browser, session};

/// What the address says after a button was pressed.
const ONE: &str = "one";
const OTHERS: &str = "others";

/// GET: the list.
pub(in crate::web) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let Some(signed_in) = visit.signed_in() else {
        return Ok(see_other(&before(SESSIONS)));
    };
    let open = web.accounts.sessions(&signed_in.owner, &signed_in.session).await?;
    let params = from_query(&request)?;
    // Sealed, or any link could tell people that they are signed out elsewhere.
    let told = params
        .get("ended")
        .filter(|ended| params.get("seal") == Some(visit.seal(ended).as_str()));
    let view = SessionsView {
        sessions: open.into_iter().map(entry).collect(),
        ended: match told {
            Some(ONE) => Some(SessionsEnded::One),
            Some(OTHERS) => Some(SessionsEnded::Others),
            _ => None,
        },
    };
    visit.page(&web, StatusCode::OK, &view)
}

/// POST: ends one session.
pub(in crate::web) async fn end(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let form = Form::read(payload).await?;
    let Some(owner) = &visit.owner else {
        return Ok(see_other(&before(SESSIONS)));
    };
    if !visit.sent(&form, &request, &web) {
        return Err(PageError::form_expired());
    }
    // What is gone already, or somebody else's, is shown as what it is: not in the list.
    match web.accounts.end_session_of(owner, form.get("session")).await? {
        true => Ok(told(&visit, ONE)),
        false => Ok(see_other(SESSIONS)),
    }
}

/// POST: ends every session but this one.
pub(in crate::web) async fn end_others(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let form = Form::read(payload).await?;
    let Some(signed_in) = visit.signed_in() else {
        return Ok(see_other(&before(SESSIONS)));
    };
    if !visit.sent(&form, &request, &web) {
        return Err(PageError::form_expired());
    }
    web.accounts
        .end_other_sessions(&signed_in.owner, &signed_in.session)
        .await?;
    Ok(told(&visit, OTHERS))
}

/// POST: ends every session, this one too.
pub(in crate::web) async fn end_all(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let form = Form::read(payload).await?;
    let Some(owner) = &visit.owner else {
        return Ok(see_other(&before(SESSIONS)));
    };
    if !visit.sent(&form, &request, &web) {
        return Err(PageError::form_expired());
    }
    web.accounts.end_all_sessions(owner).await?;
    let mut response = see_other(SIGN_IN);
    response
        .add_cookie(&session::end(web.policy()))
        .map_err(PageError::internal)?;
    Ok(response)
}

fn told(visit: &Visit, ended: &str) -> HttpResponse {
    see_other(&format!("{SESSIONS}?ended={ended}&seal={}", visit.seal(ended)))
}

fn entry(session: OpenSession) -> SessionEntry {
    let said = session.browser.user_agent.as_deref().unwrap_or_default();
    SessionEntry {
        id: session.id,
        is_current: session.is_current,
        browser: browser::name(said).map(str::to_owned),
        system: browser::system(said).map(str::to_owned),
        since: session.since.unix_timestamp(),
        last_used: session.last_used_at.unix_timestamp(),
        address_block: session.browser.address_block,
        said: session.browser.user_agent,
    }
}
