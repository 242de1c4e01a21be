//! Signing in without a name: the passkey says whose it is. The page learns nothing about who has an account.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::{Message, ScriptError, ask, counted, go_on};
use crate::web::onwards::{onwards, query_only};
use crate::web::visit::Visit;
use crate::web::{Web, browser, session, sign_in};

/// POST: the question.
pub(in crate::web) async fn begin(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, ScriptError> {
    let visit = Visit::of(&request, &web).await?;
    counted(&web, &visit)?;
    Message::read(&request, &web, &visit, payload).await?;
    let before = session::ceremony(&request, web.policy());
    let question = web.accounts.ask_who_signs_in(before.as_ref()).await?;
    ask(&web, &question.ok_or(ScriptError::Refused)?)
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
    let browser = browser::of(&request, visit.address);
    let signed_in = web.accounts.sign_in_with_passkey(&ceremony, message.answer(), &browser);
    let key = signed_in.await?.ok_or(ScriptError::Refused)?;
    let mut response = go_on(&web, &onwards(query_only(&message.continue_query)))?;
    sign_in::hand_over(&web, &visit, &key, &mut response).await?;
    Ok(response)
}
