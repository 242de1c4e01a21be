//! The two faces of an authorization request: a page, or a redirect back to the client. The variant decides.

use std::error::Error as StdError;

use actix_web::HttpResponse;

use super::in_protocol_words;
use super::page::{PageError, about_request};
use crate::flows::authorize::{AuthorizeError, ClientProblem, ClientReport, Refusal, Source, Step};
use crate::oauth::client::{Client, DescribedBy, RedirectUris};
use crate::oauth::error::ProtocolError;
use crate::pages::error::{AuthorReport, ErrorKind, Step as ShownStep};
use crate::web::visit::see_other;

/// The face of an authorization request: a page or a redirect, as the variant says.
pub(in crate::web) fn authorize_face(error: AuthorizeError) -> Result<HttpResponse, PageError> {
    match error {
        AuthorizeError::Show(error) => Err(error.into()),
        AuthorizeError::Client(report) => Err(about_client(*report)),
        AuthorizeError::Blocked => Err(PageError::host_blocked()),
        AuthorizeError::TooMany(wait) => Err(PageError::too_many(wait)),
        AuthorizeError::Return(back, error) => {
            tracing::info!(
                error = error.code.as_str(),
                description = error.description,
                "refused, told the client"
            );
            Ok(see_other(&back.error(&error)))
        }
        AuthorizeError::Failed { back: None, source } => Err(source.into()),
        AuthorizeError::Failed {
            back: Some(back),
            source,
        } => {
            tracing::error!(error = &source as &dyn StdError, "failed, told the client");
            Ok(see_other(&back.error(&in_protocol_words(&source))))
        }
    }
}

fn about_client(report: ClientReport) -> PageError {
    let ClientReport { asked, problem } = report;
    let base = AuthorReport {
        client_id: Some(asked.client_id.as_str().to_owned()),
        redirect_uri: asked.redirect_uri.as_ref().map(|uri| uri.as_str().to_owned()),
        ..about_request(ProtocolError::invalid_request(
            "no client is registered here under this client_id",
        ))
    };
    match problem {
        ClientProblem::Unknown => PageError::for_author(ErrorKind::UnknownClient, base),
        ClientProblem::Discovery(refusal) => about_discovery(base, refusal),
        ClientProblem::RedirectUri(error, client) => {
            let author = AuthorReport {
                description: error.description.to_owned(),
                step: Some(ShownStep::RedirectUri),
                found: listed(&client),
                publish: asked
                    .redirect_uri
                    .as_ref()
                    .and_then(|uri| published_in(client.described_by, uri.as_str())),
                near_miss: asked.redirect_uri.as_ref().and_then(|uri| client.near_miss(uri)),
                ..base
            };
            PageError::for_author(ErrorKind::RedirectRefused, author)
        }
    }
}

fn about_discovery(base: AuthorReport, refusal: Refusal) -> PageError {
    // Publishing would mend nothing else.
    let described_by = match refusal.step {
        Step::RedirectUris => Source::describing(refusal.source),
        Step::MediaType => DescribedBy::Page,
        _ => DescribedBy::Nothing,
    };
    let publish = base
        .redirect_uri
        .as_deref()
        .and_then(|uri| published_in(described_by, uri));
    let author = AuthorReport {
        description: refusal.public.to_owned(),
        step: Some(shown(refusal.step)),
        detail: refusal.fact.or_else(|| refusal.status.map(|status| status.to_string())),
        publish,
        ..base
    };
    PageError {
        detail: Some(refusal.detail),
        ..PageError::for_author(ErrorKind::ClientRefused, author)
    }
}

fn shown(step: Step) -> ShownStep {
    match step {
        Step::Url => ShownStep::Url,
        Step::Port => ShownStep::Port,
        Step::Resolve => ShownStep::Resolve,
        Step::Connect | Step::Timeout => ShownStep::Connect,
        Step::Status => ShownStep::Status,
        Step::Redirect => ShownStep::Redirect,
        Step::BotCheck => ShownStep::BotCheck,
        Step::MediaType => ShownStep::MediaType,
        Step::Encoding => ShownStep::Encoding,
        Step::Size => ShownStep::Size,
        Step::Document => ShownStep::Document,
        Step::Page => ShownStep::Page,
        Step::ClientIdMismatch => ShownStep::ClientIdMismatch,
        Step::SharedSecret => ShownStep::SharedSecret,
        Step::RedirectUris => ShownStep::RedirectUris,
    }
}

fn listed(client: &Client) -> Vec<String> {
    match &client.redirect_uris {
        RedirectUris::Published(list) => list.iter().map(|uri| uri.as_str().to_owned()).collect(),
        RedirectUris::OwnOrigin => Vec::new(),
    }
}

/// What to write where the client describes itself, so that it lists this URI. A redirect URI has neither quotes nor angle
/// brackets.
fn published_in(described_by: DescribedBy, redirect_uri: &str) -> Option<String> {
    match described_by {
        DescribedBy::Document => Some(format!(r#""redirect_uris": ["{redirect_uri}"]"#)),
        DescribedBy::Page => {
            let href = redirect_uri.replace('&', "&amp;");
            Some(format!(r#"<link rel="redirect_uri" href="{href}">"#))
        }
        // Nobody would read it.
        DescribedBy::Nothing | DescribedBy::Registration => None,
    }
}

#[cfg(test)]
mod tests;
