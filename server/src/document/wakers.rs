//! Waking many connections of one thread at once.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use futures_util::future::poll_fn;
use futures_util::task::AtomicWaker;

/// Wakes connections, all of which are served by one thread.
///
/// To wake a task of another thread costs a system call. Here the first waker costs one, and those that come until the thread
/// looks come along.
#[derive(Clone, Debug, Default)]
pub struct Wakers(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Vec<Waker>>,
    thread: AtomicWaker,
}

impl Wakers {
    /// Wakes what waits, as long as the thread runs; to be run by the thread whose connections they are.
    pub async fn run(self) {
        poll_fn::<(), _>(|context| {
            // Noted first, so that what comes after the look is heard of.
            self.0.thread.register(context.waker());
            for waker in self.take() {
                waker.wake();
            }
            Poll::Pending
        })
        .await;
    }

    /// Wakes a connection soon.
    pub fn wake(&self, waker: Waker) {
        let is_first = {
            let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.push(waker);
            waiting.len() == 1
        };
        if is_first {
            self.0.thread.wake();
        }
    }

    fn take(&self) -> Vec<Waker> {
        std::mem::take(&mut *self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Wake};

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn many_are_woken_by_one_call_and_none_is_forgotten() {
        let wakers = Wakers::default();
        let (thread, connection) = (Arc::new(Count::default()), Arc::new(Count::default()));
        let waker = Waker::from(Arc::clone(&thread));
        let mut context = Context::from_waker(&waker);
        let mut running = std::pin::pin!(wakers.clone().run());
        // Nobody is forgotten who comes before the thread looks for the first time.
        wakers.wake(Waker::from(Arc::clone(&connection)));
        assert!(running.as_mut().poll(&mut context).is_pending());
        assert_eq!(connection.0.load(Ordering::Relaxed), 1);
        for round in 1..=3 {
            for _ in 0..100 {
                wakers.wake(Waker::from(Arc::clone(&connection)));
            }
            assert_eq!(thread.0.load(Ordering::Relaxed), round, "one call for all");
            assert!(running.as_mut().poll(&mut context).is_pending());
            assert_eq!(connection.0.load(Ordering::Relaxed), 1 + 100 * round);
        }
    }
}
