//! Proof Key for Code Exchange (RFC 7636): only the client that began a request can redeem its code. Method `S256`
//! only; `plain` protects nobody who can read the request.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

use super::error::ProtocolError;

/// An S256 `code_challenge` (RFC 7636 §4.2): 43 characters of base64url, the SHA-256 of a verifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// Reads a code challenge.
    ///
    /// # Errors
    /// `invalid_request` when it cannot be the S256 of anything.
    pub fn parse(raw: &str) -> Result<CodeChallenge, ProtocolError> {
        let digest = BASE64_URL_SAFE_NO_PAD.decode(raw).unwrap_or_default();
        if digest.len() != 32 {
            const MALFORMED: &str = "code_challenge must be the unpadded base64url SHA-256 of the verifier";
            return Err(ProtocolError::invalid_request(MALFORMED));
        }
        Ok(CodeChallenge(raw.to_owned()))
    }

    /// The challenge as received.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a client is told of a verifier of another form.
pub const MALFORMED_VERIFIER: ProtocolError =
    ProtocolError::invalid_grant("code_verifier must be 43 to 128 unreserved characters");

/// A `code_verifier` (RFC 7636 §4.1): 43 to 128 unreserved characters.
pub struct CodeVerifier(String);

impl CodeVerifier {
    /// Reads a code verifier.
    ///
    /// # Errors
    /// `invalid_grant` when its length or alphabet is wrong: it cannot be the one that belongs to the code.
    pub fn parse(raw: &str) -> Result<CodeVerifier, ProtocolError> {
        let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        if !(43..=128).contains(&raw.len()) || !raw.bytes().all(unreserved) {
            return Err(MALFORMED_VERIFIER);
        }
        Ok(CodeVerifier(raw.to_owned()))
    }

    /// Whether `challenge` was made from this verifier, compared in constant time.
    pub fn matches(&self, challenge: &CodeChallenge) -> bool {
        let computed = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(self.0.as_bytes()));
        computed.as_bytes().ct_eq(challenge.0.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 7636 Appendix B, and the values of IndieAuth's own examples.
    const VECTORS: [(&str, &str); 2] = [
        (
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ),
        (
            "a6128783714cfda1d388e2e98b6ae8221ac31aca31959e59512c59f5",
            "OfYAxt8zU2dAPDWQxTAUIteRzMsoj9QBdMIVEDOErUo",
        ),
    ];

    #[test]
    fn known_answers() {
        for (verifier, challenge) in VECTORS {
            let verifier = CodeVerifier::parse(verifier).unwrap();
            assert!(verifier.matches(&CodeChallenge::parse(challenge).unwrap()));
        }
        let crossed = CodeVerifier::parse(VECTORS[0].0).unwrap();
        assert!(!crossed.matches(&CodeChallenge::parse(VECTORS[1].1).unwrap()));
    }

    #[test]
    fn a_challenge_of_another_form_is_refused() {
        let good = VECTORS[0].1;
        for bad in [
            &good[1..],
            &format!("{good}A"),
            &format!("{good}="),
            &good.replace('-', "+"),
            "code",
            "",
        ] {
            assert!(CodeChallenge::parse(bad).is_err(), "{bad}");
        }
        // 43 characters whose last one carries bits that belong to no byte.
        assert!(CodeChallenge::parse(&format!("{}N", &good[..42])).is_err());
    }

    #[test]
    fn a_verifier_of_another_form_is_refused() {
        for bad in ["", &"x".repeat(42), &"x".repeat(129), &format!("{}+", "x".repeat(43))] {
            assert!(CodeVerifier::parse(bad).is_err(), "{bad}");
        }
        assert!(CodeVerifier::parse(&"~".repeat(128)).is_ok());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(raw in "\\PC{0,140}|[A-Za-z0-9_-]{43}") {
            let _ = CodeVerifier::parse(&raw);
            if let Ok(challenge) = CodeChallenge::parse(&raw) {
                prop_assert_eq!(challenge.as_str().len(), 43);
            }
        }
    }
}
