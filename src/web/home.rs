//! The front page: what this server is, or where a person's own things are.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::Web;
use super::error::PageError;
use super::visit::Visit;
use crate::oauth::policy::SignUp;
use crate::pages::home::{HomeAccount, HomeView};

/// GET.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let account = match &visit.owner {
        None => None,
        Some(owner) => {
            let person = web.accounts.person(&owner.user_id).await?;
            Some(HomeAccount {
                username: owner.username.as_str().to_owned(),
                is_new: person
                    .as_ref()
                    .is_some_and(|person| person.name.is_none() && person.photo.is_none()),
                name: person.and_then(|person| person.name),
                me: web.flows.me(owner).as_str().to_owned(),
            })
        }
    };
    let needs_setup = account.is_none() && web.accounts.is_empty().await?;
    let view = HomeView {
        needs_setup,
        offers_sign_up: web.policy().sign_up == SignUp::Open,
        account,
    };
    visit.plain_page(&web, &view)
}
