//! JSON from strangers: no duplicate keys, and bounds on depth, arrays and strings.
//!
//! Of two members with one name parsers differ on which counts, and a document that two servers read differently is an
//! attack waiting (RFC 8259 §4).

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

const MAX_DEPTH: usize = 8;
const MAX_ITEMS: usize = 50;
const MAX_STRING_BYTES: usize = 2048;

/// Reads one JSON text.
///
/// # Errors
/// The parser's words, for the log.
pub(crate) fn parse(text: &[u8]) -> Result<Value, String> {
    // RFC 8259 §8.1 forbids to send a byte order mark and allows to ignore one.
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = Strict { depth: 0 }
        .deserialize(&mut reader)
        .map_err(|error| error.to_string())?;
    reader.end().map_err(|error| error.to_string())?;
    Ok(value)
}

#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: Error>(self) -> Result<Strict, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom("nested too deeply"));
        }
        Ok(Strict { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        if value.len() > MAX_STRING_BYTES {
            return Err(E::custom("a string is too long"));
        }
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            if array.len() == MAX_ITEMS {
                return Err(A::Error::custom("an array is too long"));
            }
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if name.len() > MAX_STRING_BYTES {
                return Err(A::Error::custom("a member name is too long"));
            }
            let value = members.next_value_seed(inner)?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a member is given twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_out_of_bounds_is_refused() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let array = |items: usize| format!("[{}]", vec!["0"; items].join(","));
        let string = |bytes: usize| format!("\"{}\"", "x".repeat(bytes));
        for (good, bad) in [
            (nested(8), nested(9)),
            (nested(8), nested(100_000)),
            (array(50), array(51)),
            (string(2048), string(2049)),
            (r#"{"a":1,"b":1}"#.to_owned(), r#"{"a":1,"a":1}"#.to_owned()),
            (r#"{"a":1,"A":1}"#.to_owned(), r#"{"a":1,"\u0061":2}"#.to_owned()),
            ("{}".to_owned(), "{} {}".to_owned()),
            ("\u{FEFF}{}".to_owned(), "{".to_owned()),
            ("[1]".to_owned(), "[1,,2]".to_owned()),
            ("[1]".to_owned(), "[1,]".to_owned()),
            ("1".to_owned(), String::new()),
        ] {
            assert!(parse(good.as_bytes()).is_ok(), "{good:.40}");
            assert!(parse(bad.as_bytes()).is_err(), "{bad:.40}");
        }
        assert!(parse(b"\"\xFF\"").is_err(), "not UTF-8");
        assert!(parse(br#""\ud800""#).is_err(), "half a surrogate pair");
    }

    #[test]
    fn values_come_out_as_they_are() {
        let text = r#"{"a":[null,true,-1,18446744073709551615,1.5,"x"],"b":{"c":{}}}"#;
        assert_eq!(
            parse(text.as_bytes()).unwrap(),
            serde_json::from_str::<Value>(text).unwrap()
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&text);
        }

        #[test]
        fn json_like_text_does_not_either(text in r#"([\[\]{},:"]|null|1|\\u|"a"){0,60}"#) {
            let _ = parse(text.as_bytes());
        }
    }
}
