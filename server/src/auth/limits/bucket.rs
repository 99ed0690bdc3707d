//! Buckets that fill with time.

use std::hash::{BuildHasher, Hash, RandomState};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

/// How many keys have a bucket of their own. With more, those that come share a few.
const MOST: usize = 100_000;

/// How many buckets are shared then.
const SHARED: u64 = 4_096;

/// A bucket for each key, which holds what a minute allows and fills steadily.
pub(super) struct Bucket {
    /// Nothing where there is no limit.
    limiter: Option<RateLimiter<u64, DashMapStateStore<u64>, DefaultClock, StateInformationMiddleware>>,
    clock: DefaultClock,
    /// Keys are kept as hashes that nobody outside can foresee.
    hasher: RandomState,
}

/// What came of taking one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// How many the full bucket holds.
    pub(super) limit: u32,
    /// How many are left at this moment.
    pub(super) remaining: u32,
    /// After how many seconds the bucket is full again.
    pub(super) reset_s: u64,
    /// After how many seconds there is one again, if there was none.
    pub(super) retry_after_s: Option<u64>,
}

impl Bucket {
    /// Buckets of so many a minute; 0 is without limit.
    pub(super) fn new(per_minute: u32) -> Self {
        let limiter = NonZeroU32::new(per_minute).map(|per_minute| {
            RateLimiter::dashmap(Quota::per_minute(per_minute)).with_middleware::<StateInformationMiddleware>()
        });
        Self { limiter, clock: DefaultClock::default(), hasher: RandomState::new() }
    }

    /// Takes one from the bucket of `key`. Nothing where there is no limit.
    pub(super) fn take(&self, key: &(impl Hash + ?Sized)) -> Option<Taken> {
        let limiter = self.limiter.as_ref()?;
        let hash = self.hasher.hash_one(key);
        let key = if limiter.len() < MOST { hash } else { hash % SHARED };
        Some(match limiter.check_key(&key) {
            Ok(state) => {
                let (limit, remaining) = (state.quota().burst_size().get(), state.remaining_burst_capacity());
                let missing = limit.saturating_sub(remaining);
                let reset_s = whole_seconds(state.quota().replenish_interval().saturating_mul(missing));
                Taken { limit, remaining, reset_s, retry_after_s: None }
            }
            Err(refused) => {
                let limit = refused.quota().burst_size().get();
                let wait = refused.wait_time_from(self.clock.now());
                let rest = refused.quota().replenish_interval().saturating_mul(limit.saturating_sub(1));
                let reset_s = whole_seconds(wait.saturating_add(rest));
                Taken { limit, remaining: 0, reset_s, retry_after_s: Some(whole_seconds(wait).max(1)) }
            }
        })
    }

    /// Forgets the buckets that are full.
    pub(super) fn forget_idle(&self) {
        if let Some(limiter) = &self.limiter {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

/// Never too short.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_counts_down_and_says_when_there_is_one_again() {
        let bucket = Bucket::new(3);
        let taken = |key: &str| bucket.take(key).unwrap();
        assert_eq!(taken("ada"), Taken { limit: 3, remaining: 2, reset_s: 20, retry_after_s: None });
        assert_eq!(taken("ada").remaining, 1);
        assert_eq!(taken("ada").remaining, 0);
        let refused = taken("ada");
        assert_eq!((refused.remaining, refused.retry_after_s), (0, Some(20)));
        assert!((59..=60).contains(&refused.reset_s), "{refused:?}");
        assert_eq!(taken("grace").remaining, 2, "everybody has a bucket of their own");
    }

    #[test]
    fn zero_is_without_limit() {
        let bucket = Bucket::new(0);
        assert!((0..1_000).all(|_| bucket.take("ada").is_none()));
    }

    #[test]
    fn strangers_cannot_make_it_grow_without_bound() {
        let bucket = Bucket::new(10);
        for number in 0..150_000 {
            bucket.take(&number);
        }
        let count = bucket.limiter.as_ref().unwrap().len();
        assert!(count <= MOST + usize::try_from(SHARED).unwrap(), "{count}");
    }
}
