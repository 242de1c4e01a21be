//! Secrets we hand out, and the digests we keep of them.
//!
//! One format for all (decision 5): a short kind prefix, `_`, and 256 random bits in lower-case base32. The alphabet
//! `[a-z0-9_]` suits every dialect, and a leaked secret can be searched for by its prefix. The database holds SHA-256
//! digests only; a fast hash is right here because the input has full entropy.

use std::fmt;
use std::marker::PhantomData;

use rand_core::CryptoRng;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

/// What a secret is for. Kinds never mix: a code cannot be looked up as a token.
pub trait Kind {
    /// The prefix before the `_`.
    const PREFIX: &'static str;
}

/// An authorization code (RFC 6749 §1.3.1).
#[derive(Debug)]
pub enum AuthorizationCode {}

impl Kind for AuthorizationCode {
    const PREFIX: &'static str = "vc";
}

/// An access token (RFC 6749 §1.4).
#[derive(Debug)]
pub enum AccessToken {}

impl Kind for AccessToken {
    const PREFIX: &'static str = "vat";
}

/// A refresh token (RFC 6749 §1.5).
#[derive(Debug)]
pub enum RefreshToken {}

impl Kind for RefreshToken {
    const PREFIX: &'static str = "vrt";
}

/// What a resource server proves itself with at the introspection endpoint (RFC 7662 §2.1).
#[derive(Debug)]
pub enum ResourceServerSecret {}

impl Kind for ResourceServerSecret {
    const PREFIX: &'static str = "vrs";
}

/// Another word for an access token, which its client makes of the token and its own secret (Misskey's `i`).
#[derive(Debug)]
pub enum TokenAlias {}

impl Kind for TokenAlias {
    const PREFIX: &'static str = "i";
}

/// What a registered client proves itself with (RFC 6749 §2.3.1).
#[derive(Debug)]
pub enum ClientSecret {}

impl Kind for ClientSecret {
    const PREFIX: &'static str = "vcs";
}

/// What a client manages its own registration with (RFC 7592 §1.2).
#[derive(Debug)]
pub enum RegistrationToken {}

impl Kind for RegistrationToken {
    const PREFIX: &'static str = "vrg";
}

/// The value of the session cookie.
#[derive(Debug)]
pub enum SessionKey {}

impl Kind for SessionKey {
    const PREFIX: &'static str = "vse";
}

/// The value of the cookie of a sign-in that waits for its second step.
#[derive(Debug)]
pub enum SignInKey {}

impl Kind for SignInKey {
    const PREFIX: &'static str = "vsi";
}

/// What takes the place of an authenticator app's code. It is typed from paper, so it is shorter and lacks the prefix.
#[derive(Debug)]
pub enum RecoveryCode {}

impl Kind for RecoveryCode {
    const PREFIX: &'static str = "vrc";
}

/// The one-time link that creates the first account.
#[derive(Debug)]
pub enum SetupToken {}

impl Kind for SetupToken {
    const PREFIX: &'static str = "vsu";
}

/// The link with which a person who lost their password chooses another.
#[derive(Debug)]
pub enum PasswordLinkToken {}

impl Kind for PasswordLinkToken {
    const PREFIX: &'static str = "vpl";
}

/// The link that makes one account, which an operator gives to somebody.
#[derive(Debug)]
pub enum InvitationToken {}

impl Kind for InvitationToken {
    const PREFIX: &'static str = "vin";
}

/// The value of the cookie of a browser whose passkey is asked something (WebAuthn §1.2 calls that a ceremony).
#[derive(Debug)]
pub enum CeremonyKey {}

impl Kind for CeremonyKey {
    const PREFIX: &'static str = "vwa";
}

/// What lets a program register clients (RFC 7591 §3). The operator chooses it, so it may lack the prefix.
#[derive(Debug)]
pub enum InitialAccessToken {}

impl Kind for InitialAccessToken {
    const PREFIX: &'static str = "vit";
}

/// A secret of kind `K` in clear text. It has no `Display` and no `Serialize`; `expose` is easy to search for.
pub struct Secret<K> {
    text: String,
    kind: PhantomData<K>,
}

impl<K: Kind> Secret<K> {
    /// 256 fresh bits from `random`.
    pub fn generate(random: &mut impl CryptoRng) -> Secret<K> {
        let mut bytes = [0_u8; 32];
        random.fill_bytes(&mut bytes);
        Secret {
            text: format!("{}_{}", K::PREFIX, base32(&bytes)),
            kind: PhantomData,
        }
    }

    /// The clear text, to be shown once to whom it belongs.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// What is stored of it.
    pub fn digest(&self) -> Digest<K> {
        Digest::of(&self.text)
    }
}

impl<K: Kind> fmt::Debug for Secret<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret<{}>", K::PREFIX)
    }
}

/// The SHA-256 digest of a [`Secret`] of kind `K`.
pub struct Digest<K> {
    bytes: [u8; 32],
    kind: PhantomData<K>,
}

impl<K: Kind> Digest<K> {
    /// The digest of text that somebody presents as a secret of kind `K`.
    pub fn of(presented: &str) -> Digest<K> {
        Digest {
            bytes: Sha256::digest(presented.as_bytes()).into(),
            kind: PhantomData,
        }
    }

    /// The digest as read back from a row.
    pub fn from_bytes(bytes: [u8; 32]) -> Digest<K> {
        Digest {
            bytes,
            kind: PhantomData,
        }
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Compares in constant time, for secrets that are not found by an index on their digest.
    pub fn matches(&self, other: &Digest<K>) -> bool {
        self.bytes.ct_eq(&other.bytes).into()
    }
}

impl<K> Clone for Digest<K> {
    fn clone(&self) -> Digest<K> {
        Digest {
            bytes: self.bytes,
            kind: PhantomData,
        }
    }
}

impl<K: Kind> PartialEq for Digest<K> {
    fn eq(&self, other: &Digest<K>) -> bool {
        self.matches(other)
    }
}

impl<K: Kind> Eq for Digest<K> {}

impl<K: Kind> fmt::Debug for Digest<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest<{}>", K::PREFIX)
    }
}

/// RFC 4648 §6 without padding, in lower case.
fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut buffer, mut bits) = (0_u32, 0);
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(buffer >> bits & 31) as usize]));
        }
    }
    if bits > 0 {
        text.push(char::from(ALPHABET[(buffer << (5 - bits) & 31) as usize]));
    }
    text
}

/// A random id for a row that a URL shows: not a secret, but not countable either.
pub fn random_id(random: &mut impl CryptoRng) -> String {
    let mut bytes = [0_u8; 16];
    random.fill_bytes(&mut bytes);
    base32(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_matches_the_vectors_of_rfc_4648() {
        for (plain, coded) in [
            ("", ""),
            ("f", "my"),
            ("fo", "mzxq"),
            ("foo", "mzxw6"),
            ("foobar", "mzxw6ytboi"),
        ] {
            assert_eq!(base32(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn a_secret_has_its_prefix_256_bits_and_the_alphabet_of_every_dialect() {
        let secret = Secret::<AccessToken>::generate(&mut rand::rng());
        let (prefix, random) = secret.expose().split_once('_').unwrap();
        assert_eq!((prefix, random.len()), ("vat", 52));
        assert!(random.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        assert_ne!(
            secret.expose(),
            Secret::<AccessToken>::generate(&mut rand::rng()).expose()
        );
    }

    #[test]
    fn neither_secret_nor_digest_shows_itself_in_debug() {
        let secret = Secret::<AccessToken>::generate(&mut rand::rng());
        assert_eq!(format!("{secret:?} {:?}", secret.digest()), "Secret<vat> Digest<vat>");
    }

    #[test]
    fn a_digest_matches_only_its_own_text() {
        let secret = Secret::<AccessToken>::generate(&mut rand::rng());
        assert!(secret.digest().matches(&Digest::of(secret.expose())));
        assert!(!secret.digest().matches(&Digest::of(&secret.expose()[1..])));
    }
}
