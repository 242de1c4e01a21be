//! `GET|POST /account/profile`: what a person tells of themselves.

use serde::Serialize;

use crate::oauth::person::{MAX_NAME_CHARS, MAX_WEBSITE_BYTES, Person};
use crate::pages::View;

/// The form. Posts `csrf`, `name`, `website`, `remove_photo` (when ticked) and the file `photo` to `/account/profile`.
#[derive(Debug, Clone, Serialize)]
pub struct OwnProfileView {
    /// The account's name, which stands for the one that is missing.
    pub username: String,
    /// The name they show, as typed.
    pub name: String,
    /// Longest name, in characters.
    pub name_max: usize,
    /// Their site, as typed.
    pub website: String,
    /// Longest address of a site.
    pub website_max: usize,
    /// Where their picture of now is on this server.
    pub photo: Option<String>,
    /// Whether the box is ticked that takes it away.
    pub removes_photo: bool,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Whether the operator found that it is theirs.
    pub email_is_verified: bool,
    /// What was just changed.
    pub changed: Option<ProfileChange>,
    /// Why the name was not taken.
    pub name_problem: Option<NameProblem>,
    /// Why the site was not taken.
    pub website_problem: Option<WebsiteProblem>,
    /// Why the picture was not taken.
    pub photo_problem: Option<PhotoProblem>,
}

/// What was just changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfileChange {
    /// Something that is on this form.
    Profile,
    /// The e-mail address.
    Email,
}

/// Why a name was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NameProblem {
    /// It is too long.
    TooLong,
    /// Nothing of it can be seen.
    Invisible,
}

/// Why a site was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WebsiteProblem {
    /// Its address is too long.
    TooLong,
    /// That is no address, or none that may be linked to.
    NoAddress,
}

/// Why a picture was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PhotoProblem {
    /// The file is too large.
    TooLarge,
    /// It is no picture, or of a kind that is not taken.
    NotAPicture,
    /// It has too many pixels.
    TooManyPixels,
    /// It is damaged.
    Broken,
    /// Nothing is wrong with it, but the rest of the form was not taken, and browsers forget files.
    ChooseAgain,
}

impl OwnProfileView {
    /// What a person tells now.
    pub fn of(person: &Person) -> OwnProfileView {
        OwnProfileView {
            username: person.username.as_str().to_owned(),
            name: person.name.clone().unwrap_or_default(),
            name_max: MAX_NAME_CHARS,
            website: person.website.clone().unwrap_or_default(),
            website_max: MAX_WEBSITE_BYTES,
            photo: person.photo_path(),
            removes_photo: false,
            email: person.email.as_ref().map(|email| email.address.clone()),
            email_is_verified: person.email.as_ref().is_some_and(|email| email.is_verified),
            changed: None,
            name_problem: None,
            website_problem: None,
            photo_problem: None,
        }
    }
}

impl View for OwnProfileView {
    const TEMPLATE: &'static str = "own_profile.html";

    fn samples() -> Vec<Self> {
        let told = OwnProfileView {
            username: "alice".to_owned(),
            name: "Alice Liddell".to_owned(),
            name_max: MAX_NAME_CHARS,
            website: "https://alice.example/".to_owned(),
            website_max: MAX_WEBSITE_BYTES,
            // Any picture does: the gallery has no others than our own.
            photo: Some("/static/person.svg".to_owned()),
            removes_photo: false,
            email: Some("alice@alice.example".to_owned()),
            email_is_verified: true,
            changed: None,
            name_problem: None,
            website_problem: None,
            photo_problem: None,
        };
        let nothing = OwnProfileView {
            name: String::new(),
            website: String::new(),
            photo: None,
            email: None,
            email_is_verified: false,
            ..told.clone()
        };
        let photo = |problem| OwnProfileView {
            photo_problem: Some(problem),
            ..told.clone()
        };
        let all_wrong = OwnProfileView {
            name: "x".repeat(70),
            website: "javascript:alert(1)".to_owned(),
            removes_photo: true,
            name_problem: Some(NameProblem::TooLong),
            website_problem: Some(WebsiteProblem::NoAddress),
            ..photo(PhotoProblem::ChooseAgain)
        };
        vec![
            nothing,
            told.clone(),
            OwnProfileView {
                changed: Some(ProfileChange::Profile),
                ..told.clone()
            },
            OwnProfileView {
                changed: Some(ProfileChange::Email),
                email_is_verified: false,
                ..told.clone()
            },
            all_wrong,
            OwnProfileView {
                name_problem: Some(NameProblem::Invisible),
                website_problem: Some(WebsiteProblem::TooLong),
                ..photo(PhotoProblem::TooLarge)
            },
            photo(PhotoProblem::NotAPicture),
            photo(PhotoProblem::TooManyPixels),
            photo(PhotoProblem::Broken),
        ]
    }
}
