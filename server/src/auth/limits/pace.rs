//! How fast one connection may speak.

use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

/// Slows down whoever says more than so many messages a second. Nothing is lost: what is too fast waits on its wire.
pub(crate) struct Pace {
    /// Nothing where there is no limit.
    limiter: Option<DefaultDirectRateLimiter>,
    clock: DefaultClock,
}

impl Pace {
    /// So many messages a second; 0 is without limit.
    pub(crate) fn new(per_second: u32) -> Self {
        let limiter = NonZeroU32::new(per_second).map(|per_second| RateLimiter::direct(Quota::per_second(per_second)));
        Self { limiter, clock: DefaultClock::default() }
    }

    /// Returns when one more message may be taken in.
    pub(crate) async fn wait(&self) {
        let Some(limiter) = &self.limiter else { return };
        while let Err(refused) = limiter.check() {
            tokio::time::sleep(refused.wait_time_from(self.clock.now())).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[actix_web::test]
    async fn whoever_is_too_fast_waits() {
        let pace = Pace::new(100);
        let begun = Instant::now();
        for _ in 0..120 {
            pace.wait().await;
        }
        // The first hundred come at once, the others one in ten milliseconds.
        assert!(begun.elapsed() >= Duration::from_millis(190), "{:?}", begun.elapsed());
        let free = Pace::new(0);
        for _ in 0..10_000 {
            free.wait().await;
        }
    }
}
