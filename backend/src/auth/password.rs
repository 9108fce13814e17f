//! Passwords: what may be one, and keeping only a hash of it.
//!
//! A hash costs 19 MiB and tens of milliseconds by intent, so at most a few are worked on at once
//! and only so many may wait; past that the answer is [`Busy`], or logging in would be a way to
//! take the server down.

use crate::models::{Refused, text};
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// The least OWASP recommends for Argon2id: memory in KiB, passes, lanes.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How many may wait for each worker, which is about two seconds of work.
const WAITING_PER_WORKER: usize = 64;

/// How long one waits at most. A person has given up by then.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// What an unknown account is checked against, so that the time taken does not tell a stranger
/// which accounts exist. Made with the parameters above; that it matches nothing is seen to below.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$cm9vc3QtZGVjb3ktc2FsdA$\
                     AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A password somebody typed. It is never printed.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// A password for an account: 8 to 256 characters, which is at most 1,024 bytes.
    ///
    /// # Errors
    /// Says which bound was missed.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        text::bounded("the password", text, 8, 256)?;
        Ok(Self(text.to_owned()))
    }

    /// A password that is tried. What could not be anybody's is tried as the empty one: it takes
    /// as long, and fails.
    pub fn attempt(text: &str) -> Self {
        Self::parse(text).unwrap_or_else(|_| Self(String::new()))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(***)")
    }
}

/// Too many passwords are waiting to be checked. Nothing was done; later may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("too many passwords are being checked at once")]
pub struct Busy;

/// Hashes and checks passwords, a bounded number at a time, away from the async threads.
#[derive(Clone)]
pub struct Passwords {
    workers: Arc<Semaphore>,
    /// Places for those at work and those waiting.
    places: Arc<Semaphore>,
    /// What a hash is worked out in, one for each worker once it was needed. Allocated anew each
    /// time, 19 MiB on whichever thread comes, the allocator kept 600 MiB after 200 logins.
    memory: Arc<Mutex<Vec<Memory>>>,
}

type Memory = Vec<Block>;

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords")
            .field("workers", &self.workers)
            .finish_non_exhaustive()
    }
}

impl Passwords {
    /// Works on at most `workers` passwords at once.
    pub fn new(workers: NonZeroU32) -> Self {
        let workers = usize::try_from(workers.get()).unwrap_or(usize::MAX);
        // Semaphores count to `MAX_PERMITS` only, which is far more than anybody means.
        let workers = workers.min(Semaphore::MAX_PERMITS / (WAITING_PER_WORKER + 1));
        Self {
            workers: Arc::new(Semaphore::new(workers)),
            places: Arc::new(Semaphore::new(workers * (WAITING_PER_WORKER + 1))),
            memory: Arc::default(),
        }
    }

    /// The PHC string to store for this password.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn hash(&self, password: Password) -> Result<String, Busy> {
        self.work(move |memory| make(&password, memory)).await
    }

    /// Whether the password is the one this PHC string was made from. Without a string, or with
    /// one that cannot be read, it is not, and finding that out takes as long.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn verify(&self, password: Password, hash: Option<&str>) -> Result<bool, Busy> {
        let stored = hash.map(str::to_owned);
        self.work(move |memory| check(&password, stored.as_deref(), memory))
            .await
    }

    /// Takes a place, waits for a worker, works. The permits go along, so that a caller who has
    /// gone away does not make room for more work than there are workers.
    async fn work<T: Send + 'static>(
        &self,
        task: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| Busy)?;
        let worker = timeout(LONGEST_WAIT, Arc::clone(&self.workers).acquire_owned())
            .await
            .map_err(|_| Busy)?
            .expect("the semaphore is never closed");
        let permits: (OwnedSemaphorePermit, OwnedSemaphorePermit) = (place, worker);
        let spare = Arc::clone(&self.memory);
        let done = tokio::task::spawn_blocking(move || {
            let taken = spare.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut memory = taken.unwrap_or_default();
            let result = task(&mut memory);
            spare
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(memory);
            drop(permits);
            result
        });
        // The task cannot panic; it is lost only when the runtime is being torn down.
        done.await.map_err(|_| Busy)
    }
}

fn make(password: &Password, memory: &mut Memory) -> String {
    let salt = Salt::generate();
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the parameters fit");
    let text = ParamsString::try_from(&params).expect("the parameters fit");
    let hash = derive(password, &salt, params, Params::DEFAULT_OUTPUT_LEN, memory);
    let phc = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: text,
        salt: Some(salt),
        hash: Some(hash.expect("salt and length are within bounds")),
    };
    phc.to_string()
}

fn check(password: &Password, stored: Option<&str>, memory: &mut Memory) -> bool {
    let known = stored.and_then(Stored::parse);
    let exists = known.is_some();
    let decoy = || Stored::parse(DECOY).expect("the decoy is a hash like ours");
    let Stored { params, salt, hash } = known.unwrap_or_else(decoy);
    let derived = derive(password, &salt, params, hash.len(), memory);
    // Outputs are compared in constant time.
    let matches = derived.is_some_and(|derived| derived == hash);
    exists && matches
}

/// What a PHC string of Argon2id says.
struct Stored {
    params: Params,
    salt: Salt,
    hash: Output,
}

impl Stored {
    fn parse(text: &str) -> Option<Self> {
        let phc = PasswordHash::new(text).ok()?;
        let ours = phc.algorithm == ARGON2ID_IDENT && phc.version == Some(Version::V0x13.into());
        let params = Params::try_from(&phc).ok().filter(|_| ours)?;
        Some(Self {
            params,
            salt: phc.salt?,
            hash: phc.hash?,
        })
    }
}

fn derive(
    password: &Password,
    salt: &Salt,
    params: Params,
    length: usize,
    memory: &mut Memory,
) -> Option<Output> {
    memory.resize(params.block_count(), Block::default());
    let mut out = vec![0; length];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password.0.as_bytes(), salt, &mut out, memory)
        .ok()?;
    Output::new(&out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passwords() -> Passwords {
        Passwords::new(NonZeroU32::new(2).unwrap())
    }

    #[tokio::test]
    async fn the_right_password_is_right_and_another_is_not() {
        let passwords = passwords();
        let right = Password::parse("correct horse").unwrap();
        let hash = passwords.hash(right.clone()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(passwords.verify(right.clone(), Some(&hash)).await, Ok(true));
        let wrong = Password::attempt("correct horsf");
        assert_eq!(passwords.verify(wrong, Some(&hash)).await, Ok(false));
        assert_ne!(
            passwords.hash(right).await.unwrap(),
            hash,
            "every hash has its own salt"
        );
    }

    #[tokio::test]
    async fn an_unknown_account_has_no_password() {
        let passwords = passwords();
        for tried in ["correct horse", "", "short"] {
            assert_eq!(
                passwords.verify(Password::attempt(tried), None).await,
                Ok(false)
            );
            assert_eq!(
                passwords
                    .verify(Password::attempt(tried), Some("junk"))
                    .await,
                Ok(false)
            );
        }
    }

    #[test]
    fn the_decoy_takes_as_long_as_a_hash_of_today() {
        let decoy = Stored::parse(DECOY).unwrap().params;
        assert_eq!(
            (decoy.m_cost(), decoy.t_cost(), decoy.p_cost()),
            (MEMORY_KIB, PASSES, LANES)
        );
    }

    #[test]
    fn a_hash_of_another_kind_is_nobodys() {
        for other in [
            DECOY.replace("argon2id", "argon2i"),
            DECOY.replace("v=19", "v=16"),
        ] {
            assert!(Stored::parse(&other).is_none(), "{other}");
        }
    }

    #[tokio::test]
    async fn a_crowd_at_the_door_is_told_to_come_back() {
        let passwords = Passwords::new(NonZeroU32::MIN);
        let everything = u32::try_from(WAITING_PER_WORKER + 1).unwrap();
        let crowd = passwords.places.acquire_many(everything).await.unwrap();
        let tried = Password::attempt("correct horse");
        assert_eq!(passwords.verify(tried.clone(), None).await, Err(Busy));
        drop(crowd);
        assert_eq!(passwords.verify(tried, None).await, Ok(false));
    }

    #[test]
    fn a_password_has_bounds_and_is_never_printed() {
        for refused in [
            "",
            "1234567",
            "1234567\0",
            &"x".repeat(257),
            &"🦉".repeat(257),
        ] {
            assert!(Password::parse(refused).is_err());
        }
        assert!(Password::parse(&"🦉".repeat(256)).is_ok());
        assert!(!format!("{:?}", Password::parse("hunter2hunter2").unwrap()).contains("hunter"));
    }
}
