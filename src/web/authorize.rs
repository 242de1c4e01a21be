//! The authorization endpoint: GET asks the person, POST redeems a code for who they are (IndieAuth "Authorization
//! Request", "Profile URL Response").

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::error::{JsonError, PageError, authorize_face};
use super::params::{from_body, from_query};
use super::paths::{CONSENT, SIGN_IN};
use super::visit::{Visit, see_other};
use super::{Web, client_auth};
use crate::flows::authorize::{Next, Visitor};
use crate::oauth::error::{ErrorCode, ProtocolError};
use crate::oauth::grant::GrantId;
use crate::oauth::token::CodeRedemption;

/// GET: on to sign-in, to consent, or back to the client.
pub(super) async fn start(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let params = from_query(&request)?;
    let visitor = Visitor {
        signed_in: visit.signed_in(),
        address: visit.address,
    };
    match web.flows.begin(&params, &visitor).await {
        // The query travels as it came, never as an address: the way back is a fixed path.
        Ok(Next::SignIn) => Ok(see_other(&format!("{SIGN_IN}?{}", request.query_string()))),
        Ok(Next::Consent(id)) => {
            let locales = params.get("ui_locales").or(params.get("lang"));
            Ok(see_other(&consent_page(&id, locales)))
        }
        Ok(Next::Return(location)) => Ok(see_other(&location)),
        Err(error) => authorize_face(error),
    }
}

/// The consent page, in the language that the app asked for.
fn consent_page(id: &GrantId, ui_locales: Option<&str>) -> String {
    let language = ui_locales.map(|tags| {
        let tags: String = url::form_urlencoded::byte_serialize(tags.as_bytes()).collect();
        format!("?ui_locales={tags}")
    });
    format!("{CONSENT}/{}{}", id.0, language.unwrap_or_default())
}

/// POST: a code for the profile URL. No other grant is redeemed here; a missing `grant_type` is what clients of older
/// editions send.
pub(super) async fn redeem(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, JsonError> {
    const OTHER: ProtocolError = ProtocolError::new(
        ErrorCode::UnsupportedGrantType,
        "only authorization_code is redeemed at this endpoint",
    );
    let params = from_body(&request, payload).await?;
    if params
        .get("grant_type")
        .is_some_and(|grant_type| grant_type != "authorization_code")
    {
        return Err(OTHER.into());
    }
    let redemption = CodeRedemption::parse(&params)?;
    let client = web
        .flows
        .authenticate_client(&client_auth::presented(&request, &params)?)
        .await?;
    let profile = web.flows.redeem_profile(&redemption, &client).await?;
    Ok(HttpResponse::Ok().json(profile))
}
