//! Which language to write in, where the person has not chosen one: `ui_locales` (OpenID Connect Core §3.1.2.1), then
//! `Accept-Language` (RFC 9110 §12.5.4), then English. Matching is the "lookup" of RFC 4647 §3.4: `ja-JP` finds `ja`.

use std::hash::{Hash, Hasher};

/// The language used when nothing else fits.
pub(super) const FALLBACK: &str = "en";

/// How many entries of a preference list are looked at. Longer lists come from no browser.
const MAX_PREFERENCES: usize = 32;

/// A language the server can write in: the tag of an embedded locale file.
#[derive(Debug, Clone, Copy)]
pub struct Language {
    tag: &'static str,
    right_to_left: bool,
}

impl Language {
    pub(super) fn new(tag: &'static str, right_to_left: bool) -> Self {
        Language { tag, right_to_left }
    }

    /// The BCP 47 tag, as in `<html lang>` and `Content-Language`.
    pub fn tag(self) -> &'static str {
        self.tag
    }

    /// `ltr` or `rtl`, as in `<html dir>`.
    pub fn direction(self) -> &'static str {
        if self.right_to_left { "rtl" } else { "ltr" }
    }
}

/// One tag, one language: the direction follows from it.
impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.tag == other.tag
    }
}

impl Eq for Language {}

impl Hash for Language {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.tag.hash(state);
    }
}

/// The languages there are locale files for. Never empty.
#[derive(Debug, Clone)]
pub struct Languages {
    known: Vec<Language>,
    fallback: Language,
}

impl Languages {
    pub(super) fn new(known: Vec<Language>) -> Self {
        let english = known.iter().copied().find(|language| language.tag == FALLBACK);
        Languages {
            fallback: english.unwrap_or(Language::new(FALLBACK, false)),
            known,
        }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Language> + '_ {
        self.known.iter().copied()
    }

    /// The one with this tag.
    pub fn find(&self, tag: &str) -> Option<Language> {
        self.iter().find(|language| language.tag == tag)
    }

    /// Picks the best language for a visitor. `ui_locales` is the request parameter (tags separated by spaces, best
    /// first), `accept_language` the header. Whatever cannot be read is passed over: this never fails.
    pub fn negotiate(&self, ui_locales: Option<&str>, accept_language: Option<&str>) -> Language {
        let asked = ui_locales
            .unwrap_or_default()
            .split_ascii_whitespace()
            .take(MAX_PREFERENCES);
        let accepted = preferences(accept_language.unwrap_or_default());
        asked
            .chain(accepted)
            .find_map(|range| self.lookup(range))
            .unwrap_or(self.fallback)
    }

    /// Tries the range, then the range without its last subtag, and so on.
    fn lookup(&self, range: &str) -> Option<Language> {
        let mut range = range;
        loop {
            if let Some(found) = self
                .known
                .iter()
                .find(|language| language.tag.eq_ignore_ascii_case(range))
            {
                return Some(*found);
            }
            range = range.rsplit_once('-')?.0;
        }
    }
}

/// The ranges of an `Accept-Language` header, best first; those with `q=0` are left out.
fn preferences(header: &str) -> Vec<&str> {
    let mut ranges: Vec<(&str, f32)> = header.split(',').take(MAX_PREFERENCES).filter_map(weighted).collect();
    ranges.sort_by(|left, right| right.1.total_cmp(&left.1));
    ranges.into_iter().map(|(range, _)| range).collect()
}

fn weighted(entry: &str) -> Option<(&str, f32)> {
    let mut parts = entry.split(';').map(str::trim);
    let range = parts.next().filter(|range| !range.is_empty())?;
    let weight = match parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="))) {
        Some(text) => text.trim().parse().ok().filter(|q| (0.0..=1.0).contains(q))?,
        None => 1.0,
    };
    (weight > 0.0).then_some((range, weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn languages() -> Languages {
        Languages::new(vec![
            Language::new("ar", true),
            Language::new("en", false),
            Language::new("ja", false),
        ])
    }

    #[test]
    fn the_best_known_language_is_picked() {
        let cases = [
            (None, None, "en"),
            (Some(""), Some(""), "en"),
            (None, Some("ja"), "ja"),
            (None, Some("ja-JP,en;q=0.5"), "ja"),
            (None, Some("en;q=0.5, ja;q=0.9"), "ja"),
            (None, Some("de, fr;q=0.9"), "en"),
            (None, Some("de,ja;q=0.1,en;q=0.2"), "en"),
            (None, Some("ja;q=0"), "en"),
            (None, Some("ja;q=0.000, ar;q=0.001"), "ar"),
            (None, Some("*"), "en"),
            (None, Some("JA-jp-x-private"), "ja"),
            (None, Some("ja;q=2, ar;q=nan, en;q=-1"), "en"),
            (None, Some(",;q=1, ;,ja"), "ja"),
            (None, Some("ja ; Q=0.8 , en ; q=0.7"), "ja"),
            (Some("ja"), Some("en"), "ja"),
            (Some("fr ja-JP en"), Some("en"), "ja"),
            (Some("fr de"), Some("ja"), "ja"),
            (Some("en-GB ja"), Some("ja"), "en"),
            (Some("jam"), None, "en"),
        ];
        for (ui_locales, accept_language, expected) in cases {
            let picked = languages().negotiate(ui_locales, accept_language);
            assert_eq!(picked.tag(), expected, "{ui_locales:?} {accept_language:?}");
        }
    }

    #[test]
    fn a_tag_decides_the_direction() {
        assert_eq!(languages().negotiate(None, Some("ar-EG")).direction(), "rtl");
        assert_eq!(languages().negotiate(None, Some("ja")).direction(), "ltr");
    }

    proptest::proptest! {
        #[test]
        fn any_header_picks_a_language_there_is(asked in "\\PC{0,60}", accepted in "\\PC{0,80}|[a-zA-Z,;=q.0-9 -]{0,80}") {
            let languages = languages();
            let picked = languages.negotiate(Some(&asked), Some(&accepted));
            proptest::prop_assert!(languages.iter().any(|known| known == picked));
        }
    }
}
