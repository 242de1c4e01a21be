//! The key that encrypts what must be read again and so cannot be kept as a digest: the shared secrets of second steps.
//! It comes from outside the database, so whoever gets hold of a copy of the rows has nothing.
//!
//! XChaCha20-Poly1305: its nonce is long enough to be random for as many rows as there will ever be. Each text is bound
//! to whose it is, so rows cannot trade places.

use std::fmt;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use rand::Rng as _;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// The first byte of what is stored: which way of encrypting it is.
const FORMAT: u8 = 1;

/// The key. It does not show itself.
#[derive(Clone)]
pub struct SecretKey([u8; KEY_BYTES]);

impl SecretKey {
    /// A new random key.
    pub fn generate() -> SecretKey {
        let mut bytes = [0; KEY_BYTES];
        rand::rng().fill_bytes(&mut bytes);
        SecretKey(bytes)
    }

    /// The key in this file. A file that is missing is made, readable by its owner alone.
    ///
    /// # Errors
    /// When the file can be neither read nor made, or holds something else.
    pub fn of_file(path: &Path) -> std::io::Result<SecretKey> {
        match fs::read_to_string(path) {
            Ok(text) => text
                .trim()
                .parse()
                .map_err(|reason: String| std::io::Error::new(ErrorKind::InvalidData, reason)),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                make(path)?;
                SecretKey::of_file(path)
            }
            Err(error) => Err(error),
        }
    }

    /// Encrypts a text that belongs to `whose`.
    ///
    /// # Errors
    /// `None` when the library gives up, which it does for texts of many gigabytes.
    pub fn seal(&self, plain: &[u8], whose: &str) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_BYTES];
        rand::rng().fill_bytes(&mut nonce);
        let text = Payload {
            msg: plain,
            aad: whose.as_bytes(),
        };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), text).ok()?;
        Some([&[FORMAT][..], &nonce, &sealed].concat())
    }

    /// Reads it again. `None` when it was encrypted with another key, for somebody else, or changed since.
    pub fn open(&self, sealed: &[u8], whose: &str) -> Option<Vec<u8>> {
        let (format, rest) = sealed.split_first()?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>()?;
        let text = Payload {
            msg: sealed,
            aad: whose.as_bytes(),
        };
        let opened = self.cipher().decrypt(&XNonce::from(*nonce), text).ok();
        opened.filter(|_| *format == FORMAT)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.0.into())
    }

    fn to_hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Writes the whole file beside its place and links it there, so that nobody reads half a key, and of several programs
/// that start at once one wins.
fn make(path: &Path) -> std::io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{:016x}", rand::random::<u64>()));
    let draft = PathBuf::from(draft);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    let written = writeln!(file, "{}", SecretKey::generate().to_hex()).and_then(|()| file.sync_all());
    let linked = written.and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

impl FromStr for SecretKey {
    type Err = String;

    fn from_str(text: &str) -> Result<SecretKey, String> {
        let digits: Option<Vec<u8>> = text
            .chars()
            .map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok()))
            .collect();
        let digits = digits.filter(|digits| digits.len() == KEY_BYTES * 2);
        let digits = digits.ok_or("must be 64 hexadecimal digits; make them with: openssl rand -hex 32")?;
        let mut bytes = [0; KEY_BYTES];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = pair[0] << 4 | pair[1];
        }
        Ok(SecretKey(bytes))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_reads_it_and_only_for_the_same_person() {
        let key = SecretKey::generate();
        let sealed = key.seal(b"a shared secret", "alice").unwrap();
        assert_eq!(key.open(&sealed, "alice").as_deref(), Some(&b"a shared secret"[..]));
        assert_eq!(key.open(&sealed, "bob"), None);
        assert_eq!(SecretKey::generate().open(&sealed, "alice"), None);
        assert!(!sealed.windows(6).any(|window| window == b"shared"));
    }

    #[test]
    fn what_was_changed_or_cut_is_not_read() {
        let key = SecretKey::generate();
        let sealed = key.seal(b"a shared secret", "alice").unwrap();
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert_eq!(key.open(&changed, "alice"), None, "{place}");
            assert_eq!(key.open(&sealed[..place], "alice"), None, "{place}");
        }
    }

    #[test]
    fn the_same_text_is_never_stored_the_same_way() {
        let key = SecretKey::generate();
        assert_ne!(key.seal(b"text", "alice"), key.seal(b"text", "alice"));
    }

    #[test]
    fn a_key_is_64_hexadecimal_digits_and_does_not_show_itself() {
        let text = "00ff".repeat(16);
        let key: SecretKey = text.to_uppercase().parse().unwrap();
        assert_eq!(key.to_hex(), text);
        assert_eq!(format!("{key:?}"), "SecretKey");
        for wrong in [
            "",
            "00ff",
            &"0".repeat(63),
            &"0".repeat(65),
            &"g".repeat(64),
            &"é".repeat(32),
        ] {
            assert!(wrong.parse::<SecretKey>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_missing_file_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.key");
        let made = SecretKey::of_file(&path).unwrap();
        assert_eq!(SecretKey::of_file(&path).unwrap().to_hex(), made.to_hex());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::write(&path, "half a k").unwrap();
        assert!(SecretKey::of_file(&path).is_err());
        assert!(SecretKey::of_file(&folder.path().join("none/a.key")).is_err());
    }
}
