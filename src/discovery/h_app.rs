//! Which h-app speaks for a client, and what it says (decision 16; microformats2 h-app and its old name h-x-app).
//!
//! The microformats parser must never see a stranger's page: it overflows the stack on nested elements, takes seconds
//! on a few kilobytes and panics on ordinary markup. It gets a small copy of each h-app ([`snippet`]), and if that
//! fails, too, a plain reading by class name takes its place.

use std::panic::{AssertUnwindSafe, catch_unwind};

use scraper::{ElementRef, Html, Selector};
use serde_json::Value;
use url::Url;

use super::document::web_address;
use super::snippet;
use crate::oauth::client::{ClientUrl, display_name};

/// What is shown of an h-app.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) name: Option<String>,
    pub(crate) logo_uri: Option<String>,
}

/// How many h-apps of a page are read.
const MAX_APPS: usize = 5;

/// The one whose `url` is the client id; else the only one of the page, if its `url` is absent or on the client id's
/// origin; else none, and the host stands alone.
///
/// The first is IndieAuth's rule. Deviation: the second is not. Authors forget the `url`, or point it at their start
/// page, and then wonder why their app has no name.
pub(crate) fn speaking_for(id: &ClientUrl, apps: &[ElementRef<'_>], base: &Url) -> Shown {
    let read: Vec<App> = apps.iter().take(MAX_APPS).map(|root| App::read(*root, base)).collect();
    let named = read.iter().find(|app| app.urls.contains(id.url()));
    let only = || match read.as_slice() {
        [app] if app.urls.iter().all(|url| id.same_origin(url)) => Some(app),
        _ => None,
    };
    named.or_else(only).map_or_else(Shown::default, |app| Shown {
        name: app
            .name
            .as_deref()
            .filter(|name| is_legible(name))
            .and_then(display_name),
        logo_uri: app.logo.as_deref().and_then(|logo| web_address(logo, base)),
    })
}

/// A page in another encoding than UTF-8 leaves replacement characters; such a name is not one.
fn is_legible(name: &str) -> bool {
    !name.contains(char::REPLACEMENT_CHARACTER)
}

#[derive(Debug, Default, PartialEq, Eq)]
struct App {
    name: Option<String>,
    urls: Vec<Url>,
    logo: Option<String>,
}

impl App {
    fn read(root: ElementRef<'_>, base: &Url) -> App {
        let snippet = snippet::copy(root, base);
        // A panic inside leaves nothing behind that is used again.
        catch_unwind(AssertUnwindSafe(|| App::by_microformats(&snippet, base)))
            .ok()
            .flatten()
            .unwrap_or_else(|| App::by_class(&snippet))
    }

    fn by_microformats(snippet: &str, base: &Url) -> Option<App> {
        let document = microformats::from_html(snippet, base).ok()?;
        let document = serde_json::to_value(&document).ok()?;
        let properties = document.get("items")?.get(0)?.get("properties")?;
        let texts = |name: &str| -> Vec<String> {
            let values = properties.get(name).and_then(Value::as_array);
            values
                .into_iter()
                .flatten()
                .filter_map(text_of)
                .map(str::to_owned)
                .collect()
        };
        Some(App {
            name: texts("name").into_iter().next(),
            urls: texts("url").iter().filter_map(|url| Url::parse(url).ok()).collect(),
            logo: texts("logo").into_iter().next(),
        })
    }

    /// What the classes say without any implied property.
    fn by_class(snippet: &str) -> App {
        let document = Html::parse_fragment(snippet);
        let select = |class: &str| -> Vec<ElementRef<'_>> {
            Selector::parse(class)
                .map(|selector| document.select(&selector).collect())
                .unwrap_or_default()
        };
        let attribute = |element: &ElementRef<'_>, names: [&str; 3]| {
            names.into_iter().find_map(|name| element.attr(name)).map(str::to_owned)
        };
        App {
            name: select(".p-name").first().map(|element| {
                attribute(element, ["value", "alt", "title"]).unwrap_or_else(|| element.text().collect())
            }),
            urls: select(".u-url")
                .iter()
                .filter_map(|element| Url::parse(&attribute(element, ["href", "src", "value"])?).ok())
                .collect(),
            logo: select(".u-logo")
                .first()
                .and_then(|element| attribute(element, ["src", "href", "data"])),
        }
    }
}

/// A property value: text, or an object that has it as `value` (images with `alt`, nested microformats).
fn text_of(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.get("value")?.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_by_class_finds_what_is_written_out() {
        let snippet = r#"<div class="h-app"><img class="u-logo" src="https://app.net/l.png" alt="L"><a class="u-url p-name" href="https://app.net/">My <b>App</b></a></div>"#;
        let by_class = App::by_class(snippet);
        let by_microformats = App::by_microformats(snippet, &"https://app.net/".parse().unwrap()).unwrap();
        assert_eq!(by_class, by_microformats);
        assert_eq!(by_class.name.as_deref(), Some("My App"));
        assert_eq!(App::by_class(""), App::default());
    }
}
