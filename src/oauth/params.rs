//! Request parameters, before anyone reads a meaning into them (RFC 6749 §3.1, §3.2).
//!
//! A name given twice is refused: two readers of one request might otherwise each believe another value (attack case
//! RD-11). A parameter without a value is treated as if it had been left out. Unknown names are ignored.

use std::fmt;

use super::error::ProtocolError;

/// More parameters than any flow of ours knows.
const MAX_PARAMS: usize = 64;

/// Longest value, in bytes. `state` has its own, smaller limit.
const MAX_VALUE_BYTES: usize = 16 * 1024;

/// The refusal of a name that is given twice.
pub const REPEATED: ProtocolError = ProtocolError::invalid_request("a parameter is given more than once");
/// The refusal of a request that asks for more work than any flow needs.
pub const TOO_MANY: ProtocolError = ProtocolError::invalid_request("the request has too many parameters");
const TOO_LONG: ProtocolError = ProtocolError::invalid_request("a parameter is too long");
const NOT_UTF8: ProtocolError = ProtocolError::invalid_request("a parameter is not UTF-8 text");
const NUL: ProtocolError = ProtocolError::invalid_request("a parameter has a NUL character");

/// The parameters of one request: each name at most once, no value empty.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads `application/x-www-form-urlencoded` text: a query string or a form body.
    ///
    /// # Errors
    /// `invalid_request` when a name is repeated, a value is too long or not UTF-8, or there are too many.
    pub fn parse(encoded: &[u8]) -> Result<Params, ProtocolError> {
        Params::from_pairs(url::form_urlencoded::parse(encoded).map(|(name, value)| (name.into(), value.into())))
    }

    /// The same rules for pairs that are decoded already.
    ///
    /// # Errors
    /// As [`Params::parse`].
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Params, ProtocolError> {
        let mut kept: Vec<(String, String)> = Vec::new();
        for (name, value) in pairs {
            if kept.len() == MAX_PARAMS {
                return Err(TOO_MANY);
            }
            check_text(&name)?;
            check_text(&value)?;
            // RFC 8707 §2 lets `resource` be repeated; we do not use it, so it must not harm.
            if name != "resource" && kept.iter().any(|(seen, _)| *seen == name) {
                return Err(REPEATED);
            }
            kept.push((name, value));
        }
        kept.retain(|(_, value)| !value.is_empty());
        Ok(Params(kept))
    }

    /// The value of `name`, or `None` when it was left out or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// With this value for `name`, if it was left out.
    pub fn or(mut self, name: &str, value: String) -> Params {
        if self.get(name).is_none() && !value.is_empty() {
            self.0.push((name.to_owned(), value));
        }
        self
    }

    /// The value of `name`.
    ///
    /// # Errors
    /// `invalid_request` with this description when it was left out.
    pub fn require(&self, name: &str, missing: &'static str) -> Result<&str, ProtocolError> {
        self.get(name).ok_or(ProtocolError::invalid_request(missing))
    }
}

/// What holds for every name and value of a request, whoever reads them.
///
/// # Errors
/// `invalid_request` when the text is too long, was not UTF-8 or has a NUL character.
pub fn check_text(text: &str) -> Result<(), ProtocolError> {
    if text.len() > MAX_VALUE_BYTES {
        return Err(TOO_LONG);
    }
    // The decoder puts U+FFFD where bytes were not UTF-8. A `state` so changed would not be "as received".
    if text.contains('\u{FFFD}') {
        return Err(NOT_UTF8);
    }
    // PostgreSQL's text cannot hold it, and no parameter has a use for it.
    if text.contains('\0') {
        return Err(NUL);
    }
    Ok(())
}

/// Names only: a value may be a code, a token or a password.
impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_empty_value_counts_as_left_out() {
        let params = Params::parse(b"scope=&state=x&flag").unwrap();
        assert_eq!(params.get("scope"), None);
        assert_eq!(params.get("flag"), None);
        assert_eq!(params.get("state"), Some("x"));
    }

    #[test]
    fn a_name_given_twice_is_refused_even_when_one_is_empty() {
        for raw in ["client_id=a&client_id=b", "scope=&scope=read", "a=1&a=1"] {
            assert_eq!(Params::parse(raw.as_bytes()).unwrap_err(), REPEATED, "{raw}");
        }
        assert!(Params::parse(b"resource=a&resource=b").is_ok());
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused_rather_than_replaced() {
        assert_eq!(Params::parse(b"state=%FF").unwrap_err(), NOT_UTF8);
        assert_eq!(Params::parse(b"%FF=state").unwrap_err(), NOT_UTF8);
    }

    #[test]
    fn limits_hold() {
        let many = (0..100).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
        assert_eq!(Params::parse(many.as_bytes()).unwrap_err(), TOO_MANY);
        let long = format!("state={}", "x".repeat(MAX_VALUE_BYTES + 1));
        assert_eq!(Params::parse(long.as_bytes()).unwrap_err(), TOO_LONG);
    }

    #[test]
    fn values_never_reach_a_log_through_debug() {
        let params = Params::parse(b"code=secret").unwrap();
        assert!(!format!("{params:?}").contains("secret"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(raw in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = Params::parse(&raw);
        }

        #[test]
        fn what_is_encoded_comes_back(value in "\\PC{1,40}") {
            prop_assume!(!value.contains('\u{FFFD}'));
            let raw = url::form_urlencoded::Serializer::new(String::new()).append_pair("state", &value).finish();
            let params = Params::parse(raw.as_bytes()).unwrap();
            prop_assert_eq!(params.get("state"), Some(value.as_str()));
        }
    }
}
