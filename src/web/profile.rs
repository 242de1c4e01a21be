//! A person's page: an h-card for people, and for clients the way to this server (IndieAuth "Discovery by Clients").

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::Web;
use super::error::PageError;
use super::visit::Visit;
use crate::oauth::metadata::{AUTHORIZATION_ENDPOINT, METADATA, TOKEN_ENDPOINT};
use crate::oauth::profile::Username;
use crate::pages::error::ErrorKind;
use crate::pages::profile::ProfileView;

/// GET and HEAD. The links stand in the head of the page and in headers, since clients may ask with HEAD alone.
pub(super) async fn show(request: HttpRequest, web: Data<Web>, path: Path<String>) -> Result<HttpResponse, PageError> {
    let unknown = || PageError::new(StatusCode::NOT_FOUND, ErrorKind::NotFound);
    let username = Username::typed(path.trim_end_matches('/')).ok_or_else(unknown)?;
    if username.as_str() != *path {
        return Ok(moved(&format!("/@{}", username.as_str())));
    }
    let owner = web.accounts.find_by_username(&username).await?.ok_or_else(unknown)?;
    let at = |path: &str| format!("{}{path}", web.policy().issuer);
    let person = web.accounts.person(&owner.user_id).await?.ok_or_else(unknown)?;
    let mut own = web.flows.addresses(&owner).await?.into_iter();
    let hosted = own.next().map_or_else(String::new, |me| me.as_str().to_owned());
    let view = ProfileView {
        username: username.as_str().to_owned(),
        name: person.shown_name().to_owned(),
        photo: person.photo_path(),
        website: person.website,
        me: hosted,
        addresses: own.map(|address| address.as_str().to_owned()).collect(),
        indieauth_metadata: at(METADATA),
        authorization_endpoint: at(AUTHORIZATION_ENDPOINT),
        token_endpoint: at(TOKEN_ENDPOINT),
    };
    let mut response = Visit::of(&request, &web).await?.plain_page(&web, &view)?;
    for (rel, target) in [
        ("indieauth-metadata", &view.indieauth_metadata),
        ("authorization_endpoint", &view.authorization_endpoint),
        ("token_endpoint", &view.token_endpoint),
    ] {
        let link = header::HeaderValue::try_from(format!(r#"<{target}>; rel="{rel}""#)).map_err(PageError::internal)?;
        response.headers_mut().append(header::LINK, link);
    }
    Ok(response)
}

/// Phones capitalise, and people end addresses in a slash.
fn moved(path: &str) -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header((header::LOCATION, path))
        .finish()
}
