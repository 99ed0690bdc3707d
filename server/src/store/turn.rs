//! Whose turn it is to write.

use std::sync::{Condvar, Mutex, PoisonError};

/// Lets one in at a time, in the order in which they came. A mutex lets in whoever is awake, which is always the one
/// who has just left, when that is in a hurry.
#[derive(Debug, Default)]
pub(super) struct Turns {
    counts: Mutex<Counts>,
    ended: Condvar,
}

#[derive(Debug, Default)]
struct Counts {
    come: u64,
    gone: u64,
}

/// A turn, which ends when this is dropped.
pub(super) struct Turn<'a>(&'a Turns);

impl Turns {
    /// Waits for those who came before.
    pub(super) fn wait(&self) -> Turn<'_> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let number = counts.come;
        counts.come = counts.come.wrapping_add(1);
        drop(self.ended.wait_while(counts, |counts| counts.gone != number).unwrap_or_else(PoisonError::into_inner));
        Turn(self)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut counts = self.0.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.gone = counts.gone.wrapping_add(1);
        drop(counts);
        self.0.ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::thread;
    use std::time::Duration;

    #[test]
    fn turns_come_in_order_and_one_at_a_time() {
        let turns = Arc::new(Turns::default());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let first = turns.wait();
        let threads: Vec<_> = (0..8_u64)
            .map(|number| {
                let (others, seen) = (Arc::clone(&turns), Arc::clone(&seen));
                let thread = thread::spawn(move || {
                    let _turn = others.wait();
                    seen.try_lock().unwrap().push(number);
                });
                while turns.counts.lock().unwrap().come != number + 2 {
                    thread::sleep(Duration::from_millis(1));
                }
                thread
            })
            .collect();
        drop(first);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(*seen.lock().unwrap(), (0..8).collect::<Vec<_>>());
    }
}
