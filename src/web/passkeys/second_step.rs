//! A passkey in place of a code, on the second page of a sign-in.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::{Message, ScriptError, ask, counted, go_on};
use crate::accounts::passkey_sign_in::PasskeyStep;
use crate::web::onwards::with_query;
use crate::web::onwards::{onwards, query_only};
use crate::web::paths::SIGN_IN;
use crate::web::visit::Visit;
use crate::web::{Web, browser, session, sign_in};

/// POST: the question, for a passkey of the person whose password was right.
pub(in crate::web) async fn begin(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, ScriptError> {
    let visit = Visit::of(&request, &web).await?;
    counted(&web, &visit)?;
    let message = Message::read(&request, &web, &visit, payload).await?;
    let pending = visit.pending.as_ref().ok_or_else(|| again(&message))?;
    let before = session::ceremony(&request, web.policy());
    let question = web.accounts.ask_for_second_step(pending, before.as_ref()).await?;
    ask(&web, &question.ok_or_else(|| again(&message))?)
}

/// POST: the answer, which begins a session.
pub(in crate::web) async fn finish(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, ScriptError> {
    let visit = Visit::of(&request, &web).await?;
    let message = Message::read(&request, &web, &visit, payload).await?;
    let ceremony = session::ceremony(&request, web.policy()).ok_or(ScriptError::Expired)?;
    let pending = visit.pending.as_ref().ok_or_else(|| again(&message))?;
    let browser = browser::of(&request, visit.address);
    let taken = web
        .accounts
        .second_step_with_passkey(pending, &ceremony, message.answer(), &browser);
    let key = match taken.await? {
        PasskeyStep::Done(key) => key,
        PasskeyStep::Refused => return Err(ScriptError::Refused),
        PasskeyStep::Gone => return Err(again(&message)),
    };
    let mut response = go_on(&web, &onwards(query_only(&message.continue_query)))?;
    sign_in::hand_over(&web, &visit, &key, &mut response).await?;
    Ok(response)
}

/// Nothing waits any more: the sign-in starts over.
fn again(message: &Message) -> ScriptError {
    ScriptError::First(with_query(SIGN_IN, query_only(&message.continue_query)))
}
