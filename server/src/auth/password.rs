//! Passwords: argon2id, with the parameters that OWASP names.

use std::sync::Arc;

use actix_web::web;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use coval_shared::protocol::ErrorCode;
use coval_shared::secret::Secret;
use tokio::sync::Semaphore;

use super::AuthError;
use crate::error::Refusal;

/// The memory that one hash takes, in KiB.
const MEMORY_KIB: u32 = 19 * 1024;

/// How often a hash goes over it.
const PASSES: u32 = 2;

/// How many are hashed at once; others wait, so that sign-ins can't eat the machine.
const AT_ONCE: usize = 2;

/// How many may wait or be hashed; others are turned away.
const WAITING: usize = 64;

/// Hashes passwords, a few at once.
#[derive(Clone)]
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
    /// A hash of something that nobody knows: checked where there is no account, which then takes as long.
    decoy: Secret,
}

impl Passwords {
    pub(crate) fn new() -> Result<Self, AuthError> {
        let decoy = hash(&super::draw()?)?;
        Ok(Self { turns: Arc::new(Semaphore::new(AT_ONCE)), places: Arc::new(Semaphore::new(WAITING)), decoy })
    }

    /// The hash of a new password.
    pub(crate) async fn hash(&self, password: Secret) -> Result<Secret, Refusal> {
        self.run(move || hash(&password)).await?.map_err(|error| {
            tracing::error!(%error, "a password can't be hashed");
            Refusal::new(ErrorCode::Internal, "the password can't be stored; the log of the server says why")
        })
    }

    /// Whether `password` is the one of which `stored` is the hash. Takes as long when there is none.
    pub(crate) async fn verify(&self, password: Secret, stored: Option<Secret>) -> Result<bool, Refusal> {
        let has_one = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.decoy.clone());
        Ok(self.run(move || verify(&password, &stored)).await? && has_one)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
        let busy = || Refusal::new(ErrorCode::Unavailable, "too many people sign in at this moment; try again");
        let _place = self.places.try_acquire().map_err(|_| busy())?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| busy())?;
        let work = move || {
            let result = work();
            drop(turn);
            result
        };
        web::block(work).await.map_err(|_| busy())
    }
}

/// The hash of `password`, as a PHC string. Blocks for some tens of milliseconds.
pub(crate) fn hash(password: &Secret) -> Result<Secret, AuthError> {
    let failed = |error: String| AuthError::Hash(error);
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|error| failed(error.to_string()))?;
    let hash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password(password.reveal().as_bytes())
        .map_err(|error| failed(error.to_string()))?;
    Ok(Secret::new(hash.to_string()))
}

/// Whether `password` is the one of which `stored` is the hash. Blocks for some tens of milliseconds.
pub(crate) fn verify(password: &Secret, stored: &Secret) -> bool {
    PasswordHash::new(stored.reveal())
        .is_ok_and(|stored| Argon2::default().verify_password(password.reveal().as_bytes(), &stored).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn a_password_is_known_again_and_others_are_not() {
        let password = Secret::new("correct horse battery");
        let stored = hash(&password).unwrap();
        assert!(stored.reveal().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", stored.reveal());
        assert!(verify(&password, &stored));
        assert!(!verify(&Secret::new("correct horse batter"), &stored));
        assert!(!verify(&password, &Secret::new("not a hash")));
        assert_ne!(hash(&password).unwrap(), stored, "each hash has a salt of its own");
    }

    #[actix_web::test]
    async fn an_account_that_is_not_there_takes_as_long_as_a_wrong_password() {
        let passwords = Passwords::new().unwrap();
        let stored = passwords.hash(Secret::new("right")).await.unwrap();
        let mut times = [Duration::MAX; 2];
        for _ in 0..5 {
            for (time, stored) in times.iter_mut().zip([Some(stored.clone()), None]) {
                let begun = Instant::now();
                assert!(!passwords.verify(Secret::new("wrong"), stored).await.unwrap());
                *time = begun.elapsed().min(*time);
            }
        }
        let [wrong, unknown] = times.map(|time| time.as_secs_f64());
        assert!(unknown > wrong / 2.0 && unknown < wrong * 2.0, "{wrong} {unknown}");
    }
}
