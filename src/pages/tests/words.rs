//! The locale files: complete, alike, and nothing in them that no page says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use tera::{Kwargs, State};

use super::*;

/// A `t` that remembers what it was asked for.
struct Recording {
    inner: Translate,
    asked: Arc<Mutex<BTreeSet<String>>>,
}

impl Function<TeraResult<String>> for Recording {
    fn call(&self, kwargs: Kwargs, state: &State) -> TeraResult<String> {
        self.asked.lock().unwrap().insert(kwargs.must_get("key")?);
        self.inner.call(kwargs, state)
    }
}

#[test]
fn the_samples_ask_for_every_message() {
    let asked = Arc::new(Mutex::new(BTreeSet::new()));
    let record = |locale: &Locale| Recording {
        inner: Translate::new(locale.clone()),
        asked: Arc::clone(&asked),
    };
    render_all(&Pages::load_with(record).unwrap());
    let asked = asked.lock().unwrap();
    for locale in messages::embedded().unwrap() {
        let used_by_code =
            |key: &str| key.starts_with("language.") || key.starts_with("date.") || key.starts_with("script.");
        let unused: Vec<_> = locale
            .messages
            .keys()
            .filter(|key| !asked.contains(*key) && !used_by_code(key))
            .collect();
        assert!(
            unused.is_empty(),
            "{}: nobody asks for {unused:?}",
            locale.language.tag()
        );
    }
}

#[test]
fn every_language_has_the_same_messages_with_the_same_placeholders() {
    let shape = |locale: &Locale| -> BTreeMap<String, BTreeSet<String>> {
        let names = |text: &String| pieces(text, "{", "}").into_iter().map(str::to_owned).collect();
        locale
            .messages
            .iter()
            .map(|(key, text)| (key.clone(), names(text)))
            .collect()
    };
    let locales = messages::embedded().unwrap();
    for locale in &locales {
        assert_eq!(shape(locale), shape(&locales[0]), "{}", locale.language.tag());
        assert!(
            locale.messages.values().all(|text| !text.trim().is_empty()),
            "{}",
            locale.language.tag()
        );
    }
}
