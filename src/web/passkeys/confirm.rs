//! A passkey in place of the password, before how a person signs in is changed.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::{Message, ScriptError, ask, counted, go_on_with};
use crate::flows::SignedIn;
use crate::web::onwards::{before, place};
use crate::web::paths::ACCOUNT;
use crate::web::visit::Visit;
use crate::web::{Web, session};

/// POST: the question, for a passkey of the person who is signed in.
pub(in crate::web) async fn begin(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, ScriptError> {
    let visit = Visit::of(&request, &web).await?;
    counted(&web, &visit)?;
    let message = Message::read(&request, &web, &visit, payload).await?;
    let signed_in = signed_in(&visit, &message)?;
    let last = session::ceremony(&request, web.policy());
    let asked = web.accounts.ask_to_confirm(&signed_in.owner.user_id, last.as_ref());
    ask(&web, &asked.await?.ok_or(ScriptError::Refused)?)
}

/// POST: the answer, which gives the session another key.
pub(in crate::web) async fn finish(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, ScriptError> {
    let visit = Visit::of(&request, &web).await?;
    let message = Message::read(&request, &web, &visit, payload).await?;
    let SignedIn { owner, session } = signed_in(&visit, &message)?;
    let ceremony = session::ceremony(&request, web.policy()).ok_or(ScriptError::Expired)?;
    let confirmed = web
        .accounts
        .confirm_with_passkey(&owner, &session, &ceremony, message.answer());
    let key = confirmed.await?.ok_or(ScriptError::Refused)?;
    go_on_with(&web, goal(&message), &key)
}

fn goal(message: &Message) -> &'static str {
    place(&message.continue_query).unwrap_or(ACCOUNT)
}

fn signed_in(visit: &Visit, message: &Message) -> Result<SignedIn, ScriptError> {
    visit
        .signed_in()
        .ok_or_else(|| ScriptError::First(before(goal(message))))
}
