//! What a person tells of themselves: name, site and picture. The e-mail address has a page of its own, because changing it
//! needs a password that was typed a short time ago.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::sealed;
use crate::accounts::profile::{Faults, MAX_PHOTO_BYTES, NewPhoto, NotTaken, Saved, Typed};
use crate::flows::SignedIn;
use crate::oauth::person::{NameFault, Person, WebsiteFault};
use crate::pages::account::profile::{NameProblem, OwnProfileView, PhotoProblem, ProfileChange, WebsiteProblem};
use crate::picture::PhotoFault;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::onwards::before;
use crate::web::params::{Form, from_query};
use crate::web::paths::PROFILE;
use crate::web::rate_limit::PersonLimit;
use crate::web::upload::{File, Upload, drop_body};
use crate::web::visit::{Visit, see_other};

/// What the address says after a change.
const SAVED: &str = "profile";
const EMAIL_SAVED: &str = "email";

/// GET: the form, with what is told now.
pub(in crate::web) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let Some(signed_in) = visit.signed_in() else {
        return Ok(see_other(&before(PROFILE)));
    };
    let params = from_query(&request)?;
    let changed = match sealed(&visit, &params, "changed") {
        Some(SAVED) => Some(ProfileChange::Profile),
        Some(EMAIL_SAVED) => Some(ProfileChange::Email),
        _ => None,
    };
    let view = OwnProfileView {
        changed,
        ..current(&web, &signed_in).await?
    };
    visit.page(&web, StatusCode::OK, &view)
}

/// POST: all of it.
pub(in crate::web) async fn save(
    request: HttpRequest,
    web: Data<Web>,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let Some(signed_in) = visit.signed_in() else {
        drop_body(payload).await;
        return Ok(see_other(&before(PROFILE)));
    };
    // Taken before anything is read, and kept until the picture is drawn.
    let person = &signed_in.owner.user_id;
    let counted = web.limits.check_person(PersonLimit::Profile, person, visit.address);
    let turn = match counted.map_err(PageError::too_many) {
        Ok(()) => web.limits.uploads.turn(person),
        Err(error) => Err(error),
    };
    let _turn = match turn {
        Ok(turn) => turn,
        Err(error) => {
            drop_body(payload).await;
            return Err(error);
        }
    };
    let Upload { form, file } = Upload::read(&request, payload, "photo", MAX_PHOTO_BYTES).await?;
    if !visit.sent(&form, &request, &web) {
        return Err(PageError::form_expired());
    }
    let chose_file = !matches!(file, File::None);
    let typed = Typed {
        name: form.get("name"),
        website: form.get("website"),
        photo: match file {
            File::Bytes(bytes) => NewPhoto::File(bytes),
            File::TooLarge => NewPhoto::TooLarge,
            File::None if form.get("remove_photo").is_empty() => NewPhoto::Kept,
            File::None => NewPhoto::Removed,
        },
    };
    match web
        .accounts
        .save_profile(&signed_in.owner, &signed_in.session, typed)
        .await?
    {
        Saved::Done => Ok(told(&visit, SAVED)),
        Saved::SignedOut => Ok(see_other(&before(PROFILE))),
        Saved::Refused(faults) => {
            let view = again(current(&web, &signed_in).await?, &form, &faults, chose_file);
            visit.page(&web, StatusCode::BAD_REQUEST, &view)
        }
    }
}

/// The page that says that the e-mail address was changed.
pub(super) fn email_saved(visit: &Visit) -> HttpResponse {
    told(visit, EMAIL_SAVED)
}

fn told(visit: &Visit, changed: &str) -> HttpResponse {
    see_other(&format!("{PROFILE}?changed={changed}&seal={}", visit.seal(changed)))
}

async fn current(web: &Web, signed_in: &SignedIn) -> Result<OwnProfileView, PageError> {
    let username = &signed_in.owner.username;
    let person = web.accounts.person(&signed_in.owner.user_id).await?;
    let person = person.unwrap_or_else(|| Person::new(username.clone()));
    Ok(OwnProfileView::of(&person))
}

/// The form as it was sent, with what is wrong. A browser does not send a file back, so it has to be chosen again.
fn again(current: OwnProfileView, form: &Form, faults: &Faults, chose_file: bool) -> OwnProfileView {
    OwnProfileView {
        name: form.get("name").to_owned(),
        website: form.get("website").to_owned(),
        removes_photo: !form.get("remove_photo").is_empty(),
        name_problem: faults.name.map(|fault| match fault {
            NameFault::TooLong => NameProblem::TooLong,
            NameFault::Invisible => NameProblem::Invisible,
        }),
        website_problem: faults.website.map(|fault| match fault {
            WebsiteFault::TooLong => WebsiteProblem::TooLong,
            WebsiteFault::NoAddress => WebsiteProblem::NoAddress,
        }),
        photo_problem: match faults.photo {
            Some(NotTaken::TooLarge) => Some(PhotoProblem::TooLarge),
            Some(NotTaken::Fault(PhotoFault::NotAPicture)) => Some(PhotoProblem::NotAPicture),
            Some(NotTaken::Fault(PhotoFault::TooManyPixels)) => Some(PhotoProblem::TooManyPixels),
            Some(NotTaken::Fault(PhotoFault::Broken)) => Some(PhotoProblem::Broken),
            None => chose_file.then_some(PhotoProblem::ChooseAgain),
        },
        ..current
    }
}
