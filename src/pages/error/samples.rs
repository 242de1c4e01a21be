//! One page per kind, one report per step and per near miss.

use super::{AuthorReport, ErrorKind, ErrorView, Step};
use crate::oauth::redirect_uri::NearMiss;

const KINDS: [(u16, ErrorKind); 15] = [
    (400, ErrorKind::BadRequest),
    (400, ErrorKind::ClientRefused),
    (400, ErrorKind::UnknownClient),
    (400, ErrorKind::RedirectRefused),
    (409, ErrorKind::AlreadyAnswered),
    (410, ErrorKind::RequestExpired),
    (403, ErrorKind::NotYours),
    (403, ErrorKind::FormExpired),
    (400, ErrorKind::FormUnusable),
    (429, ErrorKind::TooMany),
    (404, ErrorKind::NotFound),
    (405, ErrorKind::MethodNotAllowed),
    (413, ErrorKind::TooLarge),
    (503, ErrorKind::Unavailable),
    (500, ErrorKind::Internal),
];

const STEPS: [(Step, Option<&str>); 17] = [
    (Step::Url, None),
    (Step::Port, None),
    (Step::Resolve, None),
    (Step::Connect, Some("connection refused")),
    (Step::Redirect, Some("301")),
    (Step::Status, Some("503")),
    (Step::Status, Some("404")),
    (Step::BotCheck, Some("403, text/html")),
    (Step::MediaType, Some("text/plain")),
    (Step::Encoding, Some("200")),
    (Step::Size, None),
    (Step::Page, Some("200")),
    (Step::Document, Some("line 3: expected a comma")),
    (Step::ClientIdMismatch, Some("https://other.example/")),
    (Step::SharedSecret, None),
    (Step::RedirectUris, None),
    (Step::RedirectUri, None),
];

const NEAR_MISSES: [NearMiss; 6] = [
    NearMiss::TrailingSlash,
    NearMiss::Case,
    NearMiss::Scheme,
    NearMiss::DefaultPort,
    NearMiss::Port,
    NearMiss::Query,
];

pub(super) fn all() -> Vec<ErrorView> {
    let mut views: Vec<ErrorView> = KINDS.into_iter().map(|(status, kind)| page(status, kind)).collect();
    views.extend([20, 600].map(|seconds| ErrorView {
        retry_after: Some(seconds),
        ..page(429, ErrorKind::TooMany)
    }));
    views.extend(STEPS.into_iter().map(|(step, detail)| refused(step, detail)));
    views.extend(NEAR_MISSES.into_iter().map(redirect_refused));
    views.push(listed_in_json());
    views.push(page(403, ErrorKind::HostBlocked));
    views
}

fn page(status: u16, kind: ErrorKind) -> ErrorView {
    let request_id = (status >= 500).then(|| "0198f0c2-7d3a".to_owned());
    ErrorView {
        request_id,
        ..ErrorView::plain(status, kind)
    }
}

fn report() -> AuthorReport {
    AuthorReport {
        description: "the client could not be looked at".into(),
        client_id: Some("https://photos.example/".into()),
        ..AuthorReport::default()
    }
}

fn refused(step: Step, detail: Option<&str>) -> ErrorView {
    let author = AuthorReport {
        step: Some(step),
        detail: detail.map(str::to_owned),
        ..report()
    };
    ErrorView {
        author: Some(author),
        ..page(400, ErrorKind::ClientRefused)
    }
}

fn redirect_refused(near_miss: NearMiss) -> ErrorView {
    let author = AuthorReport {
        description: "redirect_uri is not one of the client's redirect URIs".into(),
        step: Some(Step::RedirectUri),
        redirect_uri: Some("https://photos.example/signed-in/".into()),
        found: vec![
            "https://photos.example/signed-in".into(),
            "https://photos.example/old".into(),
        ],
        publish: Some("<link rel=\"redirect_uri\" href=\"https://photos.example/signed-in/\">".into()),
        near_miss: Some(near_miss),
        ..report()
    };
    ErrorView {
        author: Some(author),
        ..page(400, ErrorKind::RedirectRefused)
    }
}

fn listed_in_json() -> ErrorView {
    let mut view = redirect_refused(NearMiss::TrailingSlash);
    if let Some(author) = &mut view.author {
        author.publish = Some("\"redirect_uris\": [\"https://photos.example/signed-in/\"]".into());
        author.near_miss = None;
        author.found = Vec::new();
    }
    view
}
