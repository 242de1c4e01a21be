//! Passwords of people: argon2id, off the event loop, a few at a time.
//!
//! One hash costs as much as a thousand cheap requests, and 19 MiB of memory. A semaphore holds the number under way to
//! the number of processors, and the queue before it is short: past it the caller is told to come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

/// Shortest password, in characters after normalisation.
pub const MIN_CHARS: usize = 8;
/// Longest password, in characters after normalisation.
pub const MAX_CHARS: usize = 128;
/// No character takes more bytes than this, so longer input is refused before it is looked at.
const MAX_BYTES: usize = MAX_CHARS * 4 * 4;
/// What a password is compared with when nobody has the name, so that the answer takes as long. The password behind it
/// is in the tests, and opens nothing.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$7pZUPnVPAwyBVDwUaZt9Bw$wRfYpqbyLeGhtSXJwsk6BVdkeVt9c32pttVfuFV5g6s";
/// How many may wait for a processor.
const MAX_QUEUED: usize = 64;

/// A password that may be hashed, in Unicode's NFC form: the same keys give the same bytes on every keyboard.
pub struct Password(String);

/// Why a password was refused before it was hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordRefused {
    /// Fewer than [`MIN_CHARS`] characters.
    TooShort,
    /// More than [`MAX_CHARS`] characters.
    TooLong,
}

impl Password {
    /// Takes what somebody typed.
    ///
    /// # Errors
    /// When it is too short or too long.
    pub fn new(typed: &str) -> Result<Password, PasswordRefused> {
        if typed.len() > MAX_BYTES {
            return Err(PasswordRefused::TooLong);
        }
        let normalised: String = typed.nfc().collect();
        match normalised.chars().count() {
            0..MIN_CHARS => Err(PasswordRefused::TooShort),
            MIN_CHARS..=MAX_CHARS => Ok(Password(normalised)),
            _ => Err(PasswordRefused::TooLong),
        }
    }
}

/// Hashing failed, for a reason that is not the password.
#[derive(Debug, thiserror::Error)]
pub enum HashingError {
    /// Too many are waiting.
    #[error("too many passwords are waiting to be checked")]
    Busy,
    /// The library or the thread pool gave up.
    #[error("the password could not be hashed: {0}")]
    Failed(String),
}

/// Hashes and verifies passwords.
#[derive(Clone)]
pub struct Passwords {
    slots: Arc<Semaphore>,
    queued: Arc<AtomicUsize>,
}

impl Passwords {
    /// A hasher that uses as many processors as there are.
    #[allow(
        clippy::new_without_default,
        reason = "a default would hide that this counts processors"
    )]
    pub fn new() -> Passwords {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Passwords {
            slots: Arc::new(Semaphore::new(processors)),
            queued: Arc::new(AtomicUsize::new(0)),
        }
    }

    /// The PHC string of a new password.
    ///
    /// # Errors
    /// `Busy`, `Failed`.
    pub async fn hash(&self, password: Password) -> Result<String, HashingError> {
        self.run(move || hash(&password.0)).await?
    }

    /// Whether `password` is the one behind `stored`. Without a stored hash the answer is no, after the same time.
    ///
    /// # Errors
    /// `Busy`, `Failed`.
    pub async fn verify(&self, password: Password, stored: Option<String>) -> Result<bool, HashingError> {
        self.run(move || {
            let phc = stored.as_deref().unwrap_or(DECOY);
            let parsed = PasswordHash::new(phc).map_err(|error| HashingError::Failed(error.to_string()))?;
            let matches = Argon2::default()
                .verify_password(password.0.as_bytes(), &parsed)
                .is_ok();
            Ok(matches && stored.is_some())
        })
        .await?
    }

    /// The PHC string of a password whose stored one was made at another cost than today's.
    ///
    /// # Errors
    /// `Busy`, `Failed`.
    pub async fn renewed(&self, password: Password, stored: &str) -> Result<Option<String>, HashingError> {
        match cost(stored) == cost(DECOY) {
            true => Ok(None),
            false => self.hash(password).await.map(Some),
        }
    }

    /// Place and processor go with the work: a browser that goes away gives neither back before the hash is done.
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, HashingError> {
        let place = Place::take(&self.queued)?;
        let slot = self
            .slots
            .clone()
            .acquire_owned()
            .await
            .map_err(|error| HashingError::Failed(error.to_string()))?;
        let done = tokio::task::spawn_blocking(move || {
            let _held = (place, slot);
            work()
        });
        done.await.map_err(|error| HashingError::Failed(error.to_string()))
    }
}

/// A place in the queue, given back when dropped: also when the person goes away while waiting.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(queued: &Arc<AtomicUsize>) -> Result<Place, HashingError> {
        if queued.fetch_add(1, Ordering::Relaxed) >= MAX_QUEUED {
            queued.fetch_sub(1, Ordering::Relaxed);
            return Err(HashingError::Busy);
        }
        Ok(Place(queued.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Algorithm, version and parameters of a PHC string.
fn cost(phc: &str) -> Vec<&str> {
    phc.split('$').take(4).collect()
}

fn hash(normalised: &str) -> Result<String, HashingError> {
    let hashed = Argon2::default().hash_password(normalised.as_bytes());
    hashed
        .map(|phc| phc.to_string())
        .map_err(|error| HashingError::Failed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters_after_normalisation() {
        assert_eq!(Password::new("1234567").err(), Some(PasswordRefused::TooShort));
        assert!(Password::new("パスワード例です").is_ok());
        assert!(Password::new(&"é".repeat(128)).is_ok());
        assert_eq!(Password::new(&"x".repeat(129)).err(), Some(PasswordRefused::TooLong));
        assert_eq!(
            Password::new(&"x".repeat(1 << 20)).err(),
            Some(PasswordRefused::TooLong)
        );
        // Four letters and four combining accents are four characters.
        assert_eq!(
            Password::new(&"e\u{301}".repeat(4)).err(),
            Some(PasswordRefused::TooShort)
        );
    }

    #[tokio::test]
    async fn a_password_matches_its_own_hash_however_it_was_typed() {
        let passwords = Passwords::new();
        let stored = passwords
            .hash(Password::new("caf\u{e9} au lait").unwrap())
            .await
            .unwrap();
        let verify = |typed: &str| passwords.verify(Password::new(typed).unwrap(), Some(stored.clone()));
        assert!(verify("cafe\u{301} au lait").await.unwrap());
        assert!(!verify("cafe au lait").await.unwrap());
    }

    #[tokio::test]
    async fn nobody_has_the_decoys_password() {
        let passwords = Passwords::new();
        let typed = || Password::new("a password that nobody has").unwrap();
        assert!(!passwords.verify(typed(), None).await.unwrap());
        assert!(passwords.verify(typed(), Some(DECOY.to_owned())).await.unwrap());
    }

    #[test]
    fn the_decoy_costs_as_much_as_a_password_of_today() {
        assert_eq!(cost(DECOY), cost(&hash("a password that nobody has").unwrap()));
    }

    #[tokio::test]
    async fn only_a_hash_of_another_cost_is_made_anew() {
        let passwords = Passwords::new();
        let typed = || Password::new("a password that nobody has").unwrap();
        assert_eq!(passwords.renewed(typed(), DECOY).await.unwrap(), None);
        for (today, other) in [
            ("m=19456", "m=9216"),
            ("t=2", "t=1"),
            ("argon2id", "argon2i"),
            ("v=19", "v=16"),
        ] {
            let renewed = passwords.renewed(typed(), &DECOY.replace(today, other)).await.unwrap();
            assert_eq!(cost(&renewed.unwrap()), cost(DECOY), "{other}");
        }
    }

    #[test]
    fn the_queue_is_short_and_places_are_given_back() {
        let queued = Arc::new(AtomicUsize::new(0));
        let places: Vec<_> = (0..MAX_QUEUED).map(|_| Place::take(&queued).unwrap()).collect();
        assert!(matches!(Place::take(&queued), Err(HashingError::Busy)));
        drop(places);
        assert_eq!(queued.load(Ordering::Relaxed), 0);
    }
}
