//! A small, harmless copy of one h-app, for the microformats parser.
//!
//! At most 500 elements, 32 deep; no foreign content, no NULs (the parser prints about them), no `e-*` classes (it
//! panics on them); all URLs absolute (it ignores a relative `<base>`). Only the elements and classes that
//! microformats2 gives a meaning keep it; the number of properties is bounded, because the parser's time grows with its
//! square.

use scraper::ElementRef;
use url::Url;

use super::element::{is_microformat, is_shown};

const MAX_ELEMENTS: usize = 500;
const MAX_DEPTH: usize = 32;
const MAX_TEXT_BYTES: usize = 16 * 1024;
const MAX_ATTRIBUTE_BYTES: usize = 2048;

/// The properties that are read, and how many of each are copied.
const PROPERTIES: [(&str, usize); 3] = [("p-name", 3), ("u-url", 10), ("u-logo", 3)];

/// Copies `root` and what is in it.
pub(super) fn copy(root: ElementRef<'_>, base: &Url) -> String {
    let mut copier = Copier {
        base,
        out: String::new(),
        elements: 0,
        text_bytes: 0,
        left: PROPERTIES,
        has_other: [false; 2],
    };
    let mut pending = vec![Pending::Element(root, Place::default())];
    while let Some(next) = pending.pop() {
        match next {
            Pending::Close(tag) => copier.close(tag),
            Pending::Text(text) => copier.text(text),
            Pending::Element(element, place) => {
                let Some((tag, inner)) = copier.open(element, place) else {
                    continue;
                };
                pending.push(Pending::Close(tag));
                let children = element.children().filter_map(|child| match ElementRef::wrap(child) {
                    Some(element) => Some(Pending::Element(element, inner)),
                    None => child.value().as_text().map(|text| Pending::Text(text)),
                });
                let at = pending.len();
                pending.extend(children);
                pending[at..].reverse();
            }
        }
    }
    copier.out
}

enum Pending<'a> {
    Element(ElementRef<'a>, Place),
    Text(&'a str),
    Close(&'static str),
}

/// Where an element stands.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    depth: usize,
    /// Inside another microformat: its properties are not ours.
    in_nested: bool,
    in_link: bool,
}

struct Copier<'a> {
    base: &'a Url,
    out: String,
    elements: usize,
    text_bytes: usize,
    left: [(&'static str, usize); 3],
    /// Whether some other `p-*`, and some other `u-*`, has been noted.
    has_other: [bool; 2],
}

impl Copier<'_> {
    /// Writes a start tag, unless the element is left out or has no content.
    fn open(&mut self, element: ElementRef<'_>, place: Place) -> Option<(&'static str, Place)> {
        if !is_shown(&element) || place.depth >= MAX_DEPTH || self.elements >= MAX_ELEMENTS {
            return None;
        }
        let tag = match element.value().name() {
            "br" | "hr" => {
                self.out.push(' ');
                return None;
            }
            name => shape(name, place.in_link),
        };
        self.elements += 1;
        self.out.push('<');
        self.out.push_str(tag);
        let nests = place.depth > 0 && is_microformat(&element);
        let classes = if place.depth == 0 {
            vec!["h-app"]
        } else {
            self.classes(element, place.in_nested, nests)
        };
        if !classes.is_empty() {
            self.attribute("class", &classes.join(" "));
        }
        self.attributes(element, tag, classes.contains(&"value-title"));
        self.out.push('>');
        let inner = Place {
            depth: place.depth + 1,
            in_nested: place.in_nested || nests,
            in_link: place.in_link || tag == "a",
        };
        (!is_void(tag)).then_some((tag, inner))
    }

    /// The classes that mean something. Properties other than ours only stop `name` and `url` from being implied, so
    /// one of each kind stands for all.
    fn classes(&mut self, element: ElementRef<'_>, in_nested: bool, nests: bool) -> Vec<&'static str> {
        let mut kept = Vec::new();
        for class in element.value().classes() {
            if let Some(value_class) = ["value", "value-title"].into_iter().find(|name| *name == class) {
                kept.push(value_class);
            } else if !in_nested {
                kept.extend(self.property(class));
            }
        }
        if nests {
            kept.push("h-item");
        }
        kept.sort_unstable();
        kept.dedup();
        kept
    }

    fn property(&mut self, class: &str) -> Option<&'static str> {
        if let Some((name, left)) = self.left.iter_mut().find(|(name, _)| *name == class) {
            *left = left.checked_sub(1)?;
            return Some(name);
        }
        let (kind, name) = match class.split_at_checked(2)? {
            ("p-" | "e-", _) => (0, "p-other"),
            ("u-", _) => (1, "u-other"),
            _ => return None,
        };
        (!std::mem::replace(&mut self.has_other[kind], true)).then_some(name)
    }

    fn attributes(&mut self, element: ElementRef<'_>, tag: &str, has_value_title: bool) {
        let (addresses, texts): (&[&str], &[&str]) = match tag {
            "a" | "area" | "link" => (&["href"], &["alt", "title"]),
            "img" => (&["src"], &["alt"]),
            "object" => (&["data"], &[]),
            "data" => (&[], &["value"]),
            "abbr" => (&[], &["title"]),
            _ => (&[], &[]),
        };
        for &name in addresses {
            if let Some(url) = element.attr(name).and_then(|address| self.base.join(address).ok()) {
                self.attribute(name, url.as_str());
            }
        }
        let title = has_value_title && !texts.contains(&"title");
        for &name in texts.iter().chain(title.then_some(&"title")) {
            if let Some(text) = element.attr(name) {
                self.attribute(name, text);
            }
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        if value.len() <= MAX_ATTRIBUTE_BYTES {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            self.escaped(value);
            self.out.push('"');
        }
    }

    fn text(&mut self, text: &str) {
        self.text_bytes += text.len();
        if self.text_bytes <= MAX_TEXT_BYTES {
            self.escaped(text);
        }
    }

    fn escaped(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                '\0' => {}
                _ => self.out.push(character),
            }
        }
    }

    fn close(&mut self, tag: &str) {
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push('>');
    }
}

/// The element that stands for one of this name. Those without a meaning of their own become `div`, so that the copy
/// nests in the second parser as the original did in the first.
fn shape(name: &str, in_link: bool) -> &'static str {
    match name {
        "a" if !in_link => "a",
        "area" => "area",
        "link" => "link",
        "img" => "img",
        "object" => "object",
        "abbr" => "abbr",
        // The parser does not know that the value of an `input` is in its attribute, as that of `data` is.
        "data" | "input" => "data",
        _ => "div",
    }
}

fn is_void(tag: &str) -> bool {
    matches!(tag, "area" | "img" | "link")
}
