//! `multipart/form-data` (RFC 7578) as [`Members`]. Boundaries and part headers are read by `multer`.

use std::convert::Infallible;

use futures_util::future::{FutureExt as _, ready};
use futures_util::stream::once;
use multer::Multipart;

use super::{Member, Members};
use crate::oauth::error::ProtocolError;

const MALFORMED: ProtocolError = ProtocolError::invalid_request("the multipart/form-data body is malformed");
const FILE: ProtocolError = ProtocolError::invalid_request("the body has a file; every part must be a plain field");
const NOT_UTF8: ProtocolError = ProtocolError::invalid_request("a parameter is not UTF-8 text");

/// Reads the fields. The body is here in full, so there is nothing to wait for; a parser that would wait is lost, and
/// must not hold the request.
pub(super) fn decode(content_type: &str, body: Vec<u8>) -> Result<Members, ProtocolError> {
    let boundary = multer::parse_boundary(content_type).map_err(|_| MALFORMED)?;
    let parts = Multipart::new(once(ready(Ok::<_, Infallible>(body))), boundary);
    fields(parts).now_or_never().unwrap_or(Err(MALFORMED))
}

/// A file is refused and not passed over: no parameter is one, and whoever sends a parameter as a file should hear why it
/// is missed.
async fn fields(mut parts: Multipart<'_>) -> Result<Members, ProtocolError> {
    let mut members = Members::new();
    while let Some(field) = parts.next_field().await.map_err(|_| MALFORMED)? {
        if field.file_name().is_some() {
            return Err(FILE);
        }
        let name = field.name().ok_or(MALFORMED)?.to_owned();
        let value = field.bytes().await.map_err(|_| MALFORMED)?;
        // Whatever charset the part claims: everything here is UTF-8 (RFC 7578 §5.1.2).
        let value = String::from_utf8(value.to_vec()).map_err(|_| NOT_UTF8)?;
        members.push((name, Member::Text(value)));
    }
    Ok(members)
}
