//! HTML out: one view struct per page, one template per view, one locale file per language.
//!
//! A handler fills a view, picks a [`Frame`], and gets a `String`. Nothing here knows HTTP, rows or flows, and nothing
//! here decides: every branch of a template hangs on a field of its view. Templates, locale files and static files are
//! compiled into the binary. A message that is missing, a placeholder without a value, a form without its CSRF token
//! are render errors, so that the test which renders every sample in every language finds them before anybody does.
//!
//! May name: `std`, `serde`, `tera`, `include_dir`, `toml`, `thiserror`, `time`, `url`, `crate::oauth`, and in [`host`] the crates
//! that know public suffixes and scripts.

use std::collections::HashMap;

use include_dir::{Dir, include_dir};
use serde::Serialize;
use tera::{Context, Function, Kwargs, State, Tera, TeraResult, Value};
use url::Url;

pub mod account;
pub mod answered;
pub mod api_doc;
pub mod apps;
pub mod assets;
pub mod consent;
mod date;
pub mod error;
pub mod home;
pub mod host;
pub mod language;
pub mod languages;
mod messages;
pub mod profile;
pub mod qr;
pub mod scope;
pub mod second_step;
pub mod setup;
pub mod sign_in;
pub mod sign_up;
#[cfg(test)]
mod tests;

pub use host::{ShownHost, shown_host};
pub use language::{Language, Languages};

use crate::oauth::client::is_loopback;
use messages::{Locale, Translate};

static TEMPLATES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// Why a page could not be made. Always a fault of the program, never of the visitor.
#[derive(Debug, thiserror::Error)]
pub enum PagesError {
    /// A locale file cannot be used.
    #[error("locale file {tag}: {reason}")]
    Locale {
        /// The language tag, which is the file's name.
        tag: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A template does not parse or does not render.
    #[error("template")]
    Template(#[from] tera::Error),
}

/// What one page shows. The struct's fields are the template's variables.
pub trait View: Serialize + Sized {
    /// The template's file name in `templates/`. The suffix must be `.html`: it is what switches escaping on.
    const TEMPLATE: &'static str;

    /// Examples that together reach every branch of the template.
    fn samples() -> Vec<Self>;
}

/// What every page needs besides its own content.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The language to write in.
    pub language: Language,
    /// Whether the server runs in development mode (a banner says so).
    pub development: bool,
    /// The person who is signed in, if anybody is.
    pub username: Option<String>,
    /// The CSRF token that goes into every form of the page. A page with a form of its own does not render without it;
    /// the header's sign-out button is merely left out.
    pub csrf: Option<String>,
    /// Where a person comes back to who chooses another language at the end of the page.
    pub way_back: WayBack,
}

/// The way back to a page from the choice of a language.
#[derive(Debug, Clone)]
pub enum WayBack {
    /// The choice is a form on the page itself.
    Sealed {
        /// The path of the page.
        path: String,
        /// What shows that it was us who wrote it there.
        seal: String,
    },
    /// The choice has a page of its own, and this is the query to it: whoever only reads gets no form and no cookie.
    Carried(String),
}

/// All templates in all languages, loaded once.
#[derive(Clone)]
pub struct Pages {
    languages: Languages,
    /// The languages as a page links to them.
    choices: Vec<LanguageChoice>,
    templates: HashMap<Language, Tera>,
}

impl Pages {
    /// Parses the embedded locale files and templates.
    ///
    /// # Errors
    /// When one of them is broken, which the tests would have shown.
    pub fn load() -> Result<Pages, PagesError> {
        Self::load_with(|locale| Translate::new(locale.clone()))
    }

    /// Loads with another `t` function: the tests hand in one that writes down which messages are asked for.
    fn load_with<T: Function<TeraResult<String>>>(translate: impl Fn(&Locale) -> T) -> Result<Pages, PagesError> {
        let locales = messages::embedded()?;
        let languages = Languages::new(locales.iter().map(|locale| locale.language).collect());
        let mut templates = HashMap::new();
        for locale in &locales {
            let mut tera = Tera::new();
            tera.register_function("t", translate(locale));
            tera.register_function("date", date::LongDate::new(locale.clone()));
            tera.register_function("utc_time", date::UtcTime);
            tera.register_function("asset", assets::AssetUrl);
            tera.register_test("https", is_https);
            tera.register_test("http_on_loopback", is_http_on_loopback);
            let sources = TEMPLATES
                .files()
                .filter_map(|file| Some((file.path().to_str()?, file.contents_utf8()?)));
            tera.add_raw_templates(sources)?;
            templates.insert(locale.language, tera);
        }
        let choices = locales.iter().map(LanguageChoice::of).collect();
        Ok(Pages {
            languages,
            choices,
            templates,
        })
    }

    /// The languages there are, for choosing one per request.
    pub fn languages(&self) -> &Languages {
        &self.languages
    }

    /// Renders a view.
    ///
    /// # Errors
    /// When the template asks for something that is not there.
    pub fn render<V: View>(&self, view: &V, frame: &Frame) -> Result<String, PagesError> {
        let language = frame.language;
        let tera = self.templates.get(&language).ok_or_else(|| PagesError::Locale {
            tag: language.tag().to_owned(),
            reason: "has no templates".to_owned(),
        })?;
        let mut context = Context::from_serialize(view)?;
        context.insert_value("frame", Value::try_from_serializable(&FrameVariables::from(frame))?);
        context.insert_value("languages", Value::try_from_serializable(&self.choices)?);
        Ok(tera.render(V::TEMPLATE, &context)?)
    }
}

/// The template test `uri is https`: what an app names as its page becomes a link only then.
fn is_https(uri: &str, _: Kwargs, _: &State) -> bool {
    uri.starts_with("https://")
}

/// The template test `uri is http_on_loopback`: the page of an app that somebody is making on this very computer.
fn is_http_on_loopback(uri: &str, _: Kwargs, _: &State) -> bool {
    Url::parse(uri).is_ok_and(|url| url.scheme() == "http" && is_loopback(&url))
}

/// A language as a page links to it, by the name that its speakers give it.
#[derive(Debug, Clone, Serialize)]
struct LanguageChoice {
    tag: &'static str,
    dir: &'static str,
    name: String,
}

impl LanguageChoice {
    fn of(locale: &Locale) -> LanguageChoice {
        let name = locale.messages.get("language.name");
        LanguageChoice {
            tag: locale.language.tag(),
            dir: locale.language.direction(),
            name: name.map_or_else(|| locale.language.tag().to_owned(), Clone::clone),
        }
    }
}

/// The frame as the templates see it.
#[derive(Serialize)]
struct FrameVariables<'a> {
    lang: &'static str,
    dir: &'static str,
    development: bool,
    username: Option<&'a str>,
    csrf: Option<&'a str>,
    back: &'a str,
    seal: Option<&'a str>,
}

impl<'a> From<&'a Frame> for FrameVariables<'a> {
    fn from(frame: &'a Frame) -> Self {
        let (back, seal) = match &frame.way_back {
            WayBack::Sealed { path, seal } => (path, Some(seal.as_str())),
            WayBack::Carried(query) => (query, None),
        };
        FrameVariables {
            back,
            seal,
            lang: frame.language.tag(),
            dir: frame.language.direction(),
            development: frame.development,
            username: frame.username.as_deref(),
            csrf: frame.csrf.as_deref(),
        }
    }
}
