//! The tags of a page, one after the other, as an HTML tokenizer would see them (HTML standard, "Tokenization").

/// One start or end tag.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tag {
    /// In lower case.
    pub(super) name: String,
    pub(super) is_end: bool,
    pub(super) self_closing: bool,
    pub(super) attributes: usize,
}

pub(super) struct Scanner<'a> {
    rest: &'a [u8],
}

impl<'a> Scanner<'a> {
    pub(super) fn new(page: &'a str) -> Scanner<'a> {
        Scanner { rest: page.as_bytes() }
    }

    /// The next tag. `CDATA` sections exist only in SVG and MathML.
    pub(super) fn next_tag(&mut self, in_foreign: bool) -> Option<Tag> {
        loop {
            self.skip_to(|byte| byte == b'<')?;
            match self.rest {
                [b'<', b'!', b'-', b'-', ..] => self.skip_comment(),
                [b'<', b'!', b'[', b'C', b'D', b'A', b'T', b'A', b'[', ..] if in_foreign => self.skip_past(b"]]>"),
                [b'<', b'/', letter, ..] if letter.is_ascii_alphabetic() => {
                    self.rest = &self.rest[2..];
                    return self.tag(true);
                }
                [b'<', letter, ..] if letter.is_ascii_alphabetic() => {
                    self.rest = &self.rest[1..];
                    return self.tag(false);
                }
                // A doctype, or what browsers take for a comment.
                [b'<', b'!' | b'?' | b'/', ..] => self.skip_past(b">"),
                _ => self.rest = &self.rest[1..],
            }
        }
    }

    /// Moves on to the end tag of an element whose content is text.
    pub(super) fn skip_raw_text(&mut self, name: &str) -> Result<(), &'static str> {
        let content = self.rest;
        let end = (0..content.len()).find(|&at| is_end_tag(&content[at..], name.as_bytes()));
        let (text, rest) = content.split_at(end.unwrap_or(content.len()));
        // `<!-- <script>` inside a script moves its end; whoever writes that does not describe a client.
        if name == "script"
            && position(text, b"<!--").is_some_and(|comment| position(&text[comment..], b"<script").is_some())
        {
            return Err("a script inside a comment inside a script");
        }
        self.rest = rest;
        Ok(())
    }

    fn tag(&mut self, is_end: bool) -> Option<Tag> {
        let name = self.take_while(|byte| !is_space(byte) && byte != b'/' && byte != b'>');
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        let mut attributes = 0;
        loop {
            let separator = self.take_while(|byte| is_space(byte) || byte == b'/');
            let self_closing = separator.ends_with(b"/");
            match *self.rest.first()? {
                b'>' => {
                    self.rest = &self.rest[1..];
                    return Some(Tag {
                        name,
                        is_end,
                        self_closing,
                        attributes,
                    });
                }
                _ => {
                    attributes += 1;
                    self.skip_attribute()?;
                }
            }
        }
    }

    fn skip_attribute(&mut self) -> Option<()> {
        // A first `=` belongs to the name.
        self.rest = &self.rest[1..];
        self.take_while(|byte| !is_space(byte) && !matches!(byte, b'/' | b'>' | b'='));
        let before_equals = self.rest;
        self.take_while(is_space);
        if self.rest.first() != Some(&b'=') {
            self.rest = before_equals;
            return Some(());
        }
        self.rest = &self.rest[1..];
        self.take_while(is_space);
        match *self.rest.first()? {
            quote @ (b'"' | b'\'') => {
                self.rest = &self.rest[1..];
                self.skip_to(|byte| byte == quote)?;
                self.rest = &self.rest[1..];
            }
            _ => {
                self.take_while(|byte| !is_space(byte) && byte != b'>');
            }
        }
        Some(())
    }

    fn skip_comment(&mut self) {
        self.rest = &self.rest[4..];
        for empty in [&b">"[..], b"->"] {
            if let Some(rest) = self.rest.strip_prefix(empty) {
                self.rest = rest;
                return;
            }
        }
        let end = (0..self.rest.len()).find_map(|at| {
            let end = ["-->", "--!>"]
                .into_iter()
                .find(|end| self.rest[at..].starts_with(end.as_bytes()))?;
            Some(at + end.len())
        });
        self.rest = &self.rest[end.unwrap_or(self.rest.len())..];
    }

    fn skip_past(&mut self, end: &[u8]) {
        let at = position(self.rest, end).map_or(self.rest.len(), |at| at + end.len());
        self.rest = &self.rest[at..];
    }

    fn skip_to(&mut self, wanted: impl Fn(u8) -> bool) -> Option<()> {
        let at = self.rest.iter().position(|&byte| wanted(byte));
        self.rest = &self.rest[at.unwrap_or(self.rest.len())..];
        at.map(|_| ())
    }

    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let end = self
            .rest
            .iter()
            .position(|&byte| !wanted(byte))
            .unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0C)
}

fn is_end_tag(text: &[u8], name: &[u8]) -> bool {
    text.strip_prefix(b"</")
        .and_then(|rest| rest.split_at_checked(name.len()))
        .is_some_and(|(start, rest)| {
            start.eq_ignore_ascii_case(name)
                && rest
                    .first()
                    .is_some_and(|&byte| is_space(byte) || b"/>".contains(&byte))
        })
}

/// Where `wanted` first stands, letters compared without case.
fn position(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len())
        .position(|window| window.eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tags(page: &str) -> Vec<String> {
        let mut scanner = Scanner::new(page);
        std::iter::from_fn(|| scanner.next_tag(false))
            .map(|tag| {
                let slash = if tag.is_end { "/" } else { "" };
                let closing = if tag.self_closing { "/" } else { "" };
                format!("{slash}{}{closing}:{}", tag.name, tag.attributes)
            })
            .collect()
    }

    #[test]
    fn tags_are_told_from_text_and_comments() {
        for (page, expected) in [
            ("a <DIV class=x> b </Div >", &["div:1", "/div:0"][..]),
            ("1 < 2 <3 <-", &[]),
            ("<br/><br / ><img src=x/>", &["br/:0", "br:0", "img:1"]),
            (r#"<a title="x > y" b='>' c = d e>"#, &["a:4"]),
            (r#"<a ="x"y="z" =>"#, &["a:2"]),
            ("<a href=>text</a>", &["a:1", "/a:0"]),
            (
                "<!-- <b> --><i><!--><u><!---><s><!-- --!><q>",
                &["i:0", "u:0", "s:0", "q:0"],
            ),
            ("<!-- <b>", &[]),
            ("<!doctype html><b><?php <i> ?></>", &["b:0"]),
            ("</ div><b>", &["b:0"]),
            ("<![CDATA[<b>]]>", &[]),
            ("<a x=\"", &[]),
            ("<a x", &[]),
            ("<custom-element\nx>", &["custom-element:1"]),
        ] {
            assert_eq!(tags(page), expected, "{page}");
        }
    }

    #[test]
    fn raw_text_ends_at_its_own_end_tag_only() {
        let mut scanner = Scanner::new("<script> '</b></scripts>' </SCRIPT ><i>");
        assert_eq!(scanner.next_tag(false).unwrap().name, "script");
        scanner.skip_raw_text("script").unwrap();
        assert_eq!(scanner.next_tag(false).unwrap().name, "script");
        assert_eq!(scanner.next_tag(false).unwrap().name, "i");
        assert!(Scanner::new("<!-- <Script </script>").skip_raw_text("script").is_err());
        assert!(Scanner::new("<script <!-- </script>").skip_raw_text("script").is_ok());
    }

    proptest! {
        #[test]
        fn no_page_makes_it_panic(page in r#"([<>/="'! \-?]|--|CDATA|a|\PC){0,80}"#) {
            tags(&page);
        }
    }
}
