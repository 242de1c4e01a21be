//! A JSON object as [`Members`].

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Member, Members};
use crate::oauth::error::ProtocolError;

const NOT_JSON: ProtocolError = ProtocolError::invalid_request("the body is not a JSON object");

/// Reads an object. Nothing below its members is read, so depth costs nothing.
pub(super) fn decode(body: &[u8]) -> Result<Members, ProtocolError> {
    let text = std::str::from_utf8(body).map_err(|_| NOT_JSON)?;
    let Object(members) = serde_json::from_str(text).map_err(|_| NOT_JSON)?;
    members
        .into_iter()
        .map(|(name, value)| Ok((name, member(value)?)))
        .collect()
}

/// What a value is, its first character tells.
fn member(value: &RawValue) -> Result<Member, ProtocolError> {
    let written = value.get();
    Ok(match written.as_bytes().first() {
        Some(b'"') => Member::Text(string(written)?),
        Some(b'[') => list(written)?,
        Some(b'{') => Member::Object,
        Some(b'n') => Member::Null,
        Some(b't') => Member::Boolean(true),
        Some(b'f') => Member::Boolean(false),
        _ => Member::Number(written.to_owned()),
    })
}

fn list(written: &str) -> Result<Member, ProtocolError> {
    let elements: Vec<&RawValue> = serde_json::from_str(written).map_err(|_| NOT_JSON)?;
    if elements.iter().any(|element| !element.get().starts_with('"')) {
        return Ok(Member::MixedList);
    }
    elements
        .into_iter()
        .map(|element| string(element.get()))
        .collect::<Result<_, _>>()
        .map(Member::List)
}

fn string(written: &str) -> Result<String, ProtocolError> {
    serde_json::from_str(written).map_err(|_| NOT_JSON)
}

/// An object as it is written: a map would hide repeated names.
struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Object<'a>, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(entries)
            }
        }

        deserializer.deserialize_map(Entries).map(Object)
    }
}
