//! Every page that says no: what happened, whose turn it is, and what to do next; below it, for the author of the
//! app, which step failed and what would make it work.

use serde::{Serialize, Serializer};

use super::View;
use crate::oauth::redirect_uri::NearMiss;

mod samples;

/// A page instead of the one that was asked for.
#[derive(Debug, Clone, Serialize)]
pub struct ErrorView {
    /// The HTTP status.
    pub status: u16,
    /// What happened: picks title and text.
    pub kind: ErrorKind,
    /// For [`ErrorKind::TooMany`]: seconds to wait.
    pub retry_after: Option<u64>,
    /// The id under which the log knows the request.
    pub request_id: Option<String>,
    /// What the author of the app needs to know.
    #[serde(serialize_with = "with_outlook")]
    pub author: Option<AuthorReport>,
}

/// What happened, as seen by the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The app sent something unusable.
    BadRequest,
    /// The app could not be looked at, or what it says about itself does not add up.
    ClientRefused,
    /// No registered client has this id.
    UnknownClient,
    /// The operator blocked a host of the app.
    HostBlocked,
    /// The redirect URI is not one of the client's.
    RedirectRefused,
    /// The question has been answered already.
    AlreadyAnswered,
    /// The question has been open for too long, or there is none with this id.
    RequestExpired,
    /// The question was put to another account.
    NotYours,
    /// The form's CSRF token did not fit.
    FormExpired,
    /// One of our own forms arrived incomplete, or with a value that it does not offer.
    FormUnusable,
    /// Too many tries.
    TooMany,
    /// No such page.
    NotFound,
    /// The page exists, but not for this method.
    MethodNotAllowed,
    /// The request is larger than anything we expect.
    TooLarge,
    /// The server cannot do its work just now.
    Unavailable,
    /// The server has a fault.
    Internal,
}

/// For the author of the app. Only the description is always there.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AuthorReport {
    /// The description in English, the same as on the wire.
    pub description: String,
    /// Which step of looking at the app failed.
    pub step: Option<Step>,
    /// What that step met, such as `503` or `text/plain`.
    pub detail: Option<String>,
    /// The client id as sent.
    pub client_id: Option<String>,
    /// The redirect URI as sent.
    pub redirect_uri: Option<String>,
    /// The redirect URIs that the app publishes or registered. An empty list is said to be empty when
    /// [`AuthorReport::step`] is [`Step::RedirectUri`].
    pub found: Vec<String>,
    /// What to publish so that it works, shown as is: `<link rel="redirect_uri" href="…">` for a page,
    /// `"redirect_uris": ["…"]` for a JSON document.
    pub publish: Option<String>,
    /// How the redirect URI differs from a listed one.
    pub near_miss: Option<NearMiss>,
}

/// A step of looking at an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Its address is not usable as a client id.
    Url,
    /// Its address has a port that this server does not connect to.
    Port,
    /// Its host name was not found, or leads to a network that is not asked.
    Resolve,
    /// It could not be reached.
    Connect,
    /// It answered with a redirect.
    Redirect,
    /// It answered with another status than 200.
    Status,
    /// A bot check answered in its place.
    BotCheck,
    /// It answered with something that is neither HTML nor JSON.
    MediaType,
    /// It answered with something compressed, unasked.
    Encoding,
    /// Its answer is too large.
    Size,
    /// Its HTML page cannot be read safely: nested too deeply, or malformed.
    Page,
    /// Its JSON document or its page is not valid.
    Document,
    /// Its document speaks of another client id.
    ClientIdMismatch,
    /// Its document holds a shared secret, which a public document must not.
    SharedSecret,
    /// Its list of redirect URIs is missing or unusable.
    RedirectUris,
    /// The redirect URI of the request is not on the list.
    RedirectUri,
}

impl AuthorReport {
    /// Whether the app may work later without a change: its site was out of reach, or not well.
    pub fn waiting_helps(&self) -> bool {
        match self.step {
            Some(Step::Resolve | Step::Connect | Step::BotCheck) => true,
            Some(Step::Status) => self.detail.as_ref().is_some_and(|status| status.starts_with('5')),
            _ => false,
        }
    }
}

/// A report with what follows from it, for the template.
#[derive(Serialize)]
struct ReportVariables<'a> {
    #[serde(flatten)]
    report: &'a AuthorReport,
    waiting_helps: bool,
}

fn with_outlook<S: Serializer>(author: &Option<AuthorReport>, serializer: S) -> Result<S::Ok, S::Error> {
    let variables = author.as_ref().map(|report| ReportVariables {
        waiting_helps: report.waiting_helps(),
        report,
    });
    variables.serialize(serializer)
}

impl ErrorView {
    /// A page with nothing to add.
    pub fn plain(status: u16, kind: ErrorKind) -> ErrorView {
        ErrorView {
            status,
            kind,
            retry_after: None,
            request_id: None,
            author: None,
        }
    }
}

impl View for ErrorView {
    const TEMPLATE: &'static str = "error.html";

    fn samples() -> Vec<Self> {
        samples::all()
    }
}

#[cfg(test)]
mod tests;
