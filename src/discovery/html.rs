//! The HTML page of a client: `link` elements that publish redirect URIs, and the h-app that names it.
//!
//! IndieAuth "Redirect URL" and "Application Information" (11 July 2024 and 12 February 2022): the older way, which
//! most small clients still use. Only `link` elements count. An `a` with the same relation, a comment, a script or a
//! template can be the words of a stranger on the client's page.

use scraper::{ElementRef, Html};
use url::Url;

use super::document::Described;
use super::element::{has_class, is_microformat, is_shown};
use super::h_app;
use super::listed::{Listed, MAX_LISTED};
use super::refusal::{Refusal, Source, Step};
use super::scan;
use crate::oauth::client::{ClientUrl, DisplayMetadata};

/// Reads the page found at `id`. Computes for a while: call it on a blocking thread.
pub(crate) fn parse(page: &str, id: &ClientUrl) -> Result<Described, Refusal> {
    scan::check(page).map_err(unreadable)?;
    let document = Html::parse_document(page);
    let found = Found::in_page(&document);
    let base = base_url(found.base, id.url());
    let app = h_app::speaking_for(id, &found.apps, &base);
    Ok(Described {
        display: DisplayMetadata {
            name: app.name,
            logo_uri: app.logo_uri,
            ..DisplayMetadata::default()
        },
        redirect_uris: Listed::resolve(found.links, &base),
        refreshes: false,
    })
}

/// The refusal of a page that no parser should touch, or that one gave up on.
pub(crate) fn unreadable(detail: impl Into<String>) -> Refusal {
    Refusal::new(Step::Page, "the client's page could not be read", detail)
        .with_status(200)
        .with_source(Source::Page)
}

/// The parts of a page that say something.
#[derive(Debug, Default)]
struct Found<'a> {
    base: Option<&'a str>,
    links: Vec<&'a str>,
    apps: Vec<ElementRef<'a>>,
}

impl<'a> Found<'a> {
    /// Walks the tree with a list of its own: recursion overflows the stack on deep pages.
    fn in_page(document: &'a Html) -> Found<'a> {
        let mut found = Found::default();
        let mut pending: Vec<(ElementRef<'a>, bool)> = document
            .tree
            .root()
            .children()
            .filter_map(ElementRef::wrap)
            .map(|element| (element, false))
            .collect();
        while let Some((element, in_microformat)) = pending.pop() {
            if !is_shown(&element) {
                continue;
            }
            found.note(element, in_microformat);
            let in_microformat = in_microformat || is_microformat(&element);
            let children: Vec<ElementRef<'a>> = element.child_elements().collect();
            pending.extend(children.into_iter().rev().map(|child| (child, in_microformat)));
        }
        found
    }

    fn note(&mut self, element: ElementRef<'a>, in_microformat: bool) {
        let href = || element.attr("href");
        match element.value().name() {
            "base" if self.base.is_none() => self.base = href(),
            "link" if self.links.len() < MAX_LISTED && is_redirect_link(&element) => {
                self.links.extend(href().map(trim_html).filter(|href| !href.is_empty()));
            }
            _ => {}
        }
        if !in_microformat && has_class(&element, &["h-app", "h-x-app"]) {
            self.apps.push(element);
        }
    }
}

/// `rel` is a set of words, compared without case (HTML standard, "Link types").
fn is_redirect_link(link: &ElementRef<'_>) -> bool {
    let relations = link.attr("rel").unwrap_or_default();
    relations
        .split_ascii_whitespace()
        .any(|relation| relation.eq_ignore_ascii_case("redirect_uri"))
}

pub(super) fn trim_html(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_ascii_whitespace())
}

/// The one rule for `<base>`: the first that has an `href` counts, if it stays on the origin of the page. A client
/// lives on its own origin; whoever can only plant a `<base>` there must not move its redirect URIs elsewhere.
pub(super) fn base_url(base: Option<&str>, page: &Url) -> Url {
    base.and_then(|href| page.join(href).ok())
        .filter(|base| base.origin() == page.origin() && page.origin().is_tuple())
        .unwrap_or_else(|| page.clone())
}

#[cfg(test)]
mod tests;
