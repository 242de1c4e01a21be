//! Codes of authenticator apps (RFC 6238): six digits, a new one every 30 seconds, SHA-1, because every app knows these
//! and some know nothing else. The code before and the one after are taken as well: clocks differ, and people type.

use rand_core::CryptoRng;
use time::OffsetDateTime;
use totp_rs::{Algorithm, Builder, Secret as SharedSecret, Totp, TotpError};
use unicode_normalization::UnicodeNormalization;

/// RFC 4226 §4 recommends 160 bits.
const SECRET_BYTES: usize = 20;
const DIGITS: u8 = 6;
const STEP_SECONDS: u64 = 30;
/// How many steps before and after the present one are taken (RFC 6238 §5.2).
const SKEW: u16 = 1;

/// The secret that an authenticator app shares with this server.
pub struct TotpSecret([u8; SECRET_BYTES]);

impl TotpSecret {
    /// A new one.
    pub fn generate(random: &mut impl CryptoRng) -> TotpSecret {
        let mut bytes = [0; SECRET_BYTES];
        random.fill_bytes(&mut bytes);
        TotpSecret(bytes)
    }

    /// Reads one as it is kept.
    pub fn from_bytes(bytes: &[u8]) -> Option<TotpSecret> {
        bytes.try_into().ok().map(TotpSecret)
    }

    /// Reads one as it is shown.
    pub fn parse(text: &str) -> Option<TotpSecret> {
        let secret = SharedSecret::try_from_base32(text).ok()?;
        TotpSecret::from_bytes(secret.as_bytes())
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As it is shown to a person, and typed where a picture cannot be read.
    pub fn to_base32(&self) -> String {
        SharedSecret::from(self.0.to_vec()).to_base32()
    }

    /// The address that the picture holds: `issuer` is this server's host, without a port.
    ///
    /// # Errors
    /// When one of the two has a colon.
    pub fn uri(&self, issuer: &str, username: &str) -> Result<String, TotpError> {
        let builder = self.builder().with_issuer(Some(issuer)).with_account_name(username);
        builder.build()?.to_url()
    }

    /// The time step whose code this is, if it is one of now.
    pub fn step_of(&self, typed: &str, now: OffsetDateTime) -> Option<i64> {
        let code = digits(typed)?;
        let now = u64::try_from(now.unix_timestamp()).ok()?;
        let step = self.totp()?.check(&code, now)?;
        i64::try_from(step).ok()
    }

    fn totp(&self) -> Option<Totp> {
        self.builder().build().ok()
    }

    fn builder(&self) -> Builder {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(DIGITS)
            .with_skew(SKEW)
            .with_step_duration(STEP_SECONDS)
            .with_secret(self.0.to_vec())
    }
}

/// Six digits, however they were typed: in groups, or in the wide digits of a Japanese keyboard.
fn digits(typed: &str) -> Option<String> {
    if typed.len() > 64 {
        return None;
    }
    let code: String = typed.nfkc().filter(|c| !c.is_whitespace() && *c != '-').collect();
    (code.len() == usize::from(DIGITS) && code.bytes().all(|b| b.is_ascii_digit())).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238 Appendix B.
    fn secret() -> TotpSecret {
        TotpSecret::from_bytes(b"12345678901234567890").unwrap()
    }

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(seconds).unwrap()
    }

    #[test]
    fn codes_match_the_vectors_of_rfc_6238() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret().step_of(code, at(seconds)), Some(seconds / 30), "{code}");
        }
    }

    #[test]
    fn the_code_before_and_the_one_after_are_taken_and_no_others() {
        let (code, step) = ("050471", 1_111_111_111 / 30);
        let begin = step * 30;
        for (seconds, taken) in [
            (begin - 31, false),
            (begin - 30, true),
            (begin, true),
            (begin + 59, true),
            (begin + 60, false),
        ] {
            assert_eq!(secret().step_of(code, at(seconds)).is_some(), taken, "{seconds}");
        }
    }

    #[test]
    fn a_code_is_six_digits_however_they_are_typed() {
        for typed in ["050 471", " 050471 ", "050-471", "０５０４７１"] {
            assert!(secret().step_of(typed, at(1_111_111_111)).is_some(), "{typed}");
        }
        let long = "0".repeat(100_000);
        for typed in ["", "50471", "0050471", "05047a", "-50471", "٠٥٠٤٧١", &long] {
            assert!(secret().step_of(typed, at(1_111_111_111)).is_none(), "{typed}");
        }
    }

    #[test]
    fn a_secret_is_read_back_as_it_was_shown() {
        let secret = TotpSecret::generate(&mut rand::rng());
        let shown = secret.to_base32();
        assert_eq!(shown.len(), 32);
        assert_eq!(TotpSecret::parse(&shown).unwrap().as_bytes(), secret.as_bytes());
        for wrong in ["", "MFRGG", "not base32!", &shown[1..], &format!("{shown}MFRGGZDF")] {
            assert!(TotpSecret::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn the_picture_says_where_and_who() {
        let uri = secret().uri("id.example", "alice").unwrap();
        assert_eq!(
            uri,
            "otpauth://totp/id.example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=id.example"
        );
    }
}
