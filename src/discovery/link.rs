//! The `Link` header (RFC 8288 §3, parsed as its appendix B.2 advises): targets by their relation.
//!
//! IndieAuth "Redirect URL" lets a client publish its redirect URIs so, beside or instead of `link` elements, and
//! "Discovery by Clients" lets a person's page say so where apps are led. Headers come from strangers: bad quoting ends a parameter, not the process.

/// How many links are looked at, over all headers.
const MAX_LINKS: usize = 50;

const RELATION: &str = "redirect_uri";

/// The targets, as written, in order.
pub fn redirect_uri_targets<'a>(headers: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    targets(headers, RELATION)
}

/// The targets with this relation, as written, in order.
pub(crate) fn targets<'a>(headers: impl IntoIterator<Item = &'a str>, relation: &str) -> Vec<String> {
    headers
        .into_iter()
        .flat_map(|header| Links { rest: header })
        .take(MAX_LINKS)
        .filter(|link| link.has(relation))
        .map(|link| link.target)
        .collect()
}

struct Link {
    target: String,
    relations: String,
}

impl Link {
    fn has(&self, relation: &str) -> bool {
        self.relations
            .split_ascii_whitespace()
            .any(|known| known.eq_ignore_ascii_case(relation))
    }
}

struct Links<'a> {
    rest: &'a str,
}

impl Iterator for Links<'_> {
    type Item = Link;

    fn next(&mut self) -> Option<Link> {
        // Whatever stands before `<` is not a link: without this one broken entry would hide those after it.
        let (_, from_target) = self.rest.split_once('<')?;
        let Some((target, after_target)) = from_target.split_once('>') else {
            self.rest = "";
            return None;
        };
        let (parameters, rest) = parameters(after_target);
        self.rest = rest;
        let first = |wanted: &str| parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        // Only the first `rel` counts (§3.3). A link with an `anchor` speaks about another page than this.
        let relations = first("rel").filter(|_| first("anchor").is_none());
        Some(Link {
            target: target.trim().to_owned(),
            relations: relations.map_or_else(String::new, |(_, relations)| relations.clone()),
        })
    }
}

/// The parameters of one link, and what follows its comma.
fn parameters(text: &str) -> (Vec<(String, String)>, &str) {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ';']);
        if rest.is_empty() {
            return (found, rest);
        }
        if let Some(next) = rest.strip_prefix(',') {
            return (found, next);
        }
        let name_end = rest.find(['=', ';', ',']).unwrap_or(rest.len());
        let (name, after_name) = rest.split_at(name_end);
        let (value, after_value) = match after_name.strip_prefix('=') {
            Some(after_equals) => value(after_equals.trim_start_matches([' ', '\t'])),
            None => (String::new(), after_name),
        };
        found.push((name.trim().to_owned(), value));
        rest = after_value;
    }
}

/// A quoted string, where commas and semicolons are text, or a token.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ',']).unwrap_or(text.len());
        return (text[..end].trim().to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            _ => value.push(character),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn targets_are_found_in_every_spelling() {
        for (header, expected) in [
            (r#"</redirect>; rel="redirect_uri""#, &["/redirect"][..]),
            ("</redirect>;rel=redirect_uri", &["/redirect"]),
            ("</redirect> ; REL = REDIRECT_URI", &["/redirect"]),
            (
                r#"</redirect2>; rel="redirect_uri", </redirect>; rel="redirect_uri""#,
                &["/redirect2", "/redirect"],
            ),
            (r#"</a>; rel="me redirect_uri	self""#, &["/a"]),
            (r#"</a>; title="x, <y>; rel=z"; rel=redirect_uri"#, &["/a"]),
            (
                r#"</a>; title="say \"redirect_uri\", ok"; rel=me, </b>; rel=redirect_uri"#,
                &["/b"],
            ),
            (r#"</a?x=1,2;3>; rel=redirect_uri"#, &["/a?x=1,2;3"]),
            (r#"</a>; rel="redirect_uri"#, &["/a"]),
            (r#"</a>; rel=redirect_uri"; x, </b>; rel=redirect_uri"#, &["/b"]),
            ("junk, </b>; rel=redirect_uri", &["/b"]),
            ("</a>; nonsense; rel=redirect_uri", &["/a"]),
            ("<  /a >; rel=redirect_uri", &["/a"]),
            ("</a>;;; rel=redirect_uri;", &["/a"]),
            ("</a>; rel=me; rel=redirect_uri", &[]),
            ("</a>; anchor=\"/other\"; rel=redirect_uri", &[]),
            ("</a>; rel=redirect_uris", &[]),
            ("</a>; rev=redirect_uri", &[]),
            ("</a>", &[]),
            ("</a; rel=redirect_uri", &[]),
            ("", &[]),
        ] {
            assert_eq!(redirect_uri_targets([header]), expected, "{header}");
        }
    }

    #[test]
    fn several_headers_are_read_in_order() {
        let headers = ["</a>; rel=redirect_uri", "</b>; rel=me", "</c>; rel=redirect_uri"];
        assert_eq!(redirect_uri_targets(headers), ["/a", "/c"]);
    }

    #[test]
    fn only_the_first_fifty_links_count() {
        let header = (0..1000)
            .map(|n| format!("</{n}>; rel=redirect_uri"))
            .collect::<Vec<_>>()
            .join(", ");
        let found = redirect_uri_targets([header.as_str()]);
        assert_eq!((found.len(), found.last().map(String::as_str)), (50, Some("/49")));
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(header in r#"([<>;,="\\ \t]|rel|redirect_uri|\PC){0,60}"#) {
            let _ = redirect_uri_targets([header.as_str()]);
        }

        #[test]
        fn a_good_link_is_found_after_any_number_of_others(others in proptest::collection::vec("</[a-z]{1,5}>; rel=[a-z]{1,5}", 0..40)) {
            let header = others.into_iter().chain(["</cb>; rel=redirect_uri".to_owned()]).collect::<Vec<_>>().join(",");
            prop_assert_eq!(redirect_uri_targets([header.as_str()]), ["/cb"]);
        }
    }
}
