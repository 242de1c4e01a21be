//! Tokens and answers in numbers.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::Desk;
use crate::operators::tokens::{Often, TokenCount};
use crate::pages::admin::tokens::{CountEntry, OftenEntry, TokensView};
use crate::web::Web;
use crate::web::error::PageError;

/// GET.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let desk = Desk::of(&request, &web).await?;
    let numbers = web.operators.token_numbers().await?;
    let view = TokensView {
        by_client: numbers.by_client.into_iter().map(count).collect(),
        by_end: numbers.by_end.into_iter().map(count).collect(),
        answers: numbers.answers.into_iter().map(often).collect(),
        ended: numbers.ended.into_iter().map(often).collect(),
    };
    desk.visit.page(&web, StatusCode::OK, &view)
}

fn count(one: TokenCount) -> CountEntry {
    CountEntry {
        kind: one.kind,
        of: one.of,
        count: one.count,
    }
}

fn often(often: Often) -> OftenEntry {
    OftenEntry {
        what: often.what,
        counts: often.counts,
    }
}
