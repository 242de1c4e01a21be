//! The second step of a person's sign-in, on and off. Both need a person who proved a short time ago who they are. Where the
//! operator set no key no app can be set up; passkeys need none.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use url::Url;

use super::confirm::with_key;
use super::{Posted, fresh};
use crate::accounts::recovery::RecoveryCodes;
use crate::accounts::second_factor::TurnedOn;
use crate::accounts::totp::TotpSecret;
use crate::flows::SignedIn;
use crate::oauth::grant::Owner;
use crate::oauth::secret::{Secret, SessionKey};
use crate::pages::account::recovery::RecoveryCodesView;
use crate::pages::account::second_step::{FactorOn, FactorSetUpView, FactorView, PasskeysFor};
use crate::web::error::PageError;
use crate::web::onwards::before;
use crate::web::params::Form;
use crate::web::paths::{SECOND_STEP, SECOND_STEP_SET_UP};
use crate::web::visit::{Visit, see_other};
use crate::web::{Web, session};

/// GET: whether it is on.
pub(in crate::web) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let Some(owner) = &visit.owner else {
        return Ok(see_other(&before(SECOND_STEP)));
    };
    state(&web, &visit, owner, StatusCode::OK).await
}

/// The page that says whether it is on, and if not, whether it can be.
async fn state(web: &Web, visit: &Visit, owner: &Owner, status: StatusCode) -> Result<HttpResponse, PageError> {
    let on = match web.accounts.second_factor(owner).await? {
        None => None,
        Some(factor) => Some(FactorOn {
            since: factor.since.unix_timestamp(),
            codes_left: web.accounts.recovery_codes_left(owner).await?,
            has_app: factor.has_app,
        }),
    };
    let passkeys = match web.accounts.offers_passkeys() {
        false => PasskeysFor::NotOffered,
        // Only somebody who could turn it on with them is told.
        true if on.is_some() || web.accounts.has_passkey(owner).await? => PasskeysFor::Ready,
        true => PasskeysFor::NoneYet,
    };
    let view = FactorView {
        on,
        offers_app: web.accounts.offers_authenticators(),
        passkeys,
    };
    visit.page(web, status, &view)
}

/// Who is signed in, where no app can be set up.
fn not_offered<'a>(web: &Web, visit: &'a Visit) -> Option<&'a Owner> {
    visit.owner.as_ref().filter(|_| !web.accounts.offers_authenticators())
}

/// GET: a new secret, and the form for a code that proves it.
pub(in crate::web) async fn set_up(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    if not_offered(&web, &visit).is_some() {
        return Ok(see_other(SECOND_STEP));
    }
    let signed_in = fresh(&visit, SECOND_STEP_SET_UP)?;
    let factor = web.accounts.second_factor(&signed_in.owner).await?;
    if factor.is_some_and(|factor| factor.has_app) {
        return Ok(see_other(SECOND_STEP));
    }
    let secret = web.accounts.new_totp_secret();
    form(&web, &visit, &signed_in, &secret, false)
}

/// POST: turns it on. The secret comes back with the form: nothing is kept before a code has proved it.
pub(in crate::web) async fn turn_on(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let mut visit = Visit::of(&request, &web).await?;
    let fields = Form::read(payload).await?;
    if let Some(owner) = not_offered(&web, &visit) {
        return state(&web, &visit, owner, StatusCode::FORBIDDEN).await;
    }
    let signed_in = fresh(&visit, SECOND_STEP_SET_UP)?;
    if !visit.sent(&fields, &request, &web) {
        return Err(PageError::form_expired());
    }
    let secret = TotpSecret::parse(fields.get("secret")).ok_or_else(PageError::form_unusable)?;
    let SignedIn { owner, session } = &signed_in;
    match web
        .accounts
        .turn_on(owner, session, &secret, fields.get("code"))
        .await?
    {
        TurnedOn::WrongCode => form(&web, &visit, &signed_in, &secret, true),
        turned => answer(&web, &mut visit, turned),
    }
}

/// POST: turns it on for passkeys alone.
pub(in crate::web) async fn turn_on_with_passkeys(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let Posted {
        mut visit, signed_in, ..
    } = Posted::read(&request, &web, payload, SECOND_STEP).await?;
    let SignedIn { owner, session } = &signed_in;
    let turned = web.accounts.turn_on_with_passkeys(owner, session).await?;
    answer(&web, &mut visit, turned)
}

/// The recovery codes, if it was just turned on; the page that says how it is otherwise.
fn answer(web: &Web, visit: &mut Visit, turned: TurnedOn) -> Result<HttpResponse, PageError> {
    match turned {
        TurnedOn::Yes(key, codes) => shown_with_key(web, visit, &key, &codes, false),
        TurnedOn::AppAdded(key) => with_key(web, SECOND_STEP, &key),
        TurnedOn::WrongCode | TurnedOn::Already | TurnedOn::NoPasskey | TurnedOn::SignedOut | TurnedOn::NoKey => {
            Ok(see_other(SECOND_STEP))
        }
    }
}

/// POST: turns it off.
pub(in crate::web) async fn turn_off(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let Posted { signed_in, .. } = Posted::read(&request, &web, payload, SECOND_STEP).await?;
    match web.accounts.turn_off(&signed_in.owner, &signed_in.session).await? {
        Some(key) => with_key(&web, SECOND_STEP, &key),
        None => Ok(see_other(SECOND_STEP)),
    }
}

/// POST: other recovery codes, in place of those that are left.
pub(in crate::web) async fn recovery_codes(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let Posted {
        mut visit, signed_in, ..
    } = Posted::read(&request, &web, payload, SECOND_STEP).await?;
    match web
        .accounts
        .new_recovery_codes(&signed_in.owner, &signed_in.session)
        .await?
    {
        Some((key, codes)) => shown_with_key(&web, &mut visit, &key, &codes, true),
        None => Ok(see_other(SECOND_STEP)),
    }
}

/// The codes, with the new key of the session. They are in no row and in no address: the answer to the form is the only
/// page that has them.
fn shown_with_key(
    web: &Web,
    visit: &mut Visit,
    key: &Secret<SessionKey>,
    codes: &RecoveryCodes,
    replaced: bool,
) -> Result<HttpResponse, PageError> {
    visit.renew(key);
    let view = RecoveryCodesView {
        codes: codes.shown(),
        replaced,
    };
    let mut response = visit.page(web, StatusCode::OK, &view)?;
    response
        .add_cookie(&session::begin(key, web.policy()))
        .map_err(PageError::internal)?;
    Ok(response)
}

fn form(
    web: &Web,
    visit: &Visit,
    signed_in: &SignedIn,
    secret: &TotpSecret,
    wrong_code: bool,
) -> Result<HttpResponse, PageError> {
    let issuer = Url::parse(web.policy().issuer.as_str()).map_err(PageError::internal)?;
    let uri = secret
        .uri(issuer.host_str().unwrap_or_default(), signed_in.owner.username.as_str())
        .map_err(PageError::internal)?;
    let status = match wrong_code {
        true => StatusCode::BAD_REQUEST,
        false => StatusCode::OK,
    };
    visit.page(web, status, &FactorSetUpView::new(secret.to_base32(), uri, wrong_code))
}
