//! The elements whose rules differ (HTML standard, "Tree construction"), as lists of names with spaces between.

/// Whether `name` is in a list of names with spaces between.
pub(super) fn is(name: &str, list: &str) -> bool {
    list.split(' ').any(|listed| listed == name)
}

/// What the start of an element ends when it is the innermost one.
pub(super) fn ended_by_start_of(name: &str) -> &'static str {
    match name {
        "li" => "li",
        "dd" | "dt" => "dd dt",
        "p" => "p",
        "option" => "option",
        "td" | "th" => "td th",
        "tr" => "td th tr",
        "tbody" | "thead" | "tfoot" => "td th tr tbody thead tfoot",
        _ => "",
    }
}

/// Elements without content; in SVG and MathML these names are ordinary.
pub(super) const VOID: &str = "area base basefont bgsound br col embed frame head hr image img input keygen link meta param source \
     track wbr";

/// What the end of an element ends along with itself.
pub(super) fn may_be_left_open_in(name: &str) -> &'static str {
    match name {
        "select" => "option",
        "table" => "p tbody td tfoot th thead tr",
        _ if is(name, TABLE_PART) => "p tbody td tfoot th thead tr",
        _ if is(name, BLOCK) => "dd dt li p",
        _ => "",
    }
}

/// Elements that mean nothing outside a table.
pub(super) const TABLE_PART: &str = "tbody td tfoot th thead tr";

/// Elements whose end tag also ends what may be left open in them.
pub(super) const BLOCK: &str = "address article aside blockquote center dd details dir div dl dt fieldset figcaption figure footer \
     header hgroup li main menu nav ol p pre section summary ul";

/// Elements that a parser opens again when a block ended before they did.
pub(super) const FORMATTING: &str = "a b big code em font i nobr s small strike strong tt u";

/// Elements whose content is text up to their own end tag (scripting counts as on, so `noscript` is one).
pub(super) const RAW_TEXT: &str = "iframe noembed noframes noscript script style textarea title xmp";

/// HTML elements that cannot be inside SVG or MathML and end it (HTML standard, "foreign content").
pub(super) const BREAKOUT: &str = "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li \
     listing menu meta nobr ol p pre ruby s small span strike strong sub sup table tt u ul var";
