//! What a person tells of themselves: read, and changed by them. What apps learn of it is decided in
//! [`crate::oauth::person`].

use crate::failure::FlowError;
use crate::oauth::grant::{Owner, UserId};
use crate::oauth::person::{EmailFault, NameFault, Person, WebsiteFault, read_email, read_name, read_website};
use crate::oauth::secret::{Digest, SessionKey, random_id};
use crate::picture::{Crowded, PhotoFault};
use crate::storage::audit::{self, AuditEvent, NewEvent};
use crate::storage::{StorageError, photos, profiles, sessions, users};

use super::Accounts;

/// Largest file that is taken as a picture, in bytes.
pub const MAX_PHOTO_BYTES: usize = 5 * 1024 * 1024;

/// What somebody typed of themselves.
#[derive(Debug)]
pub struct Typed<'a> {
    /// The name they show.
    pub name: &'a str,
    /// Their site.
    pub website: &'a str,
    /// What becomes of their picture.
    pub photo: NewPhoto,
}

/// What becomes of somebody's picture.
#[derive(Debug)]
pub enum NewPhoto {
    /// It stays.
    Kept,
    /// It goes.
    Removed,
    /// This file is to be the new one.
    File(Vec<u8>),
    /// The file was larger than [`MAX_PHOTO_BYTES`].
    TooLarge,
}

/// What became of it.
#[derive(Debug)]
pub enum Saved {
    /// It is as typed.
    Done,
    /// Nothing was changed, because of these.
    Refused(Faults),
    /// The session ended meanwhile.
    SignedOut,
}

/// What is wrong with what was typed.
#[derive(Debug, Default)]
pub struct Faults {
    /// With the name.
    pub name: Option<NameFault>,
    /// With the site.
    pub website: Option<WebsiteFault>,
    /// With the picture.
    pub photo: Option<NotTaken>,
}

/// Why a file does not become a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTaken {
    /// It is larger than [`MAX_PHOTO_BYTES`].
    TooLarge,
    /// What is in it cannot be drawn.
    Fault(PhotoFault),
}

/// What became of another e-mail address.
#[derive(Debug)]
pub enum EmailSaved {
    /// It is as typed.
    Done,
    /// Nothing was changed.
    Refused(EmailFault),
    /// The session ended meanwhile.
    SignedOut,
}

impl From<Crowded> for FlowError {
    fn from(error: Crowded) -> FlowError {
        FlowError::Unavailable(Box::new(error))
    }
}

/// A person's public part, read and drawn, to be written.
struct Read {
    name: Option<String>,
    website: Option<String>,
    photo: DrawnPhoto,
}

enum DrawnPhoto {
    Kept,
    Removed,
    Png(Vec<u8>),
}

impl Accounts {
    /// A person, with what they tell.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn person(&self, id: &UserId) -> Result<Option<Person>, FlowError> {
        Ok(profiles::find(self.store.reader(), id).await?)
    }

    /// The picture of a person, by its name, as PNG.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn photo_png(&self, name: &str) -> Result<Option<Vec<u8>>, FlowError> {
        Ok(photos::find(self.store.reader(), name).await?)
    }

    /// Changes name, site and picture: all of them, or none when one is not taken.
    ///
    /// # Errors
    /// `Unavailable` when too many pictures wait to be drawn.
    pub async fn save_profile(
        &self,
        owner: &Owner,
        session: &Digest<SessionKey>,
        typed: Typed<'_>,
    ) -> Result<Saved, FlowError> {
        match self.read(typed).await? {
            Err(faults) => Ok(Saved::Refused(faults)),
            Ok(read) => match self.store_profile(owner, session, read).await? {
                true => Ok(Saved::Done),
                false => Ok(Saved::SignedOut),
            },
        }
    }

    /// Reads all of it, so that all that is wrong is said at once.
    async fn read(&self, typed: Typed<'_>) -> Result<Result<Read, Faults>, FlowError> {
        let name = read_name(typed.name);
        let website = read_website(typed.website, self.policy.issuer.is_development());
        let photo = match typed.photo {
            NewPhoto::Kept => Ok(DrawnPhoto::Kept),
            NewPhoto::Removed => Ok(DrawnPhoto::Removed),
            NewPhoto::TooLarge => Err(NotTaken::TooLarge),
            NewPhoto::File(bytes) => match self.darkroom.square_png(bytes).await? {
                Ok(png) => Ok(DrawnPhoto::Png(png)),
                Err(fault) => Err(NotTaken::Fault(fault)),
            },
        };
        Ok(match (name, website, photo) {
            (Ok(name), Ok(website), Ok(photo)) => Ok(Read { name, website, photo }),
            (name, website, photo) => Err(Faults {
                name: name.err(),
                website: website.err(),
                photo: photo.err(),
            }),
        })
    }

    async fn store_profile(
        &self,
        owner: &Owner,
        session: &Digest<SessionKey>,
        read: Read,
    ) -> Result<bool, StorageError> {
        let (id, now) = (&owner.user_id, self.now());
        let tx = self.store.begin().await?;
        // Two windows of one person wait for each other, so that what changed is told from what did not.
        users::hold(&*tx, id).await?;
        if !sessions::hold(&*tx, session).await? {
            return Ok(false);
        }
        let Some(before) = profiles::find(&*tx, id).await? else {
            return Ok(false);
        };
        let told_otherwise = (&before.name, &before.website) != (&read.name, &read.website);
        if told_otherwise {
            profiles::set_public(&*tx, id, read.name.as_deref(), read.website.as_deref(), now).await?;
        }
        let other_photo = !matches!(
            (&read.photo, &before.photo),
            (DrawnPhoto::Kept, _) | (DrawnPhoto::Removed, None)
        );
        match read.photo {
            DrawnPhoto::Kept => {}
            DrawnPhoto::Removed => photos::remove(&*tx, id).await?,
            // A new name for each: browsers keep a picture for as long as its name stands for it.
            DrawnPhoto::Png(png) => photos::put(&*tx, id, &random_id(&mut rand::rng()), png).await?,
        }
        if told_otherwise || other_photo {
            audit::insert_own_hourly(&*tx, AuditEvent::ProfileChanged, id, now).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Changes a person's e-mail address. Another one has to be confirmed anew.
    ///
    /// # Errors
    /// Failures of ours only; then it is as it was.
    pub async fn save_email(
        &self,
        owner: &Owner,
        session: &Digest<SessionKey>,
        typed: &str,
    ) -> Result<EmailSaved, FlowError> {
        let address = match read_email(typed) {
            Ok(address) => address,
            Err(fault) => return Ok(EmailSaved::Refused(fault)),
        };
        let (id, now) = (&owner.user_id, self.now());
        let tx = self.store.begin().await?;
        users::hold(&*tx, id).await?;
        if !sessions::hold(&*tx, session).await? {
            return Ok(EmailSaved::SignedOut);
        }
        let before = profiles::find(&*tx, id).await?.and_then(|person| person.email);
        if before.map(|email| email.address) != address {
            profiles::set_email(&*tx, id, address.as_deref(), now).await?;
            // Never folded into an earlier one: who takes over an account changes this first.
            audit::insert_own(&*tx, AuditEvent::ProfileChanged, id, now).await?;
        }
        tx.commit().await?;
        Ok(EmailSaved::Done)
    }

    /// Notes that this e-mail address is this person's: an operator (`actor`, or nobody on the command line) found so.
    /// `false` when they have another by now, or it was noted before.
    ///
    /// # Errors
    /// Failures of ours only.
    pub async fn verify_email(&self, id: &UserId, address: &str, actor: Option<&UserId>) -> Result<bool, FlowError> {
        let now = self.now();
        let tx = self.store.begin().await?;
        if !profiles::mark_email_verified(&*tx, id, address, now).await? {
            return Ok(false);
        }
        let event = NewEvent {
            actor_id: actor,
            detail: Some(address),
            ..NewEvent::own(AuditEvent::EmailVerified, id)
        };
        audit::write(&*tx, &event, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}
