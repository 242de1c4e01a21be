//! A look at a page before any parser builds a tree of it.
//!
//! HTML parsers take time quadratic in the depth of nesting, in the attributes of one tag, and in the formatting
//! elements left open; deep trees also overflow the stack of whoever walks them. One linear pass counts what a page
//! could make them do, and pages that no author writes are refused unparsed.
//!
//! The count is an upper bound. Where the rules of HTML are involved, an element counts as open for longer than a
//! browser would keep it, never for shorter: a stray `</x>` closes nothing, only the innermost element of its name.
//! A property test holds the count against the parser's own tree.

mod elements;
mod tags;

use elements::{BREAKOUT, FORMATTING, RAW_TEXT, TABLE_PART, VOID, ended_by_start_of, is, may_be_left_open_in};
use tags::{Scanner, Tag};

/// Most elements open at one place.
const MAX_OPEN: usize = 256;
/// Most tags of a page.
const MAX_TAGS: usize = 20_000;
/// Most attributes of one tag, and of all `html` and `body` tags together: those are merged.
const MAX_ATTRIBUTES: usize = 256;
/// `<b>` left open is opened again in every later paragraph, attributes and all. This bounds the sum of that.
const MAX_REOPENED: usize = 100_000;

/// Refuses pages that would be too much work; the reason is for the log.
pub(crate) fn check(page: &str) -> Result<(), &'static str> {
    measure(page).map(|_| ())
}

/// The greatest number of elements open at once.
fn measure(page: &str) -> Result<usize, &'static str> {
    let mut scanner = Scanner::new(page);
    let mut open = OpenElements::default();
    let (mut tags, mut deepest) = (0, 0);
    while let Some(tag) = scanner.next_tag(open.namespace() != Namespace::Html) {
        tags += 1;
        if tags > MAX_TAGS {
            return Err("too many tags");
        }
        if tag.attributes > MAX_ATTRIBUTES {
            return Err("too many attributes");
        }
        if tag.is_end {
            open.close(&tag.name)?;
        } else if open.start(&tag)? {
            scanner.skip_raw_text(&tag.name)?;
        }
        open.count_reopened()?;
        deepest = deepest.max(open.stack.len());
        if deepest > MAX_OPEN {
            return Err("nested too deeply");
        }
    }
    Ok(deepest)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Namespace {
    Html,
    Svg,
    Math,
}

#[derive(Debug)]
struct Element {
    name: String,
    namespace: Namespace,
    /// What opening every formatting element up to here again would cost.
    reopening: usize,
}

/// The elements that may still be open. What a browser closes by itself when it meets the next of its kind is left to
/// that; what it would only close under conditions stays.
#[derive(Debug, Default)]
struct OpenElements {
    stack: Vec<Element>,
    merged_attributes: usize,
    reopened: usize,
}

impl OpenElements {
    /// The rules that apply inside the innermost element: those of HTML also where SVG and MathML let it in.
    fn namespace(&self) -> Namespace {
        match self.stack.last() {
            Some(Element {
                namespace: Namespace::Svg,
                name,
                ..
            }) if is(name, "desc foreignobject title") => Namespace::Html,
            Some(Element {
                namespace: Namespace::Math,
                name,
                ..
            }) if is(name, "mi mn mo ms mtext") => Namespace::Html,
            Some(element) => element.namespace,
            None => Namespace::Html,
        }
    }

    /// Takes a start tag in; says whether raw text follows it.
    fn start(&mut self, tag: &Tag) -> Result<bool, &'static str> {
        let name = tag.name.as_str();
        let namespace = self.namespace();
        if namespace != Namespace::Html {
            // What these do depends on their attributes; no client page needs them.
            if is(name, "annotation-xml font") {
                return Err("an element of unusual rules");
            }
            if !is(name, BREAKOUT) {
                if !tag.self_closing {
                    self.push(tag, namespace);
                }
                return Ok(false);
            }
            self.leave_foreign();
        }
        self.start_html(tag)
    }

    fn start_html(&mut self, tag: &Tag) -> Result<bool, &'static str> {
        let name = tag.name.as_str();
        // After it a parser ignores nearly everything, or does not, by what came before.
        if name == "frameset" {
            return Err("an element of unusual rules");
        }
        if is(name, "html body") {
            self.merged_attributes += tag.attributes;
            return if self.merged_attributes > MAX_ATTRIBUTES {
                Err("too many attributes on html and body")
            } else {
                Ok(false)
            };
        }
        let foreign = match name {
            "svg" => Some(Namespace::Svg),
            "math" => Some(Namespace::Math),
            _ => None,
        };
        let is_ignored = is(name, TABLE_PART) && !self.has("table template");
        if is_ignored || is(name, VOID) || foreign.is_some() && tag.self_closing {
            return Ok(false);
        }
        let ends = ended_by_start_of(name);
        while self.stack.last().is_some_and(|top| is_html(top, ends)) {
            self.stack.pop();
        }
        // Inside these the parser may not switch to raw text, or may be elsewhere than this count believes.
        let certain = !self.has_foreign() && !self.has("select template");
        self.push(tag, foreign.unwrap_or(Namespace::Html));
        Ok(certain && is(name, RAW_TEXT))
    }

    fn push(&mut self, tag: &Tag, namespace: Namespace) {
        let own = if is(&tag.name, FORMATTING) {
            1 + tag.attributes
        } else {
            0
        };
        self.stack.push(Element {
            name: tag.name.clone(),
            namespace,
            reopening: own + self.reopening(),
        });
    }

    fn reopening(&self) -> usize {
        self.stack.last().map_or(0, |top| top.reopening)
    }

    fn close(&mut self, name: &str) -> Result<(), &'static str> {
        if self.namespace() != Namespace::Html && is(name, "br p") {
            self.leave_foreign();
        }
        if self.stack.last().is_some_and(|top| top.name == name) {
            self.stack.pop();
        } else if self.has_foreign() {
            // Here a stray end tag may reach through to HTML and end the SVG, and then all that follows means
            // something else.
            return Err("SVG or MathML with an end tag too many");
        } else {
            self.close_around_left_open(name);
        }
        Ok(())
    }

    /// `</ul>` also ends an `li` that nobody closed.
    fn close_around_left_open(&mut self, name: &str) {
        let left_open = |element: &&Element| element.name != name && is(&element.name, may_be_left_open_in(name));
        let rest = self.stack.len() - self.stack.iter().rev().take_while(left_open).count();
        if rest > 0 && self.stack[rest - 1].name == name {
            self.stack.truncate(rest - 1);
        }
    }

    fn has(&self, names: &str) -> bool {
        self.stack.iter().any(|element| is(&element.name, names))
    }

    fn has_foreign(&self) -> bool {
        self.stack.iter().any(|element| element.namespace != Namespace::Html)
    }

    /// HTML's own elements end an SVG or MathML that was not closed.
    fn leave_foreign(&mut self) {
        while self.namespace() != Namespace::Html {
            self.stack.pop();
        }
    }

    fn count_reopened(&mut self) -> Result<(), &'static str> {
        self.reopened += self.reopening();
        if self.reopened > MAX_REOPENED {
            return Err("too many formatting elements left open");
        }
        Ok(())
    }
}

fn is_html(element: &Element, list: &str) -> bool {
    element.namespace == Namespace::Html && is(&element.name, list)
}

#[cfg(test)]
mod tests;
