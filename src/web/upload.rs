//! Forms of our own pages that bring a file along (`multipart/form-data`, RFC 7578). A file that is too large costs nothing
//! of what was typed beside it: fields come before it.

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::{StatusCode, header};
use actix_web::web::Payload;
use futures_util::StreamExt as _;
use futures_util::future::{FutureExt as _, ready};
use futures_util::stream::once;
use multer::Multipart;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::error::PageError;
use super::params::Form;
use crate::oauth::grant::UserId;
use crate::pages::error::ErrorKind;

/// What is typed into all fields together, in bytes, with what a browser writes around it.
const MAX_TYPED_BYTES: usize = 64 * 1024;

/// So much of a body that is too large is read and dropped: a browser shows no answer to what it could not send.
const MAX_DROPPED_BYTES: usize = 32 * 1024 * 1024;

/// Five megabytes take so long from a slow telephone.
const UPLOAD_TIME: Duration = Duration::from_secs(60);

/// Parts of a form: more than any of ours has.
const MAX_PARTS: usize = 20;

/// Bodies that are read and worked on at once. Each may take three times five megabytes.
const MAX_AT_ONCE: usize = 8;

/// When to come again after a file of one's own is still worked on, or there are too many of others.
const COME_AGAIN: Duration = Duration::from_secs(10);

/// The files that are on their way here: so many at once, and of one person one.
#[derive(Debug, Clone)]
pub(super) struct Uploads {
    room: Arc<Semaphore>,
    busy: Arc<Mutex<HashSet<String>>>,
}

impl Default for Uploads {
    fn default() -> Uploads {
        Uploads {
            room: Arc::new(Semaphore::new(MAX_AT_ONCE)),
            busy: Arc::default(),
        }
    }
}

/// The place of one file, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _room: OwnedSemaphorePermit,
    person: String,
    busy: Arc<Mutex<HashSet<String>>>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        lock(&self.busy).remove(&self.person);
    }
}

/// A set of names is whole whatever panicked meanwhile.
fn lock(busy: &Mutex<HashSet<String>>) -> MutexGuard<'_, HashSet<String>> {
    busy.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Uploads {
    /// A place for a file of this person, before any of it is read; kept until the work on it is done.
    pub(super) fn turn(&self, person: &UserId) -> Result<Turn, PageError> {
        let room = Arc::clone(&self.room).try_acquire_owned();
        let room = room.map_err(|_| PageError::crowded(COME_AGAIN))?;
        if !lock(&self.busy).insert(person.0.clone()) {
            return Err(PageError::too_many(COME_AGAIN));
        }
        Ok(Turn {
            _room: room,
            person: person.0.clone(),
            busy: Arc::clone(&self.busy),
        })
    }
}

/// A form, and the file in it.
pub(super) struct Upload {
    /// What was typed.
    pub(super) form: Form,
    /// What was chosen.
    pub(super) file: File,
}

/// What somebody chose in the field for a file.
pub(super) enum File {
    /// Nothing.
    None,
    /// This. Its name and its type are what the sender says, and are not looked at.
    Bytes(Vec<u8>),
    /// More than is taken.
    TooLarge,
}

impl Upload {
    /// Reads a form that one of our pages posts, with at most so many bytes in the field with the name `file`.
    pub(super) async fn read(
        request: &HttpRequest,
        payload: Payload,
        file: &str,
        max_file_bytes: usize,
    ) -> Result<Upload, PageError> {
        let (body, is_whole) = received(payload, max_file_bytes + MAX_TYPED_BYTES).await?;
        let content_type = request.headers().get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let boundary = multer::parse_boundary(content_type).map_err(|_| PageError::form_unusable())?;
        // The body is here, so there is nothing to wait for; a parser that would wait is lost, and must not hold the request.
        let parts = Multipart::new(once(ready(Ok::<_, Infallible>(body))), boundary);
        let parts = fields(parts, file)
            .now_or_never()
            .ok_or_else(PageError::form_unusable)?;
        let Parts { typed, file, is_sound } = parts;
        let chosen = match file {
            // What came before it is read, and it is where the body was cut.
            _ if !is_sound && !is_whole => File::TooLarge,
            _ if !is_sound => return Err(PageError::form_unusable()),
            Some(bytes) if bytes.len() > max_file_bytes => File::TooLarge,
            Some(bytes) if !bytes.is_empty() => File::Bytes(bytes),
            Some(_) | None => File::None,
        };
        if typed
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum::<usize>()
            > MAX_TYPED_BYTES
        {
            return Err(too_large());
        }
        Ok(Upload {
            form: Form::of(typed)?,
            file: chosen,
        })
    }
}

/// Reads a form of somebody who may not send it, and keeps nothing of it.
pub(super) async fn drop_body(payload: Payload) {
    let _ = received(payload, 0).await;
}

fn too_large() -> PageError {
    PageError::new(StatusCode::PAYLOAD_TOO_LARGE, ErrorKind::TooLarge)
}

/// The first bytes of a body, and whether that is all of it.
async fn received(payload: Payload, keep: usize) -> Result<(Vec<u8>, bool), PageError> {
    let all = timeout(UPLOAD_TIME, received_in_time(payload, keep)).await;
    all.unwrap_or_else(|_| Err(PageError::form_unusable()))
}

async fn received_in_time(mut payload: Payload, keep: usize) -> Result<(Vec<u8>, bool), PageError> {
    let (mut body, mut seen) = (Vec::new(), 0);
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| PageError::form_unusable())?;
        seen += chunk.len();
        if seen > MAX_DROPPED_BYTES {
            break;
        }
        let rest = keep.saturating_sub(body.len()).min(chunk.len());
        body.extend_from_slice(&chunk[..rest]);
    }
    let is_whole = seen <= keep;
    Ok((body, is_whole))
}

struct Parts {
    typed: Vec<(String, String)>,
    file: Option<Vec<u8>>,
    /// Whether it could be read to its end.
    is_sound: bool,
}

async fn fields(mut parts: Multipart<'_>, file: &str) -> Parts {
    let mut found = Parts {
        typed: Vec::new(),
        file: None,
        is_sound: false,
    };
    // A part costs the parser more than its bytes.
    for _ in 0..MAX_PARTS {
        let field = match parts.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => {
                found.is_sound = true;
                return found;
            }
            Err(_) => return found,
        };
        let Some(name) = field.name().map(str::to_owned) else {
            return found;
        };
        let Ok(value) = field.bytes().await else {
            return found;
        };
        if name == file {
            found.file = Some(value.to_vec());
        } else if let Ok(text) = String::from_utf8(value.to_vec()) {
            found.typed.push((name, text));
        } else {
            return found;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use actix_web::ResponseError as _;

    use super::*;

    fn refused(uploads: &Uploads, person: &str) -> StatusCode {
        let turn = uploads.turn(&UserId(person.to_owned()));
        turn.expect_err("there is no place").status_code()
    }

    #[test]
    fn a_person_has_one_file_on_its_way_and_all_together_have_eight() {
        let uploads = Uploads::default();
        let place = |n: usize| uploads.turn(&UserId(n.to_string())).expect("a place");
        let first = place(0);
        assert_eq!(refused(&uploads, "0"), StatusCode::TOO_MANY_REQUESTS);
        drop(first);
        let turns: Vec<Turn> = (0..8).map(place).collect();
        assert_eq!(refused(&uploads, "8"), StatusCode::SERVICE_UNAVAILABLE);
        drop(turns);
        place(8);
        place(8);
        assert_eq!(uploads.room.available_permits(), 8);
    }
}
