//! The words of the pages: one TOML file per language in `locales/`, and the template function `t` that reads from it.
//!
//! Tables nest for readability and are joined with dots: `[consent] title = "…"` is `consent.title`. Every value is a
//! string; `{name}` in it is a placeholder. Adding a language is adding one file.

use std::collections::HashMap;
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use tera::{Error, Function, Kwargs, State, TeraResult};

use super::{Language, PagesError};

static LOCALES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/locales");

/// A language and all its messages.
#[derive(Debug, Clone)]
pub(super) struct Locale {
    pub(super) language: Language,
    pub(super) messages: Arc<HashMap<String, String>>,
}

/// Reads every file in `locales/`.
pub(super) fn embedded() -> Result<Vec<Locale>, PagesError> {
    LOCALES
        .files()
        .filter(|file| file.path().extension().is_some_and(|extension| extension == "toml"))
        .map(|file| {
            let tag = file
                .path()
                .file_stem()
                .and_then(|stem| stem.to_str())
                .unwrap_or_default();
            parse(tag, file.contents_utf8().unwrap_or_default())
        })
        .collect()
}

fn parse(tag: &'static str, text: &str) -> Result<Locale, PagesError> {
    let fault = |reason: String| PagesError::Locale {
        tag: tag.to_owned(),
        reason,
    };
    let table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| fault(error.to_string()))?;
    let mut messages = HashMap::new();
    flatten("", table, &mut messages).map_err(fault)?;
    let right_to_left = match messages.get("language.direction").map(String::as_str) {
        Some("ltr") => false,
        Some("rtl") => true,
        _ => return Err(fault("language.direction must be ltr or rtl".to_owned())),
    };
    Ok(Locale {
        language: Language::new(tag, right_to_left),
        messages: Arc::new(messages),
    })
}

fn flatten(prefix: &str, table: toml::Table, messages: &mut HashMap<String, String>) -> Result<(), String> {
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name
        } else {
            format!("{prefix}.{name}")
        };
        match value {
            toml::Value::String(text) => drop(messages.insert(key, text)),
            toml::Value::Table(inner) => flatten(&key, inner, messages)?,
            _ => return Err(format!("{key} is neither a string nor a table")),
        }
    }
    Ok(())
}

/// The template function `t(key="consent.title", host=host)`. Its result is escaped like any other value.
pub(super) struct Translate(Locale);

impl Translate {
    pub(super) fn new(locale: Locale) -> Self {
        Translate(locale)
    }
}

impl Function<TeraResult<String>> for Translate {
    fn call(&self, kwargs: Kwargs, _: &State) -> TeraResult<String> {
        let key: &str = kwargs.must_get("key")?;
        let message = message(&self.0, key)?;
        fill(message, |name| {
            kwargs.get::<String>(name)?.ok_or_else(|| missing(key, name))
        })
    }
}

/// The message with this key, placeholders and all.
pub(super) fn message<'a>(locale: &'a Locale, key: &str) -> TeraResult<&'a str> {
    let found = locale.messages.get(key).map(String::as_str);
    found.ok_or_else(|| Error::message(format!("locale {}: no message {key}", locale.language.tag())))
}

fn missing(key: &str, name: &str) -> Error {
    Error::message(format!("message {key}: no value for {{{name}}}"))
}

/// Puts values in place of `{name}`, in one pass: a brace inside a value stays a brace.
pub(super) fn fill(message: &str, value: impl Fn(&str) -> TeraResult<String>) -> TeraResult<String> {
    let mut filled = String::with_capacity(message.len());
    let mut rest = message;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after
            .split_once('}')
            .ok_or_else(|| Error::message(format!("unclosed brace in {message}")))?;
        filled.push_str(before);
        filled.push_str(&value(name)?);
        rest = behind;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_not_read_as_a_placeholder() {
        let filled = fill("{host} and {name}.", |name| Ok(format!("<{name}{{host}}>")));
        assert_eq!(filled.unwrap(), "<host{host}> and <name{host}>.");
    }

    #[test]
    fn a_locale_file_must_be_usable() {
        for text in [
            "",
            "x = 1\n[language]\ndirection = 'ltr'",
            "[language]\ndirection = 'up'",
            "= broken",
        ] {
            assert!(matches!(parse("xx", text), Err(PagesError::Locale { .. })), "{text}");
        }
        let locale = parse("xx", "[language]\ndirection = 'rtl'\n[a.b]\nc = 'd'").unwrap();
        assert_eq!(message(&locale, "a.b.c").unwrap(), "d");
        assert_eq!(locale.language.direction(), "rtl");
        assert!(message(&locale, "a.b").is_err());
    }
}
