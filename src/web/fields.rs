//! Bodies that may hold lists: registrations, and the calls of Misskey's API.
//!
//! One list is written in four ways: `["a","b"]` in JSON, `name[]=a&name[]=b` (Rails), `name[0]=a&name[1]=b` (masto.js in
//! multipart), or one plain string. Whoever asks for a list gets the same answer for all of them.

use actix_web::HttpRequest;
use actix_web::web::Payload;

use super::body::{self, Member, Members};
use crate::oauth::error::ProtocolError;
use crate::oauth::params::{REPEATED, TOO_MANY, check_text};

/// More values than a registration has, lists counted out: a Misskey app may name 85 permissions.
const MAX_VALUES: usize = 256;

/// The fields of one request: each name at most once. Unlike in protocol parameters, an empty text is not the same as a
/// field that was left out.
#[derive(Clone, Default)]
pub(super) struct Fields(Members);

/// A field is there, but it is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WrongType {
    /// What it should be, in the words of JSON Schema validators.
    pub(super) reason: &'static str,
}

impl Fields {
    /// Reads the fields of a POST, from query and body together as Rails does, in any encoding. An empty body has none.
    pub(super) async fn from_body(request: &HttpRequest, payload: Payload) -> Result<Fields, ProtocolError> {
        Fields::collect(body::members(request, payload).await?)
    }

    fn collect(members: Members) -> Result<Fields, ProtocolError> {
        let mut values = 0;
        let mut whole = Members::new();
        let mut parts: Vec<(String, Place, String)> = Vec::new();
        for (name, member) in members {
            values += check(&name, &member)?;
            if values > MAX_VALUES {
                return Err(TOO_MANY);
            }
            match (place(&name), member) {
                (Some((list, place)), Member::Text(text)) => parts.push((list.to_owned(), place, text)),
                (_, member) if whole.iter().all(|(known, _)| *known != name) => whole.push((name, member)),
                _ => return Err(REPEATED),
            }
        }
        for (name, list) in lists(parts)? {
            if whole.iter().any(|(known, _)| *known == name) {
                return Err(REPEATED);
            }
            whole.push((name, Member::List(list)));
        }
        Ok(Fields(whole))
    }

    fn get(&self, name: &str) -> Option<&Member> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, member)| member)
    }

    /// The text of a field, which may be empty; numbers and booleans as they are written. `None` for anything else.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Member::text)
    }

    /// The values of a list in any of its four shapes; a plain text is a list of one. `None` for anything else.
    pub(super) fn list(&self, name: &str) -> Option<Vec<&str>> {
        match self.get(name)? {
            Member::List(list) => Some(list.iter().map(String::as_str).collect()),
            other => other.text().map(|text| vec![text]),
        }
    }

    /// Whether the field is there and says nothing: `null` in JSON.
    pub(super) fn is_null(&self, name: &str) -> bool {
        self.get(name) == Some(&Member::Null)
    }

    /// The text of a field that must be one if it is there and not `null`.
    pub(super) fn expect_text(&self, name: &str) -> Result<Option<&str>, WrongType> {
        match self.get(name) {
            None | Some(Member::Null) => Ok(None),
            Some(Member::Text(text)) => Ok(Some(text)),
            Some(_) => Err(WrongType {
                reason: "must be string",
            }),
        }
    }

    /// The values of a field that must be a list of texts if it is there and not `null`. A form cannot tell a list of one
    /// from a text, so a text is good.
    pub(super) fn expect_list(&self, name: &str) -> Result<Option<Vec<&str>>, WrongType> {
        match self.get(name) {
            None | Some(Member::Null) => Ok(None),
            Some(Member::List(_) | Member::Text(_)) => Ok(self.list(name)),
            Some(_) => Err(WrongType {
                reason: "must be array of strings",
            }),
        }
    }
}

/// Holds every name and text to the common rules; gives how many values there are.
fn check(name: &str, member: &Member) -> Result<usize, ProtocolError> {
    check_text(name)?;
    if let Member::List(list) = member {
        list.iter().try_for_each(|text| check_text(text))?;
        return Ok(list.len().max(1));
    }
    check_text(member.text().unwrap_or_default())?;
    Ok(1)
}

/// Where in its list a value stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// `name[]`: behind the one before.
    Next,
    /// `name[7]`.
    At(u16),
}

/// The list and the place that a name with brackets means. `name[key]` is a member of an object: none of ours.
fn place(name: &str) -> Option<(&str, Place)> {
    let (list, place) = name.strip_suffix(']')?.split_once('[')?;
    let digits = place.bytes().all(|byte| byte.is_ascii_digit());
    match place {
        "" => Some((list, Place::Next)),
        place if digits => Some((list, Place::At(place.parse().ok()?))),
        _ => None,
    }
}

/// Puts lists together. Two ways of writing one list are refused, as is one place given twice.
fn lists(mut parts: Vec<(String, Place, String)>) -> Result<Vec<(String, Vec<String>)>, ProtocolError> {
    // A stable sort: values without a number keep their order.
    parts.sort_by(|(a, at, _), (b, bt, _)| (a, at).cmp(&(b, bt)));
    let mut lists: Vec<(String, Vec<String>)> = Vec::new();
    let mut before = Place::Next;
    for (name, place, value) in parts {
        match lists.last_mut().filter(|(known, _)| *known == name) {
            Some(_) if place != Place::Next && (before == Place::Next || before == place) => return Err(REPEATED),
            Some((_, list)) => list.push(value),
            None => lists.push((name, vec![value])),
        }
        before = place;
    }
    Ok(lists)
}

#[cfg(test)]
mod tests;
