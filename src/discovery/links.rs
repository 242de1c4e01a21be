//! The links by which a person's own page says whose it is: where it leads apps, and which other pages are the same
//! person's (IndieAuth "Discovery by Clients", microformats `rel=me`).

use scraper::{ElementRef, Html};
use url::Url;

use super::element::is_shown;
use super::html::{base_url, trim_html};
use super::link;
use super::scan;

/// Most `rel=me` links that are looked at.
const MAX_ME: usize = 200;

/// What a page links to, made absolute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageLinks {
    /// The first `rel=indieauth-metadata`: that of a header before that of the page.
    pub metadata: Option<Url>,
    /// Every `rel=me`.
    pub me: Vec<Url>,
}

impl PageLinks {
    /// The links in `Link` headers.
    pub(crate) fn in_headers(headers: &[String], page: &Url) -> PageLinks {
        let targets = |relation| link::targets(headers.iter().map(String::as_str), relation);
        let absolute = |target: &String| page.join(target).ok();
        PageLinks {
            metadata: targets("indieauth-metadata").iter().find_map(absolute),
            me: targets("me").iter().filter_map(absolute).take(MAX_ME).collect(),
        }
    }

    /// The links in a page. Computes for a while: call it on a blocking thread.
    ///
    /// # Errors
    /// For a page that no parser should touch; the reason is for the log.
    pub(crate) fn in_page(html: &str, page: &Url) -> Result<PageLinks, &'static str> {
        scan::check(html)?;
        let document = Html::parse_document(html);
        let found = Found::in_tree(&document);
        let base = base_url(found.base, page);
        let absolute = |href: &&str| base.join(href).ok();
        Ok(PageLinks {
            metadata: found.metadata.iter().find_map(absolute),
            me: found.me.iter().filter_map(absolute).collect(),
        })
    }

    /// With what `page` has besides.
    pub(crate) fn and(mut self, page: PageLinks) -> PageLinks {
        self.metadata = self.metadata.or(page.metadata);
        self.me.extend(page.me);
        self
    }
}

#[derive(Default)]
struct Found<'a> {
    base: Option<&'a str>,
    metadata: Vec<&'a str>,
    me: Vec<&'a str>,
}

impl<'a> Found<'a> {
    /// Walks the tree with a list of its own: recursion overflows the stack on deep pages.
    fn in_tree(document: &'a Html) -> Found<'a> {
        let mut found = Found::default();
        let mut pending: Vec<ElementRef<'a>> = document.tree.root().children().filter_map(ElementRef::wrap).collect();
        while let Some(element) = pending.pop() {
            if !is_shown(&element) {
                continue;
            }
            found.note(element);
            let children: Vec<ElementRef<'a>> = element.child_elements().collect();
            pending.extend(children.into_iter().rev());
        }
        found
    }

    fn note(&mut self, element: ElementRef<'a>) {
        let Some(href) = element.attr("href").map(trim_html).filter(|href| !href.is_empty()) else {
            return;
        };
        match element.value().name() {
            "base" if self.base.is_none() => self.base = Some(href),
            "link" if is_related(&element, "indieauth-metadata") => self.metadata.push(href),
            // What visitors may write into a page is not the person's word, if the page says so.
            "link" | "a" if is_related(&element, "me") && !is_related(&element, "ugc") && self.me.len() < MAX_ME => {
                self.me.push(href);
            }
            _ => {}
        }
    }
}

/// `rel` is a set of words, compared without case (HTML standard, "Link types").
fn is_related(element: &ElementRef<'_>, relation: &str) -> bool {
    let relations = element.attr("rel").unwrap_or_default();
    relations
        .split_ascii_whitespace()
        .any(|known| known.eq_ignore_ascii_case(relation))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Url {
        "https://alice.example/about/me".parse().unwrap()
    }

    fn in_page(html: &str) -> (Option<String>, Vec<String>) {
        let links = PageLinks::in_page(html, &page()).unwrap();
        (
            links.metadata.map(String::from),
            links.me.into_iter().map(String::from).collect(),
        )
    }

    #[test]
    fn links_are_found_where_pages_have_them() {
        let id = "https://id.example/";
        for (html, metadata, me) in [
            (
                r#"<link rel="indieauth-metadata" href="https://id.example/">"#,
                Some(id),
                &[][..],
            ),
            (
                r#"<LINK REL="x IndieAuth-Metadata" HREF=" https://id.example/ ">"#,
                Some(id),
                &[],
            ),
            (
                r#"<link rel=indieauth-metadata href=https://id.example/><link rel=indieauth-metadata href=/b>"#,
                Some(id),
                &[],
            ),
            (r#"<link rel="indieauth-metadata">"#, None, &[]),
            (r#"<a rel="indieauth-metadata" href="https://id.example/">"#, None, &[]),
            (r#"<!-- <link rel=me href=https://id.example/> -->"#, None, &[]),
            (
                r#"<template><link rel=me href=https://id.example/></template>"#,
                None,
                &[],
            ),
            (
                r#"<script>"<link rel=me href=https://id.example/>"</script>"#,
                None,
                &[],
            ),
            (r#"<p>&lt;link rel=me href=https://id.example/&gt;"#, None, &[]),
            (r#"<link rel="me" href="https://id.example/">"#, None, &[id]),
            (
                r#"<p><a rel="nofollow Me" href="https://id.example/">x</a>"#,
                None,
                &[id],
            ),
            (r#"<a rel="ugc me" href="https://id.example/">x</a>"#, None, &[]),
            (r#"<area rel=me href="https://id.example/">"#, None, &[]),
            (r#"<a rel="home" href="https://id.example/">x</a>"#, None, &[]),
            (r#"<a rel="me" href="../x">x</a>"#, None, &["https://alice.example/x"]),
            (
                r#"<base href="https://id.example/"><a rel="me" href="y">x</a>"#,
                None,
                &["https://alice.example/about/y"],
            ),
        ] {
            let me = me.iter().map(|&url| url.to_owned()).collect();
            assert_eq!(in_page(html), (metadata.map(str::to_owned), me), "{html}");
        }
    }

    #[test]
    fn a_header_goes_before_the_page() {
        let headers = [r#"</m>; rel="indieauth-metadata", <https://id.example/@alice>; rel=me"#.to_owned()];
        let both = PageLinks::in_headers(&headers, &page())
            .and(PageLinks::in_page("<link rel=indieauth-metadata href=/n><link rel=me href=/me>", &page()).unwrap());
        assert_eq!(both.metadata.unwrap().as_str(), "https://alice.example/m");
        let me: Vec<&str> = both.me.iter().map(Url::as_str).collect();
        assert_eq!(me, ["https://id.example/@alice", "https://alice.example/me"]);
    }

    #[test]
    fn a_page_that_is_too_much_work_is_not_read() {
        assert!(PageLinks::in_page(&"<div>".repeat(1000), &page()).is_err());
        let many = "<link rel=me href=/x>".repeat(1000);
        assert_eq!(PageLinks::in_page(&many, &page()).unwrap().me.len(), MAX_ME);
    }

    proptest::proptest! {
        #[test]
        fn no_page_makes_it_panic(html in r#"([<>"=/ ]|link|base|rel|me|href|\PC){0,80}"#) {
            let _ = PageLinks::in_page(&html, &page());
        }
    }
}
