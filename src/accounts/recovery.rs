//! Recovery codes: for somebody whose authenticator app is out of reach. Ten of 80 random bits each, so a fast digest is
//! right, and letters that can be copied from paper.

use unicode_normalization::UnicodeNormalization;

use crate::oauth::secret::{Digest, RecoveryCode, random_id};

/// How many a person gets at a time.
pub const CODES: usize = 10;
/// Letters of one, five bits each.
const LETTERS: usize = 16;

/// Fresh codes, to be shown once.
#[derive(Debug)]
pub struct RecoveryCodes(Vec<String>);

impl RecoveryCodes {
    /// Ten new ones.
    pub fn generate() -> RecoveryCodes {
        let code = |_| random_id(&mut rand::rng())[..LETTERS].to_owned();
        RecoveryCodes((0..CODES).map(code).collect())
    }

    /// What is kept of them.
    pub(super) fn digests(&self) -> Vec<Digest<RecoveryCode>> {
        self.0.iter().map(|code| Digest::of(code)).collect()
    }

    /// As a person writes them down.
    pub fn shown(&self) -> Vec<String> {
        let grouped = |code: &String| {
            let letters: Vec<char> = code.chars().collect();
            let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
            groups.join("-")
        };
        self.0.iter().map(grouped).collect()
    }
}

/// The digest of what somebody typed, if it can be a code: however it is grouped, in whichever case, and with the digits
/// that no code has read as the letters they look like.
pub(super) fn typed(text: &str) -> Option<Digest<RecoveryCode>> {
    if text.len() > 256 {
        return None;
    }
    let code: String = text
        .nfkc()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| match c.to_ascii_lowercase() {
            '0' => 'o',
            '1' => 'l',
            c => c,
        })
        .collect();
    let letters = code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    (letters && code.len() == LETTERS).then(|| Digest::of(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_codes_are_shown_in_groups_and_no_two_are_alike() {
        let codes = RecoveryCodes::generate();
        let mut shown = codes.shown();
        assert!(
            shown
                .iter()
                .all(|code| code.len() == 19 && code.split('-').all(|group| group.len() == 4))
        );
        shown.sort();
        shown.dedup();
        assert_eq!(shown.len(), CODES);
    }

    #[test]
    fn a_code_is_known_however_it_is_typed() {
        let codes = RecoveryCodes(vec!["abco2345lmno7654".to_owned()]);
        let digest = &codes.digests()[0];
        for text in [
            "abco-2345-lmno-7654",
            " ABCO 2345 LMNO 7654 ",
            "abco2345lmno7654",
            "abc0-2345-1mn0-7654",
            "ａｂｃｏ２３４５ｌｍｎｏ７６５４",
        ] {
            assert!(typed(text).is_some_and(|typed| typed == *digest), "{text}");
        }
        for text in [
            "",
            "123456",
            "abco-2345-lmno-765",
            "abco-2345-lmno-76545",
            &"a".repeat(10_000),
        ] {
            assert!(typed(text).is_none(), "{text}");
        }
        assert!(typed("abco-2345-lmno-7655").is_some_and(|typed| typed != *digest));
    }
}
