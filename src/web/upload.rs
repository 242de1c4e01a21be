//! Forms of our own pages that bring a file along (`multipart/form-data`, RFC 7578). A file that is too large costs nothing
//! of what was typed beside it: fields come before it.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::{StatusCode, header};
use actix_web::web::Payload;
use futures_util::StreamExt as _;
use futures_util::future::{FutureExt as _, ready};
use futures_util::stream::once;
use multer::Multipart;
use tokio::time::timeout;

use super::error::PageError;
use super::params::Form;
use crate::pages::error::ErrorKind;

/// What is typed into all fields together, in bytes, with what a browser writes around it.
const MAX_TYPED_BYTES: usize = 64 * 1024;

/// So much of a body that is too large is read and dropped: a browser shows no answer to what it could not send.
const MAX_DROPPED_BYTES: usize = 32 * 1024 * 1024;

/// Five megabytes take so long from a slow telephone.
const UPLOAD_TIME: Duration = Duration::from_secs(60);

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
        if typed.iter().map(|(_, value)| value.len()).sum::<usize>() > MAX_TYPED_BYTES {
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
    loop {
        let field = match parts.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => break,
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
    found.is_sound = true;
    found
}
