//! Who has an account.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::{Desk, number, searched};
use crate::operators::people_list::PersonLine;
use crate::pages::admin::Paging;
use crate::pages::admin::people::{PeopleView, PersonEntry};
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::params::from_query;

/// Asks for those whose e-mail address waits to be confirmed.
const UNCONFIRMED: &str = "unconfirmed";

/// GET: a part of the list.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let desk = Desk::of(&request, &web).await?;
    let params = from_query(&request)?;
    let (search, number) = (searched(&params, "search"), number(&params));
    let to_confirm = params.get("email") == Some(UNCONFIRMED);
    let found = web.operators.people(search, to_confirm, number).await?;
    let view = PeopleView {
        search: search.to_owned(),
        to_confirm,
        people: found.lines.iter().map(entry).collect(),
        paging: Paging::of(
            number,
            found.has_more,
            &[("search", search), ("email", if to_confirm { UNCONFIRMED } else { "" })],
        ),
    };
    desk.visit.page(&web, StatusCode::OK, &view)
}

fn entry(line: &PersonLine) -> PersonEntry {
    PersonEntry {
        name: line.person.username.as_str().to_owned(),
        operator: line.person.is_operator,
        disabled: line.person.disabled_at.is_some(),
        since: line.person.created_at.unix_timestamp(),
        last_sign_in: line.last_sign_in.map(|at| at.unix_timestamp()),
    }
}
