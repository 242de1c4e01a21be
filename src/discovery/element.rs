//! What an element of a parsed page is to those who read it: shown to people or not, and the root of a microformat.

use scraper::ElementRef;

const HTML_NAMESPACE: &str = "http://www.w3.org/1999/xhtml";

/// Roots of microformats: a `h-app` inside one of them is that one's property, not the page's. The list is closed
/// because style sheets use `h-full` and the like.
const MICROFORMATS: [&str; 17] = [
    "h-adr",
    "h-app",
    "h-card",
    "h-cite",
    "h-entry",
    "h-event",
    "h-feed",
    "h-geo",
    "h-item",
    "h-listing",
    "h-measure",
    "h-product",
    "h-recipe",
    "h-resume",
    "h-review",
    "h-review-aggregate",
    "h-x-app",
];

/// Whether an element is HTML that browsers render. The tree keeps the content of a `template` below it, and an SVG
/// may have elements of any name.
pub(super) fn is_shown(element: &ElementRef<'_>) -> bool {
    let name = &element.value().name;
    &*name.ns == HTML_NAMESPACE && !matches!(&*name.local, "template" | "noscript" | "script" | "style")
}

/// Whether it is the root of a microformat.
pub(super) fn is_microformat(element: &ElementRef<'_>) -> bool {
    has_class(element, &MICROFORMATS)
}

/// Whether it has one of these classes.
pub(super) fn has_class(element: &ElementRef<'_>, wanted: &[&str]) -> bool {
    element.value().classes().any(|class| wanted.contains(&class))
}
