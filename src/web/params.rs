//! Query or body → [`Params`], and the forms of our own pages.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Payload;

use super::body::{self, TOO_LARGE};
use super::error::PageError;
use crate::oauth::error::ProtocolError;
use crate::oauth::params::Params;
use crate::pages::error::ErrorKind;

/// The parameters in the query of a GET.
pub(super) fn from_query(request: &HttpRequest) -> Result<Params, ProtocolError> {
    Params::parse(request.query_string().as_bytes())
}

/// The parameters of a POST. A name in both query and body is repeated: the two could contradict each other (attack case
/// RD-11). Arrays and objects are no parameters of ours, so they are ignored like any unknown name.
pub(super) async fn from_body(request: &HttpRequest, payload: Payload) -> Result<Params, ProtocolError> {
    let members = body::members(request, payload).await?;
    Params::from_pairs(
        members
            .into_iter()
            .map(|(name, member)| (name, member.text().unwrap_or_default().to_owned())),
    )
}

/// The fields of one of our own forms. Unlike protocol parameters a name may come several times: ticked boxes.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a form that one of our pages posts.
    pub(super) async fn read(payload: Payload) -> Result<Form, PageError> {
        let body = body::read(payload).await.map_err(|error| match error {
            TOO_LARGE => PageError::new(StatusCode::PAYLOAD_TOO_LARGE, ErrorKind::TooLarge),
            _ => PageError::form_unusable(),
        })?;
        Form::of(url::form_urlencoded::parse(&body).into_owned().collect())
    }

    /// A form with these fields.
    pub(super) fn of(fields: Vec<(String, String)>) -> Result<Form, PageError> {
        // No row can have it (PostgreSQL), and nobody types it.
        if fields.iter().any(|(_, value)| value.contains('\0')) {
            return Err(PageError::form_unusable());
        }
        Ok(Form(fields))
    }

    /// The first value of a field, or nothing.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }

    /// Every value of a field.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        self.0
            .iter()
            .filter(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
            .collect()
    }
}
